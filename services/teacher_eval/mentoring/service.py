"""Proposing pairs, both sides agreeing, lessons one enters and the other confirms, reviews, completion."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.mentoring import repository
from services.teacher_eval.mentoring.rules import (
    LIFE,
    PairState,
    Side,
    require_finished,
    require_within,
    side_of,
)
from services.teacher_eval.mentoring.schemas import LessonIn, PairIn, ReviewIn
from services.teacher_eval.mentoring.tables import MentoringLesson, MentoringPair, MentoringReview
from services.teacher_eval.staff_register.repository import staff_by_key, staff_by_keys
from services.teacher_eval.whole_person import whole_person
from shared.kernel import clock
from shared.kernel.ids import new_id
from shared.kernel.records import keep
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def propose(session: AsyncSession, *, body: PairIn, actor: Actor) -> MentoringPair:
    """Proposes a pair for somebody of the actor's organization; the mentor may be at any school.

    Raises:
        DomainError: ``resource.not_found`` for the mentee; ``mentoring.mentor_unknown``; ``mentoring.standing``.
    """
    mentee = await staff_by_key(session, actor, body.mentee_key)
    async with whole_person(session, actor) as everywhere:
        mentor = (await staff_by_keys(session, everywhere, {body.mentor_key})).get(body.mentor_key)
    if mentor is None or not mentor.is_active:
        raise DomainError("mentoring.mentor_unknown")
    if await repository.standing_pair(session, actor, body.mentor_key, body.mentee_key) is not None:
        raise DomainError("mentoring.standing")
    row = MentoringPair(**body.model_dump(), id=new_id(), org_path=mentee.org_path, state=PairState.PROPOSED)
    row.mentor_school, row.mentee_school = mentor.school_code, mentee.school_code
    await _kept(session, row, "proposed", actor)
    return row


async def answer(session: AsyncSession, *, row: MentoringPair, person: str, step: str, actor: Actor) -> MentoringPair:
    """One of both agrees or declines; the second who agrees begins it. Agreeing twice changes nothing.

    Raises:
        DomainError: ``workflow.not_allowed``.
    """
    side = side_of(row.mentor_key, row.mentee_key, person)
    if step == "decline":
        row.state = LIFE.target("decline", PairState(row.state))
        await _kept(session, row, "declined", actor)
        return row
    state = LIFE.target("begin", PairState(row.state))
    if side is Side.MENTOR:
        row.mentor_agreed_at = row.mentor_agreed_at or clock.now()
    else:
        row.mentee_agreed_at = row.mentee_agreed_at or clock.now()
    if row.mentor_agreed_at and row.mentee_agreed_at:
        row.state = state
    await _kept(session, row, "agreed", actor)
    return row


async def put_lesson(
    session: AsyncSession,
    *,
    row: MentoringPair,
    person: str,
    heard_on: dt.date,
    period: int,
    body: LessonIn,
    everywhere: Actor,
    actor: Actor,
) -> MentoringLesson:
    """Enters a lesson, or corrects one's own while the other has not confirmed it; the same again changes nothing.

    Raises:
        DomainError: ``mentoring.not_running``, ``mentoring.day_outside``; ``mentoring.lesson_confirmed``;
            ``mentoring.others_entry``.
    """
    _require_running(row)
    require_within(row.starts_on, row.ends_on, heard_on, clock.today())
    side = side_of(row.mentor_key, row.mentee_key, person)
    lesson = await repository.lesson_at(session, everywhere, row, heard_on, period)
    if lesson is not None and all(getattr(lesson, name) == value for name, value in body.model_dump().items()):
        return lesson
    if lesson is not None and lesson.confirmed_at is not None:
        raise DomainError("mentoring.lesson_confirmed")
    if lesson is not None and lesson.entered_by != side:
        raise DomainError("mentoring.others_entry")
    lesson = lesson or MentoringLesson(pair_id=row.id, org_path=row.org_path, heard_on=heard_on, period=period)
    lesson.entered_by = side.value
    for name, value in body.model_dump().items():
        setattr(lesson, name, value)
    await _kept_lesson(session, row, lesson, "entered", actor)
    return lesson


async def confirm_lesson(
    session: AsyncSession,
    *,
    row: MentoringPair,
    person: str,
    heard_on: dt.date,
    period: int,
    everywhere: Actor,
    actor: Actor,
) -> MentoringLesson:
    """The other side says that a lesson was so; said twice it is said once.

    Raises:
        DomainError: ``resource.not_found``; ``mentoring.own_entry``.
    """
    lesson = await repository.lesson_at(session, everywhere, row, heard_on, period)
    if lesson is None:
        raise DomainError("resource.not_found", params={"what": f"lesson {heard_on} {period}"})
    if lesson.entered_by == side_of(row.mentor_key, row.mentee_key, person):
        raise DomainError("mentoring.own_entry")
    if lesson.confirmed_at is None:
        lesson.confirmed_at = clock.now()
        await _kept_lesson(session, row, lesson, "confirmed", actor)
    return lesson


async def review(
    session: AsyncSession, *, row: MentoringPair, person: str, body: ReviewIn, everywhere: Actor, actor: Actor
) -> None:
    """Records what one of both says of a term.

    Raises:
        DomainError: ``mentoring.not_running``; ``mentoring.reviewed_already``.
    """
    _require_running(row)
    side = side_of(row.mentor_key, row.mentee_key, person)
    said = await repository.reviews_of(session, everywhere, row)
    term = (body.school_year, body.semester, side.value)
    if any((each.school_year, each.semester, each.side) == term for each in said):
        raise DomainError("mentoring.reviewed_already")
    found = MentoringReview(pair_id=row.id, org_path=row.org_path, side=side.value, body=body.text, at=clock.now())
    found.school_year, found.semester, found.progress = body.school_year, body.semester, body.progress
    session.add(found)
    await _kept(session, row, "reviewed", actor)


async def step_pair(
    session: AsyncSession, *, row: MentoringPair, step: str, reason: str, actor: Actor
) -> MentoringPair:
    """Completes a pair that did what it set out to do, or ends it before.

    Raises:
        DomainError: ``workflow.not_allowed``; ``mentoring.unfinished``.
    """
    state = LIFE.target(step, PairState(row.state))
    if state is PairState.COMPLETED:
        lessons = await repository.lessons_of(session, actor, row)
        reviews = await repository.reviews_of(session, actor, row)
        confirmed = sum(lesson.confirmed_at is not None for lesson in lessons)
        require_finished(lessons=confirmed, needed=row.lessons_needed, reviewed={each.side for each in reviews})
        row.completed_on = clock.today()
    row.state, row.ended_reason = state, reason
    await _kept(session, row, state.value, actor)
    return row


def _require_running(row: MentoringPair) -> None:
    if row.state != PairState.AGREED:
        raise DomainError("mentoring.not_running", params={"state": row.state})


async def _kept(session: AsyncSession, row: MentoringPair, what: str, actor: Actor) -> None:
    key = {"pair": str(row.id)}
    await keep(session, row, resource="mentoring_pairs", action=f"mentoring.{what}", key=key, actor=actor)


async def _kept_lesson(
    session: AsyncSession, pair: MentoringPair, row: MentoringLesson, what: str, actor: Actor
) -> None:
    key = {"pair": str(pair.id), "heard_on": row.heard_on.isoformat(), "period": str(row.period)}
    await keep(session, row, resource="mentoring_lessons", action=f"lesson.{what}", key=key, actor=actor)
