"""What a school is told of a draw: its own part, and nothing else.

Everything here is read from the exam's frozen roster and the caller's own participant row; the sample itself is out of a
school's reach. A school that was not drawn gets the same answers as one that stands by as a replacement.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams import repository as exams
from services.monitoring.exams.tables import Exam
from services.monitoring.samples import rules
from services.monitoring.samples.schemas import LookupItem
from shared.kernel.audit.log import note
from shared.kernel.context import Kernel
from shared.kernel.personal import person_key
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

_COLUMNS = ["student_key", "class_code"]


async def own_pupils(session: AsyncSession, kernel: Kernel, *, exam: Exam, actor: Actor) -> pl.DataFrame | None:
    """The drawn pupils of the caller's school by pseudonym (``student_key, class_code``); ``None`` if it is not drawn.

    Raises:
        DomainError: ``sample.schools_are_listed``; ``sample.not_announced`` before the exam is opened.
    """
    if not rules.is_drawn_sample(exam.definition):
        raise DomainError("sample.schools_are_listed")
    if exam.roster_sha256 is None:
        raise DomainError("sample.not_announced")
    own = await exams.participants(session, actor, exam)
    if not own:
        return None
    codes, sha256 = [row.school_code for row in own], exam.roster_sha256
    roster = await asyncio.to_thread(kernel.columns.get, sha256)
    return roster.filter(pl.col("school_code").is_in(codes)).select(_COLUMNS).sort("class_code", "student_key")


def note_reading(session: AsyncSession, actor: Actor, exam: Exam, *, rows: int) -> None:
    """Notes that drawn pupils were read: by whom and how many."""
    note(session, actor, "drawn_pupils.read", exam.code, {"rows": rows})


async def look_up(
    session: AsyncSession, kernel: Kernel, *, exam: Exam, actor: Actor, student_numbers: Sequence[str]
) -> list[LookupItem]:
    """Which of these pupils are drawn at the caller's school, by place in the list; other schools' pupils never are."""
    drawn = await own_pupils(session, kernel, exam=exam, actor=actor)
    key = kernel.settings.key("person_key")
    classes: dict[str, str | None] = {} if drawn is None else dict(drawn.iter_rows())
    keys = await asyncio.to_thread(lambda: [person_key(number, key) for number in student_numbers])
    items = [
        LookupItem(position=place, is_drawn=each in classes, class_code=classes.get(each))
        for place, each in enumerate(keys, start=1)
    ]
    found = sum(item.is_drawn for item in items)
    note(session, actor, "drawn_pupils.looked_up", exam.code, {"asked": len(items), "drawn": found})
    return items
