"""One person's pay, step by step: every figure it came from, the exact share, and how it was rounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

import polars as pl

from shared.scoring.allocation import step_words as words
from shared.scoring.allocation.allocate import PAY, Allocation
from shared.scoring.allocation.people import PERIOD, PRESENT
from shared.scoring.allocation.plan import (
    EntitlementShare,
    FixedItem,
    Part,
    PayPlan,
    PointsShare,
    TierShare,
    WorkloadShare,
)
from shared.scoring.rules.base import Sentence

Row = Mapping[str, Any]
MeanOf = Callable[[str], Fraction]


class StepKind(StrEnum):
    """What a step does."""

    POOL = "pool"
    EXCLUDED = "excluded"
    FIXED_ITEM = "fixed_item"
    REST = "rest"
    PART_MONEY = "part_money"
    ENTITLEMENT = "entitlement"
    WEIGHT = "weight"
    EXACT_SHARE = "exact_share"
    BOUND = "bound"
    ROUNDING = "rounding"
    TOTAL = "total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step.

    Args:
        kind: what it does.
        code: of the item or part it belongs to.
        sentence: in words, Chinese first; amounts in yuan.
        figures: what it is made of, as exact text: decimals, whole fen (``…_fen``), or fractions (``7/3``).
        result_fen: what it comes to, where that is whole fen.
    """

    kind: StepKind
    code: str | None = None
    sentence: Sentence
    figures: Mapping[str, str] = field(default_factory=dict)
    result_fen: int | None = None


def steps(
    plan: PayPlan, members: pl.DataFrame, allocation: Allocation, *, pool: str, staff_key: str
) -> tuple[Step, ...]:
    """How a person came to the amount, from the pool to the total.

    Args:
        plan: the plan that was used.
        members: as they went into the allocation.
        allocation: what came of it.
        pool: a pool that was shared.
        staff_key: one of its members.

    Raises:
        LookupError: if there is no such person in a pool that was shared.
    """
    own = (pl.col("pool") == pool) & (pl.col("staff_key") == staff_key)
    paid = allocation.payments.filter(own)
    if paid.height != 1:
        raise LookupError(f"nobody of that key was paid in {pool}")
    [pay], [person] = paid.to_dicts(), members.filter(own).to_dicts()
    [whole] = allocation.pools.filter(pl.col("pool") == pool).to_dicts()
    money = {row["part"]: row for row in allocation.parts.filter(pl.col("pool") == pool).to_dicts()}
    shares = {row["part"]: row for row in allocation.shares.filter(own).to_dicts()} if allocation.shares.height else {}

    def mean_of(column: str) -> Fraction:
        eligible = allocation.payments.filter((pl.col("pool") == pool) & pl.col("exclusion").is_null())
        values = members.join(eligible, on=("pool", "staff_key"), how="semi")[column]
        return sum(map(Fraction, values), Fraction(0)) / len(values)

    return tuple(_steps(plan, person, pay, whole=whole, money=money, shares=shares, mean_of=mean_of))


def _steps(
    plan: PayPlan,
    person: Row,
    pay: Row,
    *,
    whole: Row,
    money: Mapping[str, Row],
    shares: Mapping[str, Row],
    mean_of: MeanOf,
) -> Iterator[Step]:
    yield _step(StepKind.POOL, None, words.pool(whole["pool_fen"]), result_fen=whole["pool_fen"])
    if pay["exclusion"] is not None:
        yield _step(
            StepKind.EXCLUDED, None, words.excluded(words.EXCLUSIONS[pay["exclusion"]]), reason=pay["exclusion"]
        )
    for item in plan.fixed_items:
        yield _fixed_step(item, person, pay[PAY + item.code])
    if plan.fixed_items:
        rest = words.rest(whole["pool_fen"], whole["fixed_fen"], whole["rest_fen"])
        yield _step(StepKind.REST, None, rest, result_fen=whole["rest_fen"], fixed_fen=whole["fixed_fen"])
    for part in plan.parts:
        amount = money[part.code]["money_fen"]
        yield _step(StepKind.PART_MONEY, part.code, words.part_money(amount), result_fen=amount, weight=part.weight)
        if pay["exclusion"] is None:
            if isinstance(part.method, EntitlementShare):
                yield _entitlement_step(part, part.method, person, pay[PAY + part.code])
            else:
                yield from _share_steps(part, person, shares[part.code], mean_of)
    yield _step(StepKind.TOTAL, None, words.total(pay["amount_fen"]), result_fen=pay["amount_fen"])


def _fixed_step(item: FixedItem, person: Row, amount: int) -> Step:
    count = person[item.count] or 0
    standard = (person[item.standard] or 0) if item.standard is not None else None
    told = words.fixed(item.unit_fen, plain(count), None if standard is None else plain(standard), amount)
    figures = {"unit_fen": item.unit_fen, "count": plain(count)}
    if standard is not None:
        figures["standard"] = plain(standard)
    return _step(StepKind.FIXED_ITEM, item.code, told, result_fen=amount, **figures)


def _entitlement_step(part: Part, method: EntitlementShare, person: Row, amount: int) -> Step:
    figures = {
        "entitlement_fen": person[method.entitlement_fen],
        "score": plain(person[method.score]),
        "full_score": method.full_score,
        **_common_figures(part, person),
    }
    times = " × ".join(figures[name] for name in ("post_coefficient", "presence") if name in figures)
    told = words.entitlement(person[method.entitlement_fen], figures["score"], method.full_score, times or None, amount)
    return _step(StepKind.ENTITLEMENT, part.code, told, result_fen=amount, **figures)


def _share_steps(part: Part, person: Row, share: Row, mean_of: MeanOf) -> Iterator[Step]:
    figures: dict[str, Any] = {**_figure(part, person, share, mean_of), **_common_figures(part, person)}
    told = words.weight(figures, share["weight"])
    yield _step(StepKind.WEIGHT, part.code, told, weight=share["weight"], **figures)
    rate = Fraction(share["rate_numerator"], share["rate_denominator"])
    free = rate * share["weight"]
    yield _step(
        StepKind.EXACT_SHARE,
        part.code,
        words.exact_share(share["weight"], rate, free),
        rate=rate,
        exact_fen=free,
        decimal_fen=words.in_fen(free),
    )
    if share["is_floored"]:
        floor = share["floor_fen"]
        yield _step(StepKind.BOUND, part.code, words.floored(floor), result_fen=floor, bound="floor")
        return
    if share["is_capped"]:
        yield _step(StepKind.BOUND, part.code, words.capped(share["cap_fen"]), result_fen=share["cap_fen"], bound="cap")
        return
    flags = {name: share[name] for name in ("is_raised", "is_tied")}
    amount = share["amount_fen"]
    yield _step(StepKind.ROUNDING, part.code, words.rounded(amount, **flags), result_fen=amount, **flags)


def _figure(part: Part, person: Row, share: Row, mean_of: MeanOf) -> dict[str, str]:
    method = part.method
    match method:
        case PointsShare():
            made = {"points": plain(person[method.points])}
            return made if method.gamma == 1 else {**made, "gamma": plain(method.gamma)}
        case WorkloadShare():
            own, mean = Fraction(person[method.workload]), mean_of(method.workload)
            told = {"workload": plain(person[method.workload])}
            return told if not mean else {**told, "workload_score": words.in_fen(own / mean * method.scale)}
        case TierShare():
            tier = share["tier"]
            told = {"points": plain(person[method.points])}
            if tier is None:
                return told
            return {**told, "tier": str(tier), "coefficient": plain(method.tiers[tier - 1].coefficient)}
        case _:
            return {}


def _common_figures(part: Part, person: Row) -> dict[str, str]:
    made: dict[str, str] = {}
    if part.post_coefficient is not None:
        made["post_coefficient"] = plain(person[part.post_coefficient])
    if part.by_presence:
        made["presence"] = f"{plain(person[PRESENT])}/{plain(person[PERIOD])}"
    return made


def plain(value: Decimal | int) -> str:
    """A figure without needless zeros."""
    return f"{Decimal(value).normalize():f}"


def _step(
    kind: StepKind, code: str | None, sentence: Sentence, *, result_fen: int | None = None, **figures: Any
) -> Step:
    told = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in figures.items()}
    return Step(kind=kind, code=code, sentence=sentence, figures=told, result_fen=result_fen)
