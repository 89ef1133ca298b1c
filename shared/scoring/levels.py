"""The four levels at which figures are given, and the key columns that name a group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.terms.organization import OrgLevel

KEY_COLUMNS = ("county_code", "school_code", "class_code")

LEVELS = (OrgLevel.CITY, OrgLevel.COUNTY, OrgLevel.SCHOOL, OrgLevel.CLASS)
"""Outermost first; the city is whatever the gathered sheets cover."""

LEVEL_KEYS: dict[OrgLevel, tuple[str, ...]] = {
    OrgLevel.CITY: (),
    OrgLevel.COUNTY: ("county_code",),
    OrgLevel.SCHOOL: ("county_code", "school_code"),
    OrgLevel.CLASS: ("county_code", "school_code", "class_code"),
}


def keys_at(keys: pl.DataFrame, level: OrgLevel) -> pl.DataFrame:
    """Keys with the columns below a level set to null; the rows stay where they are."""
    below = [column for column in KEY_COLUMNS if column not in LEVEL_KEYS[level]]
    return keys.select(KEY_COLUMNS).with_columns(pl.lit(None, pl.String).alias(column) for column in below)


def index_groups(keys: pl.DataFrame) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """Numbers the distinct keys in ascending order.

    Args:
        keys: one row per candidate or group, any order; nulls are a value and sort first.

    Returns:
        The distinct keys, sorted, and for every row the position of its key among them.
    """
    columns = keys.columns
    if keys.is_empty():
        return keys.clear(), np.zeros(0, np.int64)
    changes = [pl.col(column).ne_missing(pl.col(column).shift(1)) for column in columns]
    starts = keys.select(pl.any_horizontal(changes)).to_series().to_numpy().copy()
    starts[0] = True
    heads = keys.filter(pl.Series(starts))
    unique = heads.unique().sort(columns)
    numbered = unique.with_row_index("__group")
    index = heads.join(numbered, on=columns, how="left", nulls_equal=True, maintain_order="left")["__group"]
    runs = np.diff(np.append(np.flatnonzero(starts), keys.height))
    return unique, np.repeat(index.to_numpy().astype(np.int64), runs)


def index_level(keys: pl.DataFrame, level: OrgLevel) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """Numbers the groups of a level, as :func:`index_groups` does those of the keys as they are."""
    if level is OrgLevel.CITY:
        return keys_at(keys[:1], level), np.zeros(keys.height, np.int64)
    return index_groups(keys_at(keys, level))


def locate(keys: pl.DataFrame, among: pl.DataFrame) -> NDArray[np.int64]:
    """Position of every key among sorted distinct keys; −1 where it is not there."""
    unique, index = index_groups(keys)
    found = unique.join(
        among.with_row_index("__group"), on=among.columns, how="left", nulls_equal=True, maintain_order="left"
    )["__group"]
    return found.cast(pl.Int64).fill_null(-1).to_numpy()[index]


def column_order(levels: Sequence[OrgLevel]) -> tuple[OrgLevel, ...]:
    """The given levels, outermost first."""
    return tuple(level for level in LEVELS if level in levels)
