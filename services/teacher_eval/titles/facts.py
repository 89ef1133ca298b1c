"""What criteria are held against: one source a line, each tells what it knows of some people."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.conduct.standing import conduct_facts
from services.teacher_eval.ladders.rules import Facts, Held
from services.teacher_eval.mentoring.facts import mentoring_facts
from services.teacher_eval.results.growth import grade_facts
from services.teacher_eval.teacher_records.facts import honor_facts
from services.teacher_eval.titles.repository import held_by
from services.teacher_eval.trainings.facts import training_facts
from services.teacher_eval.whole_person import whole_person
from shared.terms.actor import Actor


class FactSource(Protocol):
    """Tells fields of :class:`Facts` by person; a field it does not tell stays unknown."""

    async def __call__(
        self, session: AsyncSession, actor: Actor, staff_keys: Collection[str]
    ) -> Mapping[str, dict[str, Any]]:
        """Fields by staff key."""
        ...


#: Rooms that know something, one line each: trainings, mentoring, annual grades, honors, conduct.
SOURCES: tuple[FactSource, ...] = (training_facts, mentoring_facts, grade_facts, honor_facts, conduct_facts)


async def facts_of(
    session: AsyncSession, actor: Actor, staff_keys: Collection[str], *, ladder: str
) -> dict[str, Facts]:
    """Everything that is known of some people, at every school they were at, for one ladder."""
    known: dict[str, dict[str, Any]] = {key: {"held": []} for key in staff_keys}
    async with whole_person(session, actor) as everywhere:
        for title in await held_by(session, everywhere, staff_keys):
            if title.ladder == ladder and title.recognized_on is not None:
                held = Held(rung=title.rung, first_on=title.recognized_on, last_on=title.ended_on)
                known[title.staff_key]["held"].append(held)
        for source in SOURCES:
            for key, fields in (await source(session, everywhere, staff_keys)).items():
                known[key] |= fields
    return {key: Facts(**fields) for key, fields in known.items()}
