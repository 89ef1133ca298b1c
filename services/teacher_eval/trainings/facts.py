"""What trainings tell of people: day and hours of everything that counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.trainings.repository import records_of_people
from services.teacher_eval.trainings.service.records import counted_hours
from services.teacher_eval.trainings.tables import TrainingRecord
from shared.terms.actor import Actor


async def training_facts(
    session: AsyncSession, actor: Actor, staff_keys: Collection[str]
) -> Mapping[str, dict[str, Any]]:
    """Hours by person; of somebody without records none, which is known."""
    rows: dict[str, list[TrainingRecord]] = defaultdict(list)
    for row in await records_of_people(session, actor, staff_keys):
        rows[row.staff_key].append(row)
    return {key: {"hours": counted_hours(rows[key])} for key in staff_keys}
