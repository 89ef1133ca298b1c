"""People of a pool from the roster, as it knows them now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import polars as pl

from services.teacher_eval.pay_members import repository
from services.teacher_eval.pay_members.service.asking import TAKE_MEMBERS_JOB
from services.teacher_eval.pay_members.service.members import new_member, overlaps_of, require_open, store
from services.teacher_eval.pay_pools.repository import pool_for_update
from shared.contracts.roster import Roster, RosterClient, School
from shared.kernel.audit.log import note
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.kernel.settings import ServiceSettings
from shared.terms.organization import path_segments

OpenRoster = Callable[[ServiceSettings], AbstractAsyncContextManager[Roster]]
_DECADE = 10


def take_members_job(open_roster: OpenRoster) -> JobKind:
    """The job that takes people from the roster, reading it through ``open_roster``."""

    async def run(context: JobContext) -> None:
        async with open_roster(context.kernel.settings) as roster:
            await take_from_roster(context, roster)

    return JobKind(TAKE_MEMBERS_JOB, run)


async def take_from_roster(context: JobContext, roster: Roster) -> None:
    """Adds the active staff of the pool's school who are not in it yet; nobody's figures are touched."""
    code = context.args["pool"]
    async with context.commit() as session:
        pool = await pool_for_update(session, context.actor, code)
        school_code = path_segments(pool.org_path)[3]
    staff = await roster.export_staff(school_code=school_code, status="active")
    schools = {school.school_code: school for school in await roster.schools()}
    wanted = context.args["categories"]
    if wanted is not None:
        staff = staff.filter(pl.col("staffing_category").is_in(wanted))
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        pool = await pool_for_update(session, context.actor, code)
        require_open(pool)
        known = await repository.members_for_update(session, context.actor, pool, staff["staff_key"].to_list())
        rows = {}
        for entry in staff.iter_rows(named=True):
            if entry["staff_key"] not in known:
                row = new_member(pool, entry["staff_key"])
                row.post, row.title = entry["post"], entry["professional_title"]
                row.attributes = _attributes(entry, schools.get(school_code), int(pool.last_month[:4]))
                row.origins = {"roster": school_code}
                rows[row.staff_key] = row
        taken = {overlap.staff_key for overlap in await overlaps_of(session, pool, rows, context.actor)}
        added = [row for key, row in rows.items() if key not in taken]
        await store(session, added)
        result |= {"pool": code, "added": len(added), "known": len(known), "above_whole": sorted(taken)}
        note(session, context.actor, "pay_members.taken_from_roster", code, {"added": len(added), "left": len(taken)})


def _attributes(entry: Mapping[str, Any], school: School | None, year: int) -> dict[str, str]:
    """What people are compared by: never more exact than a decade of age."""
    found = {}
    if entry["birth_year"] is not None:
        decade = (year - entry["birth_year"]) // _DECADE * _DECADE
        found["age_band"] = f"{decade}_{decade + _DECADE - 1}"
    if school is not None:
        found["stage"] = "_".join(school.stages)
        if school.urban_rural is not None:
            found["urban_rural"] = school.urban_rural
    return found


TAKE_MEMBERS = take_members_job(RosterClient.of)
