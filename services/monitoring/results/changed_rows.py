"""Which rows of result frames differ between two versions, and in which columns. Blocks: call it in a thread.

Frames are compared figure by figure and exactly: a figure differs if a single bit that is published differs. What is
stored beside a version are keys and names of columns only, no figures: those are read from the frames of the two versions,
each as its reader sees it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import polars as pl

from services.monitoring.results.catalog import TABLES, Audience
from services.monitoring.results.table_files import StoredPart, TableFiles
from shared.kernel.store.columnar import ColumnarStore

_THREADS = 2
"""Tables compared at a time: Polars leaves the interpreter free."""
CHANGE, COLUMNS = "change", "columns"
CHANGED, ADDED, REMOVED = "changed", "added", "removed"
BEFORE_ROW, AFTER_ROW = "before_row", "after_row"


def store_changed_rows(
    store: ColumnarStore, before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Compares every table of two manifests and stores the changed rows of each.

    Tables that name candidates are not compared: every mark moves the ranks of a whole city, and nobody may read candidates
    of more than one school. A school's own are compared when it asks.

    Returns:
        ``{table: {"sha256", "size", "rows", "changed", "added", "removed", "figures"}}`` of the tables that differ, as
        they are before anything is withheld.
    """
    names = [name for name in sorted({*before, *after}) if TABLES[name].audience is not Audience.OWN_CANDIDATES]
    with ThreadPoolExecutor(_THREADS) as pool:
        found = pool.map(lambda name: _stored(store, name, before.get(name), after.get(name)), names)
        return {name: entry for name, entry in zip(names, found, strict=True) if entry is not None}


def _stored(
    store: ColumnarStore, name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """The changed rows of one table, stored; ``None`` where it does not differ."""
    pairs = _differing(*(TableFiles.of(entry) if entry else None for entry in (before, after)))
    parts = [changed_rows(*in_both(*_read(store, pair)), keys=TABLES[name].keys) for pair in pairs]
    rows = pl.concat(parts) if parts else pl.DataFrame()
    if rows.is_empty():
        return None
    stored = store.put(rows.drop(BEFORE_ROW, AFTER_ROW))
    counts = {change: rows.filter(pl.col(CHANGE) == change).height for change in (CHANGED, ADDED, REMOVED)}
    figures = {"figures": int(rows[COLUMNS].list.len().sum())}
    return {"sha256": stored.sha256, "size": stored.size, "rows": stored.rows} | counts | figures


Pair = tuple[StoredPart | None, StoredPart | None]


def _differing(before: TableFiles | None, after: TableFiles | None) -> Iterator[Pair]:
    """Files of one table that are not the same in both versions: one row's are files of one value, for it is in the key."""
    older, newer = ({part.value: part for part in table.parts} if table else {} for table in (before, after))
    for value in sorted({*older, *newer}, key=lambda value: value or ""):
        pair = older.get(value), newer.get(value)
        if len({part.sha256 if part else None for part in pair}) > 1:
            yield pair


def _read(store: ColumnarStore, pair: Pair) -> Iterator[pl.DataFrame | None]:
    return (store.get(part.sha256) if part else None for part in pair)


def changed_rows(before: pl.DataFrame, after: pl.DataFrame, *, keys: Sequence[str]) -> pl.DataFrame:
    """Rows that differ between two frames of one table.

    Args:
        before: the older frame; its keys are unique.
        after: the newer one.
        keys: columns that name a row.

    Returns:
        The key columns; ``change`` (``changed``, ``added``, ``removed``); ``columns``, the names of the columns whose values
        differ (of an added or removed row: those that hold one); ``before_row`` and ``after_row``, positions in the
        frames, null where the row is not there. Sorted by key.
    """
    is_aligned = before.select(keys).equals(after.select(keys))
    pairs = _pairs(before, after, keys, is_aligned=is_aligned)
    names = [name for name in dict.fromkeys([*after.columns, *before.columns]) if name not in keys]
    differing = [_differs(before, after, pairs, name, is_aligned=is_aligned).alias(name) for name in names]
    if not names:
        differing = [pl.repeat(False, pairs.height, eager=True).alias("nothing")]
    flags = pl.DataFrame(differing)
    missing = pairs[BEFORE_ROW].is_null() | pairs[AFTER_ROW].is_null()
    kept = flags.select(pl.any_horizontal(pl.all())).to_series() | missing
    flags, pairs = flags.filter(kept), pairs.filter(kept)
    listed = [pl.when(pl.col(name)).then(pl.lit(name)) for name in flags.columns]
    columns = flags.select(pl.concat_list(listed).list.drop_nulls().alias(COLUMNS))
    change = (
        pl.when(pl.col(BEFORE_ROW).is_null())
        .then(pl.lit(ADDED))
        .when(pl.col(AFTER_ROW).is_null())
        .then(pl.lit(REMOVED))
        .otherwise(pl.lit(CHANGED))
        .alias(CHANGE)
    )
    found = pairs.with_columns(change).hstack(columns).select(*keys, CHANGE, COLUMNS, BEFORE_ROW, AFTER_ROW)
    # Sorted last: of a whole city's rows few have changed.
    return found.sort(keys)


def in_both(before: pl.DataFrame | None, after: pl.DataFrame | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The frames of one table; empty in a version that has no such table.

    Raises:
        ValueError: neither version has it.
    """
    known = before if after is None else after
    if known is None:
        raise ValueError("the table is in neither version")
    return known.clear() if before is None else before, known.clear() if after is None else after


def _pairs(before: pl.DataFrame, after: pl.DataFrame, keys: Sequence[str], *, is_aligned: bool) -> pl.DataFrame:
    """The rows of both frames by key, with their positions."""
    old, new = before.select(keys).with_row_index(BEFORE_ROW), after.select(keys).with_row_index(AFTER_ROW)
    if is_aligned:
        # Mostly nothing but figures has changed, and rows lie in the same order.
        return old.with_columns(new[AFTER_ROW])
    return old.join(new, on=list(keys), how="full", coalesce=True, nulls_equal=True)


def _differs(
    before: pl.DataFrame, after: pl.DataFrame, pairs: pl.DataFrame, name: str, *, is_aligned: bool
) -> pl.Series:
    old = _values(before, name, pairs[BEFORE_ROW], is_whole=is_aligned)
    new = _values(after, name, pairs[AFTER_ROW], is_whole=is_aligned)
    if old.dtype != new.dtype and not (old.dtype.is_numeric() and new.dtype.is_numeric()):
        old, new = old.cast(pl.String, strict=False), new.cast(pl.String, strict=False)
    return old.ne_missing(new)


def _values(frame: pl.DataFrame, name: str, rows: pl.Series, *, is_whole: bool) -> pl.Series:
    if name not in frame.columns:
        return pl.Series(name, [None], dtype=pl.Null).new_from_index(0, len(rows))
    # Rows that lie in their order, all of them, need not be fetched one by one.
    return frame[name] if is_whole else frame[name].gather(rows)
