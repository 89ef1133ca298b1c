"""Results of those below as values of those above: students into schools, schools into counties (SCORING §10.8)."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from shared.scoring.scheme.evaluation import Evaluation
from shared.scoring.scheme.tree import Scheme, SourceKind
from shared.scoring.scheme.unit_values import UNIT

PARENT = "parent_code"
SIZE = "size"
TOTAL_MEAN = "total_mean"
GRADE_RATE = "grade_rate"
AT_LEAST_RATE = "at_least_rate"
SHARE_MEAN = "share_mean"


def rolled_up(scheme: Scheme, evaluation: Evaluation, members: pl.DataFrame) -> pl.DataFrame:
    """Figures of every parent from its members' results.

    Keys begin with the scheme's code and a dot, then ``total_mean``: mean total; ``grade_rate.G``: share of members with
    grade G; ``at_least_rate.G``: with G or better; ``share_mean.N``: mean percent of full marks of node N. Means are
    weighted by size (pupils); rates count members once.

    Args:
        scheme: the one the members were judged by.
        evaluation: their results.
        members: ``unit_code, parent_code`` and ``size``, above 0; members without a result are counted as not covered.

    Returns:
        ``unit_code`` (the parent), ``key, value, member_count`` (members with the figure), ``covered_rate`` (their part of
        the size of all members), by parent and key. Keys that no member of a parent has a figure for are left out.
    """
    found = pl.concat([*_of_totals(scheme, evaluation.totals), _of_nodes(evaluation.scores)])
    figures = found.with_columns(pl.format("{}.{}", pl.lit(scheme.code), "key").alias("key"))
    size = pl.col(SIZE).cast(pl.Float64)
    whole = members.group_by(PARENT).agg(size.sum().alias("__whole"))
    rows = members.select(UNIT, PARENT, size).join(figures, on=UNIT).sort(PARENT, "key", UNIT)
    weight = pl.when("by_size").then(SIZE).otherwise(1.0)
    return (
        rows.group_by(PARENT, "key", maintain_order=True)
        .agg(
            ((pl.col("value") * weight).sum() / weight.sum()).alias("value"),
            pl.len().cast(pl.Int64).alias("member_count"),
            pl.col(SIZE).sum().alias("__covered"),
        )
        .join(whole, on=PARENT, how="left", maintain_order="left")
        .select(
            pl.col(PARENT).alias(UNIT),
            "key",
            "value",
            "member_count",
            (pl.col("__covered") / pl.col("__whole")).alias("covered_rate"),
        )
    )


def rolled_up_values(rolled: pl.DataFrame, scheme: Scheme) -> pl.DataFrame:
    """The columns of a scheme's leaves that take roll-ups, ready to be evaluated.

    Args:
        rolled: figures by key, of one or several schemes of members together.
        scheme: the one of the parents; its leaves name the key in their source.
    """
    parents = rolled.select(pl.col(UNIT).unique(maintain_order=True))
    for leaf in scheme.leaves():
        if leaf.source.kind is SourceKind.ROLL_UP:
            own = rolled.filter(pl.col("key") == leaf.source.key).select(UNIT, pl.col("value").alias(leaf.code))
            parents = parents.join(own, on=UNIT, how="left", maintain_order="left")
    return parents


def _of_totals(scheme: Scheme, totals: pl.DataFrame) -> Iterator[pl.DataFrame]:
    has_total = totals.filter(pl.col("total").is_not_null())
    yield _rows(has_total, pl.lit(TOTAL_MEAN), pl.col("total"), by_size=True)
    position = {band.grade: place for place, band in enumerate(scheme.grades)}
    place = pl.col("grade").replace_strict(position, default=None, return_dtype=pl.Int64)
    for grade, own in position.items():
        yield _rows(has_total, pl.lit(f"{GRADE_RATE}.{grade}"), place == own, by_size=False)
        yield _rows(has_total, pl.lit(f"{AT_LEAST_RATE}.{grade}"), place <= own, by_size=False)


def _of_nodes(scores: pl.DataFrame) -> pl.DataFrame:
    counted = scores.filter(pl.col("points_possible").is_not_null() & pl.col("share").is_not_null())
    return _rows(counted, pl.format(SHARE_MEAN + ".{}", "node"), 100 * pl.col("share"), by_size=True)


def _rows(frame: pl.DataFrame, key: pl.Expr, value: pl.Expr, *, by_size: bool) -> pl.DataFrame:
    return frame.select(UNIT, key.alias("key"), value.cast(pl.Float64).alias("value"), pl.lit(by_size).alias("by_size"))
