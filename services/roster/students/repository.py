"""Students in the database."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.roster.enrollments.rules import is_open
from services.roster.intake.lookup import WHOLE_SERVICE, lookup
from services.roster.students.rules import Stay
from services.roster.students.tables import Student
from services.roster.tables import METADATA
from shared.kernel.database.repository import one_visible, visible
from shared.terms.actor import Actor

_MOVE = text(
    "update students set school_code = sent.school, org_path = sent.path, version = version + 1, updated_at = now() "
    "from unnest(cast(:keys as text[]), cast(:years as text[]), cast(:schools as text[]), cast(:paths as text[])) "
    "as sent(key, year, school, path) where students.student_key = sent.key "
    "and (students.school_code, students.org_path) is distinct from (sent.school, sent.path) "
    "and not exists (select from enrollments later where later.student_key = sent.key and later.school_year > sent.year) "
    "returning students.student_key, students.org_path"
)
_TAKE_OVER = text(
    "update students set org_path = sent.path "
    "from unnest(cast(:keys as text[]), cast(:paths as text[])) as sent(key, path) where students.student_key = sent.key"
)


async def stays_of(session: AsyncSession, keys: Collection[str]) -> dict[str, list[Stay]]:
    """Every stay of the pupils, wherever it was; call it inside ``whole_service``."""
    rows = await lookup(
        session,
        METADATA.tables["enrollments"],
        org=WHOLE_SERVICE,
        by=("student_key",),
        keys={(key,) for key in keys},
        columns=("student_key", "school_year", "status"),
    )
    stays: dict[str, list[Stay]] = defaultdict(list)
    for key, year, status in rows:
        stays[key].append(Stay(year, is_open(status)))
    return stays


@dataclass(frozen=True, slots=True)
class Move:
    """A pupil who has been enrolled: from then on the school keeps the pupil's record."""

    student_key: str
    school_year: str
    school_code: str
    org_path: str


async def move_students(session: AsyncSession, moves: Sequence[Move]) -> list[tuple[str, dict[str, str]]]:
    """Gives pupils to the schools that enrolled them, unless a later school year says otherwise.

    Args:
        session: in a scope that covers the old and the new place (``whole_service``).
        moves: one per pupil.

    Returns:
        Those that really moved, as the change feed wants them.
    """
    ordered = sorted(moves, key=lambda move: move.student_key)
    arrays = {
        "keys": [move.student_key for move in ordered],
        "years": [move.school_year for move in ordered],
        "schools": [move.school_code for move in ordered],
        "paths": [move.org_path for move in ordered],
    }
    return [(path, {"student_key": key}) for key, path in await session.execute(_MOVE, arrays)]


async def take_over(session: AsyncSession, paths: Mapping[str, str]) -> None:
    """Brings students within reach of an organization that may have them; call it inside ``whole_service``."""
    keys = sorted(paths)
    await session.execute(_TAKE_OVER, {"keys": keys, "paths": [paths[key] for key in keys]})


async def one_student(session: AsyncSession, actor: Actor, student_key: str) -> Student:
    """A student of the actor's; raises ``resource.not_found``."""
    return await one_visible(session, Student, actor, Student.student_key == student_key, what=f"student {student_key}")


def students_of(
    actor: Actor, *, school_code: str | None = None, updated_since: dt.datetime | None = None
) -> Select[Student]:
    """The actor's students, filtered."""
    conditions = [
        Student.school_code == school_code if school_code else None,
        Student.updated_at >= updated_since if updated_since else None,
    ]
    return visible(Student, actor).where(*(condition for condition in conditions if condition is not None))
