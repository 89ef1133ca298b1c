"""Importing, editing, checking and publishing the draft of a scheme."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.records import keep
from shared.kits.schemes import repository
from shared.kits.schemes.mounting import Schemes
from shared.kits.schemes.service.checking import checked, finding_json, readable
from shared.kits.schemes.tables import IndicatorScheme, SchemeVersion
from shared.scoring.scheme.findings import require_sound
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def put_draft(
    session: AsyncSession, *, on: Schemes, code: str, text: str, row: IndicatorScheme | None, actor: Actor
) -> tuple[IndicatorScheme, bool]:
    """Takes a document as the draft of a scheme, which may be new; the same text again changes nothing.

    A draft may break checks; it has to be readable, or nobody could show or edit it.

    Returns:
        The scheme, and whether it is new.

    Raises:
        DomainError: ``scheme.faulty`` with every fault and its line; ``scheme.other_code``; ``scheme.of_changed``;
            ``scheme.of_elsewhere``.
    """
    if row is not None and row.draft == text:
        return row, False
    document = await asyncio.to_thread(readable, text)
    if document.code != code:
        raise DomainError("scheme.other_code", params={"code": code, "found": document.code})
    if document.of not in on.subjects:
        raise DomainError("scheme.of_elsewhere", params={"of": document.of, "kept": ", ".join(sorted(on.subjects))})
    is_new = row is None
    last = None if row is None else await repository.last_version(session, on, actor, row)
    if row is None:
        row = _maker(on.table)(code=code, org_path=actor.org, of=document.of, created_by=actor.subject)
    elif last is not None and row.of != document.of:
        raise DomainError("scheme.of_changed", params={"of": row.of, "found": document.of})
    row.name_zh, row.name_en, row.of = document.name.zh, document.name.en, document.of
    if row.draft is None:
        row.draft_from = last.number if last else None
    row.draft, row.draft_by = text, actor.subject
    await _keep(session, row, actor, "scheme.draft_changed", {"sha256": _sha256(text)})
    return row, is_new


async def edit_draft(
    session: AsyncSession, *, on: Schemes, row: IndicatorScheme, edit: Callable[[str], str], actor: Actor
) -> IndicatorScheme:
    """Changes one node of the draft; without a draft the last version becomes one.

    Raises:
        DomainError: as :func:`put_draft`; ``scheme.no_draft`` where there is neither draft nor version.
    """
    text = await draft_text(session, on=on, row=row, actor=actor)
    changed = await asyncio.to_thread(edit, text)
    row, _ = await put_draft(session, on=on, code=row.code, text=changed, row=row, actor=actor)
    return row


async def draft_text(session: AsyncSession, *, on: Schemes, row: IndicatorScheme, actor: Actor) -> str:
    """The draft, or the last version where nobody has changed anything; raises ``scheme.no_draft``."""
    if row.draft is not None:
        return row.draft
    last = await repository.last_version(session, on, actor, row)
    if last is None:
        raise DomainError("scheme.no_draft", params={"scheme": row.code})
    return last.document


async def discard_draft(session: AsyncSession, *, row: IndicatorScheme, actor: Actor) -> IndicatorScheme:
    """Throws the draft away; versions stay. Raises ``scheme.no_draft``."""
    if row.draft is None:
        raise DomainError("scheme.no_draft", params={"scheme": row.code})
    sha256 = _sha256(row.draft)
    row.draft = row.draft_from = row.draft_by = None
    await _keep(session, row, actor, "scheme.draft_discarded", {"sha256": sha256})
    return row


async def publish(
    session: AsyncSession, *, on: Schemes, row: IndicatorScheme, reason: str, actor: Actor
) -> SchemeVersion:
    """Makes the draft the next version, which never changes.

    Raises:
        DomainError: ``scheme.no_draft``; ``scheme.faulty`` with every error and the rule of law it breaks;
            ``scheme.nothing_changed``; ``scheme.draft_outdated`` when a newer version was published since the draft began.
    """
    if row.draft is None:
        raise DomainError("scheme.no_draft", params={"scheme": row.code})
    last = await repository.last_version(session, on, actor, row)
    if last is not None and last.sha256 == _sha256(row.draft):
        raise DomainError("scheme.nothing_changed", params={"number": last.number})
    if last is not None and row.draft_from != last.number:
        raise DomainError("scheme.draft_outdated", params={"number": last.number})
    _, findings = await asyncio.to_thread(checked, on, row.draft)
    require_sound(findings)
    version: SchemeVersion = _maker(on.versions)(
        scheme_id=row.id,
        org_path=row.org_path,
        number=1 if last is None else last.number + 1,
        document=row.draft,
        sha256=_sha256(row.draft),
        findings=[finding_json(each) for each in findings],
        reason=reason,
        published_by=actor.subject,
    )
    session.add(version)
    row.draft = row.draft_from = row.draft_by = None
    detail = {"number": version.number, "sha256": version.sha256}
    await _keep(session, row, actor, "scheme.published", detail)
    await session.refresh(version)
    return version


def _maker(table: Any) -> Any:
    """A mixin's table takes its columns only where a service has made it a table."""
    return table


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def _keep(
    session: AsyncSession, row: IndicatorScheme, actor: Actor, action: str, detail: dict[str, object]
) -> None:
    key = {"scheme": row.code}
    await keep(session, row, resource="schemes", action=action, key=key, actor=actor, detail=detail)
