"""Everything that differs between two versions of results: a row per figure, exactly. Pure; blocks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

UNIT, NODE, TOTAL = "unit_code", "node", ""
SCHEMA = {UNIT: pl.String, NODE: pl.String, "figure": pl.String, "before": pl.String, "after": pl.String}


def changed_figures(before: dict[str, pl.DataFrame], after: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Figures that differ, be it by a bit.

    Args:
        before: ``scores`` and ``totals`` of the version replaced.
        after: of the new one.

    Returns:
        ``unit_code, node`` (empty for the total), ``figure`` (the column), ``before, after`` as text, null where none.
    """
    totals = [_differing(_totals(frames["totals"]) for frames in (before, after))]
    scores = [_differing(_plain(frames["scores"]) for frames in (before, after))]
    return pl.concat([*totals, *scores]).sort(UNIT, NODE, "figure")


def summary_of(changed: pl.DataFrame) -> dict[str, Any]:
    """How much has changed: units with any figure, figures in all, units whose grade is another."""
    return {
        "units": changed[UNIT].n_unique(),
        "figures": changed.height,
        "grades": changed.filter((pl.col("figure") == "grade") & (pl.col(NODE) == TOTAL)).height,
    }


def _totals(frame: pl.DataFrame) -> pl.DataFrame:
    return _plain(frame.with_columns(pl.lit(TOTAL).alias(NODE)))


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Every figure as text that tells any two apart."""
    lists = [name for name, kind in frame.schema.items() if isinstance(kind, pl.List)]
    joined = frame.with_columns(pl.col(name).list.join(", ") for name in lists)
    return joined.with_columns(pl.exclude(UNIT, NODE).cast(pl.String))


def _differing(pair: Iterable[pl.DataFrame]) -> pl.DataFrame:
    old, new = (
        frame.unpivot(index=[UNIT, NODE], variable_name="figure", value_name=name)
        for frame, name in zip(pair, ("before", "after"), strict=True)
    )
    both: pl.DataFrame = old.join(new, on=[UNIT, NODE, "figure"], how="full", coalesce=True)
    return both.filter(pl.col("before").ne_missing(pl.col("after"))).select(list(SCHEMA))
