"""What mentoring tells of people: when they completed pairs, on either side."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.mentoring.repository import completed_pairs
from shared.terms.actor import Actor


async def mentoring_facts(
    session: AsyncSession, actor: Actor, staff_keys: Collection[str]
) -> Mapping[str, dict[str, Any]]:
    """Days of completed pairs by person and side."""
    found: dict[str, dict[str, Any]] = {key: {"mentored": [], "apprenticed": []} for key in staff_keys}
    for pair in await completed_pairs(session, actor, staff_keys):
        for key, side in ((pair.mentor_key, "mentored"), (pair.mentee_key, "apprenticed")):
            if key in found:
                found[key][side].append(pair.completed_on)
    return found
