"""Cancellations in the database."""

from __future__ import annotations

import uuid

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archive_cancellations.rules import CancellationState
from services.student_eval.archive_cancellations.tables import RecordCancellation
from services.student_eval.archive_terms.tables import ArchiveDoubt, ArchiveTerm
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.kits.appeals.repository import own_appeals
from shared.kits.subject import Subject, rows_about
from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError
from shared.workflow.appeals import OPEN


def cancellations_of(actor: Actor, *, state: str | None = None) -> Select[RecordCancellation]:
    """Cancellations within the actor's organization; pupils have their own alone."""
    c = RecordCancellation
    statement = visible(c, actor)
    if Role.STUDENT in actor.roles:
        statement = statement.where(c.student_key == (actor.person or ""))
    return statement if state is None else statement.where(c.state == state)


async def cancellation_by_id(session: AsyncSession, actor: Actor, cancellation_id: uuid.UUID) -> RecordCancellation:
    """One of them; raises ``resource.not_found``."""
    c = RecordCancellation
    own = [c.student_key == (actor.person or "")] if Role.STUDENT in actor.roles else []
    return await one_visible(session, c, actor, c.id == cancellation_id, *own, what=f"cancellation {cancellation_id}")


async def cancellation_for_update(
    session: AsyncSession, actor: Actor, cancellation_id: uuid.UUID
) -> RecordCancellation:
    """The same, locked."""
    c = RecordCancellation
    return await one_visible_for_update(
        session, c, actor, c.id == cancellation_id, what=f"cancellation {cancellation_id}"
    )


async def proposed_for(session: AsyncSession, actor: Actor, record_id: uuid.UUID) -> RecordCancellation | None:
    """The cancellation of a record that is not decided yet."""
    c = RecordCancellation
    statement = visible(c, actor).where(c.record_id == record_id, c.state == CancellationState.PROPOSED)
    return (await session.scalars(statement)).one_or_none()


async def term_of_pupil(session: AsyncSession, actor: Actor, student_key: str, term: str) -> ArchiveTerm:
    """A term of the class a pupil was in, the newest where there were two; raises ``resource.not_found``."""
    t = ArchiveTerm
    school_year, _, semester = term.rpartition("-")
    named = (t.school_year == school_year, t.semester == int(semester))
    statement = visible(t, actor).where(*named, t.members.contains([{"student_key": student_key}]))
    row = (await session.scalars(statement.order_by(t.id.desc()).limit(1))).one_or_none()
    if row is None:
        raise DomainError("resource.not_found", params={"what": f"archive term {term}"})
    return row


async def own_open_doubt(session: AsyncSession, subject: Subject) -> ArchiveDoubt | None:
    """The actor's own doubt about a class's term that is not over."""
    own = own_appeals(ArchiveDoubt, subject.actor, by_person=True)
    statement = rows_about(ArchiveDoubt, subject).where(own, ArchiveDoubt.state.in_(sorted(OPEN)))
    return (await session.scalars(statement.limit(1))).one_or_none()
