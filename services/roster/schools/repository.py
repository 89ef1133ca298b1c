"""Schools in the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, and_, func, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.roster.intake.lookup import lookup
from services.roster.schools.tables import School
from services.roster.tables import METADATA
from shared.kernel.database.repository import one_visible, visible
from shared.terms.actor import Actor


@dataclass(frozen=True, slots=True)
class KnownSchool:
    """What other collections need of a school."""

    school_code: str
    county_code: str
    org_path: str
    stages: tuple[str, ...]


async def known_schools(session: AsyncSession, actor: Actor, codes: Collection[str]) -> dict[str, KnownSchool]:
    """The actor's schools among ``codes``."""
    rows = await lookup(
        session,
        METADATA.tables["schools"],
        org=actor.org,
        by=("school_code",),
        keys={(code,) for code in codes},
        columns=("school_code", "county_code", "org_path", "stages"),
    )
    return {row[0]: KnownSchool(row[0], row[1], row[2], tuple(row[3])) for row in rows}


async def one_school(session: AsyncSession, actor: Actor, school_code: str) -> School:
    """A school of the actor's; raises ``resource.not_found``."""
    return await one_visible(session, School, actor, School.school_code == school_code, what=f"school {school_code}")


def schools_of(
    actor: Actor,
    *,
    county_code: str | None = None,
    school_type: str | None = None,
    stage: str | None = None,
    updated_since: dt.datetime | None = None,
) -> Select[School]:
    """The actor's schools, filtered."""
    conditions = [
        School.county_code == county_code if county_code else None,
        School.school_type == school_type if school_type else None,
        School.stages.contains([stage]) if stage else None,
        School.updated_at >= updated_since if updated_since else None,
    ]
    return visible(School, actor).where(*(condition for condition in conditions if condition is not None))


async def move_below(session: AsyncSession, old_path: str, new_path: str) -> None:
    """Moves all that belongs to a school to its new organization path."""
    for name in ("classes", "students", "staff", "enrollments", "teaching_assignments"):
        table = METADATA.tables[name]
        path = table.c.org_path
        inside = and_(path >= old_path, func.starts_with(path, old_path))
        moved = func.concat(new_path, func.substr(path, len(old_path) + 1))
        await session.execute(update(table).where(inside).values(org_path=moved, version=table.c.version + 1))
