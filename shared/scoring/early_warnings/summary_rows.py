"""Rows of the summary that detectors judge: outcome subjects of schools, and of the whole area."""

from __future__ import annotations

import polars as pl

from shared.scoring.early_warnings.base import ExamFigures

_OUTCOME = pl.col("role") == "outcome"


def school_rows(figures: ExamFigures, *needed: str) -> pl.DataFrame:
    """Outcome subjects of schools that may leave their school; none where the exam lacks a needed figure."""
    frame = figures.frame("summary")
    if not {*needed} <= {*frame.columns} or not frame.width:
        return pl.DataFrame()
    return frame.filter(_OUTCOME, pl.col("level") == "school", ~pl.col("suppressed"))


def area_rows(figures: ExamFigures, measure: str) -> pl.DataFrame:
    """The whole area's figure and its number of shown schools, by subject; none where too few schools are in it."""
    frame = figures.frame("summary")
    schools = school_rows(figures, measure).group_by("subject").agg(pl.len().cast(pl.Int64).alias("area_schools"))
    area = frame.filter(_OUTCOME, pl.col("level") == "city").select("subject", pl.col(measure).alias("area_value"))
    many = pl.col("area_schools") >= figures.plan.comparison_min_schools
    return area.join(schools.filter(many), on="subject", how="inner")
