"""Registering exams and moving them through their life."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.corrections.service import close_corrections, grant_asked
from services.monitoring.exams import repository
from services.monitoring.exams.analysis_settings import require_settings
from services.monitoring.exams.rules import EDITABLE, LIFE, ExamState, analysis_plan, window_end
from services.monitoring.exams.schemas import ExamIn, ReopenIn, WindowIn
from services.monitoring.exams.tables import Exam
from services.monitoring.mark_sheets.repository import void_confirmations
from services.monitoring.papers.fit import require_papers_fit
from services.monitoring.samples.service.taking_part import require_drawn
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.policy.exam_kinds import ExamProposal, require_lawful, require_lines_lawful
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

FREEZE_ROSTER_JOB = "freeze_roster"


async def put_exam(session: AsyncSession, *, code: str, body: ExamIn, actor: Actor) -> tuple[Exam, bool]:
    """Registers an exam, or changes a draft; the same body again changes nothing.

    Returns:
        The exam, and whether it is new.
    """
    definition = body.model_dump(mode="json")
    exam = await repository.find_exam(session, actor, code)
    if exam is not None and exam.definition == definition:
        return exam, False
    is_new = exam is None
    if exam is None:
        exam = Exam(code=code, org_path=actor.org, created_by=actor.subject, version=0, state=ExamState.DRAFT)
    elif exam.state not in EDITABLE:
        raise DomainError("exam.not_editable", params={"state": exam.state})
    exam.kind, exam.grade_level, exam.school_year = body.kind, body.grade_level, body.school_year
    exam.held_on, exam.definition, exam.version = body.held_on, definition, exam.version + 1
    overridden = await _require_lawful(session, exam, body)
    # A definition that cannot be analyzed is refused now, not after a month of collection.
    require_settings(definition, analysis_plan(definition), area=exam.org_path)
    if body.cut_lines or body.selection or body.undergraduate:
        require_lines_lawful(body.kind)
    if body.progress_from is not None:
        await repository.exam_by_code(session, actor, body.progress_from)
    if not is_new:
        await require_papers_fit(session, exam, actor)
    session.add(exam)
    await session.flush()
    detail = {"overridden": list(overridden)} | ({"approval_document": body.approval_document} if overridden else {})
    note(session, actor, "exam.registered" if is_new else "exam.changed", code, detail)
    await record_changes(session, "exams", Operation.UPSERTED, [(exam.org_path, {"code": code})])
    return exam, is_new


async def _require_lawful(session: AsyncSession, exam: Exam, body: ExamIn) -> tuple[str, ...]:
    proposal = ExamProposal(
        kind=body.kind,
        grade_level=body.grade_level,
        is_sample=body.sampling == "drawn" or (body.sample is not None and body.participants is not None),
        school_count=None if body.participants is None else len(set(body.participants)),
        held_already=await repository.count_like(session, exam),
        approval_document=body.approval_document,
    )
    return require_lawful(proposal)


async def ask_opening(session: AsyncSession, *, code: str, actor: Actor) -> Job:
    """Asks for collection to be opened: a job freezes the roster and names the schools that take part."""
    exam = await repository.exam_for_update(session, actor, code)
    LIFE.target("open", ExamState(exam.state))
    await require_drawn(session, exam)
    args = {"exam_id": str(exam.id), "exam_code": exam.code}
    return await enqueue(session, actor, FREEZE_ROSTER_JOB, args=args, org_path=exam.org_path, lock=f"exam-{exam.id}")


async def close_for_checking(session: AsyncSession, *, exam: Exam, window: WindowIn, actor: Actor) -> Exam:
    """Ends the collection; until the window's end every school looks at its own figures and confirms them.

    Args:
        session: the transaction.
        exam: the exam, locked.
        window: how long the schools have.
        actor: who decides.

    Raises:
        DomainError: ``workflow.not_allowed``, ``exam.window_out_of_bounds``.
    """
    LIFE.target("check", ExamState(exam.state))
    exam.checking_ends_at = _window_end(window)
    return await move_exam(session, exam, "check", actor=actor)


async def reopen(session: AsyncSession, *, exam: Exam, body: ReopenIn, actor: Actor) -> Exam:
    """Takes marks again: from all schools, whose confirmations are void then, or from named ones alone.

    Args:
        session: the transaction.
        exam: the exam, locked.
        body: the reason; the schools and their window, when it is not for all.
        actor: who decides.

    Raises:
        DomainError: ``workflow.not_allowed``, ``exam.window_out_of_bounds``, ``resource.not_found`` for a school that
            does not take part.
    """
    schools = None if body.schools is None else sorted(set(body.schools))
    action = "reopen" if schools is None else "reopen_schools"
    LIFE.target(action, ExamState(exam.state))
    exam.checking_ends_at = None if schools is None else _window_end(body)
    exam.accepted_reason = None
    if schools is None or exam.checking_ends_at is None:
        await close_corrections(session, exam=exam, actor=actor, school_codes=None)
        await repository.end_resending(session, exam)
    else:
        await repository.allow_resending(session, actor, exam, schools, until=exam.checking_ends_at)
        await grant_asked(session, exam=exam, actor=actor, school_codes=schools, deadline=exam.checking_ends_at)
    await void_confirmations(session, exam, schools)
    return await move_exam(session, exam, action, actor=actor, reason=body.reason, detail={"schools": schools})


def _window_end(window: WindowIn) -> dt.datetime:
    return window_end(
        clock.now(), days=window.days, working_days=window.working_days, ends_on=window.ends_on, zone=clock.CHINA
    )


async def move_exam(
    session: AsyncSession,
    exam: Exam,
    action: str,
    *,
    actor: Actor,
    reason: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> Exam:
    """Takes one step of an exam's life on a locked row, with its audit note and change record."""
    exam.state = LIFE.target(action, ExamState(exam.state))
    exam.state_reason = reason
    exam.version += 1
    note(session, actor, f"exam.{exam.state}", exam.code, {"action": action, "reason": reason, **(detail or {})})
    await record_changes(session, "exams", Operation.UPSERTED, [(exam.org_path, {"code": exam.code})])
    await session.flush()
    return exam
