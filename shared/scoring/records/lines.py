"""What each single record is worth, and why, before figures are put together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum

import polars as pl

from shared.scoring.records.rules import SHARE_SCALE, KindRule, Measure, Period, RecordRules

RECORD_SCHEMA: dict[str, pl.DataType] = {
    "record": pl.String(),
    "person": pl.String(),
    "kind": pl.String(),
    "happened_on": pl.Date(),
    "ends_on": pl.Date(),
    "category": pl.String(),
    "amount": pl.Decimal(18, 2),
    "level": pl.String(),
    "grade": pl.String(),
    "work": pl.String(),
    "author_rank": pl.Int64(),
    "author_count": pl.Int64(),
}
"""Records as they are scored; ``work`` is the same for entries of one achievement of one person."""


class Standing(StrEnum):
    """Whether a record counts, or why not."""

    COUNTED = "counted"
    OUTSIDE = "outside"
    """Not of the period or its window."""
    LOWER = "lower"
    """The same achievement counts at a higher level."""
    NO_VALUE = "no_value"
    """No table gives points for its level and grade on its day."""


def lines_of(records: pl.DataFrame, rules: RecordRules, period: Period) -> pl.DataFrame:
    """Every record with its standing and worth.

    Args:
        records: ``RECORD_SCHEMA``, of known kinds.
        rules: what they are worth.
        period: what is judged.

    Returns:
        ``record, person, kind, category, happened_on, amount, days, base, share, points, standing``: amount and
        base in hundredths, days inside the period, share in ten-thousandths, points in millionths.
    """
    kinds = records.join(_kind_frame(rules, period), on="kind", how="left")
    day, end = (
        pl.col("happened_on"),
        pl.coalesce("ends_on", pl.when("is_span").then(pl.lit(period.last)), "happened_on"),
    )
    first = pl.max_horizontal(day, pl.lit(period.first))
    last = pl.min_horizontal(end, pl.lit(period.last))
    is_inside = pl.when("is_span").then(last >= first).otherwise((day >= pl.col("since")) & (day <= period.last))
    placed = kinds.with_columns(
        pl.when("is_span").then((last - first).dt.total_days() + 1).otherwise(0).clip(0).alias("days"),
        pl.col("amount").to_physical().cast(pl.Int64),
        is_inside.alias("is_inside"),
    )
    return _highest(_valued(placed, rules)).select(
        "record",
        "person",
        "kind",
        "category",
        "happened_on",
        "amount",
        "days",
        "base",
        "share",
        "points",
        "standing",
    )


def _kind_frame(rules: RecordRules, period: Period) -> pl.DataFrame:
    pointed = {kind for figure in rules.figures.values() if figure.measure is Measure.POINTS for kind in figure.kinds}
    rows = [
        (code, _since(kind, period), code in rules.spans, code in pointed, kind.is_shared)
        for code, kind in rules.kinds.items()
    ]
    schema = {
        "kind": pl.String,
        "since": pl.Date,
        "is_span": pl.Boolean,
        "is_pointed": pl.Boolean,
        "is_shared": pl.Boolean,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _since(kind: KindRule, period: Period) -> dt.date:
    """First day that counts: of the period, or so many years before the day after its last."""
    if kind.years is None:
        return period.first
    after = period.last + dt.timedelta(days=1)
    # 29 February has no anniversary in most years: the day after it then.
    return (
        after.replace(year=after.year - kind.years)
        if (after.month, after.day) != (2, 29)
        else dt.date(after.year - kind.years, 3, 1)
    )


def _valued(frame: pl.DataFrame, rules: RecordRules) -> pl.DataFrame:
    """Points by the table in force on the day, times the share of the author's rank."""
    table = pl.DataFrame(
        [(count, rank, share) for count, shares in rules.shares.items() for rank, share in enumerate(shares, start=1)],
        schema={"author_count": pl.Int64, "author_rank": pl.Int64, "table_share": pl.Int64},
        orient="row",
    )
    pointed = frame.filter("is_pointed").with_columns(pl.col("level", "grade").fill_null(""))
    keys = ["kind", "level", "grade"]
    valued = (
        pointed.sort("happened_on")
        .join_asof(
            rules.points.sort("in_force_from"),
            left_on="happened_on",
            right_on="in_force_from",
            by=keys,
            check_sortedness=False,
        )
        .drop("in_force_from")
        .rename({"points": "base"})
        .join(table, on=["author_count", "author_rank"], how="left")
    )
    even = SHARE_SCALE // pl.col("author_count").fill_null(1).clip(1)
    share = pl.when("is_shared").then(pl.coalesce("table_share", even)).otherwise(SHARE_SCALE)
    plain = frame.filter(~pl.col("is_pointed")).with_columns(
        base=pl.lit(None, pl.Int64), share=pl.lit(None, pl.Int64), points=pl.lit(None, pl.Int64)
    )
    worth = valued.with_columns(share=share).drop("table_share")
    worth = worth.with_columns(points=pl.col("base") * pl.col("share"))
    both = pl.concat([worth, plain.select(worth.columns)])
    standing = (
        pl.when(~pl.col("is_inside"))
        .then(pl.lit(Standing.OUTSIDE))
        .when(pl.col("is_pointed") & pl.col("base").is_null())
        .then(pl.lit(Standing.NO_VALUE))
        .otherwise(pl.lit(Standing.COUNTED))
    )
    return both.with_columns(standing=standing)


def _highest(frame: pl.DataFrame) -> pl.DataFrame:
    """Of entries of one achievement of one person the one worth most; the earlier, then the smaller id, among equals."""
    is_candidate = pl.col("is_pointed") & (pl.col("standing") == Standing.COUNTED) & pl.col("work").is_not_null()
    keys = ["person", "work"]
    several = frame.filter(is_candidate).filter(pl.struct(keys).is_duplicated())
    if several.is_empty():
        return frame
    lower = (
        several.sort("points", "happened_on", "record", descending=[True, False, False])
        .filter(~pl.struct(keys).is_first_distinct())
        .select("record", pl.lit(Standing.LOWER).alias("lower"))
    )
    marked = frame.join(lower, on="record", how="left")
    return marked.with_columns(standing=pl.coalesce("lower", "standing")).drop("lower")


def standards_frame(rules: RecordRules) -> pl.DataFrame:
    """``kind, category, standard``: amounts that are one full load."""
    found: list[tuple[str, str, float]] = [
        (code, category, float(standard))
        for code, kind in rules.kinds.items()
        for category, standard in (kind.standards or _NONE).items()
    ]
    schema = {"kind": pl.String, "category": pl.String, "standard": pl.Float64}
    return pl.DataFrame(found, schema=schema, orient="row")


_NONE: Mapping[str, float] = {}
