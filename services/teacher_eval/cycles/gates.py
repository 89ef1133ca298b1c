"""Who is missing before a school's next step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles import repository
from services.teacher_eval.cycles.rules import SCHOOL_LIFE, SchoolState, next_self_step
from services.teacher_eval.cycles.tables import Member, SchoolCycle
from services.teacher_eval.cycles.units import attributes_of
from services.teacher_eval.evaluations import repository as entries
from services.teacher_eval.evaluations.rules import Judge, leaves_of, unsettled
from shared.scoring.scheme.tree import Scheme
from shared.terms.actor import Actor

#: Step → whose word on which leaves it waits for, and what is missing without it.
_WORDS: Mapping[str, Sequence[tuple[Judge, str]]] = {
    "begin_comprehensive_assessment": ((Judge.APPRAISERS, "not_appraised"),),
    "begin_publicity": ((Judge.SCHOOL, "not_assessed"), (Judge.COUNTY, "not_assessed_by_county")),
}


def next_step(state: SchoolState) -> str | None:
    """The step that leads on from a state, not back."""
    onward = [step for step in SCHOOL_LIFE.actions(state) if step not in ("withdraw_publicity", "return")]
    return onward[0] if onward else None


async def missing_before(
    session: AsyncSession, *, school: SchoolCycle, scheme: Scheme, step: str, actor: Actor
) -> dict[str, list[str]]:
    """Staff keys of those who hold a step up, by what they lack; those who have no grade hold nothing up."""
    members = [row for row in await repository.all_members(session, actor, school) if row.ungraded is None]
    if step == "begin_democratic_appraisal":
        waiting = [row.staff_key for row in members if next_self_step(row.track, row.done) is not None]
        return {"not_submitted": waiting, "dispute_undecided": await entries.disputing(session, actor, school)}
    if step not in _WORDS:
        return {}
    held = await entries.held_in(session, actor, school)

    def lacks(row: Member, judge: Judge) -> bool:
        leaves = leaves_of(scheme, attributes_of(school, row), judge)
        return bool(unsettled(leaves, held.get(row.staff_key, {}), judge))

    return {what: [row.staff_key for row in members if lacks(row, judge)] for judge, what in _WORDS[step]}
