"""Pairs in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import Select, or_
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.mentoring.rules import PairState
from services.teacher_eval.mentoring.tables import MentoringLesson, MentoringPair, MentoringReview
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.terms.actor import Actor


def pairs_of(actor: Actor) -> Select[MentoringPair]:
    """Pairs within the actor's organization."""
    return visible(MentoringPair, actor)


def pairs_of_person(actor: Actor, person: str) -> Select[MentoringPair]:
    """Pairs that somebody is one of."""
    p = MentoringPair
    return visible(p, actor).where(or_(p.mentor_key == person, p.mentee_key == person))


async def pair_by_id(session: AsyncSession, actor: Actor, pair_id: uuid.UUID) -> MentoringPair:
    """A pair; raises ``resource.not_found``."""
    return await one_visible(session, MentoringPair, actor, MentoringPair.id == pair_id, what=f"pair {pair_id}")


async def pair_for_update(session: AsyncSession, actor: Actor, pair_id: uuid.UUID) -> MentoringPair:
    """The same, locked."""
    named = MentoringPair.id == pair_id
    return await one_visible_for_update(session, MentoringPair, actor, named, what=f"pair {pair_id}")


async def own_pair_for_update(session: AsyncSession, actor: Actor, person: str, pair_id: uuid.UUID) -> MentoringPair:
    """A pair that somebody is one of, locked; raises ``resource.not_found``."""
    p = MentoringPair
    own = or_(p.mentor_key == person, p.mentee_key == person)
    return await one_visible_for_update(session, p, actor, p.id == pair_id, own, what=f"pair {pair_id}")


async def standing_pair(session: AsyncSession, actor: Actor, mentor: str, mentee: str) -> MentoringPair | None:
    """A pair of these two that is proposed or agreed."""
    p = MentoringPair
    states = (PairState.PROPOSED, PairState.AGREED)
    statement = visible(p, actor).where(p.mentor_key == mentor, p.mentee_key == mentee, p.state.in_(states))
    return (await session.scalars(statement)).one_or_none()


async def lessons_of(session: AsyncSession, actor: Actor, pair: MentoringPair) -> Sequence[MentoringLesson]:
    """Lessons of a pair, oldest first."""
    lesson = MentoringLesson
    statement = visible(lesson, actor).where(lesson.pair_id == pair.id).order_by(lesson.heard_on, lesson.period)
    return (await session.scalars(statement)).all()


async def lesson_at(
    session: AsyncSession, actor: Actor, pair: MentoringPair, day: dt.date, period: int
) -> MentoringLesson | None:
    """The lesson of a pair at a time, locked, if there is one."""
    lesson = MentoringLesson
    named = (lesson.pair_id == pair.id, lesson.heard_on == day, lesson.period == period)
    return (await session.scalars(visible(lesson, actor).where(*named).with_for_update())).one_or_none()


async def reviews_of(session: AsyncSession, actor: Actor, pair: MentoringPair) -> Sequence[MentoringReview]:
    """Reviews of a pair, oldest first."""
    review = MentoringReview
    statement = visible(review, actor).where(review.pair_id == pair.id).order_by(review.at, review.id)
    return (await session.scalars(statement)).all()


async def completed_pairs(session: AsyncSession, actor: Actor, people: Collection[str]) -> Sequence[MentoringPair]:
    """Completed pairs that any of some people was one of."""
    p, keys = MentoringPair, sorted(people)
    own = or_(p.mentor_key.in_(keys), p.mentee_key.in_(keys))
    statement = visible(p, actor).where(own, p.state == PairState.COMPLETED)
    return (await session.scalars(statement.order_by(p.completed_on, p.id))).all()
