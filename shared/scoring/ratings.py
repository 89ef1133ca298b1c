"""Ratings of people by many: one figure per person, robust against a few who mean too well or ill and against severe raters.

A rater's score of a person is the mean over the answered items, each on a scale of k points read as 0 to 100. Where raters
rate many of the same people (colleagues, a school's group), how severe each is can be told apart from how good those rated
are (:mod:`shared.scoring.raters.severity`), and scores are taken as raters of middling severity would have given them. That
also makes up for everybody missing on their own sheet. The figure is the trimmed mean: the share ``trim`` of scores is left
out at each end. Its standard error is that of Tukey and McLaughlin (1963) from the winsorized sum of squares,
``√((1 − n/N) SSD / (h (h − 1)))`` with h scores kept and N people asked; without trimming that is the ordinary one. The 95 %
interval has h − 1 degrees of freedom. That severities are estimates is not in the error: they are shrunken, and small
beside it.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy import stats

from shared.scoring.raters.severity import rater_severity

FIGURE_SCHEMA: dict[str, pl.DataType] = {
    "rated": pl.String(),
    "invited_count": pl.Int64(),
    "n": pl.Int64(),
    "raw": pl.Float64(),
    "value": pl.Float64(),
    "se": pl.Float64(),
    "ci_low": pl.Float64(),
    "ci_high": pl.Float64(),
    "adjusted_count": pl.Int64(),
}
#: Severities are asked for up to this many raters: a dense matrix of raters is taken apart.
MOST_RATERS = 600
_LEAST_SHARED = 2
_ROUNDING = 1e-9


def rating_figures(
    sheets: pl.DataFrame, invited: pl.DataFrame, *, points: dict[str, int], trim: float = 0.0, adjust: bool = False
) -> pl.DataFrame:
    """One figure per person rated.

    Args:
        sheets: ``rated, rater`` and a column per item: answers 1 to k, null where none was given; each pair once.
        invited: ``rated, invited_count``: how many should have rated each person, each once.
        points: points of each item's scale, ≥ 2.
        trim: share left out at each end, 0 to below 0.5.
        adjust: whether scores are adjusted for how severe each rater is.

    Returns:
        ``FIGURE_SCHEMA`` for everybody in ``invited``, by ``rated``. ``raw`` is the plain mean of all scores; ``value``,
        ``se`` and interval are of the trimmed (and adjusted) scores, the interval within 0 and 100; ``se`` is null for fewer
        than two scores kept. ``adjusted_count`` says how many scores a severity was known for.

    Raises:
        ValueError: ``trim`` outside its bounds, or a rater who rates a person twice.
    """
    if not 0 <= trim < 0.5:
        raise ValueError("trim lies from 0 to below 0.5")
    if sheets.select("rated", "rater").is_duplicated().any():
        raise ValueError("a rater rates a person twice")
    scores = _scores(sheets, points)
    severity = _severities(sheets, points) if adjust else _no_severities()
    adjusted = scores.join(severity, on="rater", how="left").with_columns(
        (pl.col("score") + pl.col("severity").fill_null(0)).clip(0, 100).alias("adjusted")
    )
    counted = _trimmed(adjusted, trim)
    joined = invited.join(counted, on="rated", how="left").with_columns(
        pl.col("n").fill_null(0), pl.col("adjusted_count").fill_null(0), pl.col("kept").fill_null(0)
    )
    return _with_errors(joined).sort("rated")


def _scores(sheets: pl.DataFrame, points: dict[str, int]) -> pl.DataFrame:
    scaled = [
        (100 * (pl.col(item).cast(pl.Float64) - 1) / (scale - 1)).alias(item) for item, scale in sorted(points.items())
    ]
    scores = sheets.select("rated", "rater", *scaled)
    return scores.select("rated", "rater", pl.mean_horizontal(sorted(points)).alias("score")).drop_nulls("score")


def _severities(sheets: pl.DataFrame, points: dict[str, int]) -> pl.DataFrame:
    """``rater, severity`` in points of 100, of raters who share people with others."""
    if sheets["rater"].n_unique() > MOST_RATERS:
        return _no_severities()
    shares = [((pl.col(item).cast(pl.Float64) - 1) / (scale - 1)).alias(item) for item, scale in sorted(points.items())]
    ratings = (
        sheets.select(pl.col("rated").alias("visit"), "rater", *shares)
        .unpivot(index=["visit", "rater"], variable_name="item", value_name="share")
        .drop_nulls("share")
        .with_columns(weight=pl.lit(1.0))
    )
    known = rater_severity(ratings).raters.filter(
        (pl.col("shared_visits") >= _LEAST_SHARED) & (pl.col("set_raters") > 1)
    )
    return known.select("rater", pl.col("severity") * 100).drop_nulls()


def _no_severities() -> pl.DataFrame:
    return pl.DataFrame(schema={"rater": pl.String, "severity": pl.Float64})


def _trimmed(scores: pl.DataFrame, trim: float) -> pl.DataFrame:
    """Count, means and winsorized sum of squares per person."""
    ordered = pl.col("adjusted").sort()
    n = pl.len().cast(pl.Int64)
    cut = (n * trim + _ROUNDING).floor().cast(pl.Int64)
    low, high = ordered.get(cut), ordered.get(n - 1 - cut)
    winsorized = pl.col("adjusted").clip(low, high)
    return scores.group_by("rated").agg(
        n.alias("n"),
        pl.col("score").sort().mean().alias("raw"),
        ordered.slice(cut, n - 2 * cut).mean().alias("value"),
        (n - 2 * cut).alias("kept"),
        (winsorized.var(ddof=0) * n).alias("ssd"),
        pl.col("severity").is_not_null().sum().cast(pl.Int64).alias("adjusted_count"),
    )


def _with_errors(joined: pl.DataFrame) -> pl.DataFrame:
    kept = pl.col("kept").cast(pl.Float64)
    left = (1 - pl.col("n") / pl.col("invited_count")).clip(lower_bound=0.0)
    error = (left * pl.col("ssd") / (kept * (kept - 1))).sqrt()
    found = joined.with_columns(pl.when(pl.col("kept") > 1).then(error).alias("se"))
    df = np.maximum(found["kept"].to_numpy() - 1, 1)
    half = pl.Series(stats.t.ppf(0.975, df)) * found["se"]
    return found.with_columns(
        (pl.col("value") - half).clip(lower_bound=0.0).alias("ci_low"),
        (pl.col("value") + half).clip(upper_bound=100.0).alias("ci_high"),
    ).select(pl.col(name).cast(kind) for name, kind in FIGURE_SCHEMA.items())
