"""Links of teachers and classes in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Select, func, insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.teaching_links.rules import LinkState, SchoolState
from services.teacher_eval.teaching_links.tables import (
    LinkWindow,
    SchoolLinks,
    TeachingLink,
    TeachingLinkStep,
    VerifiedLink,
)
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.kernel.database.scope import within
from shared.terms.actor import Actor

VERIFIED_SCHEMA: dict[str, pl.DataType] = {
    "school_code": pl.String(),
    "class_code": pl.String(),
    "grade_level": pl.Int64(),
    "subject": pl.String(),
    "staff_key": pl.String(),
    "share": pl.Float64(),
    "starts_on": pl.Date(),
    "ends_on": pl.Date(),
    "is_silent": pl.Boolean(),
    "org_path": pl.String(),
}
_CHUNK = 5_000


def windows_of(actor: Actor) -> Select[LinkWindow]:
    """Windows the actor sees."""
    return visible(LinkWindow, actor)


async def own_window_for_update(session: AsyncSession, actor: Actor, school_year: str) -> LinkWindow | None:
    """The actor's own window of a year, locked, if there is one."""
    w = LinkWindow
    statement = windows_of(actor).where(w.org_path == actor.org, w.school_year == school_year).with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def window_of_org(session: AsyncSession, actor: Actor, org_path: str, school_year: str) -> LinkWindow:
    """An office's window of a year; raises ``resource.not_found``."""
    w = LinkWindow
    named = (w.org_path == org_path, w.school_year == school_year)
    return await one_visible(session, w, actor, *named, what=f"link window {school_year}")


async def window_by_id(session: AsyncSession, actor: Actor, window_id: uuid.UUID) -> LinkWindow:
    """A window by id."""
    return await one_visible(session, LinkWindow, actor, LinkWindow.id == window_id, what="link window")


def schools_of(actor: Actor, window: LinkWindow) -> Select[SchoolLinks]:
    """Schools of a window within the actor's organization."""
    return visible(SchoolLinks, actor).where(SchoolLinks.window_id == window.id)


async def schools_previewed(session: AsyncSession, actor: Actor, window: LinkWindow) -> set[str]:
    """Paths of schools that are in the window already."""
    statement = schools_of(actor, window).with_only_columns(SchoolLinks.org_path)
    return set((await session.execute(statement)).scalars())


async def years_elsewhere(session: AsyncSession, actor: Actor, window: LinkWindow) -> set[str]:
    """Paths of schools whose links of the same year are verified in another office's window."""
    s, w = SchoolLinks, LinkWindow
    statement = visible(s, actor).join(w, w.id == s.window_id)
    other = statement.where(w.school_year == window.school_year, w.id != window.id).with_only_columns(s.org_path)
    return set((await session.execute(other)).scalars())


async def school_for_update(session: AsyncSession, actor: Actor, window: LinkWindow, org_path: str) -> SchoolLinks:
    """A school of a window, locked; raises ``resource.not_found``."""
    s = SchoolLinks
    named = (s.window_id == window.id, s.org_path == org_path)
    return await one_visible_for_update(session, s, actor, *named, what="school in the window")


async def school_of_year_for_update(
    session: AsyncSession, actor: Actor, org_path: str, school_year: str
) -> SchoolLinks | None:
    """A school's links of a year, in whatever window they are, locked."""
    s, w = SchoolLinks, LinkWindow
    statement = (
        visible(s, actor).join(w, w.id == s.window_id).where(s.org_path == org_path, w.school_year == school_year)
    )
    return (await session.scalars(statement.with_for_update(of=s))).one_or_none()


async def school_by_id_for_update(session: AsyncSession, actor: Actor, school_links_id: uuid.UUID) -> SchoolLinks:
    """A school's links by id, locked."""
    s = SchoolLinks
    return await one_visible_for_update(session, s, actor, s.id == school_links_id, what="school's links")


async def schools_over(session: AsyncSession, actor: Actor, at: dt.datetime) -> Sequence[SchoolLinks]:
    """Schools whose teachers' time is over, locked; those somebody works on come the next time."""
    s = SchoolLinks
    statement = visible(s, actor).where(s.state == SchoolState.PREVIEWED, s.due_at <= at).order_by(s.id)
    return (await session.scalars(statement.with_for_update(skip_locked=True))).all()


async def state_counts(
    session: AsyncSession, actor: Actor, ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, dict[str, int]]:
    """How many links of each school stand where."""
    t = TeachingLink
    statement = visible(t, actor).where(t.school_links_id.in_(ids)).group_by(t.school_links_id, t.state)
    rows = await session.execute(statement.with_only_columns(t.school_links_id, t.state, func.count()))
    counts: dict[uuid.UUID, dict[str, int]] = {}
    for school, state, count in rows.all():
        counts.setdefault(school, {})[state] = count
    return counts


def links_of(actor: Actor, school: SchoolLinks) -> Select[TeachingLink]:
    """Links of a school in a window."""
    return visible(TeachingLink, actor).where(TeachingLink.school_links_id == school.id)


async def all_links(session: AsyncSession, actor: Actor, school: SchoolLinks) -> Sequence[TeachingLink]:
    """The same, all of them, by class, subject and person."""
    t = TeachingLink
    return (await session.scalars(links_of(actor, school).order_by(t.class_code, t.subject, t.staff_key, t.id))).all()


async def link_for_update(session: AsyncSession, actor: Actor, link_id: uuid.UUID) -> TeachingLink:
    """A link, locked; raises ``resource.not_found``."""
    return await one_visible_for_update(session, TeachingLink, actor, TeachingLink.id == link_id, what="teaching link")


async def link_by_id(session: AsyncSession, actor: Actor, link_id: uuid.UUID) -> TeachingLink:
    """A link; raises ``resource.not_found``."""
    return await one_visible(session, TeachingLink, actor, TeachingLink.id == link_id, what="teaching link")


def links_of_person(actor: Actor, staff_key: str) -> Select[TeachingLink]:
    """Every link of a person."""
    return visible(TeachingLink, actor).where(TeachingLink.staff_key == staff_key)


async def steps_of(session: AsyncSession, actor: Actor, link: TeachingLink) -> list[TeachingLinkStep]:
    """What was done with a link, in order."""
    s = TeachingLinkStep
    return list((await session.scalars(visible(s, actor).where(s.link_id == link.id).order_by(s.id))).all())


async def insert_links(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Writes many links at once."""
    for start in range(0, len(rows), _CHUNK):
        await session.execute(insert(TeachingLink), list(rows[start : start + _CHUNK]))


async def verified(session: AsyncSession, actor: Actor, school_year: str, area: str) -> pl.DataFrame:
    """``VERIFIED_SCHEMA``: frozen links of a year within an area, by school, class, subject and person."""
    v = VerifiedLink
    statement = visible(v, actor).where(v.school_year == school_year, within(v.org_path, area))
    columns = [getattr(v, name) for name in VERIFIED_SCHEMA]
    order = (v.school_code, v.class_code, v.subject, v.staff_key, v.id)
    rows = (await session.execute(statement.with_only_columns(*columns).order_by(*order))).all()
    return pl.DataFrame([(*row[:5], float(row[5]), *row[6:]) for row in rows], schema=VERIFIED_SCHEMA, orient="row")


async def frozen_hashes(session: AsyncSession, actor: Actor, school_year: str, area: str) -> list[str]:
    """Hashes of what schools of an area have frozen for a year, sorted."""
    s, w = SchoolLinks, LinkWindow
    statement = (
        visible(s, actor)
        .join(w, w.id == s.window_id)
        .where(w.school_year == school_year, within(s.org_path, area), s.state == SchoolState.CLOSED)
        .with_only_columns(s.links_sha256)
    )
    return sorted(sha for sha in (await session.execute(statement)).scalars() if sha is not None)


async def links_in_state(
    session: AsyncSession, actor: Actor, school: SchoolLinks, state: LinkState
) -> Sequence[TeachingLink]:
    """Links of a school in a state, locked."""
    statement = links_of(actor, school).where(TeachingLink.state == state).order_by(TeachingLink.id).with_for_update()
    return (await session.scalars(statement)).all()
