"""Asking for corrections, deciding them, and what ends them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.corrections import repository
from services.monitoring.corrections.rules import (
    DEADLINE_DAYS,
    LIFE,
    CorrectionState,
    require_askable,
    require_grantable,
)
from services.monitoring.corrections.schemas import AcceptIn, CorrectionIn
from services.monitoring.corrections.tables import Correction
from services.monitoring.exams.repository import hold_exam, participant_of
from services.monitoring.exams.rules import ExamState, window_end
from services.monitoring.exams.tables import Exam
from services.monitoring.mark_sheets.repository import current_sheet, void_confirmations
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def ask_correction(session: AsyncSession, *, exam: Exam, body: CorrectionIn, actor: Actor) -> Correction:
    """A school asks to correct the sheet it has sent, or to send one after the collection closed.

    Raises:
        DomainError: ``correction.not_askable``; ``correction.already_open``; ``resource.not_found`` for another school.
    """
    await hold_exam(session, exam)
    require_askable(ExamState(exam.state))
    school = await participant_of(session, actor, exam, body.school_code)
    await lapse_overdue(session, exam=exam, actor=actor, school_codes=[school.school_code])
    if await repository.open_corrections(session, actor, exam, [school.school_code]):
        raise DomainError("correction.already_open")
    sheet = await current_sheet(session, exam.id, school.school_code)
    row = Correction(
        exam_id=exam.id,
        school_code=school.school_code,
        county_code=school.county_code,
        org_path=school.org_path,
        state=CorrectionState.ASKED,
        what=body.what,
        reason=body.reason,
        sheet_sha256=None if sheet is None else sheet.sha256,
        asked_by=actor.subject,
        asked_at=clock.now(),
    )
    session.add(row)
    await session.flush()
    await _note(session, row, exam=exam, actor=actor)
    return row


async def accept_correction(
    session: AsyncSession, *, exam: Exam, correction: Correction, body: AcceptIn, actor: Actor
) -> Correction:
    """Lets the school alone send its sheet again until a deadline; what it had confirmed counts no more.

    Raises:
        DomainError: ``workflow.not_allowed``, ``correction.needs_reopening``, ``exam.window_out_of_bounds``.
    """
    await hold_exam(session, exam)
    require_grantable(ExamState(exam.state))
    deadline = window_end(
        clock.now(),
        days=body.days,
        working_days=body.working_days,
        ends_on=body.ends_on,
        zone=clock.CHINA,
        bounds=DEADLINE_DAYS,
    )
    await _grant(session, correction, exam=exam, actor=actor, deadline=deadline, reason=body.reason)
    school = await participant_of(session, actor, exam, correction.school_code)
    school.resend_until = deadline
    await void_confirmations(session, exam, [correction.school_code])
    return correction


async def refuse_correction(
    session: AsyncSession, *, exam: Exam, correction: Correction, reason: str, actor: Actor
) -> Correction:
    """Refuses a request; the sheet stays as it is. Raises ``workflow.not_allowed``."""
    _decide(correction, "refuse", actor=actor, reason=reason)
    correction.ended_at = correction.decided_at
    await _note(session, correction, exam=exam, actor=actor)
    return correction


async def cancel_correction(session: AsyncSession, *, exam: Exam, correction: Correction, actor: Actor) -> Correction:
    """The school no longer wants it; raises ``workflow.not_allowed``."""
    await hold_exam(session, exam)
    was_accepted = correction.state == CorrectionState.ACCEPTED
    await _end(session, correction, "cancel", exam=exam, actor=actor)
    if was_accepted:
        school = await participant_of(session, actor, exam, correction.school_code)
        school.resend_until = None
    return correction


async def close_corrections(
    session: AsyncSession,
    *,
    exam: Exam,
    actor: Actor,
    school_codes: Collection[str] | None,
    new_sheet_sha256: str | None = None,
) -> None:
    """Closes what is open: a new sheet is in force, or (for all schools) the collection is open again."""
    for row in await repository.open_corrections(session, actor, exam, school_codes):
        row.new_sheet_sha256 = new_sheet_sha256
        await _end(session, row, "close", exam=exam, actor=actor)


async def grant_asked(
    session: AsyncSession, *, exam: Exam, actor: Actor, school_codes: Collection[str], deadline: dt.datetime
) -> None:
    """Grants what the named schools have asked for: the city reopens the exam for them."""
    for row in await repository.open_corrections(session, actor, exam, school_codes):
        if row.state == CorrectionState.ASKED:
            await _grant(session, row, exam=exam, actor=actor, deadline=deadline, reason=None)


async def lapse_overdue(
    session: AsyncSession, *, exam: Exam, actor: Actor, school_codes: Collection[str] | None = None
) -> None:
    """Ends granted corrections whose deadline passed without a new sheet."""
    at = clock.now()
    for row in await repository.open_corrections(session, actor, exam, school_codes):
        if row.deadline_at is not None and row.deadline_at <= at:
            await _end(session, row, "lapse", exam=exam, actor=actor)


async def _grant(
    session: AsyncSession, row: Correction, *, exam: Exam, actor: Actor, deadline: dt.datetime, reason: str | None
) -> None:
    _decide(row, "accept", actor=actor, reason=reason)
    row.deadline_at = deadline
    await _note(session, row, exam=exam, actor=actor)


def _decide(row: Correction, action: str, *, actor: Actor, reason: str | None) -> None:
    row.state = LIFE.target(action, CorrectionState(row.state))
    row.decided_by, row.decided_at, row.decision_reason = actor.subject, clock.now(), reason


async def _end(session: AsyncSession, row: Correction, action: str, *, exam: Exam, actor: Actor) -> None:
    row.state = LIFE.target(action, CorrectionState(row.state))
    row.ended_at = clock.now()
    await _note(session, row, exam=exam, actor=actor)


async def _note(session: AsyncSession, row: Correction, *, exam: Exam, actor: Actor) -> None:
    """Audits a step and tells whoever follows the changes; the words of request and decision stay in the row."""
    detail = {"correction": str(row.id), "school_code": row.school_code, "state": row.state}
    if row.deadline_at is not None:
        detail["deadline_at"] = row.deadline_at.isoformat()
    note(session, actor, f"correction.{row.state}", exam.code, detail)
    key = {"exam": exam.code, "id": str(row.id)}
    await record_changes(session, "corrections", Operation.UPSERTED, [(row.org_path, key)])
    await session.flush()
