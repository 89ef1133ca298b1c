"""What is looked at on a visit: the items of its checklists in their published versions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.checklists.repository import version_by_number
from services.school_eval.checklists.rules import ChecklistItem, items_of
from services.school_eval.checklists.tables import ChecklistVersion
from services.school_eval.visits.tables import Visit
from shared.terms.actor import Actor


async def checklists_of(session: AsyncSession, visit: Visit, *, actor: Actor) -> Sequence[ChecklistVersion]:
    """The checklists of a visit in its order."""
    return [await version_by_number(session, actor, ref["code"], ref["number"]) for ref in visit.checklists]


async def items_of_visit(session: AsyncSession, visit: Visit, *, actor: Actor) -> list[ChecklistItem]:
    """Every item of a visit in its order."""
    versions = await checklists_of(session, visit, actor=actor)
    return [item for version in versions for item in items_of(version.code, version.content)]
