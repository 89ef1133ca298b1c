"""Notes and feedback in the database."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.growth.tables import GrowthFeedback, GrowthNote
from shared.kernel.database.repository import one_visible_for_update, visible
from shared.terms.actor import Actor


def notes_of(actor: Actor, staff_key: str, *, is_own: bool) -> Select[GrowthNote]:
    """Notes of a person: all for the person, the shared ones for everybody else."""
    statement = visible(GrowthNote, actor).where(GrowthNote.staff_key == staff_key)
    return statement if is_own else statement.where(GrowthNote.shared_at.is_not(None))


async def own_note_for_update(session: AsyncSession, actor: Actor, staff_key: str, note_id: uuid.UUID) -> GrowthNote:
    """A note of one's own, locked; raises ``resource.not_found``."""
    named = (GrowthNote.id == note_id, GrowthNote.staff_key == staff_key)
    return await one_visible_for_update(session, GrowthNote, actor, *named, what=f"note {note_id}")


async def all_notes(session: AsyncSession, actor: Actor, staff_key: str, *, is_own: bool) -> Sequence[GrowthNote]:
    """The same, oldest first."""
    statement = notes_of(actor, staff_key, is_own=is_own)
    return (await session.scalars(statement.order_by(GrowthNote.written_on, GrowthNote.id))).all()


async def all_feedback(session: AsyncSession, actor: Actor, staff_key: str) -> Sequence[GrowthFeedback]:
    """Feedback kept by a person, oldest exam first."""
    f = GrowthFeedback
    statement = visible(f, actor).where(f.staff_key == staff_key).order_by(f.held_on, f.id)
    return (await session.scalars(statement)).all()


async def feedback_for_update(
    session: AsyncSession, actor: Actor, staff_key: str, exam: str, subject: str
) -> GrowthFeedback | None:
    """Feedback of one exam's subject, locked, if there is any."""
    f = GrowthFeedback
    statement = visible(f, actor).where(f.staff_key == staff_key, f.exam == exam, f.subject == subject)
    return (await session.scalars(statement.with_for_update())).one_or_none()
