"""Satisfaction out of anonymous answers: scores with their errors, response rates, weights for groups that answered less.

A respondent's score is the mean over the answered items, each on a scale of k points read as 0 to 100:
``100 (answer − 1) / (k − 1)``. The mean of a school has the standard error of a simple random sample without replacement,
``√((1 − n/N) s² / n)`` (Cochran, *Sampling Techniques*, 3rd ed., §2.6); of several schools the mean is weighted by whom they
should have asked, ``Σ N ȳ / Σ N`` with ``√(Σ N² se²) / Σ N`` (§5.4), so that schools that answer more do not count for more.
Nothing here makes up for people who chose not to answer: a low response rate stands beside every figure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from shared.scoring.statistics.base import Z_95

SCORES_SCHEMA: dict[str, pl.DataType] = {
    "unit_code": pl.String(),
    "invited_count": pl.Int64(),
    "n": pl.Int64(),
    "response_rate": pl.Float64(),
    "score": pl.Float64(),
    "se": pl.Float64(),
    "ci_low": pl.Float64(),
    "ci_high": pl.Float64(),
}


@dataclass(frozen=True, slots=True)
class SurveyScore:
    """A score of several schools together."""

    invited_count: int
    n: int
    response_rate: float | None
    score: float | None
    se: float | None
    ci: tuple[float, float] | None


def respondent_scores(answers: pl.DataFrame, *, points: dict[str, int]) -> pl.DataFrame:
    """One score per respondent, 0 to 100.

    Args:
        answers: ``unit_code`` and a column per item: answers 1 to k, null where none was given.
        points: points of each item's scale, ≥ 2.

    Returns:
        ``unit_code, score`` in the order given; who answered no item has no row.
    """
    scaled = [
        (100 * (pl.col(item).cast(pl.Float64) - 1) / (scale - 1)).alias(item) for item, scale in sorted(points.items())
    ]
    scores = answers.select("unit_code", *scaled).select("unit_code", pl.mean_horizontal(sorted(points)).alias("score"))
    return scores.drop_nulls("score")


def school_scores(scores: pl.DataFrame, invited: pl.DataFrame) -> pl.DataFrame:
    """Mean score of every school, with its error and response rate.

    Args:
        scores: ``unit_code, score``, one row per respondent.
        invited: ``unit_code, invited_count``: how many should have answered, each school once.

    Returns:
        ``SCORES_SCHEMA`` for every school invited, by code. One answer has a score and no error; the 95 % interval is kept
        within 0 and 100. More answers than people leave no error to tell: the rate shows it.
    """
    share = pl.col("n") / pl.col("invited_count")
    # In one order, so that the same answers give the same last bit.
    counted = (
        scores.sort("unit_code", "score")
        .group_by("unit_code")
        .agg(pl.len().cast(pl.Int64).alias("n"), pl.col("score").mean(), pl.col("score").std().alias("sd"))
    )
    joined = invited.join(counted, on="unit_code", how="left").with_columns(pl.col("n").fill_null(0))
    left = (1 - share).clip(lower_bound=0.0)
    spread = pl.when(pl.col("n") > 1).then((left * pl.col("sd") ** 2 / pl.col("n")).sqrt())
    return (
        joined.with_columns(pl.when(pl.col("invited_count") > 0).then(share).alias("response_rate"), spread.alias("se"))
        .with_columns(
            (pl.col("score") - Z_95 * pl.col("se")).clip(lower_bound=0.0).alias("ci_low"),
            (pl.col("score") + Z_95 * pl.col("se")).clip(upper_bound=100.0).alias("ci_high"),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in SCORES_SCHEMA.items())
        .sort("unit_code")
    )


def together(schools: pl.DataFrame) -> SurveyScore:
    """The score of several schools, each weighted by whom it should have asked.

    Args:
        schools: rows of :func:`school_scores`; schools without an answer count in the response rate only.

    Returns:
        The error is ``None`` where a school with answers has none of its own.
    """
    invited, n = int(schools["invited_count"].sum()), int(schools["n"].sum())
    rate = n / invited if invited else None
    answered = schools.filter(pl.col("score").is_not_null())
    if answered.is_empty():
        return SurveyScore(invited, n, rate, None, None, None)
    weight = answered["invited_count"].to_numpy().astype(np.float64)
    score = float((weight * answered["score"].to_numpy()).sum() / weight.sum())
    if answered["se"].null_count():
        return SurveyScore(invited, n, rate, score, None, None)
    se = float(np.sqrt(((weight * answered["se"].to_numpy()) ** 2).sum()) / weight.sum())
    return SurveyScore(invited, n, rate, score, se, (max(score - Z_95 * se, 0.0), min(score + Z_95 * se, 100.0)))
