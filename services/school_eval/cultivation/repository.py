"""Programs and candidates in the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Select, func
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.cultivation.tables import Candidate, CandidateEntry, CultivationProgram
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.kernel.database.scope import within
from shared.terms.actor import Actor


async def all_programs(session: AsyncSession, actor: Actor) -> Sequence[CultivationProgram]:
    """Every program the actor sees, by code."""
    return (await session.scalars(visible(CultivationProgram, actor).order_by(CultivationProgram.code))).all()


async def program_by_code(session: AsyncSession, actor: Actor, code: str) -> CultivationProgram:
    """A program; raises ``resource.not_found``."""
    named = CultivationProgram.code == code
    return await one_visible(session, CultivationProgram, actor, named, what=f"cultivation program {code}")


async def own_program_for_update(session: AsyncSession, actor: Actor, code: str) -> CultivationProgram | None:
    """The actor's own program, locked, if there is one."""
    p = CultivationProgram
    statement = visible(p, actor).where(p.code == code, p.org_path == actor.org).with_for_update()
    return (await session.scalars(statement)).one_or_none()


def candidates_of(actor: Actor, program: CultivationProgram) -> Select[Candidate]:
    """Schools of a program within the actor's organization."""
    return visible(Candidate, actor).where(Candidate.program_id == program.id)


async def candidate_by_school(
    session: AsyncSession, actor: Actor, program: CultivationProgram, school_code: str
) -> Candidate:
    """A school in a program; raises ``resource.not_found``."""
    named = (Candidate.program_id == program.id, Candidate.school_code == school_code)
    return await one_visible(session, Candidate, actor, *named, what=f"candidate {school_code}")


async def candidate_for_update(
    session: AsyncSession, actor: Actor, program: CultivationProgram, school_code: str
) -> Candidate:
    """The same, locked."""
    named = (Candidate.program_id == program.id, Candidate.school_code == school_code)
    return await one_visible_for_update(session, Candidate, actor, *named, what=f"candidate {school_code}")


async def is_candidate(session: AsyncSession, actor: Actor, program: CultivationProgram, school_code: str) -> bool:
    """Whether a school is in a program already."""
    statement = candidates_of(actor, program).where(Candidate.school_code == school_code)
    return (await session.scalars(statement)).one_or_none() is not None


async def entries_of(session: AsyncSession, actor: Actor, candidate: Candidate) -> Sequence[CandidateEntry]:
    """Everything that was said on a candidate, oldest first."""
    statement = visible(CandidateEntry, actor).where(CandidateEntry.candidate_id == candidate.id)
    return (await session.scalars(statement.order_by(CandidateEntry.id))).all()


async def counts(session: AsyncSession, actor: Actor, program: CultivationProgram) -> Mapping[str, dict[str, int]]:
    """Schools by county and state."""
    c = Candidate
    statement = candidates_of(actor, program).with_only_columns(c.county_code, c.state, func.count())
    found: dict[str, dict[str, int]] = {}
    rows = await session.execute(statement.group_by(c.county_code, c.state).order_by(c.county_code, c.state))
    for county, state, count in rows.all():
        found.setdefault(county, {})[state] = count
    return found


async def recognized_by_year(
    session: AsyncSession, actor: Actor, program_code: str, org_path: str, years: Iterable[int]
) -> Mapping[int, int]:
    """How many schools of an organization held a recognition at the end of each year (of the current one: today)."""
    c, p = Candidate, CultivationProgram
    statement = (
        visible(c, actor)
        .join(p, p.id == c.program_id)
        .where(p.code == program_code, within(c.org_path, org_path), c.recognized_on.is_not(None))
        .with_only_columns(c.recognized_on, c.recognized_until)
    )
    held = (await session.execute(statement)).all()
    ends = {year: dt.date(year, 12, 31) for year in years}
    return {
        year: sum(first is not None and first <= end and (last is None or last >= end) for first, last in held)
        for year, end in ends.items()
    }
