"""Teaching research staff and heard lessons in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.research_staff.tables import HeardLesson, ResearchStaff
from shared.kernel.database.repository import one_visible, visible
from shared.terms.actor import Actor


def staff_of(actor: Actor) -> Select[ResearchStaff]:
    """Posts within the actor's organization."""
    return visible(ResearchStaff, actor)


async def staff_by_code(session: AsyncSession, actor: Actor, org_path: str, staff_code: str) -> ResearchStaff:
    """A post; raises ``resource.not_found``."""
    named = (ResearchStaff.org_path == org_path, ResearchStaff.staff_code == staff_code)
    return await one_visible(session, ResearchStaff, actor, *named, what=f"research staff {staff_code}")


async def staff_for_update(session: AsyncSession, actor: Actor, org_path: str, staff_code: str) -> ResearchStaff | None:
    """A post, locked, if there is one."""
    r = ResearchStaff
    statement = visible(r, actor).where(r.org_path == org_path, r.staff_code == staff_code).with_for_update()
    return (await session.scalars(statement)).one_or_none()


def lessons_of(actor: Actor, post: ResearchStaff) -> Select[HeardLesson]:
    """Lessons heard in a post."""
    return visible(HeardLesson, actor).where(HeardLesson.research_staff_id == post.id)


async def lesson_for_update(session: AsyncSession, actor: Actor, post: ResearchStaff, code: str) -> HeardLesson | None:
    """A lesson, locked, if there is one."""
    return (
        await session.scalars(lessons_of(actor, post).where(HeardLesson.code == code).with_for_update())
    ).one_or_none()


async def lesson_at(
    session: AsyncSession, actor: Actor, post: ResearchStaff, heard_on: dt.date, period: int
) -> HeardLesson | None:
    """The lesson heard at a time, if there is one."""
    h = HeardLesson
    return (
        await session.scalars(lessons_of(actor, post).where(h.heard_on == heard_on, h.period == period))
    ).one_or_none()


async def posts_held(session: AsyncSession, actor: Actor, first: dt.date, last: dt.date) -> Sequence[ResearchStaff]:
    """Posts held at some time of a period, by office and code."""
    r = ResearchStaff
    held = (r.starts_on <= last) & (r.ends_on.is_(None) | (r.ends_on >= first))
    return (await session.scalars(visible(r, actor).where(held).order_by(r.org_path, r.staff_code))).all()


async def schools_heard(
    session: AsyncSession, actor: Actor, first: dt.date, last: dt.date
) -> Mapping[uuid.UUID, list[str]]:
    """School of every lesson heard in a period, by post."""
    h = HeardLesson
    statement = visible(h, actor).where(h.heard_on.between(first, last))
    rows = await session.execute(statement.with_only_columns(h.research_staff_id, h.school_code))
    found: dict[uuid.UUID, list[str]] = {}
    for post, school in rows.all():
        found.setdefault(post, []).append(school)
    return found
