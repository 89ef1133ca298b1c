"""A draft scheme over past years: who would have moved, how far and by what (SCORING §10.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from shared.scoring.rounding import without_noise_expr
from shared.scoring.scheme.evaluation import Evaluation, evaluate
from shared.scoring.scheme.tree import Scheme
from shared.scoring.scheme.unit_values import GROUP, UNIT

DRIVERS = 3
"""How many leaves are named as what moved a unit."""
_KEPT = (UNIT, "printed_total", "grade", "rank_in_group")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PastYear:
    """Values of a past year and what was published for it.

    Args:
        year: its name, e.g. ``2025-2026``.
        units: units with the attributes that the draft, and the other scheme, need.
        values: values by leaf code of both; leaves not collected then are missing.
        published: what was published, or ``None`` where the year is to be evaluated by the other scheme, or by none.
    """

    year: str
    units: pl.DataFrame
    values: pl.DataFrame
    published: Evaluation | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Backcast:
    """What a draft would have changed.

    Args:
        movement: a row per year and unit: ``year, unit_code, group, total_before, total_after, total_change, grade_before,
            grade_after, grade_change`` (steps, up positive; null where the other scheme has other grades), ``rank_before,
            rank_after, rank_change`` (places, up positive).
        grades: a row per year and pair of grades that occurs: ``year, grade_before, grade_after, unit_count``.
        drivers: for units whose total moved, the leaves that moved it most: ``year, unit_code, order, node, points_before,
            points_after, points_change``, compared as printed.
        summary: a row per year: ``year, unit_count, compared_count, better_count, same_count, worse_count`` (by grade),
            ``mean_change, mean_absolute_change, largest_rise, largest_fall, rank_correlation`` (Spearman, over all that were
            compared), ``leaf_count, without_values`` (codes of leaves nobody had a value for).
    """

    movement: pl.DataFrame
    grades: pl.DataFrame
    drivers: pl.DataFrame
    summary: pl.DataFrame


def backcast(draft: Scheme, years: Sequence[PastYear], *, against: Scheme | None = None) -> Backcast:
    """Runs a draft over past years.

    Args:
        draft: the draft.
        years: at least one, in order.
        against: another scheme, for years without a published result.

    Raises:
        DomainError: ``scheme.values_invalid`` where a year's values do not fit.
    """
    if not years:
        raise ValueError("a back-cast needs at least one year")
    parts = [_one_year(draft, year, against) for year in years]
    return Backcast(*(pl.concat(frames) for frames in zip(*parts, strict=True)))


def _one_year(
    draft: Scheme, year: PastYear, against: Scheme | None
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    after = evaluate(draft, year.units, year.values)
    before = year.published
    if before is None and against is not None:
        before = evaluate(against, year.units, year.values)
    movement = _movement(draft, after, before).select(pl.lit(year.year).alias("year"), pl.all())
    pairs = ["year", "grade_before", "grade_after"]
    grades = movement.group_by(pairs).agg(pl.len().cast(pl.Int64).alias("unit_count")).sort(pairs, nulls_last=True)
    drivers = _drivers(after, before).select(pl.lit(year.year).alias("year"), pl.all())
    return movement, grades, drivers, _summary(movement, after)


def _movement(draft: Scheme, after: Evaluation, before: Evaluation | None) -> pl.DataFrame:
    known = after.totals.select(_KEPT).clear() if before is None else before.totals.select(_KEPT)
    position = {band.grade: place for place, band in enumerate(draft.grades)}
    joined = after.totals.select(GROUP, *_KEPT).join(
        known, on=UNIT, how="left", suffix="_before", maintain_order="left"
    )
    places = {
        name: pl.col(name).replace_strict(position, default=None, return_dtype=pl.Int64)
        for name in ("grade", "grade_before")
    }
    return joined.select(
        UNIT,
        GROUP,
        pl.col("printed_total_before").alias("total_before"),
        pl.col("printed_total").alias("total_after"),
        _difference("printed_total", "printed_total_before").alias("total_change"),
        "grade_before",
        pl.col("grade").alias("grade_after"),
        (places["grade_before"] - places["grade"]).alias("grade_change"),
        pl.col("rank_in_group_before").alias("rank_before"),
        pl.col("rank_in_group").alias("rank_after"),
        (pl.col("rank_in_group_before") - pl.col("rank_in_group")).alias("rank_change"),
    )


def _drivers(after: Evaluation, before: Evaluation | None) -> pl.DataFrame:
    def points(evaluation: Evaluation, name: str) -> pl.DataFrame:
        leaves = evaluation.scores.filter(pl.col("is_leaf"))
        return leaves.select(UNIT, "node", pl.col("printed_points").fill_null(0.0).alias(name))

    earlier = points(after if before is None else before, "points_before")
    joined = points(after, "points_after").join(
        earlier.clear() if before is None else earlier, on=[UNIT, "node"], how="full", coalesce=True
    )
    compared = after.totals.select(UNIT, "total") if before is None else _with_totals(after, before)
    rows = joined.join(compared.drop_nulls().select(UNIT), on=UNIT, how="semi")
    known = rows.with_columns(pl.col("points_before", "points_after").fill_null(0.0))
    moved = known.with_columns(_difference("points_after", "points_before").alias("points_change")).filter(
        pl.col("points_change") != 0
    )
    ordered = moved.sort(UNIT, pl.col("points_change").abs(), "node", descending=[False, True, False])
    numbered = ordered.with_columns(pl.int_range(1, pl.len() + 1).over(UNIT).cast(pl.Int64).alias("order"))
    kept = numbered if before is not None else numbered.clear()
    return kept.filter(pl.col("order") <= DRIVERS).select(
        UNIT, "order", "node", "points_before", "points_after", "points_change"
    )


def _difference(after: str, before: str) -> pl.Expr:
    return without_noise_expr(pl.col(after) - pl.col(before), digits=6)


def _with_totals(after: Evaluation, before: Evaluation) -> pl.DataFrame:
    return after.totals.select(UNIT, "total").join(
        before.totals.select(UNIT, pl.col("total").alias("earlier")), on=UNIT
    )


def _summary(movement: pl.DataFrame, after: Evaluation) -> pl.DataFrame:
    change, step = pl.col("total_change"), pl.col("grade_change")
    both = change.is_not_null()
    ranked = [pl.col(name).filter(both).rank("average") for name in ("total_before", "total_after")]
    leaves = after.scores.filter(pl.col("is_leaf"))
    empty = leaves.group_by("node", maintain_order=True).agg(
        pl.col("value").is_null().all() & pl.col("choice").is_null().all()
    )
    without = empty.filter(pl.col("value"))["node"].to_list()
    figures = movement.select(
        pl.col("year").first(),
        pl.len().cast(pl.Int64).alias("unit_count"),
        both.sum().cast(pl.Int64).alias("compared_count"),
        (step > 0).sum().cast(pl.Int64).alias("better_count"),
        (step == 0).sum().cast(pl.Int64).alias("same_count"),
        (step < 0).sum().cast(pl.Int64).alias("worse_count"),
        change.mean().alias("mean_change"),
        change.abs().mean().alias("mean_absolute_change"),
        change.filter(change > 0).max().alias("largest_rise"),
        change.filter(change < 0).min().alias("largest_fall"),
        pl.corr(*ranked).fill_nan(None).alias("rank_correlation"),
    )
    return figures.with_columns(
        pl.lit(empty.height).cast(pl.Int64).alias("leaf_count"),
        pl.Series("without_values", [without], pl.List(pl.String)),
    )
