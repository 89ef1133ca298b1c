"""Figures for the population that a drawn sample stands for (SCORING §8b)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from services.monitoring.analyses.parts.base import Frames, Inputs, Part, Source, Task, sheets_sha256
from services.monitoring.exams.rules import analysis_plan, plan_fields
from services.monitoring.samples.rules import COUNTY, active_schools
from shared.scoring.methods import SAMPLE_DRAW, SAMPLE_WEIGHTS, SUPPRESSION
from shared.scoring.plan import AnalysisPlan, Grouping
from shared.scoring.sampling.draws import SampleDraw
from shared.scoring.sampling.exam_estimates import STRATUM, ExamSample, sample_figures
from shared.scoring.sampling.pupils import PupilDraw

_UNKNOWN = "unknown"


def _tasks(inputs: Inputs) -> Iterator[Task]:
    sample = inputs.get("sample")
    if sample is None:
        return
    needs = {
        "plan": plan_fields(inputs["definition"]),
        "sheets": sheets_sha256(inputs),
        "roster_sha256": inputs["roster_sha256"],
        "sample": sample,
    }
    yield Task("sampling", needs, _compute, methods=(SAMPLE_DRAW.id, SAMPLE_WEIGHTS.id, SUPPRESSION.id))


def _compute(source: Source) -> Frames:
    plan = analysis_plan(source.inputs["definition"])
    sample = exam_sample(source, plan)
    source.report(0.5, "sampling")
    figures = sample_figures(sample, plan)
    return {
        "sample_estimates": figures.estimates,
        "sample_domains": figures.domains,
        "sample_weight_check": figures.check,
    }


def exam_sample(source: Source, plan: AnalysisPlan) -> ExamSample:
    """The draw of an exam with its pupils' codes and groups, read from the files its inputs name."""
    given: Mapping[str, Any] = source.inputs["sample"]
    draw = SampleDraw.from_json(source.read(given["draw_sha256"])["json"].item())
    drawn = PupilDraw.from_json(source.read(given["pupils_sha256"])["json"].item()).pupils
    schools = source.read(given["schools_sha256"])
    roster = source.read(source.inputs["roster_sha256"], columns=["student_key", "school_code"])
    codes, attributes = _codes(source, plan)
    strata: list[str] = given["strata"]
    frame_domains = [name for name in strata if name != COUNTY]
    domains = list(dict.fromkeys([*frame_domains, *attributes]))
    active = active_schools(draw, given["replacements"])
    enrolled = roster.select(
        pl.col("student_key").alias("student_id"), "school_code", pl.lit(True).alias("is_enrolled")
    )
    pupils = (
        drawn.filter(pl.col("school_code").is_in(list(active)))
        .join(schools.select("school_code", "county_code", *frame_domains), on="school_code", how="left")
        .join(enrolled, on=["student_id", "school_code"], how="left")
        .join(codes, on=["student_id", "school_code"], how="left")
        .with_columns(
            pl.col("is_enrolled").fill_null(value=False) & ~pl.col("student_id").is_in(given["outside"]),
            *_texts(schools, domains),
        )
    )
    return ExamSample(
        draw=draw,
        pupils=pupils.sort("school_code", "student_id"),
        counties=_counties(schools),
        domains=domains,
        has_strata=len(strata) > 1,
    )


def _codes(source: Source, plan: AnalysisPlan) -> tuple[pl.DataFrame, list[str]]:
    """Codes of every subject and of the total by pupil, with the attributes that the sheets declare by value."""
    sheets, checked = source.sheet().beside, source.mark_sheet(plan).frame
    attributes = [each.code for each in plan.attributes if each.grouping is Grouping.VALUE]
    codes = checked.select("candidate_id", *(subject.code for subject in plan.reported), *attributes)
    keys = sheets.select("candidate_id", "school_code", pl.col("student_key").alias("student_id"))
    return keys.join(codes, on="candidate_id", how="left").drop("candidate_id"), attributes


def _texts(schools: pl.DataFrame, domains: list[str]) -> Iterator[pl.Expr]:
    """Domains as text without gaps; a pupil without a row has the value of the school, or none."""
    for name in domains:
        given = pl.col(name).cast(pl.String)
        known = given if name in schools.columns else pl.coalesce(given, given.drop_nulls().first().over("school_code"))
        yield known.fill_null(_UNKNOWN).alias(name)


def _counties(schools: pl.DataFrame) -> pl.DataFrame:
    one = pl.when(pl.col("county_code").n_unique() == 1).then(pl.col("county_code").first())
    return schools.group_by(STRATUM).agg(one.alias("county_code")).sort(STRATUM)


PART = Part("sampling", ("sample_estimates", "sample_domains", "sample_weight_check"), _tasks)
