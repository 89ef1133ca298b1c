"""One part of every pool, shared by weights inside floors and caps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from shared.scoring.allocation.groups import Flags, Groups, Integers
from shared.scoring.allocation.people import People
from shared.scoring.allocation.plan import Part, WithoutWeights
from shared.scoring.allocation.refusals import RefusalReason
from shared.scoring.allocation.sharing import UNBOUNDED, share_groups
from shared.scoring.allocation.weights import NO_TIER, part_weights


@dataclass(frozen=True, slots=True, eq=False)
class SharedPart:
    """What everybody gets of one part, in the order of the people; λ stands with each person."""

    part: Part
    group: Integers
    tier: Integers
    weight: Integers
    floor: Integers
    cap: Integers
    numerator: Integers
    denominator: Integers
    amount: Integers
    is_raised: Flags
    is_floored: Flags
    is_capped: Flags
    is_tied: Flags

    def frame(self, people: People) -> pl.DataFrame:
        """As rows of ``Allocation.shares``."""
        tier, cap = pl.Series("tier", self.tier + 1), pl.Series("cap_fen", self.cap)
        return people.frame.select(
            "pool",
            pl.lit(self.part.code).alias("part"),
            "staff_key",
            pl.Series("group", self.group),
            tier.set(tier == NO_TIER + 1, None),
            pl.Series("weight", self.weight),
            pl.Series("floor_fen", self.floor),
            cap.set(cap == UNBOUNDED, None),
            pl.Series("rate_numerator", self.numerator),
            pl.Series("rate_denominator", self.denominator),
            pl.Series("amount_fen", self.amount),
            *(pl.Series(name, getattr(self, name)) for name in ("is_raised", "is_floored", "is_capped", "is_tied")),
        )


def share_part(people: People, part: Part, money: Integers) -> SharedPart:
    """Shares a part's money of every pool; pools that cannot be shared are refused.

    Args:
        people: the people.
        part: a part that is not paid by entitlement.
        money: per pool.
    """
    made = part_weights(people, part)
    floor = people.fen(part.floor_fen, part=part.code, otherwise=0)
    cap = people.fen(part.cap_fen, part=part.code, otherwise=UNBOUNDED)
    weight, money, keeps = _with_policy(people, part, made.weight, made.presence, money)
    floor = np.where(people.groups.rows_of(people.refused_pools() | keeps), 0, floor)
    order = np.lexsort((np.arange(len(weight)), made.group))
    groups = Groups.of(made.group[order])
    pool_of = people.groups.number[order][groups.starts] if groups.count else groups.starts
    here = _by_group(groups, pool_of, made.presence[order], money)
    columns = {"weights": weight[order], "floors": floor[order], "caps": cap[order]}
    shares, clashes = share_groups(groups, money=here, **columns)
    refused = people.refused_pools()
    for number, clash in enumerate(clashes):
        if clash is not None and not refused[pool_of[number]]:
            keys = people.frame["staff_key"]
            whom = tuple(sorted(keys[int(order[row])] for row in clash.rows))
            people.refuse_clash(int(pool_of[number]), clash, part=part.code, staff_keys=whom)
    back = np.empty(len(order), np.intp)
    back[order] = np.arange(len(order))
    rows = {name: getattr(shares, name)[back] for name in ("amount", "is_raised", "is_floored", "is_capped", "is_tied")}
    rate = {name: getattr(shares, name)[groups.number][back] for name in ("numerator", "denominator")}
    return SharedPart(part=part, group=made.group, tier=made.tier, weight=weight, floor=floor, cap=cap, **rate, **rows)


def _with_policy(
    people: People, part: Part, weight: Integers, presence: Integers, money: Integers
) -> tuple[Integers, Integers, Flags]:
    """Weights and money after the plan's word on pools in which nobody has a weight, and which of them keep their money."""
    groups = people.groups
    refused = people.refused_pools()
    idle = (groups.counts(weight > 0) == 0) & (money > 0) & ~refused
    alone = idle & (groups.counts(presence > 0) == 0)
    keeps = idle & (part.without_weights is WithoutWeights.KEEP)
    equal = idle & (part.without_weights is WithoutWeights.EQUAL)
    for number in np.flatnonzero(alone & ~keeps):
        people.refuse_pool(int(number), RefusalReason.NOBODY_TO_PAY, part=part.code, money_fen=int(money[number]))
    weight = np.where(groups.rows_of(equal), presence, weight)
    return weight, np.where(keeps | people.refused_pools(), 0, money), keeps


def _by_group(groups: Groups, pool_of: Integers, presence: Integers, money: Integers) -> Integers:
    """Money of each group: that of its pool where the pool is one group, else by presence."""
    if not groups.count or len(pool_of) == len(money):
        return money[pool_of]
    pools = Groups.of(pool_of)
    by_presence = groups.sums(presence)
    nothing = np.zeros(len(pool_of), np.int64)
    whole = np.full(len(pool_of), UNBOUNDED, np.int64)
    shares, _ = share_groups(pools, weights=by_presence, floors=nothing, caps=whole, money=money)
    return shares.amount
