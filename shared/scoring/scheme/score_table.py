"""The long table of an evaluation: a row per unit and node."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.scoring.rules.base import ValueKind
from shared.scoring.scheme.outline import ROOT, Floats, Outline
from shared.scoring.scheme.points import PLACES, Points, PrintedPoints, weighed
from shared.scoring.scheme.shares import STATUS_LABELS, Status, Statuses, node_statuses
from shared.scoring.scheme.tree import Leaf
from shared.scoring.scheme.unit_values import UNIT, UnitValues


def score_table(
    tree: Outline, checked: UnitValues, shares: Floats, statuses: Statuses, exact: Points, shown: PrintedPoints
) -> pl.DataFrame:
    """Scores of all units, see :class:`shared.scoring.scheme.evaluation.Evaluation`.

    ``share`` of a branch is its points over its full marks. Units without a total have full marks and shares, where no value
    that blocks is beneath, but no points.
    """
    unit_count = checked.frame.height
    every = node_statuses(tree, statuses)
    counted, out_of = exact.counted, np.where(exact.counted, exact.possible, np.nan)
    share = exact.points / out_of
    share[every == Status.BLOCKED] = np.nan
    share[list(tree.leaf_positions)] = shares
    blocked = np.broadcast_to((statuses == Status.BLOCKED).any(axis=0), counted.shape)
    nodes = pl.DataFrame(_node_columns(tree))
    frame = pl.DataFrame(
        {
            UNIT: checked.frame[UNIT].gather(np.repeat(np.arange(unit_count), len(tree.nodes))),
            "status": pl.Series(STATUS_LABELS).gather(_long(every)),
            **_values(tree, checked),
            "share": _long(share),
            "points_possible": _long(out_of),
            "points": _long(np.where(blocked | ~counted, np.nan, exact.points)),
            "printed_points_possible": _long(np.where(counted, shown.possible / PLACES, np.nan)),
            "printed_points": _long(np.where(blocked | ~counted, np.nan, shown.points / PLACES)),
        }
    )
    repeated = nodes[np.tile(np.arange(len(tree.nodes)), unit_count)]
    numbers = ("value", "share", "points_possible", "points", "printed_points_possible", "printed_points")
    whole = frame.hstack(repeated).with_columns(pl.col(numbers).fill_nan(None))
    return whole.select(COLUMNS)


COLUMNS = (
    UNIT,
    "node",
    "parent",
    "depth",
    "is_leaf",
    "status",
    "value",
    "choice",
    "share",
    "weight",
    "nominal_points",
    "points_possible",
    "points",
    "printed_points_possible",
    "printed_points",
)


def _node_columns(tree: Outline) -> dict[str, pl.Series]:
    all_leaves = np.ones((len(tree.leaves), 1), np.bool_)
    nominal = weighed(tree, tree.weights, all_leaves, np.ones(all_leaves.shape)).possible[:, 0]
    return {
        "node": pl.Series(tree.codes),
        "parent": pl.Series(
            [None if parent == ROOT else tree.codes[parent] for parent in tree.parents], dtype=pl.String
        ),
        "depth": pl.Series(tree.depths, dtype=pl.Int8),
        "is_leaf": pl.Series([isinstance(node, Leaf) for node in tree.nodes]),
        "weight": pl.Series(tree.weights),
        "nominal_points": pl.Series(nominal),
    }


def _values(tree: Outline, checked: UnitValues) -> dict[str, pl.Series]:
    """Values of leaves in the rows of their nodes: numbers, yes as 1 and no as 0; or the choice made."""
    empty_number = pl.Series("value", np.full(checked.frame.height, np.nan))
    empty_choice = pl.Series("choice", [None] * checked.frame.height, pl.String)
    numbers, choices = [], []
    for node in tree.nodes:
        column = checked.frame[node.code] if isinstance(node, Leaf) else None
        is_choice = isinstance(node, Leaf) and node.rule.value_kind is ValueKind.CHOICE
        numbers.append(empty_number if column is None or is_choice else column.cast(pl.Float64).fill_null(np.nan))
        choices.append(column if column is not None and is_choice else empty_choice)
    by_unit = np.arange(len(tree.nodes) * checked.frame.height).reshape(len(tree.nodes), -1)
    return {
        "value": _long(np.array([column.to_numpy() for column in numbers])),
        "choice": pl.concat([column.rename("choice") for column in choices]).gather(_long(by_unit)),
    }


def _long(matrix: NDArray[np.generic]) -> pl.Series:
    """Nodes × units as one column, node after node inside each unit."""
    return pl.Series(np.ascontiguousarray(matrix.T).ravel())
