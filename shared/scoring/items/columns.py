"""The columns of an item sheet as arrays, cut into runs of candidates of one class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.scoring.items.frame import OPTION_SUFFIX
from shared.scoring.items.plan import ItemPlan
from shared.scoring.levels import KEY_COLUMNS, index_groups
from shared.scoring.subjects import TOTAL
from shared.scoring.summaries.group_counts import Integers

Codes = NDArray[np.signedinteger[Any]]
"""Integers of any width, as stored: narrow ones cost less to move."""

_SHORTEST_RUN = 8
"""Mean length of runs below which ordering the candidates pays."""


@dataclass(frozen=True, slots=True, eq=False)
class ItemColumns:
    """Codes of n candidates.

    Args:
        marks: per item, shape (n,): grid units of the item, negative for all who were not present.
        chosen: per choice item, shape (n,): position of the option, the number of options for none.
        total: grid units of the total or the negative status, shape (n,).
        starts: first candidate of every run of one class, ascending, shape (R,).
        group: position of the run's class, shape (R,).
    """

    marks: tuple[Codes, ...]
    chosen: tuple[Codes, ...]
    total: Codes
    starts: Integers
    group: Integers


def stored_columns(plan: ItemPlan) -> list[str]:
    """Names of the columns an item analysis reads from a checked sheet."""
    return [*KEY_COLUMNS, *plan.codes, TOTAL, *(item.code + OPTION_SUFFIX for _, item in plan.choice_items)]


def item_columns(frame: pl.DataFrame, plan: ItemPlan) -> tuple[pl.DataFrame, ItemColumns]:
    """The distinct classes of a checked sheet, sorted, and its columns.

    Candidates stay where they are if most classes lie together, as in a store; else they are ordered by class.
    """
    keys, group = index_groups(frame.select(KEY_COLUMNS))
    starts = _run_starts(group)
    order: slice | Integers = slice(None)
    if len(starts) * _SHORTEST_RUN > len(group) and len(starts) > keys.height:
        order = np.argsort(group, kind="stable")
        group = group[order]
        starts = _run_starts(group)
    marks = tuple(frame[code].to_numpy()[order] for code in plan.codes)
    chosen = tuple(frame[item.code + OPTION_SUFFIX].to_numpy()[order] for _, item in plan.choice_items)
    return keys, ItemColumns(marks, chosen, frame[TOTAL].to_numpy()[order], starts, group[starts])


def _run_starts(group: Integers) -> Integers:
    return np.flatnonzero(np.append(True, group[1:] != group[:-1])) if len(group) else np.zeros(0, np.int64)
