"""Spot checks: the frame is closed, then the seed is made in public, then records are drawn, once; then looked at."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.record_checks import repository
from services.teacher_eval.record_checks.rules import CheckState, Outcome, numbers_to_draw
from services.teacher_eval.record_checks.schemas import CheckIn, DrawIn, JudgeIn
from services.teacher_eval.record_checks.tables import CheckedRecord, RecordCheck
from services.teacher_eval.teacher_records.repository import record_for_update
from services.teacher_eval.teacher_records.service.steps import take_step
from shared.kernel import clock
from shared.kernel.records import keep
from shared.kernel.store.columnar import ColumnarStore
from shared.kernel.web.organizations import code_of
from shared.scoring.sampling.frames import frame_hash
from shared.scoring.sampling.weighted_draw import draw_by_weight
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

_CHINA = dt.timezone(dt.timedelta(hours=8))


async def close_check(session: AsyncSession, store: ColumnarStore, *, body: CheckIn, actor: Actor) -> RecordCheck:
    """Closes what can be drawn: certified records of the office's area as they are now.

    Raises:
        DomainError: ``record_check.known``, ``record_check.nothing_to_draw``.
    """
    if await repository.has_check(session, actor, body.code):
        raise DomainError("record_check.known", params={"check": body.code})
    first = dt.datetime.combine(body.first, dt.time(), _CHINA)
    before = dt.datetime.combine(body.last + dt.timedelta(days=1), dt.time(), _CHINA)
    frame = await repository.frame_of(session, actor, first=first, before=before, kinds=body.kinds)
    if frame.is_empty():
        raise DomainError("record_check.nothing_to_draw")
    stored = await asyncio.to_thread(store.put, frame)
    row = RecordCheck(org_path=actor.org, code=body.code, state=CheckState.FRAME_CLOSED, version=0)
    row.design = body.model_dump(mode="json", exclude={"code"})
    row.frame_sha256, row.frame_hash, row.record_count = stored.sha256, frame_hash(frame), frame.height
    row.closed_at = clock.now()
    await _kept(session, row, "frame_closed", actor)
    return row


async def draw_check(
    session: AsyncSession, store: ColumnarStore, *, row: RecordCheck, body: DrawIn, actor: Actor
) -> RecordCheck:
    """Draws from the closed frame, once and for good.

    Raises:
        DomainError: ``record_check.drawn``, ``record_check.frame_differs``, ``record_check.frame_damaged``.
    """
    if row.state == CheckState.DRAWN:
        raise DomainError("record_check.drawn", params={"check": row.code})
    if body.frame_hash not in (None, row.frame_hash):
        raise DomainError("record_check.frame_differs", params={"frame_hash": row.frame_hash})
    drawn = await asyncio.to_thread(_drawn, store, row, body.seed)
    if drawn is None:
        raise DomainError("record_check.frame_damaged", params={"sha256": row.frame_sha256})
    row.seed, row.witnessed_by, row.drawn_at, row.state = body.seed, body.witnessed_by, clock.now(), CheckState.DRAWN
    session.add_all(
        CheckedRecord(
            check_id=row.id,
            org_path=row.org_path,
            record_id=uuid.UUID(each["unit_code"]),
            school_code=each["stratum"],
            probability=each["probability"],
            version=1,
        )
        for each in drawn.iter_rows(named=True)
    )
    await _kept(session, row, "drawn", actor)
    return row


async def verify(session: AsyncSession, store: ColumnarStore, *, row: RecordCheck, actor: Actor) -> list[str]:
    """Repeats the draw and names what differs: ``frame``, ``records``; nothing means verified.

    Raises:
        DomainError: ``record_check.not_drawn``.
    """
    if row.seed is None:
        raise DomainError("record_check.not_drawn", params={"check": row.code})
    again = await asyncio.to_thread(_drawn, store, row, row.seed)
    if again is None:
        return ["frame"]
    rows = (await session.scalars(repository.records_of(actor, row))).all()
    stored = {(str(each.record_id), each.probability) for each in rows}
    return [] if stored == set(again.select("unit_code", "probability").iter_rows()) else ["records"]


async def judge(
    session: AsyncSession, *, row: RecordCheck, record: uuid.UUID, body: JudgeIn, actor: Actor
) -> CheckedRecord:
    """Says what was found of a drawn record; one that does not hold is revoked with the same words.

    Raises:
        DomainError: ``resource.not_found``, ``record_check.judged``, ``workflow.not_allowed``, ``record.own_certified``.
    """
    checked = await repository.checked_for_update(session, actor, row, record)
    if checked.outcome is not None:
        raise DomainError("record_check.judged", params={"outcome": checked.outcome})
    if body.outcome is Outcome.OVERTURNED:
        found = await record_for_update(session, actor, record)
        await take_step(session, row=found, action="revoke", reason=body.reason, actor=actor)
    checked.outcome, checked.reason = body.outcome, body.reason
    checked.judged_by, checked.judged_at = actor.subject, clock.now()
    key = {"organization": code_of(row.org_path), "check": row.code, "record": str(record)}
    detail = {"outcome": body.outcome}
    action = "record_check.judged"
    await keep(session, checked, resource="checked_records", action=action, key=key, actor=actor, detail=detail)
    return checked


def _drawn(store: ColumnarStore, row: RecordCheck, seed: int) -> pl.DataFrame | None:
    frame = store.get_sound(row.frame_sha256)
    if frame is None or frame_hash(frame) != row.frame_hash:
        return None
    return draw_by_weight(frame, numbers_to_draw(frame, row.design["rate"]), seed=seed).filter("is_drawn")


async def _kept(session: AsyncSession, row: RecordCheck, what: str, actor: Actor) -> None:
    key = {"organization": code_of(row.org_path), "check": row.code}
    detail = {"frame_hash": row.frame_hash, "seed": row.seed, "records": row.record_count}
    await keep(
        session, row, resource="record_checks", action=f"record_check.{what}", key=key, actor=actor, detail=detail
    )
