"""Totals under other weights or other values: many draws × all units through matrix products (SCORING §10.6)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from shared.scoring.scheme.outline import ROOT, Bools, Floats, Outline
from shared.scoring.scheme.points import FULL


def drawn_totals(tree: Outline, weights: Floats, counted: Bools, shares: Floats, drawn: Mapping[int, Floats]) -> Floats:
    """Totals, draws × units; NaN where nothing counts.

    Args:
        tree: the scheme's outline.
        weights: draws × nodes, relative to siblings; one row where they do not vary.
        counted: whether a node counts for a unit, nodes × units.
        shares: shares of the leaves, leaves × units, finite.
        drawn: by position among the leaves, shares that vary, draws × units.
    """
    rates: dict[int, Floats] = {}
    fixed = np.zeros(counted.shape)
    for leaf, node in enumerate(tree.leaf_positions):
        if leaf in drawn:
            rates[node] = drawn[leaf]
        else:
            fixed[node] = shares[leaf]
    for family in reversed(tree.families):
        children = list(family.children)
        plain = [child for child in children if child not in rates]
        together = weights[:, children] @ counted[children]
        reached = weights[:, plain] @ (counted[plain] * fixed[plain])
        for child in children:
            if child in rates:
                reached = reached + weights[:, child, None] * (counted[child] * rates.pop(child))
        rates[family.parent] = reached / np.where(together > 0, together, 1.0)
    top = list(tree.families[0].children)
    return np.where(counted[top].any(axis=0), FULL * rates[ROOT], np.nan)


def extreme_totals(tree: Outline, counted: Bools, shares: Floats, change: float) -> tuple[Floats, Floats]:
    """Lowest and highest total that weights within ± ``change`` of their own size can give, exactly.

    A weighted mean is highest where the best children have the greatest weights and the others the least; where to
    divide is tried at every place. What is highest for a parent is highest for each child, so the tree is climbed once.

    Args:
        tree: the scheme's outline.
        counted: nodes × units.
        shares: of the leaves, leaves × units, finite.
        change: share of a weight, 0 to below 1.
    """
    low, high = np.zeros(counted.shape), np.zeros(counted.shape)
    low[list(tree.leaf_positions)] = high[list(tree.leaf_positions)] = shares
    ends: tuple[Floats, Floats] = (low[0], high[0])
    for family in reversed(tree.families):
        children = list(family.children)
        own = tree.weights[children][:, None] * counted[children]
        least = 1 - _highest_mean(own, 1 - low[children], change)
        most = _highest_mean(own, high[children], change)
        if family.parent == ROOT:
            is_there = counted[children].any(axis=0)
            ends = np.where(is_there, FULL * least, np.nan), np.where(is_there, FULL * most, np.nan)
        else:
            low[family.parent], high[family.parent] = least, most
    return ends


def _highest_mean(weights: Floats, rates: Floats, change: float) -> Floats:
    order = np.argsort(-rates, axis=0, kind="stable")
    weight = np.take_along_axis(weights, order, axis=0)
    reached = weight * np.take_along_axis(rates, order, axis=0)
    up_to, reached_up_to = np.cumsum(weight, axis=0), np.cumsum(reached, axis=0)
    together, reached_together = up_to[-1], reached_up_to[-1]
    lifted = (1 - change) * reached_together + 2 * change * reached_up_to
    means = lifted / np.where(together > 0, (1 - change) * together + 2 * change * up_to, 1.0)
    highest: Floats = means.max(axis=0)
    return highest
