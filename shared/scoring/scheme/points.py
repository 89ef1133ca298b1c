"""Weights down the tree, points up it, and both as printed: matrices of nodes × units (SCORING §10.2, §10.3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np

from shared.scoring.rounding import largest_remainder, whole_half_up
from shared.scoring.scheme.outline import ROOT, Bools, Counts, Floats, Outline

FULL = 100.0
PLACES = 100
"""Printed points are whole hundredths."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points of every node and unit.

    Args:
        counted: whether the node counts for the unit.
        possible: full marks after weights were passed on; 0 where it does not count.
        points: points.
        total: points of all dimensions together, per unit; NaN where nothing counts.
    """

    counted: Bools
    possible: Floats
    points: Floats
    total: Floats


def weighed(tree: Outline, weights: Floats, counted_leaves: Bools, shares: Floats) -> Points:
    """Full marks and points.

    A leaf that does not count passes its weight to its siblings in proportion to theirs; a node none of whose children
    counts does the same one level up.

    Args:
        tree: the scheme's outline.
        weights: of the nodes, relative to their siblings.
        counted_leaves: leaves × units.
        shares: shares of full marks, leaves × units; not looked at where a leaf does not count.
    """
    unit_count = counted_leaves.shape[1]
    counted = np.zeros((len(tree.nodes), unit_count), np.bool_)
    leaves = list(tree.leaf_positions)
    counted[leaves] = counted_leaves & (weights[leaves] > 0)[:, None]
    for family in reversed(tree.families):
        if family.parent != ROOT:
            counted[family.parent] = counted[list(family.children)].any(axis=0) & (weights[family.parent] > 0)
    possible = np.zeros(counted.shape)
    for family in tree.families:
        children = list(family.children)
        above = FULL if family.parent == ROOT else possible[family.parent]
        own = weights[children][:, None] * counted[children]
        together = added_up(own)
        possible[children] = own * (above / np.where(together > 0, together, 1.0))
    points = np.zeros(counted.shape)
    points[leaves] = possible[leaves] * np.where(counted[leaves], shares, 0.0)
    for family in reversed(tree.families):
        if family.parent != ROOT:
            points[family.parent] = added_up(points[list(family.children)])
    top = list(tree.families[0].children)
    total = np.where(counted[top].any(axis=0), added_up(points[top]), np.nan)
    return Points(counted, possible, points, total)


def added_up(rows: Floats) -> Floats:
    """Sum of rows, first to last: NumPy's own order depends on how many columns there are, and so would the last bit."""
    return reduce(np.add, rows)


@dataclass(frozen=True, slots=True, eq=False)
class PrintedPoints:
    """Hundredths of points as printed: those of siblings add up to their parent's exactly.

    Args:
        total: per unit; 0 where there is none.
        possible: full marks, nodes × units, adding up to 100.00.
        points: points, nodes × units.
    """

    total: Counts
    possible: Counts
    points: Counts


def printed(tree: Outline, exact: Points) -> PrintedPoints:
    """Points of two decimals, from the total down by largest remainder, ties in the scheme's order.

    Among siblings the hundredth goes first to a node with full marks that prints them with it, and last to one that would
    print more than its full marks.
    """
    total = whole_half_up(np.nan_to_num(exact.total) * PLACES)
    whole = np.where(np.isnan(exact.total), 0, round(FULL) * PLACES)
    possible = np.zeros(exact.points.shape, np.int64)
    points = np.zeros(exact.points.shape, np.int64)
    for family in tree.families:
        children = list(family.children)
        out_of, reached = exact.possible[children] * PLACES, exact.points[children] * PLACES
        is_top = family.parent == ROOT
        most = largest_remainder(out_of, whole if is_top else possible[family.parent])
        is_full = exact.possible[children] - exact.points[children] < 1e-9
        preference = np.where(np.floor(reached + 1e-7) >= most, -1, is_full).astype(np.int8)
        above = total if is_top else points[family.parent]
        possible[children] = most
        points[children] = largest_remainder(reached, above, preference=preference)
    return PrintedPoints(total, possible, points)
