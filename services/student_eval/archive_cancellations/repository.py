"""Cancellations in the database."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import Select, func
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archive_cancellations.rules import CancellationState
from services.student_eval.archive_cancellations.tables import RecordCancellation
from services.student_eval.archive_terms.tables import ArchiveDoubt, ArchiveTerm
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.kernel.database.scope import everywhere
from shared.kits.appeals.repository import own_appeals
from shared.kits.subject import Subject, rows_about
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.workflow.appeals import OPEN


def cancellations_of(
    actor: Actor, *, own: Collection[str] | None = None, state: str | None = None
) -> Select[RecordCancellation]:
    """Cancellations within the actor's organization; of own pupils wherever they lie."""
    c = RecordCancellation
    statement = visible(c, actor) if own is None else _own(actor, own)
    return statement if state is None else statement.where(c.state == state)


async def cancellation_by_id(session: AsyncSession, actor: Actor, cancellation_id: uuid.UUID) -> RecordCancellation:
    """One of them; raises ``resource.not_found``."""
    c = RecordCancellation
    return await one_visible(session, c, actor, c.id == cancellation_id, what=f"cancellation {cancellation_id}")


async def cancellation_for_update(
    session: AsyncSession, actor: Actor, cancellation_id: uuid.UUID
) -> RecordCancellation:
    """The same, locked."""
    c = RecordCancellation
    return await one_visible_for_update(
        session, c, actor, c.id == cancellation_id, what=f"cancellation {cancellation_id}"
    )


async def own_cancellation(
    session: AsyncSession, actor: Actor, own: Collection[str], cancellation_id: uuid.UUID
) -> RecordCancellation:
    """One of own pupils, locked, wherever it lies; raises ``resource.not_found``."""
    async with everywhere(session):
        statement = _own(actor, own).where(RecordCancellation.id == cancellation_id).with_for_update()
        row = (await session.scalars(statement)).one_or_none()
    if row is None:
        raise DomainError("resource.not_found", params={"what": f"cancellation {cancellation_id}"})
    return row


async def proposed_for(session: AsyncSession, actor: Actor, record_id: uuid.UUID) -> RecordCancellation | None:
    """The cancellation of a record that is not decided yet."""
    c = RecordCancellation
    statement = visible(c, actor).where(c.record_id == record_id, c.state == CancellationState.PROPOSED)
    return (await session.scalars(statement)).one_or_none()


async def proposed_count(session: AsyncSession, actor: Actor, student_key: str) -> int:
    """How many cancellations of a pupil's records are not decided yet."""
    c = RecordCancellation
    statement = visible(c, actor).where(c.student_key == student_key, c.state == CancellationState.PROPOSED)
    return await session.scalar(statement.with_only_columns(func.count())) or 0


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


def _own(actor: Actor, own: Collection[str]) -> Select[RecordCancellation]:
    statement = visible(RecordCancellation, replace(actor, org=""))
    return statement.where(RecordCancellation.student_key.in_(sorted(own)))
