"""Quotas of the best above the school: raised by an approval, shared out by a county, held against the county's whole."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles.rules import SHOWN
from services.teacher_eval.cycles.schemas import QuotaUnit
from services.teacher_eval.cycles.service import SchoolOpened, keep_school
from services.teacher_eval.grading import repository
from services.teacher_eval.grading.schemas import AllotmentIn, ApprovalIn
from services.teacher_eval.grading.service.standing import counts_in_base
from services.teacher_eval.grading.tables import QuotaDecision
from shared.kernel import clock
from shared.policy.annual_assessment import AnnualGrade, Rounding, quota_count, quota_rule, tracks, ungraded_reasons
from shared.terms.errors import DomainError


async def approve_rate(session: AsyncSession, *, opened: SchoolOpened, body: ApprovalIn) -> QuotaDecision:
    """Records an approval that raises a school's share of the best.

    Raises:
        DomainError: ``cycle.not_now`` once results are shown, ``grading.rate_above_law``.
    """
    most = quota_rule().raised
    if body.rate > most:
        raise DomainError("grading.rate_above_law", params={"rate": f"{body.rate:.0%}", "most": f"{most:.0%}"})
    return await _add(session, opened, QuotaDecision(rate=body.rate, seats=None, document=body.document))


async def allot_seats(session: AsyncSession, *, opened: SchoolOpened, body: AllotmentIn) -> QuotaDecision:
    """Gives a school its part of the county's quota.

    Raises:
        DomainError: ``cycle.not_now``, ``grading.not_county_quota``, ``grading.county_quota_exceeded`` with the figures.
    """
    if opened.cycle.definition["quota"]["unit"] != QuotaUnit.COUNTY:
        raise DomainError("grading.not_county_quota")
    row = await _add(session, opened, QuotaDecision(rate=None, seats=body.seats, document=body.document))
    await require_county_quota(session, opened=opened)
    return row


async def require_county_quota(session: AsyncSession, *, opened: SchoolOpened) -> None:
    """Holds a county's seats and grades against its whole.

    Raises:
        DomainError: ``grading.county_quota_exceeded`` with the figures.
    """
    await repository.claim_county(session, opened.cycle.id, opened.school.county_code)
    people = await repository.county_people(session, opened.actor, opened.cycle.id, opened.school.county_code)
    settings = opened.cycle.definition["quota"]
    rate, rounding = Decimal(settings["rate"]), Rounding(settings["rounding"])
    decisions = await repository.quota_decisions(session, opened.actor, sorted({row["id"] for row in people}))
    bases, excellent = _by_school(people)
    seats = sum(row.seats or 0 for row in decisions.values())
    if settings["unit"] == QuotaUnit.COUNTY:
        base = sum(bases.values())
        _require(max(seats, sum(excellent.values())), quota_count(base, rate, rounding), base)
    else:
        raised = {key: row.rate for key, row in decisions.items() if row.rate is not None}
        usual = sum(base for key, base in bases.items() if key not in raised)
        most = quota_count(usual, rate, rounding)
        most += sum(quota_count(bases.get(key, 0), share, rounding) for key, share in raised.items())
        _require(sum(excellent.values()), most, sum(bases.values()))
    _require_above(people, rate, rounding)


def _by_school(people: Iterable[Mapping[str, Any]]) -> tuple[dict[uuid.UUID, int], dict[uuid.UUID, int]]:
    """Those the quota is counted of, and those excellent, by school."""
    bases: dict[uuid.UUID, int] = {}
    excellent: dict[uuid.UUID, int] = {}
    for row in people:
        if counts_in_base(row["track"], row["ungraded"]):
            bases[row["id"]] = bases.get(row["id"], 0) + row["people"]
        if tracks()[row["track"]].in_school_quota and row["grade"] == AnnualGrade.EXCELLENT:
            excellent[row["id"]] = excellent.get(row["id"], 0) + row["people"]
    return bases, excellent


def _require_above(people: Iterable[Mapping[str, Any]], rate: Decimal, rounding: Rounding) -> None:
    """Those whom the county grades have a quota among themselves."""
    own = [row for row in people if not tracks()[row["track"]].in_school_quota]
    base = sum(row["people"] for row in own if _takes_part(row))
    excellent = sum(row["people"] for row in own if row["grade"] == AnnualGrade.EXCELLENT)
    _require(excellent, quota_count(base, rate, rounding), base)


def _takes_part(row: Mapping[str, Any]) -> bool:
    return row["ungraded"] is None or ungraded_reasons()[row["ungraded"]].counts


def _require(excellent: int, quota: int, base: int) -> None:
    if excellent > quota:
        params: dict[str, Any] = {"excellent": excellent, "quota": quota, "base": base}
        raise DomainError("grading.county_quota_exceeded", params=params)


async def _add(session: AsyncSession, opened: SchoolOpened, row: QuotaDecision) -> QuotaDecision:
    if opened.school.state in SHOWN:
        opened.require()
    row.school_cycle_id, row.org_path = opened.school.id, opened.school.org_path
    row.decided_by, row.decided_at = opened.actor.subject, clock.now()
    session.add(row)
    await session.flush()
    detail = {"rate": None if row.rate is None else str(row.rate), "seats": row.seats, "document": row.document}
    await keep_school(session, opened, "quota_decided", detail=detail)
    return row
