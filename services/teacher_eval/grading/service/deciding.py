"""Deciding grades: a person decides every one; quota and cap hold, departures are explained."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles.rules import LISTED, SchoolState
from services.teacher_eval.cycles.service import SchoolOpened, keep_school
from services.teacher_eval.cycles.tables import Member
from services.teacher_eval.grading import repository
from services.teacher_eval.grading.rules import Note, Proposal, needs_reason
from services.teacher_eval.grading.schemas import GradeIn
from services.teacher_eval.grading.service.quotas import require_county_quota
from services.teacher_eval.grading.service.standing import GradingStanding, require_fresh, standing_of
from shared.kernel import clock
from shared.policy.annual_assessment import AnnualGrade, tracks
from shared.terms.errors import DomainError, Fault


async def decide_grades(
    session: AsyncSession, *, opened: SchoolOpened, items: Sequence[GradeIn], graded_by: str
) -> GradingStanding:
    """Decides the grades of some people, all or none.

    Args:
        session: the transaction.
        opened: the school, locked.
        items: grades, with reasons where they are not what was proposed.
        graded_by: who decides, ``school`` or ``county``: each decides the tracks that are its own.

    Raises:
        DomainError: ``cycle.not_now``, ``grading.not_computed``, ``grading.values_changed``, ``grading.grade_settled``,
            ``request.invalid`` with every fault; ``grading.quota_exceeded``, ``grading.county_quota_exceeded``.
    """
    opened.require(SchoolState.COMPREHENSIVE_ASSESSMENT, SchoolState.IN_PUBLICITY)
    standing = await standing_of(session, opened=opened)
    await require_fresh(session, opened=opened, result=standing.result)
    members = {row.staff_key: row for row in standing.members}
    faults = [
        fault
        for place, item in enumerate(items)
        for fault in _faults(opened, standing, members.get(item.staff_key), item, place, graded_by)
    ]
    if faults:
        raise DomainError("request.invalid", faults=faults)
    if opened.school.state == SchoolState.IN_PUBLICITY:
        _require_open(standing, [item.staff_key for item in items])
    changed = {item.staff_key: item.grade for item in items}
    standing.require_within_quota(changed)
    rows = [decision(opened, standing, members[item.staff_key], item.grade, item.reason) for item in items]
    await _put(session, opened, standing, rows, changed)
    if graded_by == "county":
        await require_county_quota(session, opened=opened)
    return await standing_of(session, opened=opened)


async def set_by_ruling(
    session: AsyncSession, *, opened: SchoolOpened, staff_key: str, grade: AnnualGrade, appeal_id: uuid.UUID
) -> Mapping[str, Any]:
    """Puts the grade of a ruling in force; cap and quota hold.

    Raises:
        DomainError: ``resource.not_found``, ``request.invalid``, ``grading.quota_exceeded``.
    """
    standing = await standing_of(session, opened=opened)
    member = next((row for row in standing.members if row.staff_key == staff_key), None)
    if member is None:
        raise DomainError("resource.not_found", params={"what": f"member {staff_key}"})
    cap = standing.caps.get(staff_key)
    if not grade.is_within(cap):
        fault = Fault("grading.above_cap", pointer="/effect/grade", params={"cap": str(cap), "grade": grade.value})
        raise DomainError("request.invalid", faults=[fault])
    standing.require_within_quota({staff_key: grade})
    before = standing.decided.get(staff_key)
    row = decision(opened, standing, member, grade, f"裁定 / ruling {appeal_id}") | {"appeal_id": appeal_id}
    await _put(session, opened, standing, [row], {staff_key: grade})
    return {"grade": {"before": before.grade if before else None, "after": grade.value}}


def decision(
    opened: SchoolOpened, standing: GradingStanding, member: Member, grade: AnnualGrade, reason: str | None
) -> dict[str, Any]:
    """A decision as it is kept."""
    proposal = standing.proposed.get(member.staff_key) or Proposal(None, Note.NO_TOTAL)
    return {
        "member_id": member.id,
        "org_path": opened.school.org_path,
        "grade": grade.value,
        "proposed": proposal.grade.value if proposal.grade else None,
        "note": proposal.note.value,
        "total": member.total,
        "result_id": standing.result.id,
        "reason": reason,
        "appeal_id": None,
        "author_org": opened.actor.org,
        "decided_by": opened.actor.subject,
        "decided_at": clock.now(),
    }


async def _put(
    session: AsyncSession,
    opened: SchoolOpened,
    standing: GradingStanding,
    rows: Sequence[Mapping[str, Any]],
    changed: Mapping[str, AnnualGrade],
) -> None:
    await repository.add_decisions(session, rows)
    await repository.set_grades(session, standing.members, changed)
    counts = {grade.value: sum(each is grade for each in changed.values()) for grade in AnnualGrade}
    detail = {"version": standing.result.version, **{name: n for name, n in counts.items() if n}}
    await keep_school(session, opened, "grades_decided", detail=detail)


def _faults(
    opened: SchoolOpened,
    standing: GradingStanding,
    member: Member | None,
    item: GradeIn,
    place: int,
    graded_by: str,
) -> list[Fault]:
    pointer = f"/items/{place}"
    if member is None or tracks()[member.track].graded_by != graded_by:
        by = "-" if member is None else tracks()[member.track].graded_by
        return [Fault("grading.not_graded_here", pointer=f"{pointer}/staff_key", params={"graded_by": by})]
    if opened.actor.is_person(item.staff_key):
        return [Fault("grading.own", pointer=f"{pointer}/staff_key", params={})]
    cap, proposal = standing.caps.get(item.staff_key), standing.proposed[item.staff_key]
    if not item.grade.is_within(cap):
        params = {"cap": str(cap), "grade": item.grade.value}
        return [Fault("grading.above_cap", pointer=f"{pointer}/grade", params=params)]
    if needs_reason(proposal, item.grade) and item.reason is None:
        proposed = proposal.grade.value if proposal.grade else "-"
        params = {"proposed": proposed, "note": proposal.note.value, "grade": item.grade.value}
        return [Fault("grading.departure_unexplained", pointer=f"{pointer}/reason", params=params)]
    return []


def _require_open(standing: GradingStanding, keys: Sequence[str]) -> None:
    """While results are shown grades change where a ruling changed what they rest on, or conduct what is allowed."""
    concerned = {*standing.outdated, *standing.above_cap, *standing.missing}
    settled = [key for key in keys if key not in concerned]
    if settled:
        raise DomainError("grading.grade_settled", params={"members": ", ".join(settled[:LISTED])})
