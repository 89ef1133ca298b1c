"""Checklists in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.checklists.tables import Checklist, ChecklistVersion
from shared.kernel.database.repository import one_visible, visible
from shared.terms.actor import Actor


async def all_checklists(session: AsyncSession, actor: Actor) -> Sequence[Checklist]:
    """Every checklist the actor sees, by code."""
    return (await session.scalars(visible(Checklist, actor).order_by(Checklist.code))).all()


async def checklist_by_code(session: AsyncSession, actor: Actor, code: str) -> Checklist:
    """A checklist; raises ``resource.not_found``."""
    return await one_visible(session, Checklist, actor, Checklist.code == code, what=f"checklist {code}")


async def own_checklist_for_update(session: AsyncSession, actor: Actor, code: str) -> Checklist | None:
    """The actor's own checklist, locked, if there is one."""
    c = Checklist
    statement = visible(c, actor).where(c.code == code, c.org_path == actor.org).with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def versions_of(session: AsyncSession, actor: Actor, checklist: Checklist) -> Sequence[ChecklistVersion]:
    """Published versions, newest first."""
    v = ChecklistVersion
    statement = visible(v, actor).where(v.checklist_id == checklist.id).order_by(v.number.desc())
    return (await session.scalars(statement)).all()


async def latest_versions(
    session: AsyncSession, actor: Actor, checklists: Sequence[Checklist]
) -> Mapping[str, ChecklistVersion]:
    """The version published last, of every checklist that has one, by code."""
    v = ChecklistVersion
    ids = [checklist.id for checklist in checklists]
    statement = visible(v, actor).where(v.checklist_id.in_(ids)).order_by(v.number)
    return {row.code: row for row in (await session.scalars(statement)).all()}


async def version_by_number(session: AsyncSession, actor: Actor, code: str, number: int) -> ChecklistVersion:
    """A published version; raises ``resource.not_found``."""
    v = ChecklistVersion
    named = (v.code == code, v.number == number)
    return await one_visible(session, v, actor, *named, what=f"checklist {code} version {number}")
