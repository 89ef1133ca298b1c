"""Summary of an item sheet: all that SCORING §7 needs, in whole numbers, gathered in one pass and mergeable.

All marks are in units of the total, so item marks, sums over several items and totals add up without weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from shared.scoring.items.class_sums import sum_classes
from shared.scoring.items.columns import item_columns
from shared.scoring.items.frame import ItemSheet
from shared.scoring.items.group_sums import GroupSums, collect_sums, merge_sums
from shared.scoring.items.joint_counts import TotalSums, sum_totals
from shared.scoring.items.plan import ItemPlan
from shared.scoring.levels import KEY_COLUMNS, keys_at
from shared.scoring.subjects import MAX_GRID_UNITS
from shared.scoring.summaries.group_counts import Integers
from shared.scoring.summaries.moments import Moments, merge_moments
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel

CHUNK_ROWS = 1 << 14
"""Candidates summed together: few enough to stay in the cache, and 2^14 squares of 100,000 units stay far below 2^53."""
if CHUNK_ROWS * MAX_GRID_UNITS**2 >= 2**53:  # pragma: no cover - guards whoever changes one of the two constants
    raise ValueError("products of a chunk would not be exact in float64")
_OPTION_KEYS = {"item": pl.String(), "option": pl.Int64(), "total_units": pl.Int64()}


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
    """Gathers a checked sheet."""
    return gather_item_codes(sheet.frame, sheet.plan)


def gather_item_codes(frame: pl.DataFrame, plan: ItemPlan) -> ItemSummary:
    """Gathers the codes of a checked sheet: no loop over rows or pairs, and candidates are read where they lie.

    Args:
        frame: the columns of :class:`shared.scoring.items.frame.ItemSheet`, codes and positions of any signed integer type.
        plan: the items.
    """
    keys, columns = item_columns(frame, plan)
    products, groups = sum_classes(columns, plan, classes=keys.height, chunk_rows=CHUNK_ROWS)
    by_total = sum_totals(columns, plan)
    totals = pl.DataFrame({"total_units": np.arange(len(by_total.totals))}, schema={"total_units": pl.Int64()})
    return ItemSummary(
        plan,
        _moments(plan, by_total.totals, products),
        _occupied(totals, by_total.totals),
        _occupied(keys, groups),
        _option_sums(plan, by_total),
    )


def _option_sums(plan: ItemPlan, sums: TotalSums) -> GroupSums:
    keys, rows = [pl.DataFrame(schema=_OPTION_KEYS)], [np.zeros((0, 2), np.int64)]
    for (_, item), (count, marks) in zip(plan.choice_items, sums.options, strict=True):
        option, total = np.nonzero(count)
        part = pl.DataFrame({"option": option, "total_units": total})
        keys.append(part.select(pl.lit(item.code).alias("item"), "option", "total_units"))
        rows.append(np.column_stack([count[option, total], marks[option, total]]))
    return collect_sums(pl.concat(keys), np.concatenate(rows))


def _moments(plan: ItemPlan, totals: Integers, products: Integers) -> Moments:
    k = len(plan.items)
    count, sums = totals[:, 0].sum(keepdims=True), totals[:, 1 : 1 + k].sum(axis=0, keepdims=True)
    city = keys_at(pl.DataFrame(schema=dict.fromkeys(KEY_COLUMNS, pl.String)).clear(1), OrgLevel.CITY)
    some = np.flatnonzero(count)
    return Moments(plan.codes, city[some], count[some], sums[some], products[np.newaxis][some])


def _occupied(keys: pl.DataFrame, sums: Integers) -> GroupSums:
    kept = np.flatnonzero(sums.any(axis=1))
    return GroupSums(keys, sums) if len(kept) == len(sums) else GroupSums(keys[kept], sums[kept])


def _require_same_items(parts: Sequence[ItemSummary]) -> None:
    for part in parts[1:]:
        if part.plan.items != parts[0].plan.items or part.plan.subject != parts[0].plan.subject:
            raise DomainError(
                "scoring.summary_different_subjects",
                params={"left": parts[0].plan.subject, "right": part.plan.subject},
            )
