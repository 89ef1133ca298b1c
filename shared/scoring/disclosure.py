"""Small groups are withheld at the exit, and so much beside them that no subtraction brings them back (SCORING §9).

Figures of a group add up to those of the group above it. Where one part is withheld the others and the whole would give
it away, so parts are added, smallest first, until at least two are withheld and together they have ``min_n``
candidates. What lies below a withheld group is withheld with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

import polars as pl

from shared.scoring.levels import KEY_COLUMNS, LEVEL_KEYS, column_order
from shared.terms.organization import OrgLevel


class Suppression(StrEnum):
    """Why a group is withheld."""

    PRIMARY = "primary"
    COMPLEMENTARY = "complementary"
    INHERITED = "inherited"


SUPPRESSION_COLUMNS = {"suppressed": pl.Boolean(), "suppression": pl.String()}

IDENTITY = frozenset(
    {
        "level", *KEY_COLUMNS, "subject", "role", "model", "outcome", "intake", "measure", "metric", "attribute",
        "grouping", "group_value", "status", "reason", "suppressed", "suppression",
    }
)  # fmt: skip
"""Columns that say which figure a row holds; all others are figures."""


def withheld(counts: Mapping[str, int], *, min_n: int, must_hide: bool = False) -> set[str]:
    """Units whose figures are not shown where those of all together are.

    Small ones; and, since the rest follows by subtraction, more of the smallest until those withheld are at least two with
    somebody in them and have ``min_n`` between them. Units without anybody hide nothing.

    Args:
        counts: people, or answers, of every unit.
        min_n: smallest number shown.
        must_hide: withhold some even where none is small, because the figures of all together are withheld.
    """
    hidden = {unit for unit, n in counts.items() if n < min_n}
    shown = sorted((unit for unit in counts if unit not in hidden), key=lambda unit: (counts[unit], unit))
    counted = [counts[unit] for unit in hidden if counts[unit] > 0]
    while shown and (counted or must_hide) and (len(counted) < 2 or sum(counted) < min_n):
        unit = shown.pop(0)
        hidden.add(unit)
        counted.append(counts[unit])
    return hidden


def mark_suppressed(groups: pl.DataFrame, *, min_n: int, by: Sequence[str]) -> pl.DataFrame:
    """Adds ``suppressed`` and ``suppression`` to a table of groups.

    Args:
        groups: ``level``, the key columns, the ``by`` columns, ``n_registered`` and ``n_sat``; one row per group.
            A level may be missing; its groups then belong to the next level above that is there, or to one whole.
        min_n: smallest number present that may be shown. A group with candidates but fewer present is withheld;
            one without any candidates is not (it has nothing to hide).
        by: columns that make separate tables (subject, model).

    Returns:
        The table, rows in their order, with the two columns.
    """
    if not ((groups["n_registered"] > 0) & (groups["n_sat"] < min_n)).any():
        nothing = [
            pl.repeat(False, groups.height, eager=True),
            pl.repeat(None, groups.height, dtype=pl.String, eager=True),
        ]
        return groups.hstack([column.alias(name) for column, name in zip(nothing, SUPPRESSION_COLUMNS, strict=True)])
    present = groups["level"].unique().to_list()
    narrow = groups.select("level", *KEY_COLUMNS, *by, "n_registered", "n_sat").with_row_index("__row")
    above: pl.DataFrame | None = None
    parent_keys: tuple[str, ...] = ()
    parts = []
    for level in column_order([OrgLevel(name) for name in present]):
        part = narrow.filter(pl.col("level") == level.value)
        flagged = _flag_level(part, above, min_n=min_n, by=by, parent_keys=parent_keys)
        parts.append(flagged.select("__row", *SUPPRESSION_COLUMNS))
        above, parent_keys = flagged, LEVEL_KEYS[level]
    return groups.with_columns(pl.concat(parts).sort("__row").drop("__row"))


def withhold_figures(frame: pl.DataFrame, *, own_school: str | None = None) -> pl.DataFrame:
    """Empties the figures of suppressed rows; the rows stay, so a reader sees that something is withheld.

    Args:
        frame: a result frame with ``suppressed`` and ``school_code``.
        own_school: the caller's own school, whose rows stay whole; ``None`` for callers above schools.
    """
    hidden = _hidden(own_school)
    return frame.with_columns(
        pl.when(hidden).then(None).otherwise(pl.col(column)).alias(column)
        for column in frame.columns
        if column not in IDENTITY
    )


def withhold_rows(frame: pl.DataFrame, *, own_school: str | None = None) -> pl.DataFrame:
    """Drops suppressed rows: for tables in which the mere presence of a row tells a mark."""
    return frame.filter(~_hidden(own_school))


def _hidden(own_school: str | None) -> pl.Expr:
    suppressed = pl.col("suppressed")
    if own_school is None:
        return suppressed
    return suppressed & pl.col("school_code").ne_missing(own_school)


def _flag_level(
    part: pl.DataFrame,
    above: pl.DataFrame | None,
    *,
    min_n: int,
    by: Sequence[str],
    parent_keys: Sequence[str],
) -> pl.DataFrame:
    family = [*by, *parent_keys]
    primary = (pl.col("n_registered") > 0) & (pl.col("n_sat") < min_n)
    part = part.with_columns(primary.alias("__primary"))
    reason = (
        pl.when("__primary")
        .then(pl.lit(Suppression.PRIMARY.value))
        .when(_row_in(_below_withheld(part, above, family)))
        .then(pl.lit(Suppression.INHERITED.value))
        .when(_row_in(_complementary(part, family, min_n=min_n)))
        .then(pl.lit(Suppression.COMPLEMENTARY.value))
    )
    return part.with_columns(reason.alias("suppression")).with_columns(
        pl.col("suppression").is_not_null().alias("suppressed")
    )


def _complementary(part: pl.DataFrame, family: Sequence[str], *, min_n: int) -> pl.Series:
    """Rows withheld beside the small groups of their family."""
    # Most families have nothing to withhold and are not looked at any further.
    troubled = _of_families(part, part.filter("__primary"), family)
    n, primary = pl.col("n_sat"), pl.col("__primary")
    spare = ~primary & (n > 0)
    # Spare groups of a family from the smallest up; ties by code, so that any run withholds the same ones.
    ordered = troubled.sort([spare, n, *KEY_COLUMNS], descending=[True, False, False, False, False]).with_columns(
        pl.col("__row").cum_count().over(family).alias("__place"),
        (n.cum_sum() - n).over(family).alias("__before"),
        primary.sum().over(family).cast(pl.Int64).alias("__primaries"),
        n.filter(primary).sum().over(family).alias("__primary_n"),
    )
    open_still = (pl.col("__primaries") + pl.col("__place").cast(pl.Int64) - 1 < 2) | (
        pl.col("__primary_n") + pl.col("__before") < min_n
    )
    return ordered.filter(spare & open_still)["__row"]


def _below_withheld(part: pl.DataFrame, above: pl.DataFrame | None, family: Sequence[str]) -> pl.Series:
    """Rows whose group above is withheld."""
    if above is None:
        return part["__row"].clear()
    return _of_families(part, above.filter("suppressed"), family)["__row"]


def _of_families(part: pl.DataFrame, some: pl.DataFrame, family: Sequence[str]) -> pl.DataFrame:
    if some.is_empty():
        return part.clear()
    return part.join(some, on=list(family), how="semi", nulls_equal=True)


def _row_in(rows: pl.Series) -> pl.Expr:
    return pl.col("__row").is_in(rows.implode())
