"""Entering and removing people of a pool, one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.money import months_between
from services.teacher_eval.pay_members import repository
from services.teacher_eval.pay_members.rules import (
    MonthRule,
    Overlap,
    Stay,
    counts_elsewhere,
    month_shares,
    overlaps,
    text,
)
from services.teacher_eval.pay_members.schemas import MemberIn
from services.teacher_eval.pay_members.tables import PayMember
from services.teacher_eval.pay_pools.rules import OPEN, PoolState
from services.teacher_eval.pay_pools.tables import PayPool
from shared.kernel.audit.log import note
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel, path_level


def require_open(pool: PayPool) -> None:
    """People stand in a school's pool, and change until a run of it is confirmed.

    Raises:
        DomainError: ``pay_pool.not_of_a_school``, ``pay_pool.in_payment``.
    """
    if path_level(pool.org_path) is not OrgLevel.SCHOOL:
        raise DomainError("pay_pool.not_of_a_school", params={"pool": pool.code})
    if PoolState(pool.state) not in OPEN:
        raise DomainError("pay_pool.in_payment", params={"pool": pool.code, "state": pool.state})


async def put_member(
    session: AsyncSession, *, pool: PayPool, staff_key: str, body: MemberIn, actor: Actor
) -> tuple[PayMember, bool]:
    """Writes a person with every figure; returns the row and whether it is new.

    Raises:
        DomainError: ``pay_member.above_whole`` where other schools pay for the same month; ``pay_member.month_outside``.
    """
    require_open(pool)
    row = (await repository.members_for_update(session, actor, pool, [staff_key])).get(staff_key)
    is_new = row is None
    row = row or new_member(pool, staff_key)
    row.post, row.title, row.group_code = body.post, body.title, body.group
    row.exclusion, row.exclusion_reason = body.exclusion, body.exclusion_reason
    row.points = {key: text(value) for key, value in body.points.items()}
    row.counts = {key: text(value) for key, value in body.counts.items()}
    row.entitlement_fen = body.entitlement_fen
    row.months = _months(pool, body)
    told = {"stage": body.stage, "age_band": body.age_band}
    row.attributes = row.attributes | {name: value for name, value in told.items() if value is not None}
    row.origins = {"entered_by": actor.org}
    await require_whole(session, pool, [row], actor)
    await store(session, [row])
    note(session, actor, "pay_member.set", f"{pool.code}/{staff_key}", {"is_new": is_new})
    return row, is_new


async def remove_member(session: AsyncSession, *, pool: PayPool, staff_key: str, reason: str, actor: Actor) -> None:
    """Takes somebody out of a pool who does not belong there; the audit log keeps why."""
    require_open(pool)
    row = await repository.member_for_update(session, actor, pool, staff_key)
    await session.delete(row)
    await session.flush()
    note(session, actor, "pay_member.removed", f"{pool.code}/{staff_key}", {"reason": reason})


async def require_whole(session: AsyncSession, pool: PayPool, rows: Collection[PayMember], actor: Actor) -> None:
    """Raises ``pay_member.above_whole`` with the first person whose month would be paid for beyond the whole."""
    found = await overlaps_of(session, pool, {row.staff_key: row for row in rows}, actor)
    if found:
        raise DomainError("pay_member.above_whole", params=overlap_params(found[0]) | {"count": len(found)})


async def overlaps_of(
    session: AsyncSession, pool: PayPool, rows: Mapping[str, PayMember], actor: Actor
) -> list[Overlap]:
    """People whom other schools pay for the same months, with what is left of the first such month."""
    wanted = {key: row.months for key, row in rows.items() if counts_elsewhere(row.exclusion)}
    if not wanted:
        return []
    taken = await repository.taken_elsewhere(session, actor, pool, list(wanted))
    return list(overlaps(wanted, taken))


def overlap_params(overlap: Overlap) -> dict[str, object]:
    """An overlap in the words of the catalogue."""
    return {
        "staff_key": overlap.staff_key,
        "month": overlap.month,
        "free": f"{overlap.free:.0%}",
        "wanted": f"{overlap.wanted:.0%}",
    }


def new_member(pool: PayPool, staff_key: str) -> PayMember:
    """Somebody who is here in full and has no figures yet."""
    return PayMember(
        pool_id=pool.id,
        kind=pool.kind,
        org_path=pool.org_path,
        staff_key=staff_key,
        version=0,
        months=full_months(pool),
        points={},
        counts={},
        attributes={},
        origins={},
    )


def full_months(pool: PayPool) -> dict[str, str]:
    """Every month of a pool, present in full."""
    return dict.fromkeys(months_between(pool.first_month, pool.last_month), "1")


async def store(session: AsyncSession, rows: Collection[PayMember]) -> None:
    """Writes people; each version counts up."""
    for row in rows:
        row.version = (row.version or 0) + 1
        session.add(row)
    await session.flush()


def stay_months(pool: PayPool, stay: Stay, rule: MonthRule) -> dict[str, str]:
    """Months of a stay within a pool's period."""
    return month_shares(pool.first_month, pool.last_month, stay, rule)


def _months(pool: PayPool, body: MemberIn) -> dict[str, str]:
    if body.months is not None:
        known = full_months(pool)
        strange = sorted(set(body.months) - set(known))
        if strange:
            params = {"months": ", ".join(strange), "first": pool.first_month, "last": pool.last_month}
            raise DomainError("pay_member.month_outside", params=params)
        return {month: text(share) for month, share in sorted(body.months.items()) if share > 0}
    if body.stay is None:
        return full_months(pool)
    return stay_months(pool, body.stay.stay(), body.stay.month_rule)


def is_day(value: str | None) -> dt.date | None:
    """A day of a file."""
    return None if value is None else dt.date.fromisoformat(value[:10])


def share_of(value: Decimal | None) -> Decimal:
    """A share of full time of a file; the whole where none is said."""
    return Decimal(1) if value is None else value
