"""Terms of classes in the database."""

from __future__ import annotations

import uuid

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archive_terms.tables import ArchiveDoubt, ArchiveTerm
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.terms.actor import Actor
from shared.workflow.appeals import OPEN


def terms_of(actor: Actor, *, school_year: str | None = None, class_code: str | None = None) -> Select[ArchiveTerm]:
    """Terms within the actor's organization."""
    statement = visible(ArchiveTerm, actor)
    if school_year is not None:
        statement = statement.where(ArchiveTerm.school_year == school_year)
    if class_code is not None:
        statement = statement.where(ArchiveTerm.class_code == class_code)
    return statement


async def term_by_id(session: AsyncSession, actor: Actor, term_id: uuid.UUID) -> ArchiveTerm:
    """A term; raises ``resource.not_found``."""
    return await one_visible(session, ArchiveTerm, actor, ArchiveTerm.id == term_id, what=f"archive term {term_id}")


async def newest_term_of(session: AsyncSession, actor: Actor, student_key: str) -> ArchiveTerm | None:
    """The newest term of a class that a pupil is in."""
    t = ArchiveTerm
    statement = visible(t, actor).where(t.members.contains([{"student_key": student_key}]))
    ordered = statement.order_by(t.school_year.desc(), t.semester.desc()).limit(1)
    return (await session.scalars(ordered)).one_or_none()


async def term_for_update(session: AsyncSession, actor: Actor, term_id: uuid.UUID) -> ArchiveTerm:
    """A term, locked: nothing is written into it while it moves on."""
    t = ArchiveTerm
    return await one_visible_for_update(session, t, actor, t.id == term_id, what=f"archive term {term_id}")


async def term_held(session: AsyncSession, actor: Actor, term_id: uuid.UUID) -> ArchiveTerm:
    """A term that cannot move on until this transaction is over; many may write into it at once."""
    statement = visible(ArchiveTerm, actor).where(ArchiveTerm.id == term_id).with_for_update(read=True)
    row = (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()
    return row if row is not None else await term_by_id(session, actor, term_id)


async def open_doubts(session: AsyncSession, term: ArchiveTerm) -> int:
    """Doubts about a term that are not over; the whole service counts, whoever asks."""
    d = ArchiveDoubt
    about = (d.subject_type == "archive_term", d.subject_key == str(term.id), d.state.in_(sorted(OPEN)))
    return await session.scalar(select(func.count()).select_from(d).where(*about)) or 0
