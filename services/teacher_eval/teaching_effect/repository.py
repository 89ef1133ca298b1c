"""Effects of teaching in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy import Select, func, insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.teaching_effect.tables import TeachingEffect, TeachingEffectRun
from shared.kernel.database.repository import one_visible, visible
from shared.kernel.database.scope import within
from shared.terms.actor import Actor

_CHUNK = 5_000
_ROWS = {"org_path": pl.String, "staff_key": pl.String, "effect": pl.Float64, "se": pl.Float64, "label": pl.String}


def runs_of(actor: Actor) -> Select[TeachingEffectRun]:
    """Computations the actor sees."""
    return visible(TeachingEffectRun, actor)


async def last_number(session: AsyncSession, actor: Actor, org_path: str, school_year: str) -> int:
    """Number of an office's newest computation of a year; 0 before the first."""
    r = TeachingEffectRun
    statement = runs_of(actor).where(r.org_path == org_path, r.school_year == school_year)
    return int((await session.execute(statement.with_only_columns(func.coalesce(func.max(r.number), 0)))).scalar_one())


async def run_by_number(
    session: AsyncSession, actor: Actor, org_path: str, school_year: str, number: int
) -> TeachingEffectRun:
    """A computation; raises ``resource.not_found``."""
    r = TeachingEffectRun
    named = (r.org_path == org_path, r.school_year == school_year, r.number == number)
    return await one_visible(session, r, actor, *named, what=f"teaching effect {school_year} {number}")


async def run_for(session: AsyncSession, actor: Actor, school_year: str, area: str) -> TeachingEffectRun | None:
    """The newest computation of an area's own office, or else of the nearest office above it."""
    r = TeachingEffectRun
    statement = runs_of(actor).where(r.school_year == school_year, func.starts_with(area, r.org_path))
    newest = statement.order_by(func.length(r.org_path).desc(), r.number.desc()).limit(1)
    return (await session.scalars(newest)).one_or_none()


async def insert_effects(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Writes many effects at once."""
    for start in range(0, len(rows), _CHUNK):
        await session.execute(insert(TeachingEffect), list(rows[start : start + _CHUNK]))


async def effects_within(session: AsyncSession, actor: Actor, run: TeachingEffectRun, area: str) -> pl.DataFrame:
    """``org_path, staff_key, effect, se, label`` of a computation within an area, by path and key."""
    e = TeachingEffect
    statement = visible(e, actor).where(e.run_id == run.id, within(e.org_path, area))
    columns = [getattr(e, name) for name in _ROWS]
    rows = (await session.execute(statement.with_only_columns(*columns).order_by(e.org_path, e.staff_key))).all()
    return pl.DataFrame([tuple(row) for row in rows], schema=_ROWS, orient="row")


async def effects_of_person(
    session: AsyncSession, actor: Actor, staff_key: str
) -> Sequence[tuple[TeachingEffect, TeachingEffectRun]]:
    """Every effect of a person with its computation, newest first."""
    e, r = TeachingEffect, TeachingEffectRun
    statement = visible(e, actor).join(r, r.id == e.run_id).where(e.staff_key == staff_key).add_columns(r)
    rows = (await session.execute(statement.order_by(r.computed_at.desc(), e.id.desc()))).all()
    return [(effect, run) for effect, run in rows]
