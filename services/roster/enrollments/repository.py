"""Enrollments in the database."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.roster.enrollments.rules import is_open
from services.roster.enrollments.tables import Enrollment
from services.roster.intake.lookup import WHOLE_SERVICE, lookup
from services.roster.tables import METADATA
from shared.kernel.database.repository import visible
from shared.terms.actor import Actor

StayKey = tuple[str, str]

_CLOSE = text(
    "update enrollments set status = 'transferred_out', left_on = greatest(entered_on, sent.day), "
    "version = version + 1, updated_at = now() "
    "from unnest(cast(:keys as text[]), cast(:years as text[]), cast(:schools as text[]), cast(:days as date[])) "
    "as sent(key, year, school, day) where student_key = sent.key and school_year = sent.year "
    "and school_code <> sent.school and status in ('enrolled', 'suspended') "
    "returning student_key, school_year, school_code, org_path"
)


@dataclass(frozen=True, slots=True)
class StoredStay:
    """An enrollment row as far as the next one needs it."""

    school_code: str
    is_open: bool
    entered_on: dt.date
    org_path: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """A pupil who enters a school in a school year on a day."""

    student_key: str
    school_year: str
    school_code: str
    entered_on: dt.date


async def student_paths(session: AsyncSession, keys: Collection[str]) -> dict[str, str]:
    """Organization path of every pupil there is among ``keys``, locked; call it inside ``whole_service``."""
    table = METADATA.tables["students"]
    wanted = {(key,) for key in keys}
    columns = ("student_key", "org_path")
    rows = await lookup(session, table, org=WHOLE_SERVICE, by=("student_key",), keys=wanted, columns=columns, lock=True)
    return {row[0]: row[1] for row in rows}


async def stored_stays(session: AsyncSession, keys: Collection[StayKey]) -> dict[StayKey, list[StoredStay]]:
    """Stays by (pupil, school year), wherever they were; call it inside ``whole_service``."""
    rows = await lookup(
        session,
        METADATA.tables["enrollments"],
        org=WHOLE_SERVICE,
        by=("student_key", "school_year"),
        keys=keys,
        columns=("student_key", "school_year", "school_code", "status", "entered_on", "org_path"),
    )
    stays: dict[StayKey, list[StoredStay]] = defaultdict(list)
    for key, year, school, status, entered, path in rows:
        stays[key, year].append(StoredStay(school, is_open(status), entered, path))
    return stays


async def close_other_stays(session: AsyncSession, arrivals: Sequence[Arrival]) -> list[tuple[str, dict[str, str]]]:
    """Closes the open stays that arrivals at another school end; returns them as the change feed wants them."""
    ordered = sorted(arrivals, key=lambda arrival: (arrival.student_key, arrival.school_year))
    arrays = {
        "keys": [arrival.student_key for arrival in ordered],
        "years": [arrival.school_year for arrival in ordered],
        "schools": [arrival.school_code for arrival in ordered],
        "days": [arrival.entered_on for arrival in ordered],
    }
    closed = await session.execute(_CLOSE, arrays)
    return [
        (path, {"student_key": key, "school_year": year, "school_code": school}) for key, year, school, path in closed
    ]


def enrollments_of(
    actor: Actor,
    *,
    school_codes: Sequence[str] = (),
    school_year: str | None = None,
    grade_level: int | None = None,
    class_code: str | None = None,
    student_key: str | None = None,
    status: str | None = None,
    updated_since: dt.datetime | None = None,
) -> Select[Enrollment]:
    """The actor's enrollments, filtered."""
    conditions = [
        Enrollment.school_code.in_(school_codes) if school_codes else None,
        Enrollment.school_year == school_year if school_year else None,
        Enrollment.grade_level == grade_level if grade_level else None,
        Enrollment.class_code == class_code if class_code else None,
        Enrollment.student_key == student_key if student_key else None,
        Enrollment.status == status if status else None,
        Enrollment.updated_at >= updated_since if updated_since else None,
    ]
    return visible(Enrollment, actor).where(*(condition for condition in conditions if condition is not None))
