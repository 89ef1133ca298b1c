"""Taking a subject's item sheets out of force, so that its paper can be changed."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.rules import ExamState, require_sending
from services.monitoring.exams.tables import Exam
from services.monitoring.item_sheets import repository
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.terms.actor import Actor


async def withdraw_sheets(session: AsyncSession, *, exam: Exam, subject: str, reason: str, actor: Actor) -> int:
    """Takes every school's items of a subject out of force; they stay in the store.

    Args:
        session: the transaction.
        exam: the exam, locked.
        subject: code of the subject.
        reason: kept in the audit log.
        actor: who withdraws.

    Returns:
        How many schools' sheets were in force.

    Raises:
        DomainError: ``exam.not_collecting``, ``exam.in_checking``.
    """
    require_sending(ExamState(exam.state), resend_until=None, at=clock.now())
    sheets = await repository.current_sheets(session, actor, exam, subject)
    await repository.supersede(session, exam.id, subject, school_code=None)
    keys = [
        (sheet.org_path, {"exam": exam.code, "subject": subject, "school_code": sheet.school_code}) for sheet in sheets
    ]
    await record_changes(session, "item_sheets", Operation.DELETED, keys)
    note(
        session,
        actor,
        "item_sheets.withdrawn",
        exam.code,
        {"subject": subject, "schools": len(sheets), "reason": reason},
    )
    return len(sheets)
