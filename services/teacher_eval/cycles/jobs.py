"""Opening a cycle: which schools and whom it holds, as the roster knows them now."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import cache
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles import repository
from services.teacher_eval.cycles.documents import scheme_of
from services.teacher_eval.cycles.rules import CYCLE_LIFE, LISTED, CycleState, SchoolState
from services.teacher_eval.cycles.service import OPEN_CYCLE_JOB, move_cycle
from services.teacher_eval.cycles.tables import Cycle, Member, SchoolCycle
from services.teacher_eval.cycles.units import school_attributes
from shared.contracts.roster import Roster, RosterClient, School
from shared.kernel.ids import new_id
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.kernel.settings import ServiceSettings
from shared.policy.annual_assessment import track_of_post
from shared.scoring.scheme.entered_values import applies
from shared.scoring.scheme.tree import Evaluator, Scheme
from shared.terms.errors import DomainError

OpenRoster = Callable[[ServiceSettings], AbstractAsyncContextManager[Roster]]
#: Rows per statement.
CHUNK = 5_000


def open_cycle_job(open_roster: OpenRoster) -> JobKind:
    """The job that opens a cycle, reading the roster through ``open_roster``."""

    async def run(context: JobContext) -> None:
        async with open_roster(context.kernel.settings) as roster:
            await open_cycle(context, roster)

    return JobKind(OPEN_CYCLE_JOB, run)


async def open_cycle(context: JobContext, roster: Roster) -> None:
    """Freezes the schools of a cycle and their staff."""
    cycle_id = uuid.UUID(context.args["cycle_id"])
    async with context.commit() as session:
        row = await repository.cycle_by_id(session, cycle_id)
        CYCLE_LIFE.target("open", CycleState(row.state))
        scheme = await scheme_of(row)
    await context.progress(0, 2, "roster")
    schools = schools_in_scope(await roster.schools(), row)
    staff = (await roster.export_staff(status="active")).filter(pl.col("school_code").is_in(sorted(schools)))
    if staff.is_empty():
        raise DomainError("cycle.no_staff")
    await context.progress(1, 2, "freezing")
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        row = await repository.cycle_by_id(session, cycle_id)
        held = {code: schools[code] for code in staff["school_code"].unique().sort()}
        ids = await _add_schools(session, row, held)
        await add_members(session, row, scheme, staff, held, ids)
        counts = {"schools": len(held), "members": staff.height}
        await move_cycle(session, row, "open", actor=context.actor, detail=counts)
        result |= {"cycle": row.code, **counts}


def schools_in_scope(schools: Iterable[School], row: Cycle) -> dict[str, School]:
    """Open schools of the cycle's area and scope, by code.

    Raises:
        DomainError: ``cycle.schools_unknown`` for listed schools that are not among them.
    """
    scope = row.definition["scope"]
    counties, listed = scope.get("counties"), scope.get("schools")
    own = {
        school.school_code: school
        for school in schools
        if school.org_path.startswith(row.org_path)
        and not school.is_closed
        and (counties is None or school.county_code in counties)
    }
    if listed is None:
        return own
    unknown = sorted(set(listed) - set(own))
    if unknown:
        raise DomainError("cycle.schools_unknown", params={"schools": ", ".join(unknown[:LISTED])})
    return {code: own[code] for code in listed}


async def _add_schools(session: AsyncSession, row: Cycle, schools: Mapping[str, School]) -> dict[str, uuid.UUID]:
    ids = {code: new_id() for code in schools}
    rows = [
        {
            "id": ids[code],
            "cycle_id": row.id,
            "org_path": school.org_path,
            "school_code": code,
            "county_code": school.county_code,
            "name_zh": school.name,
            "attributes": school_attributes(school),
            "state": SchoolState.DRAFT,
            "accepted": [],
        }
        for code, school in schools.items()
    ]
    await repository.add_rows(session, SchoolCycle, rows)
    return ids


async def add_members(
    session: AsyncSession,
    row: Cycle,
    scheme: Scheme,
    staff: pl.DataFrame,
    schools: Mapping[str, School],
    ids: Mapping[str, uuid.UUID],
    *,
    reason: str | None = None,
) -> None:
    """Adds staff of the roster to their schools' lists."""
    paths = {code: school.org_path for code, school in schools.items()}
    asked = _asked(scheme, schools)
    wanted = staff.select("staff_key", "name", "school_code", "post", "professional_title")
    for part in wanted.iter_slices(CHUNK):
        rows = []
        for key, name, school, post, title in part.iter_rows():
            track = track_of_post(post).code
            rows.append(
                {
                    "id": new_id(),
                    "cycle_id": row.id,
                    "school_cycle_id": ids[school],
                    "org_path": paths[school],
                    "school_code": school,
                    "staff_key": key,
                    "name": name,
                    "post": post,
                    "professional_title": title,
                    "track": track,
                    "group": track,
                    "asked_count": asked(school, track, post, title),
                    "change_reason": reason,
                    "done": {},
                }
            )
        await repository.add_rows(session, Member, rows)


def _asked(scheme: Scheme, schools: Mapping[str, School]) -> Callable[[str, str, str | None, str | None], int]:
    """How many figures somebody of a school, track, post and title enters by hand; each kind of person is counted once."""

    @cache
    def count(school: str, track: str, post: str | None, title: str | None) -> int:
        own = {"track": track, "group": track, "post": post, "professional_title": title, "school_code": school}
        return asked_of(scheme, school_attributes(schools[school]) | own)

    return count


def asked_of(scheme: Scheme, attributes: Mapping[str, Any]) -> int:
    """How many figures a person with these attributes enters by hand."""
    return sum(leaf.asks for leaf in scheme.leaves() if Evaluator.SELF in leaf.evaluators and applies(leaf, attributes))


OPEN_CYCLE = open_cycle_job(RosterClient.of)
