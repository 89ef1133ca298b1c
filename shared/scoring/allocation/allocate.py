"""Sharing every pool by one plan, to the fen (SCORING §11)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from shared.scoring.allocation.exact import decimal_units
from shared.scoring.allocation.groups import Groups, Integers
from shared.scoring.allocation.kernel import bounded_shares
from shared.scoring.allocation.owed import entitlement_amounts, fixed_amounts
from shared.scoring.allocation.parts import SharedPart, share_part
from shared.scoring.allocation.people import People
from shared.scoring.allocation.plan import EntitlementShare, Leftover, Part, PayPlan
from shared.scoring.allocation.plan_faults import plan_faults
from shared.scoring.allocation.refusals import Refusal, RefusalReason
from shared.scoring.allocation.sharing import exact_sums

PAY = "pay."
"""Before the code of an item or part, in the columns of ``payments``."""


@dataclass(frozen=True, slots=True, eq=False)
class Allocation:
    """Pools shared; refused ones stand in ``refusals`` only.

    Args:
        payments: one row per member, sorted by pool and staff key: ``pool``, ``staff_key``, ``exclusion``, ``amount_fen``
            and ``pay.<code>`` of every item and part, which add up to it.
        shares: one row per part that is shared by weights and member: ``pool``, ``part``, ``staff_key``, ``group`` (number
            of the group whose money is shared apart), ``tier`` (from 1, best first; null where there are none), ``weight``,
            ``floor_fen``, ``cap_fen`` (null: none), ``rate_numerator`` and ``rate_denominator`` (λ), ``amount_fen``,
            ``is_raised``, ``is_floored``, ``is_capped``, ``is_tied``.
        parts: one row per pool and part: ``pool``, ``part``, ``money_fen``, ``paid_fen``, ``kept_fen``.
        pools: one row per pool: ``pool``, ``pool_fen``, ``fixed_fen``, ``rest_fen``, ``paid_fen``, ``kept_fen``,
            ``member_count``, ``excluded_count``, ``floored_count``, ``capped_count``, ``tied_count``. Always pool = paid +
            kept.
        refusals: every clash, by pool.
    """

    payments: pl.DataFrame
    shares: pl.DataFrame
    parts: pl.DataFrame
    pools: pl.DataFrame
    refusals: tuple[Refusal, ...]


def allocate(plan: PayPlan, pools: pl.DataFrame, members: pl.DataFrame) -> Allocation:
    """Shares every pool; a pool that cannot be shared is refused and keeps no other from its pay.

    Args:
        plan: the plan; the same for all pools.
        pools: ``pool`` (text), ``pool_fen`` (whole number), one row each.
        members: ``pool``, ``staff_key`` (text), optionally ``exclusion`` (a value of
            :class:`~shared.scoring.allocation.plan.Exclusion`; null: eligible), ``months_present`` and
            ``months_of_period`` where presence counts (months or days; the period is one for a pool), and every column that
            the plan names. Figures are whole numbers or decimals. The order of rows does not matter.

    Raises:
        ValueError: if the plan has :func:`~shared.scoring.allocation.plan_faults.plan_faults` or a figure is a float.
    """
    faults = plan_faults(plan)
    if faults:
        raise ValueError(f"the plan has faults: {faults}")
    people = People.of(pools, members)
    pay = {item.code: fixed_amounts(people, item) for item in plan.fixed_items}
    fixed = _summed(people, pay)
    _refuse_fixed_above_pool(people, fixed)
    refused = people.refused_pools()
    rest = np.where(refused, 0, people.money - np.where(refused, 0, fixed))
    owed, money = _entitlements(people, plan, rest)
    shared = [
        share_part(people, part, money[:, number])
        for number, part in enumerate(plan.parts)
        if not isinstance(part.method, EntitlementShare)
    ]
    pay |= {part.code: owed[part.code] for part in plan.parts if part.code in owed}
    pay |= {one.part.code: one.amount for one in shared}
    total = sum(pay.values(), np.zeros(people.frame.height, np.int64))
    people.refuse(total < 0, RefusalReason.PAYMENT_NEGATIVE)
    _refuse_left_over(people, plan, rest)
    return _finished(people, plan, pay, fixed=fixed, money=money, shared=shared)


def _summed(people: People, pay: dict[str, Integers]) -> Integers:
    total = np.zeros(people.groups.count, object)
    for amounts in pay.values():
        total = total + exact_sums(people.groups, amounts)
    most = 2**62
    return np.array([min(max(int(one), -most), most) for one in total], np.int64)


def _refuse_fixed_above_pool(people: People, fixed: Integers) -> None:
    for number in np.flatnonzero(fixed > people.money):
        owed, whole = int(fixed[number]), int(people.money[number])
        people.refuse_pool(int(number), RefusalReason.FIXED_ABOVE_POOL, fixed_fen=owed, pool_fen=whole)


def _entitlements(people: People, plan: PayPlan, rest: Integers) -> tuple[dict[str, Integers], Integers]:
    """Amounts of the parts paid by entitlement, and each part's money: what they leave over joins the others'."""
    money = split(rest, plan.parts)
    owed: dict[str, Integers] = {}
    pot = rest.copy()
    joins = False
    for number, part in enumerate(plan.parts):
        if not isinstance(part.method, EntitlementShare):
            continue
        amounts = entitlement_amounts(people, part, part.method)
        owed[part.code] = amounts
        paid, here = exact_sums(people.groups, amounts), money[:, number]
        refused = people.refused_pools()
        for pool in np.flatnonzero((paid > here).astype(np.bool_) & ~refused):
            reason, figures = RefusalReason.ENTITLEMENTS_ABOVE_MONEY, (int(paid[pool]), int(here[pool]))
            people.refuse_pool(int(pool), reason, part=part.code, entitlements_fen=figures[0], money_fen=figures[1])
        if part.method.leftover is Leftover.REFUSE:
            for pool in np.flatnonzero((paid < here).astype(np.bool_) & ~refused):
                left = int(here[pool] - paid[pool])
                people.refuse_pool(int(pool), RefusalReason.LEFT_OVER, part=part.code, money_fen=left)
        if part.method.leftover is Leftover.TO_POOL:
            joins = True
            money[:, number] = np.where((paid <= here).astype(np.bool_), paid, here).astype(np.int64)
        pot = pot - money[:, number]
    if joins:
        sharing = [number for number, part in enumerate(plan.parts) if part.code not in owed]
        money[:, sharing] = split(pot, tuple(plan.parts[number] for number in sharing))
    return owed, money


def split(rest: Integers, parts: tuple[Part, ...]) -> Integers:
    """Each pool's rest by the weights of the parts, pools × parts, by largest remainder in the order of the parts."""
    count, width = len(rest), len(parts)
    if not count or not width:
        return np.zeros((count, width), np.int64)
    weights = np.tile(np.array([decimal_units(part.weight) for part in parts], np.int64), count)
    groups = Groups.of(np.repeat(np.arange(count, dtype=np.int64), width))
    nothing, whole = np.zeros(count * width, np.int64), np.repeat(rest, width)
    return bounded_shares(groups, weights=weights, floors=nothing, caps=whole, money=rest).amount.reshape(count, width)


def _refuse_left_over(people: People, plan: PayPlan, rest: Integers) -> None:
    if plan.parts or plan.leftover is Leftover.KEEP:
        return
    for number in np.flatnonzero((rest > 0) & ~people.refused_pools()):
        people.refuse_pool(int(number), RefusalReason.LEFT_OVER, money_fen=int(rest[number]))


def _finished(
    people: People,
    plan: PayPlan,
    pay: dict[str, Integers],
    *,
    fixed: Integers,
    money: Integers,
    shared: list[SharedPart],
) -> Allocation:
    sound = ~people.refused_pools()
    rows = people.groups.rows_of(sound)
    total = sum(pay.values(), np.zeros(people.frame.height, np.int64))
    columns = [pl.Series("amount_fen", total), *(pl.Series(PAY + code, amounts) for code, amounts in pay.items())]
    payments = people.frame.select("pool", "staff_key", "exclusion").with_columns(columns).filter(rows)
    paid = people.groups.sums(np.where(rows, total, 0))
    counted = {
        name: sum((people.groups.counts(getattr(one, f"is_{name}")) for one in shared), np.zeros(len(paid), np.int64))
        for name in ("floored", "capped", "tied")
    }
    made = people.pools.with_columns(
        pl.Series("fixed_fen", fixed),
        pl.Series("rest_fen", people.money - fixed),
        pl.Series("paid_fen", paid),
        pl.Series("kept_fen", people.money - paid),
        pl.Series("member_count", people.groups.sizes),
        pl.Series("excluded_count", people.groups.counts(~people.is_in)),
        *(pl.Series(f"{name}_count", count) for name, count in counted.items()),
    )
    refusals = tuple(sorted(people.refusals, key=lambda one: (one.pool, one.reason, one.part or "", one.column or "")))
    shares = pl.concat([one.frame(people).filter(rows) for one in shared]) if shared else pl.DataFrame()
    return Allocation(
        payments,
        shares,
        _parts(people, plan, pay, money).filter(np.tile(sound, len(plan.parts))),
        made.filter(sound),
        refusals,
    )


def _parts(people: People, plan: PayPlan, pay: dict[str, Integers], money: Integers) -> pl.DataFrame:
    """Part by part, so that its rows are those of the pools, as many times as there are parts."""
    schema = {"pool": pl.String, "part": pl.String, "money_fen": pl.Int64, "paid_fen": pl.Int64, "kept_fen": pl.Int64}
    frames = [pl.DataFrame(schema=schema)]
    for number, part in enumerate(plan.parts):
        here, paid = money[:, number], people.groups.sums(pay[part.code])
        frames.append(
            people.pools.select(
                "pool",
                pl.lit(part.code).alias("part"),
                pl.Series("money_fen", here),
                pl.Series("paid_fen", paid),
                pl.Series("kept_fen", here - paid),
            )
        )
    return pl.concat(frames)
