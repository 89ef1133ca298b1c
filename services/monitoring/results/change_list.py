"""What changed between two versions, as one caller sees both. Everything here blocks: call it in a thread.

The list is made of the two views: what is withheld in both versions is not compared, and a figure withheld in one of them
appears as the caller saw it there, empty. Nothing can be learned from it that is not in the two views themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from services.monitoring.results.catalog import TABLES
from services.monitoring.results.changed_rows import (
    ADDED,
    AFTER_ROW,
    BEFORE_ROW,
    CHANGE,
    COLUMNS,
    REMOVED,
    changed_rows,
    in_both,
)
from services.monitoring.results.frames import ResultFrames
from services.monitoring.results.reading import Question, read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two versions: its frames, and the question asked of them."""

    frames: ResultFrames
    question: Question


@dataclass(frozen=True, slots=True, eq=False)
class ChangeList:
    """Changed rows as a caller sees them.

    Args:
        keys: columns that name a row.
        rows: as :func:`~services.monitoring.results.changed_rows.changed_rows` gives them.
        before: the older view, at least its changed rows.
        after: the newer one.
    """

    keys: Sequence[str]
    rows: pl.DataFrame
    before: pl.DataFrame
    after: pl.DataFrame

    @property
    def counts(self) -> dict[str, int]:
        """Rows changed, added and removed, and figures in all."""
        found = dict(self.rows[CHANGE].value_counts().iter_rows())
        figures = int(self.rows[COLUMNS].list.len().sum())
        return {change: found.get(change, 0) for change in ("changed", ADDED, REMOVED)} | {"figures": figures}

    @property
    def size(self) -> int:
        """Bytes it takes."""
        return sum(int(frame.estimated_size()) for frame in (self.rows, self.before, self.after))

    def page(self, offset: int, size: int) -> list[dict[str, Any]]:
        """Rows from ``offset``: keys, kind of change, and every figure with its value before and after."""
        rows = self.rows.slice(offset, size)
        old = self.before.select(pl.all().gather(rows[BEFORE_ROW])).to_dicts()
        new = self.after.select(pl.all().gather(rows[AFTER_ROW])).to_dicts()
        found = zip(rows.to_dicts(), old, new, strict=True)
        return [_change(row, before, after, self.keys) for row, before, after in found]

    def figures(self) -> pl.DataFrame:
        """The whole list with a row per figure: keys, ``change``, ``column``, ``before``, ``after`` as exact text."""
        parts = []
        each = self.rows.explode(COLUMNS).rename({COLUMNS: "column"}).with_row_index("__place")
        for (name,), part in each.group_by("column", maintain_order=True):
            values = [
                _text(frame, name, part[row]).alias(side)
                for frame, row, side in ((self.before, BEFORE_ROW, "before"), (self.after, AFTER_ROW, "after"))
            ]
            parts.append(part.with_columns(values))
        whole = pl.concat(parts) if parts else each.with_columns(pl.lit(None, pl.String).alias(n) for n in _SIDES)
        return whole.sort("__place").select(*self.keys, CHANGE, "column", *_SIDES)


_SIDES = ("before", "after")


def change_list(before: Side, after: Side, stored: Mapping[str, Any] | None) -> ChangeList:
    """What changed in a table.

    Args:
        before: the version replaced.
        after: the version that replaced it.
        stored: the file of changed rows that the newer version's manifest names; ``None`` if the table did not change.
    """
    key = ("changes", after.question.table, after.question.caller, before.question.caller, before.frames.identity)
    return after.frames.kept(key, lambda: _compared(before, after, stored), lambda listed: listed.size)


def _compared(before: Side, after: Side, stored: Mapping[str, Any] | None) -> ChangeList:
    table = after.question.table
    keys = [*TABLES[table].keys]
    among = None
    if after.question.visibility.own_school is None:
        # What is withheld above schools stands in the rows themselves: where no row differs, no view does.
        among = None if stored is None else after.frames.store.get(stored["sha256"], keys)
        if among is None:
            empty = after.frames.scan(table).head(0).collect()
            return ChangeList(keys, changed_rows(empty, empty, keys=keys), empty, empty)
    older, newer = in_both(_view(before, among), _view(after, among))
    return ChangeList(keys, changed_rows(older, newer, keys=keys), older, newer)


def _view(side: Side, among: pl.DataFrame | None) -> pl.DataFrame | None:
    """A caller's view of a table; ``None`` in a version without it."""
    if side.question.table not in side.frames.files:
        return None
    return read_rows(side.frames, side.question, among=among)[0]


def _change(
    row: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any], keys: Sequence[str]
) -> dict[str, Any]:
    figures = [{"column": name, "before": before.get(name), "after": after.get(name)} for name in row[COLUMNS]]
    return {"key": {key: row[key] for key in keys}, "change": row[CHANGE], "figures": figures}


def _text(frame: pl.DataFrame, name: str, rows: pl.Series) -> pl.Series:
    if name not in frame.columns:
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(rows))
    column = frame[name].gather(rows)
    if isinstance(column.dtype, pl.List):
        return column.list.join("+")
    return column.cast(pl.String)
