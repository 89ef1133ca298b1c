"""Summary of an item sheet: all that SCORING §7 needs, in whole numbers, gathered in one pass and mergeable.

All marks are in units of the total, so item marks, sums over several items and totals add up without weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.scoring.items.frame import OPTION_SUFFIX, ItemSheet
from shared.scoring.items.group_sums import GroupSums, add_by_group, collect_sums, merge_sums
from shared.scoring.items.plan import ItemPlan
from shared.scoring.items.products import cross_products, map_rows
from shared.scoring.levels import KEY_COLUMNS, index_groups, keys_at
from shared.scoring.subjects import MAX_GRID_UNITS, TOTAL, MarkStatus
from shared.scoring.summaries.group_counts import Integers
from shared.scoring.summaries.moments import Moments, merge_moments
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel

CHUNK_ROWS = 1 << 12
"""Rows per matrix product: few enough to stay in the cache, and 2^12 squares of 100,000 units stay far below 2^53."""
if CHUNK_ROWS * MAX_GRID_UNITS**2 >= 2**53:  # pragma: no cover - guards whoever changes one of the two constants
    raise ValueError("products of a chunk would not be exact in float64")
_SHORT = 1 << 16
_OPTION_KEYS = {"item": pl.String(), "option": pl.Int64(), "total_units": pl.Int64()}


Codes = NDArray[np.int32] | NDArray[np.int16]


@dataclass(frozen=True, slots=True, eq=False)
class ItemSummary:
    """Sufficient statistics of a paper's items over the candidates present.

    Args:
        plan: the items.
        moments: moment matrix of the items, one group (none without candidates).
        totals: per ``total_units``: candidates, the k item sums, the k sums of squares.
        groups: per class: registered, present, the k item sums, the k sums of squares, then the sums and the sums of
            squares of the other aspects of the plan.
        options: per ``item``, ``option`` (position) and ``total_units``: candidates, and their marks in that item.
    """

    plan: ItemPlan
    moments: Moments
    totals: GroupSums
    groups: GroupSums
    options: GroupSums

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ItemSummary):
            return NotImplemented
        parts = ("moments", "totals", "groups", "options")
        return self.plan.items == other.plan.items and all(
            getattr(self, part) == getattr(other, part) for part in parts
        )

    __hash__ = None  # type: ignore[assignment]

    def __add__(self, other: ItemSummary) -> ItemSummary:
        return merge_item_summaries([self, other])

    def __sub__(self, other: ItemSummary) -> ItemSummary:
        """Takes a part away again; raises ``DomainError`` ``scoring.summary_not_contained`` if it was not in."""
        _require_same_items([self, other])
        return replace(
            self,
            moments=self.moments - other.moments,
            totals=self.totals - other.totals,
            groups=self.groups - other.groups,
            options=self.options - other.options,
        )


def merge_item_summaries(parts: Sequence[ItemSummary]) -> ItemSummary:
    """Adds any number of summaries; raises ``scoring.summary_different_subjects`` unless all are of the same items."""
    _require_same_items(parts)
    return replace(
        parts[0],
        moments=merge_moments([part.moments for part in parts]),
        totals=merge_sums([part.totals for part in parts]),
        groups=merge_sums([part.groups for part in parts]),
        options=merge_sums([part.options for part in parts]),
    )


def gather_items(sheet: ItemSheet) -> ItemSummary:
    """Gathers a sheet in one pass: per chunk one matrix product and a few grouped sums, no loop over rows or pairs."""
    plan = sheet.plan
    keys, index = index_groups(sheet.frame.select(KEY_COLUMNS))
    # Candidates of a class together: a chunk then meets few classes, however the sheet was ordered.
    order = np.argsort(index, kind="stable") if (index[1:] < index[:-1]).any() else slice(None)
    index = index[order]
    columns = [sheet.frame[code].to_numpy()[order] for code in plan.codes]
    chosen = [sheet.frame[item.code + OPTION_SUFFIX].to_numpy()[order] for _, item in plan.choice_items]
    codes = sheet.frame[TOTAL].to_numpy()[order]
    tables = _Tables(plan, keys.height)
    for start in range(0, len(codes), CHUNK_ROWS):
        rows = slice(start, start + CHUNK_ROWS)
        present = codes[rows] >= 0
        if present.all():
            tables.add([column[rows] for column in columns], codes[rows], index[rows], [c[rows] for c in chosen])
        else:
            tables.add(
                [column[rows][present] for column in columns],
                codes[rows][present],
                index[rows][present],
                [column[rows][present] for column in chosen],
            )
    tables.groups[:, 0] = np.bincount(index[codes >= MarkStatus.VOID], minlength=keys.height)
    return tables.summary(keys)


class _Tables:
    """The running sums of one sheet, in dense tables."""

    def __init__(self, plan: ItemPlan, group_count: int) -> None:
        k = len(plan.items)
        self.plan = plan
        self.width = plan.total.full_units + 1
        self.weights = plan.weights.tolist()
        tags = plan.aspects[k:-1]
        self.tags = np.zeros((k, len(tags)))
        for column, aspect in enumerate(tags):
            self.tags[list(aspect.positions), column] = 1.0
        self.choice = [position for position, _ in plan.choice_items]
        sizes = [(len(item.options) + 1) * self.width for _, item in plan.choice_items]
        self.offsets = np.cumsum([0, *sizes])
        self.products = np.zeros((k, k), np.int64)
        self.totals = np.zeros((self.width, 1 + 2 * k), np.int64)
        self.groups = np.zeros((group_count, 2 + 2 * len(plan.aspects)), np.int64)
        self.options = np.zeros((self.offsets[-1], 2), np.int64)

    def add(self, columns: list[Codes], codes: Codes, index: Integers, chosen: list[Codes]) -> None:
        """Adds a chunk of candidates present: item codes, total codes, class positions, chosen options."""
        k, t = len(columns), self.tags.shape[1]
        values = np.empty((len(codes), 1 + 2 * k + 2 * (t + 1)))
        values[:, 0] = 1
        marks, squares, sums = values[:, 1 : 1 + k], values[:, 1 + k : 1 + 2 * k], values[:, 1 + 2 * k : 2 + 2 * k + t]
        for position, (column, weight) in enumerate(zip(columns, self.weights, strict=True)):
            np.multiply(column, float(weight), out=marks[:, position])
        np.multiply(marks, marks, out=squares)
        map_rows(marks, self.tags, sums[:, :t])
        sums[:, t] = codes
        np.multiply(sums, sums, out=values[:, 2 + 2 * k + t :])
        self.products += cross_products(values[:, : 1 + k], marks)[1:].astype(np.int64)
        # Short integers are sorted by counting.
        by_total = codes.astype(np.uint16 if self.width <= _SHORT else np.int64)
        add_by_group(self.totals, by_total, values[:, : 1 + 2 * k])
        add_by_group(self.groups[:, 1:], index, values)
        if chosen:
            cells = np.stack(chosen).astype(np.int64) * self.width + codes + self.offsets[:-1, np.newaxis]
            flat, size = cells.ravel(), len(self.options)
            earned = np.bincount(flat, weights=marks[:, self.choice].T.ravel(), minlength=size)
            self.options[:, 0] += np.bincount(flat, minlength=size)
            self.options[:, 1] += earned.astype(np.int64)

    def summary(self, keys: pl.DataFrame) -> ItemSummary:
        """The occupied part of the tables."""
        totals = pl.DataFrame({"total_units": np.arange(self.width)}, schema={"total_units": pl.Int64()})
        return ItemSummary(
            self.plan,
            _moments(self.plan, self.totals, self.products),
            _occupied(totals, self.totals),
            _occupied(keys, self.groups),
            self._option_sums(),
        )

    def _option_sums(self) -> GroupSums:
        kept = np.flatnonzero(self.options[:, 0])
        item = np.searchsorted(self.offsets, kept, side="right") - 1
        cell = kept - self.offsets[item]
        names = pl.Series([item.code for _, item in self.plan.choice_items], dtype=pl.String)
        keys = pl.DataFrame(
            {"item": names.gather(item), "option": cell // self.width, "total_units": cell % self.width},
            schema=_OPTION_KEYS,
        )
        return collect_sums(keys, self.options[kept])


def _moments(plan: ItemPlan, totals: Integers, products: Integers) -> Moments:
    k = len(plan.items)
    count, sums = totals[:, 0].sum(keepdims=True), totals[:, 1 : 1 + k].sum(axis=0, keepdims=True)
    city = keys_at(pl.DataFrame(schema=dict.fromkeys(KEY_COLUMNS, pl.String)).clear(1), OrgLevel.CITY)
    some = np.flatnonzero(count)
    return Moments(plan.codes, city[some], count[some], sums[some], products[np.newaxis][some])


def _occupied(keys: pl.DataFrame, sums: Integers) -> GroupSums:
    kept = np.flatnonzero(sums.any(axis=1))
    return GroupSums(keys[kept], sums[kept])


def _require_same_items(parts: Sequence[ItemSummary]) -> None:
    for part in parts[1:]:
        if part.plan.items != parts[0].plan.items or part.plan.subject != parts[0].plan.subject:
            raise DomainError(
                "scoring.summary_different_subjects",
                params={"left": parts[0].plan.subject, "right": part.plan.subject},
            )
