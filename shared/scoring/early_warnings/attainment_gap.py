"""Knowledge points on which a school stays behind its reference (SCORING §14.4)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from scipy.special import ndtri

from shared.scoring.anomalies.base import share_of_looks
from shared.scoring.early_warnings.base import SCHOOL, Detector, ExamFigures, Parameters, findings, no_findings, point

TABLE = "item_attainment"


def attainment_gap(current: ExamFigures, _: Sequence[ExamFigures], parameters: Parameters) -> pl.DataFrame:
    """Schools with knowledge points whose gap is at least ``threshold`` below 0, and beyond chance over all looks taken.

    Beyond chance: gap / gap_se below the normal point of ``false_alarm_rate`` / number of gaps looked at. One finding per
    school and subject: ``value`` is the widest gap, ``series`` all of them, the widest first.

    Args:
        current: the exam's figures.
        _: earlier exams say nothing here.
        parameters: ``threshold``, a share of the marks to be had; ``false_alarm_rate`` for the whole exam.
    """
    frame = current.frame(TABLE)
    if not frame.width:
        return no_findings()
    looked = frame.filter(
        pl.col("level") == "school", pl.col("aspect") == "knowledge_point", ~pl.col("suppressed"), pl.col("gap_se") > 0
    )
    share = share_of_looks(looked.height, false_alarm_rate=parameters["false_alarm_rate"])
    gap = pl.col("gap")
    behind = looked.filter((gap <= -parameters["threshold"]) & (gap / pl.col("gap_se") < float(ndtri(share))))
    each = point(
        pl.col("aspect_code"),
        n=pl.col("n_sat"),
        value=gap,
        se=pl.col("gap_se"),
        ci_low=pl.col("gap_ci_low"),
        ci_high=pl.col("gap_ci_high"),
        reference=pl.lit(0.0),
    )
    widest = {"n": "n_sat", "value": "gap", "se": "gap_se", "ci_low": "gap_ci_low", "ci_high": "gap_ci_high"}
    return findings(
        behind.sort(*SCHOOL, "subject", "gap", "aspect_code")
        .group_by(*SCHOOL, "subject", maintain_order=True)
        .agg(
            *(pl.col(column).first().alias(name) for name, column in widest.items()),
            pl.lit(0.0).alias("reference"),
            each.alias("series"),
        )
    )


DETECTOR = Detector(
    "attainment_gap", TABLE, frozenset({"gap"}), frozenset({"threshold", "false_alarm_rate"}), attainment_gap
)
