"""Classes in the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from services.roster.classes.tables import SchoolClass
from services.roster.intake.lookup import lookup
from services.roster.tables import METADATA
from shared.kernel.database.repository import one_visible, visible
from shared.terms.actor import Actor

ClassKey = tuple[str, str, str]


async def grades_of_classes(session: AsyncSession, actor: Actor, keys: Collection[ClassKey]) -> dict[ClassKey, int]:
    """Grade level of each of the actor's classes among ``keys`` (school, school year, class code)."""
    by = ("school_code", "school_year", "class_code")
    table = METADATA.tables["classes"]
    rows = await lookup(session, table, org=actor.org, by=by, keys=keys, columns=(*by, "grade_level"))
    return {(row[0], row[1], row[2]): row[3] for row in rows}


async def one_class(session: AsyncSession, actor: Actor, key: ClassKey) -> SchoolClass:
    """A class of the actor's; raises ``resource.not_found``."""
    school_code, school_year, class_code = key
    conditions = (
        SchoolClass.school_code == school_code,
        SchoolClass.school_year == school_year,
        SchoolClass.class_code == class_code,
    )
    return await one_visible(session, SchoolClass, actor, *conditions, what=f"class {'/'.join(key)}")


def classes_of(
    actor: Actor,
    *,
    school_code: str | None = None,
    school_year: str | None = None,
    grade_level: int | None = None,
    updated_since: dt.datetime | None = None,
) -> Select[SchoolClass]:
    """The actor's classes, filtered."""
    conditions = [
        SchoolClass.school_code == school_code if school_code else None,
        SchoolClass.school_year == school_year if school_year else None,
        SchoolClass.grade_level == grade_level if grade_level else None,
        SchoolClass.updated_at >= updated_since if updated_since else None,
    ]
    return visible(SchoolClass, actor).where(*(condition for condition in conditions if condition is not None))
