"""Closing the frame: the schools that can be drawn, stored and fingerprinted before a seed exists."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.visit_plans import repository
from services.school_eval.visit_plans.rules import CITY_RUN, PlanState, numbers_to_draw, visit_frame
from services.school_eval.visit_plans.service.design import kept, require_undrawn
from services.school_eval.visit_plans.tables import VisitPlan
from services.school_eval.visits.repository import visited_schools
from shared.contracts.roster import School
from shared.kernel import clock
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.kernel.store.columnar import ColumnarStore
from shared.policy.inspections import days_on, is_rural
from shared.scoring.sampling.frames import frame_hash
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

CLOSE_FRAME_JOB = "close_visit_frame"


async def ask_closing(session: AsyncSession, *, plan: VisitPlan, actor: Actor) -> Job:
    """Asks for the frame to be closed; until the draw it can be closed anew, and each closing is audited.

    Raises:
        DomainError: ``visit_plan.already_drawn``.
    """
    require_undrawn(plan)
    args = {"plan_id": str(plan.id), "version": plan.version}
    return await enqueue(session, actor, CLOSE_FRAME_JOB, args=args, org_path=plan.org_path, lock=f"plan-{plan.id}")


async def close_frame(context: JobContext, plan_id: Any, schools: Sequence[School]) -> None:
    """Stores the schools that can be drawn with their fingerprint, and the register of schools with them.

    Raises:
        DomainError: ``visit_plan.already_drawn``; ``visit_plan.design_changed`` meanwhile; ``visit_plan.too_few_schools``
            and other refusals of a frame the design cannot be drawn from.
    """
    actor, today = context.actor, clock.today()
    async with context.commit() as session:
        plan = await repository.plan_by_id(session, actor, plan_id)
        _require_asked(plan, context)
        known = [school for school in schools if school.org_path.startswith(plan.org_path)]
        visited = await visited_schools(session, actor, school_year=plan.school_year, semester=plan.semester)
        design = dict(plan.design)
    sound = [school for school in known if not school.is_closed]
    frame, stored = await asyncio.to_thread(_closed, context.kernel.columns, sound, visited, design, today)
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        plan = await repository.plan_by_id(session, actor, plan_id)
        _require_asked(plan, context)
        await repository.register_schools(session, [_registered(school, today) for school in known])
        plan.frame_sha256, plan.frame_hash, plan.school_count = stored, frame_hash(frame), frame.height
        plan.frame_closed_at, plan.frame_closed_by = clock.now(), actor.subject
        plan.state = PlanState.FRAME_CLOSED
        result |= {"frame_hash": plan.frame_hash, "schools": frame.height}
        await kept(session, plan, "frame_closed", actor, result)


def _require_asked(plan: VisitPlan, context: JobContext) -> None:
    require_undrawn(plan)
    if plan.version != context.args["version"]:
        raise DomainError("visit_plan.design_changed")


def _closed(
    store: ColumnarStore,
    schools: Sequence[School],
    visited: pl.DataFrame,
    design: Mapping[str, Any],
    today: dt.date,
) -> tuple[pl.DataFrame, str]:
    years, most = days_on("longest_unvisited_years", today), days_on("most_visits_per_semester", today)
    frame = visit_frame(_table(schools, visited, today), design, on=today, longest_years=years, most_visits=most)
    numbers_to_draw(frame, design)
    return frame, store.put(frame).sha256


def _table(schools: Sequence[School], visited: pl.DataFrame, today: dt.date) -> pl.DataFrame:
    columns = {
        "unit_code": [school.school_code for school in schools],
        "name_zh": [school.name for school in schools],
        "county_code": [school.county_code for school in schools],
        "urban_rural": [school.urban_rural for school in schools],
        "is_rural": [is_rural(school.urban_rural, today) for school in schools],
        "is_city_run": [school.attributes.get(CITY_RUN) is True for school in schools],
    }
    text = ("unit_code", "name_zh", "county_code", "urban_rural")
    kinds = {name: pl.String() if name in text else pl.Boolean() for name in columns}
    found = pl.DataFrame(columns, schema=kinds).join(visited, on="unit_code", how="left")
    return found.with_columns(pl.col("visits_in_semester").fill_null(0))


def _registered(school: School, today: dt.date) -> dict[str, Any]:
    return {
        "school_code": school.school_code,
        "county_code": school.county_code,
        "name_zh": school.name,
        "is_rural": is_rural(school.urban_rural, today),
        "is_city_run": school.attributes.get(CITY_RUN) is True,
        "is_closed": school.is_closed,
        "org_path": school.org_path,
        "read_at": clock.now(),
    }


async def frame_text(store: ColumnarStore, plan: VisitPlan) -> bytes:
    """The very bytes that were fingerprinted.

    Raises:
        DomainError: ``visit_plan.frame_open``.
    """
    if plan.frame_sha256 is None:
        raise DomainError("visit_plan.frame_open")
    name = plan.frame_sha256
    return await asyncio.to_thread(lambda: store.get(name).write_ndjson().encode())
