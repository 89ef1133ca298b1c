"""Cross products of the items and sums per class, from chunks that stay in the cache (SCORING §7.0).

Marks are laid out one item per row, so that a stored column is copied as it lies and a class is a slice of every row.
Floats hold whole numbers only: float32 while all sums of a chunk and of a product's block stay below 2^24, else float64.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.scoring.items.columns import ItemColumns
from shared.scoring.items.group_sums import add_by_group
from shared.scoring.items.plan import ItemPlan
from shared.scoring.items.products import Floats, cross_products, map_rows
from shared.scoring.parallel import MAX_THREADS, each
from shared.scoring.subjects import MarkStatus
from shared.scoring.summaries.group_counts import Integers

_SINGLE, _DOUBLE = 1 << 24, 1 << 53
"""Whole numbers below these are exact in float32 and float64."""
_SPAN_ROWS = 1 << 16
"""Fewer candidates are not worth a thread of their own."""


@dataclass(frozen=True, slots=True, eq=False)
class _Layout:
    """Rows of a chunk.

    Args:
        kind: type of the marks: the items in grid units of their own, then the aspects in units of the total.
        square_kind: type of the squares.
        largest: highest mark of an item.
        tags: steps of the items in units of the total, per item and aspect of several items, shape (k, t).
        graded: items with more marks than 0 and 1 step; of the others the square is the mark.
    """

    kind: type[np.float32] | type[np.float64]
    square_kind: type[np.float32] | type[np.float64]
    largest: int
    tags: Floats
    graded: NDArray[np.intp]


def sum_classes(columns: ItemColumns, plan: ItemPlan, *, classes: int, chunk_rows: int) -> tuple[Integers, Integers]:
    """Sums of all candidates present.

    Args:
        columns: the sheet.
        plan: the items.
        classes: number of classes.
        chunk_rows: candidates looked at together.

    Returns:
        Cross products of the items, shape (k, k); and per class registered, present, item sums, item squares, the sums
        of the other aspects and their squares, shape (classes, 2 + 2 · aspects). Marks in units of the total.
    """
    layout = _layout(columns, plan, chunk_rows)
    spans = _spans(len(columns.total), chunk_rows)
    parts = each(lambda span: _sum_span(columns, layout, span, chunk_rows=chunk_rows), spans)
    k = len(plan.items)
    products = np.zeros((k, k), np.int64)
    runs = np.zeros((len(columns.starts), 2 + k + len(layout.graded) + layout.tags.shape[1] + 1), np.int64)
    runs[:, :2] = _heads(columns)
    for first, part_products, sums in parts:
        products += part_products
        runs[first : first + len(sums), 2:] += sums
    table = np.zeros((classes, runs.shape[1]), np.int64)
    if len(runs) == classes:
        table[columns.group] = runs
    else:
        add_by_group(table, columns.group, runs)
    weights = plan.weights
    return products * np.multiply.outer(weights, weights), _expand(table, layout, weights)


def _layout(columns: ItemColumns, plan: ItemPlan, chunk_rows: int) -> _Layout:
    steps, full = plan.full_units // plan.weights, plan.total.full_units
    largest, k = int(steps.max()), len(plan.items)
    kind = np.float32 if largest * max(largest, chunk_rows) < _SINGLE and full < _SINGLE else np.float64
    longest = int(np.diff(columns.starts, append=len(columns.total)).max(initial=1))
    square_kind = np.float32 if min(longest, chunk_rows) * full**2 < _SINGLE else np.float64
    others = plan.aspects[k:-1]
    tags = np.zeros((k, len(others)), kind)
    for column, aspect in enumerate(others):
        tags[list(aspect.positions), column] = plan.weights[list(aspect.positions)]
    return _Layout(kind, square_kind, largest, tags, np.flatnonzero(steps > 1))


def _spans(rows: int, chunk_rows: int) -> list[range]:
    """The starts of chunks, divided among threads."""
    starts = range(0, rows, chunk_rows)
    threads = max(min(MAX_THREADS, os.cpu_count() or 1, rows // _SPAN_ROWS), 1)
    share = -(-len(starts) // threads)
    return [part for n in range(threads) if len(part := starts[n * share : (n + 1) * share])]


def _sum_span(columns: ItemColumns, layout: _Layout, span: range, *, chunk_rows: int) -> tuple[int, Integers, Integers]:
    """First run of a span of chunks, cross products, and per run the item sums and the squares."""
    k, g, t = len(columns.marks), len(layout.graded), layout.tags.shape[1]
    last = min(span[-1] + chunk_rows, len(columns.total))
    first, end = _runs(columns.starts, span[0], last)
    size = min(chunk_rows, last - span[0])
    marks = np.empty((k + t + 1, size), layout.kind)
    squares = np.empty((g + t + 1, size), layout.square_kind)
    products = np.zeros((k, k), np.int64)
    sums = np.zeros((end - first, k + len(squares)), np.int64)
    block = (_SINGLE if layout.kind is np.float32 else _DOUBLE) // layout.largest**2
    for start in span:
        stop = min(start + chunk_rows, last)
        here, there = marks[:, : stop - start], squares[:, : stop - start]
        _lay_out(columns, layout, slice(start, stop), here, there)
        products += cross_products(here[:k].T, here[: k + 1].T, exact_rows=block)[:, :k].astype(np.int64)
        low, high = _runs(columns.starts, start, stop)
        cuts = np.maximum(columns.starts[low:high] - start, 0)
        into = sums[low - first : high - first]
        into[:, :k] += np.add.reduceat(here[:k], cuts, axis=1).T.astype(np.int64)
        into[:, k:] += np.add.reduceat(there, cuts, axis=1).T.astype(np.int64)
    return first, products, sums


def _heads(columns: ItemColumns) -> Integers:
    """Registered and present of every run."""
    away = np.flatnonzero(columns.total < 0)
    run = np.searchsorted(columns.starts, away, side="right") - 1
    unregistered = columns.total[away] < MarkStatus.VOID
    length = np.diff(columns.starts, append=len(columns.total))
    missing = [np.bincount(part, minlength=len(length)) for part in (run[unregistered], run)]
    return np.column_stack([length - part for part in missing])


def _runs(starts: Integers, start: int, stop: int) -> tuple[int, int]:
    """The runs that hold candidates of a slice."""
    low, high = np.searchsorted(starts, [start, stop - 1], side="right")
    return int(low) - 1, int(high)


def _lay_out(columns: ItemColumns, layout: _Layout, rows: slice, marks: Floats, squares: Floats) -> None:
    """Fills the rows of a chunk; who was not present has 0 everywhere, which adds nothing to any sum."""
    k, g, t = len(columns.marks), len(layout.graded), layout.tags.shape[1]
    for place, column in enumerate(columns.marks):
        marks[place] = column[rows]
    marks[k + t] = columns.total[rows]
    away = np.flatnonzero(columns.total[rows] < 0)
    marks[:k, away] = 0
    marks[k + t, away] = 0
    map_rows(marks[:k].T, layout.tags, marks[k : k + t].T)
    for place, item in enumerate(layout.graded):
        np.multiply(marks[item], marks[item], out=squares[place], dtype=layout.square_kind)
    np.multiply(marks[k:], marks[k:], out=squares[g:], dtype=layout.square_kind)


def _expand(table: Integers, layout: _Layout, weights: Integers) -> Integers:
    """Per class all that the summary holds, from the sums of single items and the squares."""
    k, g, t = len(weights), len(layout.graded), layout.tags.shape[1]
    steps = table[:, 2 : 2 + k]
    whole = np.empty((len(table), 2 + 2 * (k + t + 1)), np.int64)
    whole[:, :2] = table[:, :2]
    marks, squares = whole[:, 2 : 2 + k], whole[:, 2 + k : 2 + 2 * k]
    np.multiply(steps, weights, out=marks)
    np.multiply(steps, weights**2, out=squares)
    squares[:, layout.graded] = table[:, 2 + k : 2 + k + g] * weights[layout.graded] ** 2
    # Sums of several items are sums of their sums.
    aspects = np.empty((len(table), t))
    map_rows(steps.astype(np.float64), layout.tags.astype(np.float64), aspects)
    whole[:, 2 + 2 * k : 2 + 2 * k + t] = aspects
    whole[:, 2 + 2 * k + t] = marks.sum(axis=1)
    whole[:, 3 + 2 * k + t :] = table[:, 2 + k + g :]
    return whole
