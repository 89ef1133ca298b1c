"""Tiers inside a group: who stands in which, by rank of points (SCORING §11.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shared.scoring.allocation.exact import SCALE, decimal_units
from shared.scoring.allocation.groups import Flags, Groups, Integers
from shared.scoring.allocation.plan import TierShare, TieRule


@dataclass(frozen=True, slots=True, eq=False)
class Tiers:
    """Tier of each row, from 0, best first (−1: in none), and its coefficient times ``SCALE`` (0: in none)."""

    tier: Integers
    coefficient: Integers


def tiers(method: TierShare, *, group: Integers, points: Integers, is_ranked: Flags) -> Tiers:
    """Tiers of all groups at once.

    Of n people ranked in a group the first ⌊n · (r₁ + … + rₖ) + ½⌋ stand in tier k or better.

    Args:
        method: the tiers.
        group: group that each row is ranked in.
        points: per row.
        is_ranked: who takes part.
    """
    ranked = np.flatnonzero(is_ranked)
    order = ranked[np.lexsort((ranked, -points[ranked], group[ranked]))]
    groups = Groups.of(group[order])
    place = _places(groups, points[order], method.ties)
    reached = np.cumsum([decimal_units(tier.people_rate) for tier in method.tiers])
    borders = (2 * groups.sizes[:, None] * reached[None, :] + SCALE) // (2 * SCALE)
    found = (place[:, None] >= borders[groups.number]).sum(axis=1)
    tier = np.full(len(points), -1, np.int64)
    tier[order] = np.minimum(found, len(method.tiers) - 1)
    steps = np.array([*(decimal_units(one.coefficient) for one in method.tiers), 0], np.int64)
    return Tiers(tier, steps[tier])


def _places(groups: Groups, points: Integers, ties: TieRule) -> Integers:
    """Place of each row in its group, equal points sharing the first or the last of theirs."""
    places = groups.places
    if ties is TieRule.BY_STAFF_KEY or not len(points):
        return places
    is_new = np.ones(len(points), np.bool_)
    is_new[1:] = (points[1:] != points[:-1]) | (groups.number[1:] != groups.number[:-1])
    level = Groups.of(np.cumsum(is_new).astype(np.int64))
    edge = level.starts if ties is TieRule.HIGHER else level.starts + level.sizes - 1
    return places[edge][level.number]
