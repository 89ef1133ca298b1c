"""Writing process records, correcting and withdrawing them."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.development_records.rules import (
    TIMES,
    Writer,
    indicator_of,
    require_day,
    require_writer,
    writer_of,
)
from services.student_eval.development_records.schemas import ProcessRecordIn
from services.student_eval.development_records.tables import ProcessRecord
from services.student_eval.development_terms.opened import TermOpened
from shared.kernel import clock
from shared.kernel.records import keep
from shared.terms.errors import DomainError


async def write_record(
    session: AsyncSession, *, opened: TermOpened, student_key: str, body: ProcessRecordIn
) -> ProcessRecord:
    """Writes something down of a pupil.

    Raises:
        DomainError: ``resource.not_found``, ``development.not_yours``, ``development.not_now``,
            ``development.node_unknown``, ``development.day_not_believed``.
    """
    writer = _writer(opened, student_key)
    row = ProcessRecord(
        term_id=opened.term.id,
        org_path=opened.term.org_path,
        student_key=student_key,
        writer=writer.value,
        written_by=opened.actor.subject,
    )
    return await _set(session, opened, row, body, "written")


async def correct_record(
    session: AsyncSession, *, opened: TermOpened, row: ProcessRecord, body: ProcessRecordIn
) -> ProcessRecord:
    """Corrects a record of one's own; raises what :func:`write_record` does, and ``development.record_of_others``,
    ``development.record_withdrawn``."""
    require_own_record(opened, row)
    return await _set(session, opened, row, body, "corrected")


async def withdraw_record(
    session: AsyncSession, *, opened: TermOpened, row: ProcessRecord, reason: str
) -> ProcessRecord:
    """Withdraws a record of one's own; it stays, with the reason."""
    require_own_record(opened, row)
    row.withdrawn_reason = reason
    await _keep(session, opened, row, "withdrawn")
    return row


def require_own_record(opened: TermOpened, row: ProcessRecord) -> None:
    """A standing record that the actor wrote, while it may be changed.

    Raises:
        DomainError: ``development.not_yours``, ``development.not_now``, ``development.record_of_others``,
            ``development.record_withdrawn``.
    """
    writer = _writer(opened, row.student_key)
    require_writer(row.writer, row.written_by, writer, opened.actor.subject)
    if row.withdrawn_reason is not None:
        raise DomainError("development.record_withdrawn")


def _writer(opened: TermOpened, student_key: str) -> Writer:
    opened.require_member(student_key)
    writer = writer_of(opened.actor, student_key, opened.term.teachers)
    opened.require(*TIMES[writer])
    return writer


async def _set(
    session: AsyncSession, opened: TermOpened, row: ProcessRecord, body: ProcessRecordIn, action: str
) -> ProcessRecord:
    require_day(body.happened_on, opened.term.school_year, clock.today())
    row.indicator = indicator_of(opened.scheme, body.node)
    row.kind, row.node, row.happened_on, row.text = body.kind.value, body.node, body.happened_on, body.text
    await _keep(session, opened, row, action)
    await session.refresh(row)
    return row


async def _keep(session: AsyncSession, opened: TermOpened, row: ProcessRecord, action: str) -> None:
    key = {"term": str(row.term_id), "student_key": row.student_key, "record": str(row.id)}
    detail = {"kind": row.kind, "indicator": row.indicator}
    await keep(
        session,
        row,
        resource="process_records",
        action=f"process_record.{action}",
        key=key,
        actor=opened.actor,
        detail=detail,
    )
