"""Keeping posts of teaching research and their logs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.research_staff import repository
from services.school_eval.research_staff.rules import month_of, owes, require_heard_in_office, require_own_log
from services.school_eval.research_staff.schemas import DutyOut, HeardLessonIn, MonthOut, MonthRow, ResearchStaffIn
from services.school_eval.research_staff.tables import HeardLesson, ResearchStaff
from shared.kernel import clock
from shared.kernel.records import keep
from shared.kernel.web.organizations import code_of
from shared.policy.research_staff import duty_on
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def put_staff(
    session: AsyncSession,
    *,
    org_path: str,
    staff_code: str,
    body: ResearchStaffIn,
    row: ResearchStaff | None,
    actor: Actor,
) -> tuple[ResearchStaff, bool]:
    """Writes a post; returns it and whether it is new.

    Raises:
        DomainError: ``research_staff.elsewhere`` for an office that is not the actor's or below.
    """
    if not actor.covers(org_path):
        raise DomainError("research_staff.elsewhere")
    is_new = row is None
    row = row or ResearchStaff(org_path=org_path, staff_code=staff_code)
    for name, value in body.model_dump().items():
        setattr(row, name, value)
    key = {"organization": code_of(org_path), "staff": staff_code}
    await keep(session, row, resource="research_staff", action="research_staff.set", key=key, actor=actor)
    return row, is_new


async def put_lesson(
    session: AsyncSession, *, post: ResearchStaff, code: str, body: HeardLessonIn, actor: Actor
) -> tuple[HeardLesson, bool]:
    """Writes a heard lesson; the same again changes nothing, so a phone may send it twice.

    Raises:
        DomainError: ``research_staff.other_log``, ``research_staff.outside_post``, ``research_staff.two_at_once``.
    """
    require_own_log(post, actor)
    require_heard_in_office(post, body.heard_on, clock.today())
    row = await repository.lesson_for_update(session, actor, post, code)
    if row is not None and all(getattr(row, name) == value for name, value in body.model_dump().items()):
        return row, False
    at_that_time = await repository.lesson_at(session, actor, post, body.heard_on, body.period)
    if at_that_time is not None and at_that_time is not row:
        raise DomainError("research_staff.two_at_once", params={"lesson": at_that_time.code})
    is_new = row is None
    row = row or HeardLesson(research_staff_id=post.id, org_path=post.org_path, code=code)
    for name, value in body.model_dump().items():
        setattr(row, name, value)
    key = {"organization": code_of(post.org_path), "staff": post.staff_code, "lesson": code}
    await keep(session, row, resource="heard_lessons", action="heard_lesson.set", key=key, actor=actor)
    return row, is_new


async def month_log(session: AsyncSession, *, month: str, actor: Actor) -> MonthOut:
    """How many lessons every post heard in a month, held against what is owed."""
    first, last = month_of(month)
    duty = duty_on("lessons_heard_per_month", first)
    heard = await repository.schools_heard(session, actor, first, last)
    posts = await repository.posts_held(session, actor, first, last)
    rows = [_row(post, heard.get(post.id, []), duty.value, first, last) for post in posts]
    return MonthOut(
        month=month, duty=DutyOut(value=duty.value, document=duty.document, verified=duty.verified), items=rows
    )


def _row(post: ResearchStaff, schools: Sequence[str], least: int, first: dt.date, last: dt.date) -> MonthRow:
    is_owed = post.is_full_time and owes(post, first, last)
    return MonthRow(
        organization=code_of(post.org_path),
        staff_code=post.staff_code,
        is_full_time=post.is_full_time,
        lessons=len(schools),
        schools=len(set(schools)),
        linked_schools=len(post.linked_schools),
        linked_schools_visited=len(set(schools) & set(post.linked_schools)),
        met=len(schools) >= least if is_owed else None,
    )
