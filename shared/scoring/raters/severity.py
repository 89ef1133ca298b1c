"""How severe raters are, from visits that two or more rated independently.

Item effects are removed first (every item is easier or harder to do well at); what is left of a rater's visit is one number,
the weighted mean of its items, because the ratings of one visit by one rater hang together. Then

    score of visit v by rater r = visit v + rater r + e,      rater r ~ N(0, τ²),  e ~ N(0, σ²),

with a free effect of every visit, so that only visits rated by several say anything about raters: whoever was sent to weaker
schools is not thereby severe. τ² and σ² by REML (Patterson and Thompson 1971), raters' effects as best linear predictions,
shrunken towards 0 where little is known of them (Searle, Casella and McCulloch 1992, chapter 7). Balanced data give the
classical analysis of variance (Shrout and Fleiss 1979, case 2). Raters are compared inside a connected set only: those
linked by shared visits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.float64]
RATING_COLUMNS = ("visit", "rater", "item", "share", "weight")
RATER_SCHEMA: dict[str, pl.DataType] = {
    "rater": pl.String(),
    "visits": pl.Int64(),
    "shared_visits": pl.Int64(),
    "connected_set": pl.Int64(),
    "set_raters": pl.Int64(),
    "mean_score": pl.Float64(),
    "severity": pl.Float64(),
    "se": pl.Float64(),
    "mean_square": pl.Float64(),
}
_TINY = 1e-9
#: log of τ²/σ² between which the maximum is looked for.
_LOG_RATIO = (-14.0, 14.0)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SeverityModel:
    """Raters' severities.

    Args:
        raters: ``RATER_SCHEMA`` by rater. ``severity`` is how far below the others of the connected set the rater rates the
            same visit, in shares of full marks, with its standard error; null where nothing can be said. ``mean_square`` is
            the mean squared residual of the rater's shared visits over what is expected of it (1: as consistent as all).
        cells: ``visit, rater, score`` (weighted mean share as rated) and ``level`` (the same without the items' effects).
        rater_variance: τ², or ``None`` where it cannot be told from σ².
        residual_variance: σ², or ``None``.
        residual_df: degrees of freedom behind σ².
        connected_sets: how many there are among raters.
    """

    raters: pl.DataFrame
    cells: pl.DataFrame
    rater_variance: float | None
    residual_variance: float | None
    residual_df: int
    connected_sets: int

    @property
    def reliability(self) -> float | None:
        """Share of the variance of one rating of a visit, around the visit, that is not the rater's severity."""
        if self.rater_variance is None or self.residual_variance is None:
            return None
        total = self.rater_variance + self.residual_variance
        return None if total <= _TINY**2 else self.residual_variance / total


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    effect: Floats
    se: Floats
    rater_variance: float
    residual_variance: float


def rater_severity(ratings: pl.DataFrame) -> SeverityModel:
    """Estimates severities.

    Args:
        ratings: ``visit, rater, item`` (text), ``share`` (0 to 1) and ``weight`` (> 0) of items that were rated; one row per
            visit, rater and item. Row order does not matter.

    Raises:
        ValueError: a column is missing, or a rating stands twice.
    """
    if missing := [name for name in RATING_COLUMNS if name not in ratings.columns]:
        raise ValueError(f"ratings lack {', '.join(missing)}")
    rows = ratings.select(RATING_COLUMNS).drop_nulls("share").sort("visit", "rater", "item")
    if rows.select("visit", "rater", "item").is_duplicated().any():
        raise ValueError("a rating stands twice")
    cells = _cells(rows)
    visits, raters = _codes(cells["visit"]), _codes(cells["rater"])
    names = cells["rater"].unique().sort()
    sets = _connected(visits, raters, len(names))
    level = cells["level"].to_numpy()
    within = level - _visit_means(level, visits)
    fit, df = _fit(within, visits, raters, sets)
    table = _table(cells, names, sets, fit, within, visits, raters)
    return SeverityModel(
        raters=table,
        cells=cells,
        rater_variance=fit.rater_variance if fit else None,
        residual_variance=fit.residual_variance if fit else None,
        residual_df=df,
        connected_sets=int(sets.max()) + 1 if len(sets) else 0,
    )


def adjusted_scores(model: SeverityModel, *, least_visits: int, least_shared_visits: int) -> pl.DataFrame:
    """Scores of visits as rated, and as raters of middling severity would have rated them.

    A severity is used only of raters with enough visits and enough shared ones, in a connected set of two or more.

    Returns:
        ``visit, raw, adjusted, raters, adjusted_raters`` by visit; ``adjusted`` is null where no severity is used, and stays
        between 0 and 1.
    """
    usable = (pl.col("visits") >= least_visits) & (pl.col("shared_visits") >= least_shared_visits)
    known = model.raters.filter(usable & (pl.col("set_raters") > 1)).select("rater", "severity").drop_nulls()
    cells = model.cells.join(known, on="rater", how="left")
    return (
        cells.group_by("visit")
        .agg(
            pl.col("score").mean().alias("raw"),
            (pl.col("score") + pl.col("severity").fill_null(0)).mean().clip(0, 1).alias("adjusted"),
            pl.len().cast(pl.Int64).alias("raters"),
            pl.col("severity").is_not_null().sum().cast(pl.Int64).alias("adjusted_raters"),
        )
        .with_columns(pl.when(pl.col("adjusted_raters") > 0).then("adjusted"))
        .sort("visit")
    )


def _cells(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per visit and rater: the score as rated, and what it is beside the items' effects."""
    effects = _item_effects(rows)
    weight, share = pl.col("weight"), pl.col("share")
    return (
        rows.join(effects, on="item", how="left")
        .group_by("visit", "rater")
        .agg(
            ((weight * share).sum() / weight.sum()).alias("score"),
            ((weight * (share - pl.col("effect"))).sum() / weight.sum()).alias("level"),
        )
        .sort("visit", "rater")
    )


def _item_effects(rows: pl.DataFrame) -> pl.DataFrame:
    """Least squares of shares on items, within each visit of a rater; effects add up to 0 where items are comparable."""
    cell = _codes(pl.Series(rows["visit"] + "\x00" + rows["rater"]))
    items, item = rows["item"].unique().sort(), _codes(rows["item"])
    counts = np.zeros((int(cell.max()) + 1 if len(cell) else 0, len(items)))
    counts[cell, item] = 1.0
    size = counts.sum(axis=1)
    share = rows["share"].to_numpy()
    mean = np.bincount(cell, share, minlength=len(size)) / np.maximum(size, 1)
    gram = np.diag(counts.sum(axis=0)) - counts.T @ (counts / np.maximum(size, 1)[:, None])
    target = np.bincount(item, share - mean[cell], minlength=len(items))
    effect = np.linalg.lstsq(gram, target, rcond=1e-10)[0] if len(items) else np.zeros(0)
    return pl.DataFrame({"item": items, "effect": effect})


def _codes(values: pl.Series) -> NDArray[np.int64]:
    return (values.rank("dense").cast(pl.Int64) - 1).to_numpy()


def _visit_means(level: Floats, visits: NDArray[np.int64]) -> Floats:
    size = np.bincount(visits)
    mean: Floats = (np.bincount(visits, level) / size)[visits] if len(visits) else level
    return mean


def _connected(visits: NDArray[np.int64], raters: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    if not count:
        return np.zeros(0, np.int64)
    number = int(visits.max()) + 1
    edges = coo_matrix((np.ones(len(visits)), (visits, number + raters)), shape=(number + count,) * 2)
    found = connected_components(edges, directed=False)[1][number:]
    return np.unique(found, return_inverse=True)[1].astype(np.int64)


def _fit(
    within: Floats, visits: NDArray[np.int64], raters: NDArray[np.int64], sets: NDArray[np.int64]
) -> tuple[_Fit | None, int]:
    """REML of two variances with the visits' effects swept out; ``None`` where σ² has no degree of freedom of its own."""
    if not len(within):
        return None, 0
    size = np.bincount(visits)
    incidence = np.zeros((len(size), len(sets)))
    np.add.at(incidence, (visits, raters), 1.0)
    swept = np.diag(incidence.sum(axis=0)) - incidence.T @ (incidence / size[:, None])
    target = np.bincount(raters, within, minlength=len(sets))
    values, vectors = np.linalg.eigh(swept)
    kept = values > _TINY * max(float(values[-1]), 1.0)
    values, vectors = values[kept], vectors[:, kept]
    free = len(within) - len(size)
    df = free - int(kept.sum())
    if df < 1 or not kept.any():
        return None, max(df, 0)
    projected = vectors.T @ target
    explained = projected**2 / values
    rest = max(float(within @ within - explained.sum()), 0.0)
    ratio = _ratio(values, explained, rest, free)
    residual = (float((explained / (1 + ratio * values)).sum()) + rest) / free
    effect = vectors @ (ratio * projected / (1 + ratio * values))
    covariance = (
        residual * ratio * (np.eye(len(sets)) - (vectors * (ratio * values / (1 + ratio * values))) @ vectors.T)
    )
    same = (sets[:, None] == sets[None, :]) / np.bincount(sets)[sets][:, None]
    centered = np.eye(len(sets)) - same
    spread = np.einsum("ij,jk,ik->i", centered, covariance, centered)
    return _Fit(centered @ effect, np.sqrt(np.maximum(spread, 0.0)), ratio * residual, residual), df


def _ratio(values: Floats, explained: Floats, rest: float, free: int) -> float:
    """τ²/σ² that maximizes the restricted likelihood; 0 on the border, where raters do not differ beyond chance."""

    def deviance(ratio: float) -> float:
        widened = 1 + ratio * values
        residual = (float((explained / widened).sum()) + rest) / free
        return float(np.log(widened).sum()) + free * float(np.log(max(residual, 1e-300)))

    found = minimize_scalar(
        lambda log: deviance(float(np.exp(log))), bounds=_LOG_RATIO, method="bounded", options={"xatol": 1e-10}
    )
    best = float(np.exp(found.x))
    return best if deviance(best) < deviance(0.0) - 1e-10 else 0.0


def _table(
    cells: pl.DataFrame,
    names: pl.Series,
    sets: NDArray[np.int64],
    fit: _Fit | None,
    within: Floats,
    visits: NDArray[np.int64],
    raters: NDArray[np.int64],
) -> pl.DataFrame:
    count = len(names)
    size = np.bincount(visits)[visits] if len(visits) else np.zeros(0)
    shared = (size > 1).astype(float)
    table = pl.DataFrame(
        {
            "rater": names,
            "visits": np.bincount(raters, minlength=count),
            "shared_visits": np.bincount(raters, shared, minlength=count),
            "connected_set": sets + 1,
            "set_raters": np.bincount(sets)[sets] if count else sets,
            "mean_score": np.bincount(raters, cells["score"].to_numpy(), minlength=count)
            / np.maximum(np.bincount(raters, minlength=count), 1),
        }
    )
    linked = pl.col("set_raters") > 1
    severity = pl.Series(0.0 - fit.effect) if fit else pl.lit(None, pl.Float64)
    se = pl.Series(fit.se) if fit else pl.lit(None, pl.Float64)
    square = pl.Series(_mean_squares(fit, within, visits, raters, count)) if fit else pl.lit(None, pl.Float64)
    return table.with_columns(
        pl.when(linked).then(severity).alias("severity"),
        pl.when(linked).then(se).alias("se"),
        pl.when(linked).then(square).fill_nan(None).alias("mean_square"),
    ).select(pl.col(name).cast(kind) for name, kind in RATER_SCHEMA.items())


def _mean_squares(
    fit: _Fit, within: Floats, visits: NDArray[np.int64], raters: NDArray[np.int64], count: int
) -> Floats:
    """Σ e² / Σ E e² over a rater's shared visits, with E e² = σ² (1 − 1/k) of a visit rated by k."""
    size = np.bincount(visits)[visits]
    effect = fit.effect[raters]
    residual = within - (effect - _visit_means(effect, visits))
    expected = fit.residual_variance * (1 - 1 / size)
    total = np.bincount(raters, residual**2, minlength=count)
    owed = np.bincount(raters, expected, minlength=count)
    ratio: Floats = np.divide(total, owed, out=np.full(count, np.nan), where=owed > 0)
    return ratio
