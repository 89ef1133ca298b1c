"""Drawing from the closed frame with a seed given afterwards, once; and repeating the draw to check it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.checklists.service import published
from services.school_eval.visit_plans import repository
from services.school_eval.visit_plans.rules import PlanState, Role, Stratum, numbers_to_draw
from services.school_eval.visit_plans.schemas import DrawIn
from services.school_eval.visit_plans.service.design import kept, require_undrawn
from services.school_eval.visit_plans.tables import PlannedSchool, VisitDraw, VisitPlan
from shared.kernel import clock
from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.sampling.draws import GENERATOR
from shared.scoring.sampling.frames import frame_hash
from shared.scoring.sampling.weighted_draw import draw_by_weight, drawn_share
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def draw_plan(
    session: AsyncSession, store: ColumnarStore, *, plan: VisitPlan, body: DrawIn, actor: Actor
) -> VisitDraw:
    """Draws schools, those rated twice, and the order of the reserve, once and for good.

    Raises:
        DomainError: ``visit_plan.frame_open``, ``visit_plan.already_drawn``, ``visit_plan.frame_differs``,
            ``visit_plan.frame_damaged``, ``checklist.not_published``.
    """
    require_undrawn(plan)
    if plan.frame_sha256 is None or plan.frame_hash is None:
        raise DomainError("visit_plan.frame_open")
    if body.frame_hash not in (None, plan.frame_hash):
        raise DomainError("visit_plan.frame_differs", params={"frame_hash": plan.frame_hash})
    checklists = await published(session, plan.design["checklists"], actor=actor)
    frame = await asyncio.to_thread(_sound_frame, store, plan.frame_sha256)
    numbers = numbers_to_draw(frame, plan.design)
    drawn = await asyncio.to_thread(draw, frame, numbers, seed=body.seed, rate=plan.design["double_rated_rate"])
    made = VisitDraw(plan_id=plan.id, org_path=plan.org_path, seed=body.seed, frame_hash=plan.frame_hash)
    made.numbers, made.double_rated_rate, made.generator = numbers, plan.design["double_rated_rate"], GENERATOR
    made.witnessed_by, made.drawn_by, made.drawn_at = body.witnessed_by, actor.subject, clock.now()
    session.add(made)
    session.add_all(_planned(plan, row) for row in drawn.iter_rows(named=True))
    plan.state = PlanState.DRAWN
    plan.checklists = [{"code": each.code, "number": each.number, "sha256": each.sha256} for each in checklists]
    detail = {"seed": body.seed, "witnessed_by": body.witnessed_by, "frame_hash": plan.frame_hash}
    await kept(session, plan, "drawn", actor, detail)
    return made


def draw(frame: pl.DataFrame, numbers: Mapping[str, int], *, seed: int, rate: str) -> pl.DataFrame:
    """Schools that were drawn or stand in reserve, with ``probability, role, reserve_order, is_double_rated`` added."""
    there = frame.filter(pl.col("stratum") != Stratum.EXCLUDED)
    found = draw_by_weight(there, numbers, seed=seed)
    twice = drawn_share(found.filter("is_drawn")["unit_code"], float(rate), seed=seed)
    role = pl.when("is_drawn").then(pl.lit(Role.DRAWN.value)).otherwise(pl.lit(Role.RESERVE.value))
    return there.join(found.drop("stratum"), on="unit_code", validate="1:1").with_columns(
        role.alias("role"), pl.col("unit_code").is_in(twice).alias("is_double_rated")
    )


async def verify(session: AsyncSession, store: ColumnarStore, *, plan: VisitPlan, actor: Actor) -> list[str]:
    """Repeats the draw from the stored frame and seed and names what differs; nothing means verified.

    Differences: ``frame`` where the stored file is missing or not what its fingerprint says, ``schools``.

    Raises:
        DomainError: ``visit_plan.not_drawn``.
    """
    made = await repository.draw_of(session, actor, plan)
    if made is None or plan.frame_sha256 is None:
        raise DomainError("visit_plan.not_drawn")
    frame = await asyncio.to_thread(store.get_sound, plan.frame_sha256)
    if frame is None or frame_hash(frame) != made.frame_hash:
        return ["frame"]
    again = await asyncio.to_thread(draw, frame, made.numbers, seed=made.seed, rate=made.double_rated_rate)
    rows = (await session.scalars(repository.planned_schools(actor, plan))).all()
    # A replacement changes a school's role later, never its probability and its place.
    stored = {(row.school_code, row.probability, row.reserve_order) for row in rows}
    repeated = set(again.select("unit_code", "probability", "reserve_order").iter_rows())
    return [] if stored == repeated else ["schools"]


def _sound_frame(store: ColumnarStore, sha256: str) -> pl.DataFrame:
    frame = store.get_sound(sha256)
    if frame is None:
        raise DomainError("visit_plan.frame_damaged", params={"sha256": sha256})
    return frame


def _planned(plan: VisitPlan, row: Mapping[str, Any]) -> PlannedSchool:
    names = ("county_code", "stratum", "is_rural", "is_city_run", "probability", "role", "reserve_order")
    kept_values = {name: row[name] for name in (*names, "is_double_rated")}
    return PlannedSchool(
        plan_id=plan.id,
        org_path=plan.org_path,
        school_code=row["unit_code"],
        school_name_zh=row["name_zh"],
        **kept_values,
    )
