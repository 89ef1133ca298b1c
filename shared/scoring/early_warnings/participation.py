"""Pupils who should have sat the exam and did not (SCORING §14.3)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from shared.scoring.early_warnings.base import (
    ENROLLMENT,
    SCHOOL,
    Detector,
    ExamFigures,
    Parameters,
    findings,
    no_findings,
    point,
)
from shared.scoring.early_warnings.summary_rows import area_rows, school_rows
from shared.scoring.statistics.rates import wilson_interval

GAP, RATE = "pass_participation_gap", "participation_rate"


def participation_gap(current: ExamFigures, _: Sequence[ExamFigures], parameters: Parameters) -> pl.DataFrame:
    """Schools whose pass rate gains at least ``threshold`` by who stayed away, more of them than elsewhere.

    ``value`` is the pass rate on those who sat minus that on all registered (§2.3). Beside it the school's participation
    rate with its Wilson interval must lie wholly below the whole area's, if enough schools are in that.

    Args:
        current: the exam's figures.
        _: earlier exams say nothing here.
        parameters: ``threshold``, a difference of shares.
    """
    schools = school_rows(current, GAP, RATE)
    if schools.is_empty():
        return no_findings()
    rows = _with_interval(schools, "n_sat", "n_registered").join(area_rows(current, RATE), on="subject", how="left")
    fewer = (pl.col("high") < pl.col("area_value")).fill_null(value=True)
    sat = point(
        pl.lit(RATE),
        n=pl.col("n_registered"),
        value=pl.col(RATE),
        ci_low=pl.col("low"),
        ci_high=pl.col("high"),
        reference=pl.col("area_value"),
    )
    return findings(
        rows.filter((pl.col(GAP) >= parameters["threshold"]) & fewer).select(
            *SCHOOL,
            "subject",
            pl.col("n_registered").alias("n"),
            pl.col(GAP).alias("value"),
            pl.concat_list(sat).alias("series"),
        )
    )


def enrollment_participation(current: ExamFigures, _: Sequence[ExamFigures], parameters: Parameters) -> pl.DataFrame:
    """Schools of which fewer than ``least`` of the enrolled pupils sat even the subject that most of them sat.

    Args:
        current: the exam's figures, with the frame ``enrollment``.
        _: earlier exams say nothing here.
        parameters: ``least``, a share.
    """
    summary, enrollment = current.frame("summary"), current.frame(ENROLLMENT)
    if not summary.width or enrollment.is_empty():
        return no_findings()
    sat = summary.filter(pl.col("level") == "school", pl.col("role") == "outcome")
    most = sat.group_by(SCHOOL).agg(pl.col("n_sat").max())
    known = enrollment.filter(pl.col("enrolled") >= current.plan.min_n).join(most, on=SCHOOL, how="inner")
    share = pl.col("n_sat") / pl.col("enrolled")
    rows = _with_interval(known, "n_sat", "enrolled").filter(share < parameters["least"])
    return findings(
        rows.select(
            *SCHOOL,
            pl.col("enrolled").alias("n"),
            share.alias("value"),
            pl.col("low").alias("ci_low"),
            pl.col("high").alias("ci_high"),
            pl.lit(parameters["least"], pl.Float64).alias("reference"),
            pl.concat_list(point(pl.lit("sat"), n=pl.col("n_sat"))).alias("series"),
        )
    )


def _with_interval(frame: pl.DataFrame, count: str, n: str) -> pl.DataFrame:
    low, high = wilson_interval(frame[count].to_numpy(), frame[n].to_numpy())
    return frame.with_columns(pl.Series("low", low).fill_nan(None), pl.Series("high", high).fill_nan(None))


GAP_DETECTOR = Detector(
    "participation_gap", "summary", frozenset({GAP, RATE}), frozenset({"threshold"}), participation_gap
)
ENROLLMENT_DETECTOR = Detector(
    "enrollment_participation", ENROLLMENT, frozenset({"enrolled"}), frozenset({"least"}), enrollment_participation
)
