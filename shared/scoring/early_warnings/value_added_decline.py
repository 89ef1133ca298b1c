"""Value added that fell several years running (SCORING §14.1)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import polars as pl

from shared.scoring.early_warnings.base import (
    SCHOOL,
    Detector,
    ExamFigures,
    Parameters,
    consecutive,
    findings,
    no_findings,
    point,
)
from shared.scoring.plan import OutcomeScale
from shared.scoring.statistics.base import Z_95

TABLE = "value_added_schools"
#: What counts, beside falls that are each beyond chance: a fall every year whose sum is beyond chance; any fall; nothing.
WHOLE_FALL, ANY_FALL, NONE = "whole_fall", "any_fall", "none"


def value_added_decline(current: ExamFigures, earlier: Sequence[ExamFigures], parameters: Parameters) -> pl.DataFrame:
    """Schools whose effect fell in each of the last ``years`` years, by model.

    With û_t and se_t of year t, the fall d_t = û_t − û_{t−1} is beyond chance when d_t < −z √(se_t² + se_{t−1}²). A finding
    needs that of every fall; it is a weaker one when every fall is below 0 and, under ``whole_fall``, their sum is beyond
    chance by the same measure. ``value`` is the whole fall, with the interval ± 1.96 √(se² + se²) of its two ends.

    Args:
        current: the exam's figures.
        earlier: figures of earlier exams of the same kind and grade.
        parameters: ``years`` (falls in a row), ``z``, ``weaker`` (``whole_fall``, ``any_fall`` or ``none``).
    """
    years = int(parameters["years"])
    run = consecutive(current, earlier, years=years)
    if len(run) <= years or not all(figures.frame(TABLE).width for figures in run):
        return no_findings()
    oldest_first = list(reversed(run))
    joined = reduce(_join, (_effects(figures, place, run) for place, figures in enumerate(oldest_first)))
    falls = [_fall(place) for place in range(years)]
    chance = [_chance(place, place + 1, parameters["z"]) for place in range(years)]
    whole, whole_chance = pl.col(f"effect{years}") - pl.col("effect0"), _chance(0, years, parameters["z"])
    strong = pl.all_horizontal(fall < -limit for fall, limit in zip(falls, chance, strict=True))
    weaker = {
        WHOLE_FALL: pl.all_horizontal(fall < 0 for fall in falls) & (whole < -whole_chance),
        ANY_FALL: pl.all_horizontal(fall < 0 for fall in falls),
        NONE: pl.lit(value=False),
    }[parameters["weaker"]]
    margin = _chance(0, years, Z_95)
    return findings(
        joined.filter(strong | weaker).select(
            *SCHOOL,
            pl.col("model").str.split("~").list.first().alias("subject"),
            pl.col("model").alias("detail"),
            (~strong).alias("is_weaker"),
            pl.col(f"n{years}").alias("n"),
            whole.alias("value"),
            (margin / Z_95).alias("se"),
            (whole - margin).alias("ci_low"),
            (whole + margin).alias("ci_high"),
            pl.lit(0.0).alias("reference"),
            pl.concat_list(_year(place, figures) for place, figures in enumerate(oldest_first)).alias("series"),
        )
    )


def _effects(figures: ExamFigures, place: int, run: Sequence[ExamFigures]) -> pl.DataFrame:
    """Effects with an interval that may leave the school, their columns numbered by the year's place."""
    frame = figures.frame(TABLE)
    usable = (pl.col("se") > 0) & pl.col("effect").is_not_null() & ~pl.col("suppressed")
    renamed = {name: f"{name}{place}" for name in ("n", "effect", "se", "ci_low", "ci_high")}
    comparable = [model.code for model in figures.plan.models if _is_on_one_scale(model.code, run)]
    return frame.filter(usable, pl.col("model").is_in(comparable)).select("model", *SCHOOL, *renamed).rename(renamed)


def _is_on_one_scale(code: str, run: Sequence[ExamFigures]) -> bool:
    """Whether every year has the model, and effects in marks are shares of one full mark."""
    models = [next((model for model in figures.plan.models if model.code == code), None) for figures in run]
    full_marks = {
        figures.plan.subject(model.outcome).full_mark for figures, model in zip(run, models, strict=True) if model
    }
    return None not in models and (len(full_marks) == 1 or models[0].scale is OutcomeScale.T)  # type: ignore[union-attr]


def _join(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    return left.join(right, on=["model", *SCHOOL], how="inner")


def _fall(place: int) -> pl.Expr:
    return pl.col(f"effect{place + 1}") - pl.col(f"effect{place}")


def _chance(one: int, other: int, z: float) -> pl.Expr:
    return z * (pl.col(f"se{one}") ** 2 + pl.col(f"se{other}") ** 2).sqrt()


def _year(place: int, figures: ExamFigures) -> pl.Expr:
    columns = {"n": "n", "value": "effect", "se": "se", "ci_low": "ci_low", "ci_high": "ci_high"}
    named = {name: pl.col(f"{column}{place}") for name, column in columns.items()}
    return point(pl.lit(figures.school_year), **named, reference=pl.lit(0.0))


DETECTOR = Detector(
    "value_added_decline",
    TABLE,
    frozenset({"effect"}),
    frozenset({"years", "z", "weaker"}),
    value_added_decline,
)
