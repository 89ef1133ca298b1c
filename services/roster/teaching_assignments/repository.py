"""Teaching assignments in the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Float, Select, and_, cast, func
from sqlalchemy.ext.asyncio import AsyncSession

from services.roster.classes.repository import ClassKey
from services.roster.classes.tables import SchoolClass
from services.roster.intake.lookup import WHOLE_SERVICE, lookup
from services.roster.intake.upsert import Key
from services.roster.tables import METADATA
from services.roster.teaching_assignments.rules import Span
from services.roster.teaching_assignments.tables import TeachingAssignment
from shared.kernel.database.repository import visible
from shared.terms.actor import Actor

_CLASS = ("school_code", "school_year", "class_code")
_COUNTY_SEGMENT = 3


@dataclass(frozen=True, slots=True)
class StoredAssignment:
    """An assignment as far as the next one at its class needs it."""

    key: Key
    status: str
    span: Span


async def lock_classes(session: AsyncSession, actor: Actor, keys: Collection[ClassKey]) -> set[ClassKey]:
    """The actor's classes among ``keys``, locked: shares of a class are given out by one transaction at a time."""
    table = METADATA.tables["classes"]
    rows = await lookup(session, table, org=actor.org, by=_CLASS, keys=keys, columns=_CLASS, lock=True)
    return {(row[0], row[1], row[2]) for row in rows}


async def staff_paths(session: AsyncSession, keys: Collection[str]) -> dict[str, str]:
    """Organization path of every member of staff there is among ``keys``; call it inside ``whole_service``."""
    table, wanted = METADATA.tables["staff"], {(key,) for key in keys}
    columns = ("staff_key", "org_path")
    rows = await lookup(session, table, org=WHOLE_SERVICE, by=("staff_key",), keys=wanted, columns=columns)
    return {row[0]: row[1] for row in rows}


async def stored_assignments(
    session: AsyncSession, actor: Actor, classes: Collection[ClassKey]
) -> list[StoredAssignment]:
    """Every assignment at some of the actor's classes."""
    table = METADATA.tables["teaching_assignments"]
    key = tuple(column.name for column in table.primary_key.columns)
    columns = (*key, "status", "starts_on", "ends_on", "share")
    rows = await lookup(session, table, org=actor.org, by=_CLASS, keys=classes, columns=columns)
    return [StoredAssignment(tuple(row[:-4]), row[-4], Span(row[-3], row[-2], row[-1])) for row in rows]


def assignments_of(
    actor: Actor,
    *,
    school_code: str | None = None,
    school_year: str | None = None,
    class_code: str | None = None,
    staff_key: str | None = None,
    kind: str | None = None,
    subject: str | None = None,
    status: str | None = None,
    updated_since: dt.datetime | None = None,
) -> Select[TeachingAssignment]:
    """The actor's assignments, filtered."""
    t = TeachingAssignment
    conditions = [
        t.school_code == school_code if school_code else None,
        t.school_year == school_year if school_year else None,
        t.class_code == class_code if class_code else None,
        t.staff_key == staff_key if staff_key else None,
        t.kind == kind if kind else None,
        t.subject == subject if subject else None,
        t.status == status if status else None,
        t.updated_at >= updated_since if updated_since else None,
    ]
    return visible(t, actor).where(*(condition for condition in conditions if condition is not None))


def exported(assignments: Select[TeachingAssignment]) -> Select[Any]:
    """Assignments with the grade and type of their class, by class and person."""
    t, c = TeachingAssignment, SchoolClass
    same = and_(c.school_code == t.school_code, c.school_year == t.school_year, c.class_code == t.class_code)
    key = (t.school_code, t.class_code, t.kind, t.subject, t.staff_key, t.spell)
    return (
        assignments.join(c, same)
        .with_only_columns(
            t.staff_key,
            t.school_code,
            func.split_part(t.org_path, "/", _COUNTY_SEGMENT),
            t.class_code,
            c.grade_level,
            c.class_type,
            t.kind,
            func.nullif(t.subject, ""),
            cast(t.share, Float),
            t.starts_on,
            t.ends_on,
            t.status,
        )
        .order_by(*key)
    )
