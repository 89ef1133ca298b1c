"""What certified records tell of people: level and day of their honours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.ladders.rules import HonorLevel
from services.teacher_eval.teacher_records import repository
from shared.terms.actor import Actor

KIND = "honors"
_LEVELS: Mapping[str, HonorLevel] = {
    "national": HonorLevel.NATIONAL,
    "province": HonorLevel.PROVINCIAL,
    "city": HonorLevel.CITY,
    "county": HonorLevel.COUNTY,
    "school": HonorLevel.SCHOOL,
}


async def honor_facts(session: AsyncSession, actor: Actor, staff_keys: Collection[str]) -> Mapping[str, dict[str, Any]]:
    """Honours by person; of somebody without certified ones nothing is known: honours are older than this platform."""
    found = defaultdict(list)
    for staff_key, level, day in await repository.certified_levels(session, actor, KIND, staff_keys):
        found[staff_key].append((_LEVELS[level], day))
    return {key: {"honors": honors} for key, honors in found.items()}
