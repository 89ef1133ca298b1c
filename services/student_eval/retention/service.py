"""Deciding what becomes of data past their time: erased after somebody confirmed it, or kept for a while with a reason."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archives.tables import Evidence
from services.student_eval.fitness.tables import FitnessSheet
from services.student_eval.guardianships.tables import Guardianship
from services.student_eval.retention import repository
from services.student_eval.retention.erased import EVIDENCE_KINDS
from services.student_eval.retention.rules import ItemState, is_held, require_erasable, require_later
from services.student_eval.retention.tables import LegalHold, RetentionItem
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.kernel.sweep import Sweep
from shared.kits.platform import platform_actor
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

_OVER = "保存期满，经确认清除内容 / the period is over; the content was erased after confirmation"


async def confirm(
    session: AsyncSession, actor: Actor, *, ids: Collection[uuid.UUID], reason: str
) -> Sequence[RetentionItem]:
    """Erases what somebody has looked at and confirmed, all of it or nothing.

    Raises:
        DomainError: ``resource.not_found``, ``retention.done``, ``retention.held``, ``retention.law_keeps``.
    """
    rows = await _chosen(session, actor, ids)
    holds = await repository.standing_holds(session, actor)
    for row in rows:
        require_erasable(row, holds)
        await _erase(session, actor, row)
        await _decide(session, actor, row, ItemState.CARRIED_OUT, reason)
    return rows


async def keep_longer(
    session: AsyncSession, actor: Actor, *, ids: Collection[uuid.UUID], reason: str, until: dt.date
) -> Sequence[RetentionItem]:
    """Keeps things until a day, for a reason; then they are listed again.

    Raises:
        DomainError: ``resource.not_found``, ``retention.done``, ``retention.day_past``.
    """
    require_later(until, clock.today())
    rows = await _chosen(session, actor, ids)
    for row in rows:
        if row.state == ItemState.CARRIED_OUT:
            raise DomainError("retention.done")
        row.kept_until = until
        await _decide(session, actor, row, ItemState.KEPT, reason)
    return rows


async def set_hold(
    session: AsyncSession, actor: Actor, *, org_path: str, student_key: str | None, reason: str, document: str
) -> LegalHold:
    """Orders that nothing of a pupil or of an organization be erased; raises ``retention.elsewhere``."""
    if not actor.covers(org_path):
        raise DomainError("retention.elsewhere")
    row = LegalHold(org_path=org_path, student_key=student_key, reason=reason, document=document, version=0)
    row.set_by = actor.subject
    await _keep_hold(session, actor, row, "legal_hold.set")
    return row


async def release_hold(session: AsyncSession, actor: Actor, *, row: LegalHold, reason: str) -> LegalHold:
    """Ends an order.

    Raises:
        DomainError: ``retention.hold_above`` for one set by an office above; ``retention.released_already``.
    """
    if not actor.covers(row.org_path):
        raise DomainError("retention.hold_above")
    if row.released_at is not None:
        raise DomainError("retention.released_already")
    row.released_at, row.released_by, row.released_reason = clock.now(), actor.subject, reason
    await _keep_hold(session, actor, row, "legal_hold.released")
    return row


async def held_items(session: AsyncSession, actor: Actor, rows: Sequence[RetentionItem]) -> set[uuid.UUID]:
    """Which of some items an order keeps."""
    holds = await repository.standing_holds(session, actor)
    return {row.id for row in rows if is_held(row, holds)}


async def _chosen(session: AsyncSession, actor: Actor, ids: Collection[uuid.UUID]) -> Sequence[RetentionItem]:
    rows = await repository.items_for_update(session, actor, ids)
    if len(rows) < len(set(ids)):
        raise DomainError("resource.not_found", params={"what": "retention item"})
    return rows


async def _erase(session: AsyncSession, actor: Actor, item: RetentionItem) -> None:
    if item.kind in EVIDENCE_KINDS:
        # Withdrawn, nobody is given the file; listed as erased, nothing keeps its bytes, and the next sweep takes them.
        evidence = await session.get_one(Evidence, item.object_id)
        if evidence.withdrawn_at is None:
            evidence.withdrawn_at, evidence.withdrawn_by = clock.now(), actor.subject
            evidence.withdrawn_reason = _OVER
    elif item.kind == "fitness_results":
        sheet = await session.get_one(FitnessSheet, item.object_id)
        sheet.erased_at, item.sha256 = clock.now(), sheet.sha256
        sheet.version += 1
        key = {"school_year": sheet.school_year, "school": sheet.school_code}
        await record_changes(session, "fitness_sheets", Operation.UPSERTED, [(sheet.org_path, key)])
    else:
        await session.delete(await session.get_one(Guardianship, item.object_id))
        key = {"id": str(item.object_id)}
        await record_changes(session, "guardianships", Operation.DELETED, [(item.org_path, key)])


async def _decide(session: AsyncSession, actor: Actor, row: RetentionItem, state: ItemState, reason: str) -> None:
    row.state, row.reason = state, reason
    if state is not ItemState.KEPT:
        row.kept_until = None
    row.decided_by, row.decided_org, row.decided_at = actor.subject, actor.org, clock.now()
    row.version += 1
    await session.flush()
    detail = {"kind": row.kind, "object": str(row.object_id), "sha256": row.sha256}
    note(session, actor, f"retention.{state}", str(row.id), detail)


async def _keep_hold(session: AsyncSession, actor: Actor, row: LegalHold, action: str) -> None:
    row.version += 1
    session.add(row)
    await session.flush()
    note(session, actor, action, str(row.id), {"document": row.document})


async def list_due(session: AsyncSession) -> int:
    """Lists what is past its time; returns how many. That it was looked for is noted, whatever was found."""
    actor = platform_actor("student_eval")
    count, is_all = await repository.list_due(session, actor, clock.today())
    action = "retention.listed" if is_all else "retention.listed_in_part"
    note(session, actor, action, repository.LIST, {"count": count})
    return count


async def _list_daily(session: AsyncSession) -> int:
    # A day has one date everywhere in China; looking more often finds nothing and costs every archive.
    midnight = dt.datetime.combine(clock.today(), dt.time.min, clock.CHINA)
    return 0 if await repository.was_listed_since(session, midnight) else await list_due(session)


#: Lists and never erases: that takes somebody's word.
SWEEPS = (Sweep(repository.LIST, _list_daily),)
