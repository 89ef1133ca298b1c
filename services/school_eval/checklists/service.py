"""Keeping checklists and publishing them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.checklists import repository
from services.school_eval.checklists.rules import content_hash
from services.school_eval.checklists.schemas import ChecklistIn
from services.school_eval.checklists.tables import Checklist, ChecklistVersion
from shared.kernel import clock
from shared.kernel.records import keep
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

_FILES = ("management_routine.yaml", "teaching_routine.yaml")


@cache
def built_in_checklists() -> dict[str, dict[str, Any]]:
    """Checklists that come with the platform, by code."""
    contents = [yaml.safe_load(Path(__file__).with_name(name).read_text("utf-8")) for name in _FILES]
    return {content["code"]: {name: content[name] for name in ChecklistIn.model_fields} for content in contents}


async def put_checklist(
    session: AsyncSession, *, code: str, body: ChecklistIn, row: Checklist | None, actor: Actor
) -> tuple[Checklist, bool]:
    """Writes the draft of a checklist of the actor's office; returns it and whether it is new."""
    is_new = row is None
    row = row or Checklist(code=code, org_path=actor.org)
    row.draft = body.model_dump(mode="json")
    await _kept(session, row, "drafted", actor)
    return row, is_new


async def publish(session: AsyncSession, *, row: Checklist, note: str, actor: Actor) -> ChecklistVersion:
    """Publishes the draft as a version that never changes; plans made from now on use it.

    Raises:
        DomainError: ``checklist.unchanged`` when the draft is what was published last.
    """
    versions = await repository.versions_of(session, actor, row)
    if versions and versions[0].content == row.draft:
        raise DomainError("checklist.unchanged", params={"number": versions[0].number})
    row.published_number = (versions[0].number if versions else 0) + 1
    version = ChecklistVersion(checklist_id=row.id, org_path=row.org_path, code=row.code, number=row.published_number)
    version.content, version.sha256, version.note = row.draft, content_hash(row.draft), note
    version.published_at = clock.now()
    session.add(version)
    await _kept(session, row, "published", actor)
    return version


async def published(session: AsyncSession, codes: Sequence[str], *, actor: Actor) -> list[ChecklistVersion]:
    """The versions in force of checklists, in the order asked.

    Raises:
        DomainError: ``checklist.not_published`` naming those without one.
    """
    known = [row for row in await repository.all_checklists(session, actor) if row.code in set(codes)]
    latest = await repository.latest_versions(session, actor, known)
    if missing := [code for code in codes if code not in latest]:
        raise DomainError("checklist.not_published", params={"checklists": ", ".join(missing)})
    return [latest[code] for code in codes]


async def _kept(session: AsyncSession, row: Checklist, what: str, actor: Actor) -> None:
    key = {"checklist": row.code}
    await keep(session, row, resource="checklists", action=f"checklist.{what}", key=key, actor=actor)
