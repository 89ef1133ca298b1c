"""Bringing the register of staff up to date from the roster."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import polars as pl

from services.teacher_eval.staff_register.repository import take_staff
from services.teacher_eval.staff_register.service import REFRESH_JOB
from shared.contracts.roster import Roster, RosterClient, School
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.kernel.settings import ServiceSettings
from shared.policy.inspections import is_rural

OpenRoster = Callable[[ServiceSettings], AbstractAsyncContextManager[Roster]]


def refresh_job(open_roster: OpenRoster) -> JobKind:
    """The job, reading the roster through ``open_roster``."""

    async def run(context: JobContext) -> None:
        async with open_roster(context.kernel.settings) as roster:
            await refresh(context, roster)

    return JobKind(REFRESH_JOB, run)


async def refresh(context: JobContext, roster: Roster) -> None:
    """Reads schools and staff, and replaces what the register says of the area asked for."""
    area = context.args["area"]
    await context.progress(0, 2, "reading")
    schools, sent = await roster.schools(), await roster.export_staff()
    await context.progress(1, 2, "storing")
    staff = await asyncio.to_thread(register_frame, schools, sent, area, day=clock.today())
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        await take_staff(session, staff, area=area, seen_at=clock.now())
        result |= {"staff": int(staff["is_active"].sum()), "schools": staff["school_code"].n_unique()}
        note(session, context.actor, "staff_register.refreshed", area, result)


def register_frame(schools: Sequence[School], staff: pl.DataFrame, area: str, *, day: dt.date) -> pl.DataFrame:
    """Staff of an area's schools with what the register keeps of them, by key."""
    known = pl.DataFrame(
        [
            {
                "school_code": school.school_code,
                "school_name_zh": school.name,
                "stages": "+".join(school.stages),
                "is_rural": None if school.urban_rural is None else is_rural(school.urban_rural, day),
                "org_path": school.org_path,
            }
            for school in schools
            if school.org_path.startswith(area)
        ],
        schema={"school_code": pl.String, "school_name_zh": pl.String, "stages": pl.String, "is_rural": pl.Boolean,
                "org_path": pl.String},
    )  # fmt: skip
    joined = staff.join(known, on="school_code", how="inner").with_columns(is_active=pl.col("status") == "active")
    return joined.sort("staff_key")


REFRESH_STAFF_REGISTER = refresh_job(RosterClient.of)
