"""One growth record of a teacher over the years, put together from every room."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.growth.feedback import feedback_section
from services.teacher_eval.growth.notes import notes_section
from services.teacher_eval.growth.sections import GrowthSection, Reading, Section
from services.teacher_eval.mentoring.growth import mentoring_section
from services.teacher_eval.results.growth import evaluations_section
from services.teacher_eval.staff_register.repository import staff_by_keys
from services.teacher_eval.staff_register.tables import RegisteredStaff
from services.teacher_eval.teacher_records.growth import records_section
from services.teacher_eval.titles.growth import titles_section
from services.teacher_eval.trainings.growth import trainings_section
from services.teacher_eval.whole_person import whole_person
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.store.columnar import ColumnarStore
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

#: In the order in which they are read and printed, one line a room.
SECTIONS: tuple[GrowthSection, ...] = (
    evaluations_section,
    records_section,
    titles_section,
    trainings_section,
    mentoring_section,
    feedback_section,
    notes_section,
)


async def growth_record(
    session: AsyncSession, *, staff_key: str, actor: Actor, store: ColumnarStore
) -> tuple[RegisteredStaff, list[Section]]:
    """A person's record, for an actor who may see the person as a whole.

    Raises:
        DomainError: ``resource.not_found`` for somebody the register does not know.
    """
    is_own = actor.is_person(staff_key)
    if not is_own:
        note(session, actor, "growth_record.read", staff_key)
    async with whole_person(session, actor) as everywhere:
        person = (await staff_by_keys(session, everywhere, {staff_key})).get(staff_key)
        if person is None:
            raise DomainError("resource.not_found", params={"what": "growth record"})
        reading = Reading(
            session=session,
            everywhere=everywhere,
            staff_key=staff_key,
            is_own=is_own,
            today=clock.today(),
            store=store,
        )
        found = [await section(reading) for section in SECTIONS]
    return person, [section for section in found if section is not None]
