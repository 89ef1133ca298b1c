"""A person's own reflections and goals: private until shared."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.growth import repository
from services.teacher_eval.growth.rules import GoalState, NoteKind
from services.teacher_eval.growth.schemas import NoteIn
from services.teacher_eval.growth.sections import Entry, Reading, Section
from services.teacher_eval.growth.tables import GrowthNote
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

_KINDS = {NoteKind.REFLECTION: {"zh": "反思", "en": "Reflection"}, NoteKind.GOAL: {"zh": "目标", "en": "Goal"}}
_STATES = {
    GoalState.OPEN: {"zh": "进行中", "en": "open"},
    GoalState.REACHED: {"zh": "已达成", "en": "reached"},
    GoalState.DROPPED: {"zh": "已放弃", "en": "dropped"},
}


async def write_note(
    session: AsyncSession, *, staff_key: str, body: NoteIn, row: GrowthNote | None, actor: Actor
) -> GrowthNote:
    """Writes a note of one's own; neither the log nor the feed of changes holds what it says.

    Raises:
        DomainError: ``growth.note_kind`` for another kind than it was.
    """
    if row is not None and row.kind != body.kind:
        raise DomainError("growth.note_kind")
    row = row or GrowthNote(staff_key=staff_key, org_path=actor.org, written_on=clock.today(), version=0)
    for name, value in body.model_dump().items():
        setattr(row, name, value)
    row.goal_state = (body.goal_state or GoalState.OPEN).value if body.kind is NoteKind.GOAL else None
    return await _kept(session, row, "written", actor)


async def share_note(session: AsyncSession, *, row: GrowthNote, is_shared: bool, actor: Actor) -> GrowthNote:
    """Lets school and offices read a note, or takes that back."""
    if (row.shared_at is not None) != is_shared:
        row.shared_at = clock.now() if is_shared else None
        await _kept(session, row, "shared" if is_shared else "taken_back", actor)
    return row


async def delete_note(session: AsyncSession, *, row: GrowthNote, actor: Actor) -> None:
    """Forgets a note of one's own."""
    await session.delete(row)
    note(session, actor, "growth_note.deleted", str(row.id))
    await session.flush()


async def notes_section(reading: Reading) -> Section | None:
    """Notes of the person; the shared ones alone for everybody else."""
    rows = await repository.all_notes(reading.session, reading.everywhere, reading.staff_key, is_own=reading.is_own)
    entries = [_entry(row) for row in rows]
    if not entries:
        return None
    return Section(code="notes", name={"zh": "反思与目标", "en": "Reflections and goals"}, entries=entries)


def _entry(row: GrowthNote) -> Entry:
    kind = _KINDS[NoteKind(row.kind)]
    state = _STATES[GoalState(row.goal_state)] if row.goal_state else None
    name = {"zh": f"{kind['zh']}：{row.title}", "en": f"{kind['en']}: {row.title}"}
    return Entry(on=row.written_on, name=name, state=state, text=row.body)


async def _kept(session: AsyncSession, row: GrowthNote, what: str, actor: Actor) -> GrowthNote:
    row.version += 1
    session.add(row)
    await session.flush()
    note(session, actor, f"growth_note.{what}", str(row.id))
    return row
