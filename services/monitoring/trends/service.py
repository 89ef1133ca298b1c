"""Published exams that a trend runs over."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.results.service.read import Reading, open_results
from services.monitoring.trends import repository
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

MOST_EXAMS = 24


async def published_readings(
    session: AsyncSession, actor: Actor, *, kind: str | None, grade_level: int | None
) -> Sequence[Reading]:
    """The results in force of the latest published exams that the caller may read, oldest first."""
    readings = []
    for exam in await repository.published_exams(session, actor, kind=kind, grade_level=grade_level, limit=MOST_EXAMS):
        try:
            readings.append(await open_results(session, code=exam.code, actor=actor, version=None))
        except DomainError as refusal:
            if refusal.code not in ("results.withdrawn", "results.not_published", "auth.forbidden"):
                raise
    return sorted(readings, key=lambda reading: (reading.exam.held_on, reading.exam.code))
