"""Previewing the links of a school year from the roster's teaching assignments."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.teaching_links import repository
from services.teacher_eval.teaching_links.rules import LinkState, SchoolState
from services.teacher_eval.teaching_links.service.windows import PREVIEW_JOB, keep_school, start_clock
from services.teacher_eval.teaching_links.tables import LinkWindow, SchoolLinks
from shared.contracts.roster import Roster, RosterClient
from shared.kernel.audit.log import note
from shared.kernel.ids import new_id
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.kernel.settings import ServiceSettings
from shared.terms.actor import Actor

OpenRoster = Callable[[ServiceSettings], AbstractAsyncContextManager[Roster]]


def preview_job(open_roster: OpenRoster) -> JobKind:
    """The job, reading the roster through ``open_roster``."""

    async def run(context: JobContext) -> None:
        async with open_roster(context.kernel.settings) as roster:
            await preview(context, roster)

    return JobKind(PREVIEW_JOB, run)


async def preview(context: JobContext, roster: Roster) -> None:
    """Takes into the window every school of the office that has teaching assignments and is not in one yet."""
    await context.progress(0, 2, "reading")
    async with context.commit() as session:
        window = await repository.window_by_id(session, context.actor, uuid.UUID(context.args["window_id"]))
        area, school_year = window.org_path, window.school_year
    schools = {school.school_code: school.org_path for school in await roster.schools()}
    assigned = await roster.export_teaching_assignments(school_year=school_year, status="assigned")
    teaching = assigned.filter(pl.col("kind") == "teaching")
    await context.progress(1, 2, "storing")
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        window = await repository.window_by_id(session, context.actor, window.id)
        known = await repository.schools_previewed(session, context.actor, window)
        elsewhere = await repository.years_elsewhere(session, context.actor, window)
        new = links = 0
        for (school_code,), rows in teaching.group_by(["school_code"], maintain_order=True):
            path = schools.get(str(school_code), "")
            if path.startswith(area) and path not in known and path not in elsewhere:
                links += await _take_school(session, context, window, path, rows)
                new += 1
        held = sum(path.startswith(area) for path in elsewhere)
        result |= {"schools": new, "links": links, "schools_before": len(known), "schools_elsewhere": held}
        note(session, context.actor, "teaching_links.previewed", school_year, result)


async def _take_school(
    session: AsyncSession, context: JobContext, window: LinkWindow, path: str, rows: pl.DataFrame
) -> int:
    school = SchoolLinks(
        id=new_id(),
        window_id=window.id,
        org_path=path,
        school_code=rows["school_code"][0],
        state=SchoolState.PREVIEWED,
        source_sha256=hashlib.sha256(rows.write_json().encode()).hexdigest(),
        version=0,
    )
    start_clock(school, window, "confirm", context.kernel.settings)
    actor: Actor = replace(context.actor, org=path)
    await keep_school(session, school, window, "previewed", actor, links=rows.height)
    await repository.insert_links(session, [_link(school, row) for row in rows.iter_rows(named=True)])
    return rows.height


def _link(school: SchoolLinks, row: dict[str, Any]) -> dict[str, Any]:
    extent = {"share": row["share"], "starts_on": row["starts_on"].isoformat(), "ends_on": row["ends_on"].isoformat()}
    return {
        "id": new_id(),
        "school_links_id": school.id,
        "org_path": school.org_path,
        "staff_key": row["staff_key"],
        "class_code": row["class_code"],
        "grade_level": row["grade_level"],
        "subject": row["subject"],
        "state": LinkState.PREVIEWED,
        "previewed": extent,
        "claimed": None,
        "share": Decimal(str(row["share"])),
        "starts_on": row["starts_on"],
        "ends_on": row["ends_on"],
        "is_silent": False,
        "version": 1,
    }


PREVIEW_LINKS = preview_job(RosterClient.of)
