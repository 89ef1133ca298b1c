"""From raw values to shares of full marks and what became of each leaf (SCORING §10.1, §10.2)."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.scoring.rounding import without_noise
from shared.scoring.rules.base import Rule
from shared.scoring.scheme.outline import Bools, Floats, Outline, is_veto
from shared.scoring.scheme.tree import Missing
from shared.scoring.scheme.unit_values import GROUP

Statuses = NDArray[np.int8]


class Status(IntEnum):
    """What became of a node of one unit."""

    SCORED = 0
    MISSING_ZERO = 1
    """No value: no points."""
    REWEIGHTED = 2
    """No value: its siblings took its weight."""
    NOT_APPLICABLE = 3
    """It does not apply to the unit: its siblings took its weight."""
    BLOCKED = 4
    """No value: there is no total."""


STATUS_LABELS = tuple(status.name.lower() for status in Status)
_WITHOUT_VALUE = {
    Missing.ZERO: Status.MISSING_ZERO,
    Missing.REWEIGHT: Status.REWEIGHTED,
    Missing.BLOCK: Status.BLOCKED,
}


def leaf_shares(tree: Outline, frame: pl.DataFrame) -> Floats:
    """Shares of full marks, leaves × units; taken at 10⁻¹²; NaN where there is none.

    Args:
        tree: the scheme's outline.
        frame: ``group`` and a column per leaf.
    """
    shares = frame.select(leaf.rule.share(pl.col(leaf.code), group=GROUP).alias(leaf.code) for leaf in tree.leaves)
    return without_noise(shares.to_numpy(order="fortran").T, digits=12)


def drawn_share(rule: Rule, values: Floats, groups: NDArray[np.int64]) -> Floats:
    """Shares of one rule for drawn values, draws × units; NaN where there is none.

    Args:
        rule: of a leaf whose values are numbers.
        values: draws × units; NaN is missing.
        groups: draws × units; units are compared inside one draw.
    """
    frame = pl.DataFrame({"value": values.ravel(), GROUP: groups.ravel()}).with_columns(pl.col("value").fill_nan(None))
    shares = frame.select(rule.share(pl.col("value"), group=GROUP).alias("share"))["share"]
    return shares.to_numpy().reshape(values.shape)


def leaf_statuses(tree: Outline, has_share: Bools, applies: Bools) -> Statuses:
    """What became of every leaf, leaves × units.

    A value of which the rule makes no share (a rank in a group of one) is as good as none. A veto without a value strikes
    nobody: it is ``reweighted`` also where the scheme says zero.

    Args:
        tree: the scheme's outline.
        has_share: leaves × units.
        applies: whether the leaf applies, leaves × units.
    """
    without = np.array(
        [
            Status.REWEIGHTED if is_veto(leaf) and leaf.missing is Missing.ZERO else _WITHOUT_VALUE[leaf.missing]
            for leaf in tree.leaves
        ],
        np.int8,
    )
    statuses = np.where(has_share, np.int8(Status.SCORED), without[:, None])
    return np.where(applies, statuses, np.int8(Status.NOT_APPLICABLE))


def counts_for(statuses: Statuses) -> Bools:
    """Which leaves keep their weight."""
    keeps: Bools = (statuses != Status.REWEIGHTED) & (statuses != Status.NOT_APPLICABLE)
    return keeps


def node_statuses(tree: Outline, statuses: Statuses) -> Statuses:
    """What became of every node.

    A node with a blocked leaf is blocked, with a leaf that counts scored, with none that applies not applicable, else
    reweighted. Vetoes say nothing about the nodes above them, unless they block.
    """
    unit_count = statuses.shape[1]
    nodes = np.zeros((len(tree.nodes), unit_count), np.int8)
    silent = np.array([is_veto(leaf) for leaf in tree.leaves])
    seen = np.where(silent[:, None] & (statuses != Status.BLOCKED), np.int8(Status.NOT_APPLICABLE), statuses)
    nodes[list(tree.leaf_positions)] = seen
    for family in reversed(tree.families[1:]):
        below = nodes[list(family.children)]
        counting = (below == Status.SCORED) | (below == Status.MISSING_ZERO)
        absent = np.where((below == Status.REWEIGHTED).any(axis=0), Status.REWEIGHTED, Status.NOT_APPLICABLE)
        own = np.where(counting.any(axis=0), Status.SCORED, absent)
        nodes[family.parent] = np.where((below == Status.BLOCKED).any(axis=0), Status.BLOCKED, own)
    nodes[list(tree.leaf_positions)] = statuses
    return nodes
