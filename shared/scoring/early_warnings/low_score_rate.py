"""Too many low scores, and more than comparable schools have (SCORING §14.2)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from shared.scoring.early_warnings.base import SCHOOL, Detector, ExamFigures, Parameters, findings, no_findings, point
from shared.scoring.early_warnings.summary_rows import area_rows, school_rows

TABLE, MEASURE = "summary", "low_score_rate"


def low_score_rate(current: ExamFigures, _: Sequence[ExamFigures], parameters: Parameters) -> pl.DataFrame:
    """Schools whose rate is at least ``threshold`` with its whole interval above every comparable group.

    Comparable groups are the school's comparison groups of the exam (§8.6), each by its mean; a school with none is held
    against the whole area's rate, if enough schools are in it.

    Args:
        current: the exam's figures.
        _: earlier exams say nothing here.
        parameters: ``threshold``, a share.
    """
    schools = school_rows(current, MEASURE)
    if schools.is_empty():
        return no_findings()
    place = [*SCHOOL, "subject"]
    groups = _groups(current)
    compared = schools.join(groups, on=place, how="left").join(area_rows(current, MEASURE), on="subject", how="left")
    area = pl.col("area_value")
    reference = pl.coalesce(pl.col("highest"), area)
    over = (pl.col(MEASURE) >= parameters["threshold"]) & (pl.col(f"{MEASURE}_ci_low") > reference)
    return findings(
        compared.filter(over).select(
            *place,
            pl.col("n_sat").alias("n"),
            pl.col(MEASURE).alias("value"),
            pl.col(f"{MEASURE}_se").alias("se"),
            pl.col(f"{MEASURE}_ci_low").alias("ci_low"),
            pl.col(f"{MEASURE}_ci_high").alias("ci_high"),
            reference.alias("reference"),
            pl.coalesce(
                pl.col("groups"), pl.concat_list(point(pl.lit("area"), n=pl.col("area_schools"), value=area))
            ).alias("series"),
        )
    )


def _groups(current: ExamFigures) -> pl.DataFrame:
    """Per school and subject: the highest group mean, and every group with its number of schools and its mean."""
    frame = current.frame("comparison")
    place = [*SCHOOL, "subject"]
    each = point(
        pl.format("{}={}", "attribute", "group_value"), n=pl.col("group_schools"), value=pl.col("group_mean")
    ).alias("groups")
    if not frame.width:
        frame = pl.DataFrame(
            schema=dict.fromkeys((*place, "attribute", "group_value", "metric", "status"), pl.String)
            | {"group_schools": pl.Int64, "group_mean": pl.Float64}
        )
    return (
        frame.filter(pl.col("metric") == MEASURE, pl.col("status") == "computed")
        .sort(*place, "attribute")
        .group_by(place, maintain_order=True)
        .agg(pl.col("group_mean").max().alias("highest"), each)
    )


DETECTOR = Detector("low_score_rate", TABLE, frozenset({MEASURE}), frozenset({"threshold"}), low_score_rate)
