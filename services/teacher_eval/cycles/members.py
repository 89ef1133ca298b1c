"""Who a school evaluates: tracks, groups, people without a grade; added and removed for a reason."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles import repository
from services.teacher_eval.cycles.documents import scheme_of
from services.teacher_eval.cycles.jobs import add_members, asked_of
from services.teacher_eval.cycles.rules import SHOWN, SchoolState, require_track, require_ungraded_reason
from services.teacher_eval.cycles.schemas import MemberChangeIn
from services.teacher_eval.cycles.service import SchoolOpened, keep_school
from services.teacher_eval.cycles.tables import Member
from services.teacher_eval.cycles.units import attributes_of
from shared.contracts.roster import Roster, RosterClient
from shared.kernel import clock
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.kernel.jobs.worker import JobKind
from shared.kernel.records import keep
from shared.kernel.settings import ServiceSettings
from shared.terms.errors import DomainError

REFRESH_JOB = "refresh_cycle_members"
OpenRoster = Callable[[ServiceSettings], AbstractAsyncContextManager[Roster]]
#: While nothing is shown the list may change.
CHANGEABLE = tuple(state for state in SchoolState if state not in SHOWN)


async def change_member(session: AsyncSession, *, opened: SchoolOpened, staff_key: str, body: MemberChangeIn) -> Member:
    """Changes track, group or whether somebody is graded.

    Raises:
        DomainError: ``cycle.not_now``, ``member.track_unknown``, ``member.reason_unknown``, ``member.own_grade`` where
            somebody would decide about the own grading, ``resource.not_found``.
    """
    opened.require(*CHANGEABLE)
    row = await repository.member_of(session, opened.actor, opened.school, staff_key)
    if opened.actor.is_person(staff_key) and "ungraded" in body.model_fields_set:
        raise DomainError("member.own_grade")
    if body.track is not None:
        require_track(body.track)
        row.track = body.track
    if body.group is not None:
        row.group = body.group
    elif body.track is not None:
        row.group = body.track
    if "ungraded" in body.model_fields_set:
        if body.ungraded is not None:
            require_ungraded_reason(body.ungraded)
        row.ungraded = body.ungraded
    row.asked_count = asked_of(opened.scheme, attributes_of(opened.school, row))
    await _keep(session, opened, row, "changed", body.reason)
    return row


async def remove_member(session: AsyncSession, *, opened: SchoolOpened, staff_key: str, reason: str) -> Member:
    """Takes somebody off the list; what was said of them is kept. Raises ``cycle.not_now``."""
    opened.require(*CHANGEABLE)
    row = await repository.member_of(session, opened.actor, opened.school, staff_key)
    row.removed_at = clock.now()
    await _keep(session, opened, row, "removed", reason)
    return row


async def restore_member(session: AsyncSession, *, opened: SchoolOpened, staff_key: str, reason: str) -> Member:
    """Puts somebody back on the list; raises ``cycle.not_now``, ``resource.not_found``."""
    opened.require(*CHANGEABLE)
    row = await repository.find_member(session, opened.actor, opened.school, staff_key)
    if row is None:
        raise DomainError("resource.not_found", params={"what": f"member {staff_key}"})
    row.removed_at = None
    await _keep(session, opened, row, "restored", reason)
    return row


async def _keep(session: AsyncSession, opened: SchoolOpened, row: Member, action: str, reason: str) -> None:
    row.change_reason = reason
    key = opened.key | {"staff_key": row.staff_key}
    detail = {"track": row.track, "ungraded": row.ungraded}
    await keep(
        session,
        row,
        resource="cycle_members",
        action=f"member.{action}",
        key=key,
        actor=opened.actor,
        detail=detail,
    )


async def ask_refresh(session: AsyncSession, *, opened: SchoolOpened, reason: str) -> Job:
    """Asks for the people whom the roster has by now and the list has not."""
    opened.require(*CHANGEABLE)
    args = {
        "cycle_id": str(opened.cycle.id),
        "school_code": opened.school.school_code,
        "school_cycle_id": str(opened.school.id),
        "reason": reason,
    }
    path, lock = opened.school.org_path, f"school-cycle-{opened.school.id}"
    return await enqueue(session, opened.actor, REFRESH_JOB, args=args, org_path=path, lock=lock)


def refresh_job(open_roster: OpenRoster) -> JobKind:
    """The job that adds whom the roster has by now."""

    async def run(context: JobContext) -> None:
        async with open_roster(context.kernel.settings) as roster:
            await refresh_members(context, roster)

    return JobKind(REFRESH_JOB, run)


async def refresh_members(context: JobContext, roster: Roster) -> None:
    """Adds people of the roster who are on no list of the cycle."""
    cycle_id, school_code = uuid.UUID(context.args["cycle_id"]), context.args["school_code"]
    schools = {each.school_code: each for each in await roster.schools() if each.school_code == school_code}
    staff = await roster.export_staff(school_code=school_code, status="active")
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        cycle = await repository.cycle_by_id(session, cycle_id)
        school = await repository.school_for_update(session, context.actor, cycle.id, school_code)
        scheme = await scheme_of(cycle)
        opened = SchoolOpened(cycle, school, scheme, context.actor)
        opened.require(*CHANGEABLE)
        listed = await repository.listed_schools(session, cycle_id, staff["staff_key"].to_list())
        new = staff.filter(~pl.col("staff_key").is_in(sorted(listed)))
        elsewhere = sum(code != school_code for code in listed.values())
        if new.height:
            reason = context.args["reason"]
            await add_members(session, cycle, scheme, new, schools, {school_code: school.id}, reason=reason)
        counts = {"added": new.height, "listed_elsewhere": elsewhere}
        await keep_school(session, opened, "members_refreshed", detail=counts)
        result |= opened.key | counts


REFRESH_MEMBERS = refresh_job(RosterClient.of)
