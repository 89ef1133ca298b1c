"""Weights of a part: figure of the method × post coefficient × presence, as whole numbers (SCORING §11.1)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import polars as pl

from shared.scoring.allocation.exact import SCALE, powers, products
from shared.scoring.allocation.groups import Flags, Integers
from shared.scoring.allocation.people import People
from shared.scoring.allocation.plan import EqualShare, Part, PointsShare, TierShare, WorkloadShare
from shared.scoring.allocation.refusals import RefusalReason
from shared.scoring.allocation.tiers import tiers

NO_TIER = -1


@dataclass(frozen=True, slots=True, eq=False)
class PartWeights:
    """Weights of everybody in one part.

    Args:
        weight: proportional within a pool.
        presence: weight by presence (× post coefficient) alone.
        tier: from 0, best first; −1 where there are none.
        group: number of the group, ascending with its pool, whose money is shared apart; the pool's where it is not.
    """

    weight: Integers
    presence: Integers
    tier: Integers
    group: Integers


def part_weights(people: People, part: Part) -> PartWeights:
    """Weights of a part that is not paid by entitlement; faults become refusals."""
    count = people.frame.height
    present = people.presence(part=part.code)[0] if part.by_presence else np.where(people.is_in, SCALE, 0)
    whole = np.where(people.is_in, SCALE, 0)
    coefficient = whole
    if part.post_coefficient is not None:
        coefficient = people.figures(part.post_coefficient, whose=people.is_in, part=part.code)
    tier, group = np.full(count, NO_TIER, np.int64), people.groups.number
    match part.method:
        case PointsShare(points=points, gamma=gamma):
            figure = people.figures(points, whose=people.is_in, part=part.code)
            figure = figure if gamma == 1 else _powers(people, figure, gamma, part=part, column=points)
        case WorkloadShare(workload=workload):
            figure = people.figures(workload, whose=people.is_in, part=part.code)
        case TierShare():
            points_units = people.figures(part.method.points, whose=people.is_in, part=part.code)
            ranked_in = _group_numbers(people, part.method.group_by)
            made = tiers(part.method, group=ranked_in, points=points_units, is_ranked=people.is_in & (present > 0))
            tier, figure = made.tier, made.coefficient
            group = ranked_in if part.method.money_by_group else group
        case EqualShare():
            figure = whole
        case _:
            raise ValueError(f"{part.code} is paid by entitlement, not by weights")
    weight, is_wide = products(people.groups, (figure, coefficient, present))
    presence, _ = products(people.groups, (coefficient, present))
    for number in np.flatnonzero(is_wide):
        people.refuse_pool(int(number), RefusalReason.WEIGHTS_TOO_LARGE, part=part.code)
    return PartWeights(weight, presence, tier, group)


def _powers(people: People, units: Integers, gamma: Decimal, *, part: Part, column: str) -> Integers:
    is_large: Flags = units // SCALE >= 10 ** int(12 / max(gamma, Decimal(1)))
    people.refuse(is_large, RefusalReason.FIGURE_OUTSIDE, part=part.code, column=column)
    return powers(np.where(is_large, 0, units), gamma)


def _group_numbers(people: People, columns: tuple[str, ...]) -> Integers:
    """Numbers of the groups inside pools, in the order of pools and labels."""
    keys = people.frame.select("pool", *(pl.col(name).cast(pl.String).fill_null("") for name in columns))
    return keys.select(pl.struct(pl.all()).rank("dense").cast(pl.Int64) - 1).to_series().to_numpy()
