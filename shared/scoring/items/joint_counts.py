"""Sums per total mark and per chosen option, from joint counts of option, mark and total (SCORING §7.0).

Marks lie on small grids, so counting how often each combination occurs is all that touches candidates; sums, squares and
option tables follow from the counts. Two or three items share a table where it stays small, which saves passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from shared.scoring.items.columns import Codes, ItemColumns
from shared.scoring.items.plan import ItemPlan
from shared.scoring.parallel import each
from shared.scoring.summaries.group_counts import Integers

_SHARED_CELLS = 1 << 15
"""Cells of a table that several items share: stays in the cache, and its cells are numbered in 16 bits."""
_DENSE_CELLS = 1 << 20
_ROWS = 1 << 16


@dataclass(frozen=True, slots=True)
class _Counted:
    """One item as it is counted: a state is ``option · (steps + 1) + mark``.

    Args:
        position: in the plan.
        choice: position among the choice items, or ``None``.
        options: answers that are told apart, one more than the options; 1 where none are recorded.
        steps: highest mark in grid units of the item.
        weight: size of a step in units of the total.
    """

    position: int
    choice: int | None
    options: int
    steps: int
    weight: int

    @property
    def states(self) -> int:
        """Combinations of option and mark."""
        return self.options * (self.steps + 1)


@dataclass(frozen=True, slots=True, eq=False)
class TotalSums:
    """Sums of the candidates present, marks in units of the total.

    Args:
        totals: per total mark: candidates, the k item sums, the k sums of squares; shape (width, 1 + 2k).
        options: per choice item: candidates and their marks in it by option and total, each of shape (options + 1, width).
    """

    totals: Integers
    options: tuple[tuple[Integers, Integers], ...]


def sum_totals(columns: ItemColumns, plan: ItemPlan) -> TotalSums:
    """Gathers what depends on the total mark."""
    width, k = plan.total.full_units + 1, len(plan.items)
    items = _counted(plan)
    packs = list(_packs(items, width + 1))
    totals = np.zeros((width, 1 + 2 * k), np.int64)
    chosen: dict[int, tuple[Integers, Integers]] = {}
    totals[:, 0] = np.bincount(np.where(columns.total < 0, width, columns.total), minlength=width + 1)[:width]
    for pack, tables in zip(packs, each(lambda pack: _tables(columns, pack, width), packs), strict=True):
        for item, (count, sums, squares) in zip(pack, tables, strict=True):
            totals[:, 1 + item.position] = sums.sum(axis=0) * item.weight
            totals[:, 1 + k + item.position] = squares.sum(axis=0) * item.weight**2
            if item.choice is not None:
                chosen[item.choice] = count, sums * item.weight
    return TotalSums(totals, tuple(chosen[n] for n in range(len(chosen))))


def _counted(plan: ItemPlan) -> list[_Counted]:
    choice = {position: n for n, (position, _) in enumerate(plan.choice_items)}
    steps, weights = (plan.full_units // plan.weights).tolist(), plan.weights.tolist()
    return [
        _Counted(n, choice.get(n), len(item.options) + 1 if n in choice else 1, steps[n], weights[n])
        for n, item in enumerate(plan.items)
    ]


def _packs(items: Sequence[_Counted], width: int) -> Iterator[list[_Counted]]:
    """Items counted together: as many as share a small table."""
    pack: list[_Counted] = []
    for item in sorted(items, key=lambda item: item.states):
        if pack and prod(one.states for one in [*pack, item]) * width > _SHARED_CELLS:
            yield pack
            pack = []
        pack.append(item)
    yield pack


Tables = tuple[Integers, Integers, Integers]
"""Of one item, by option and total: candidates, sum and sum of squares of their marks in grid units of the item."""


def _tables(columns: ItemColumns, pack: list[_Counted], width: int) -> list[Tables]:
    sizes = [item.states for item in pack]
    if prod(sizes) * (width + 1) > _DENSE_CELLS:
        return [_weighted(columns, item, width) for item in pack]
    counts = np.zeros(prod(sizes) * (width + 1), np.int64)
    for start in range(0, len(columns.total), _ROWS):
        counts += np.bincount(_cells(columns, pack, width, slice(start, start + _ROWS)), minlength=len(counts))
    # The last place along the totals holds those who were not present.
    joint = counts.reshape(*sizes, width + 1)[..., :width]
    found = []
    for axis, item in enumerate(pack):
        own = joint.sum(axis=tuple(other for other in range(len(pack)) if other != axis))
        by_mark = own.reshape(item.options, item.steps + 1, width)
        marks = np.arange(item.steps + 1)[:, None]
        found.append((by_mark.sum(axis=1), (by_mark * marks).sum(axis=1), (by_mark * marks**2).sum(axis=1)))
    return found


def _cells(columns: ItemColumns, pack: list[_Counted], width: int, rows: slice) -> Codes:
    total, states = columns.total[rows], prod(item.states for item in pack)
    present = total >= 0
    # In the narrowest type; the codes of those who were not present may wrap round in it and then count as 0.
    kind = np.min_scalar_type(states)
    state = np.zeros(len(total), kind)
    for item in pack:
        if item.choice is not None:
            state *= kind.type(item.options)
            state += columns.chosen[item.choice][rows].astype(kind)
        state *= kind.type(item.steps + 1)
        state += columns.marks[item.position][rows].astype(kind)
    state *= present
    cell: Codes = state.astype(np.int16 if states * (width + 1) <= _SHARED_CELLS else np.int64)
    cell *= width + 1
    cell += np.where(present, total, cell.dtype.type(width))
    return cell


def _weighted(columns: ItemColumns, item: _Counted, width: int) -> Tables:
    """The same for a grid too fine to count every combination: sums below 2^53 per chunk, so exact."""
    size = item.options * width
    count, sums, squares = (np.zeros(size, np.int64) for _ in range(3))
    for start in range(0, len(columns.total), _ROWS):
        rows = slice(start, start + _ROWS)
        present = np.flatnonzero(columns.total[rows] >= 0)
        cell = columns.total[rows][present].astype(np.int64)
        if item.choice is not None:
            cell += columns.chosen[item.choice][rows][present].astype(np.int64) * width
        marks = columns.marks[item.position][rows][present].astype(np.float64)
        count += np.bincount(cell, minlength=size)
        sums += np.bincount(cell, weights=marks, minlength=size).astype(np.int64)
        squares += np.bincount(cell, weights=marks * marks, minlength=size).astype(np.int64)
    return tuple(part.reshape(item.options, width) for part in (count, sums, squares))  # type: ignore[return-value]
