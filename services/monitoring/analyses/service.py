"""Asking for an exam to be analyzed: its inputs are frozen in the transaction that asks."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.analyses import repository, rules
from services.monitoring.analyses.computation import methods
from services.monitoring.analyses.tables import Analysis
from services.monitoring.exams.repository import exam_by_code
from services.monitoring.exams.rules import LIFE, ExamState
from services.monitoring.exams.service import move_exam
from services.monitoring.exams.tables import Exam
from services.monitoring.item_sheets.repository import current_sheets as current_item_sheets
from services.monitoring.mark_sheets.repository import current_sheets
from services.monitoring.papers.repository import all_papers
from services.monitoring.samples.service.taking_part import sample_inputs
from shared.kernel.audit.log import note
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job, JobState
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

ANALYZE_JOB = "analyze"
_DEAD = frozenset({JobState.FAILED, JobState.CANCELLED})


async def ask_analysis(session: AsyncSession, *, exam: Exam, actor: Actor) -> tuple[Analysis, Job]:
    """Freezes the inputs of an exam and asks for their analysis.

    The same inputs under the same methods are not analyzed twice: while such a run waits, works or has finished, it is the
    answer, and an exam sealed again without a change is analyzed at once.

    Args:
        session: the transaction.
        exam: the exam, locked.
        actor: who asks.

    Raises:
        DomainError: ``workflow.not_allowed``; ``analysis.no_sheets`` when no school has sent marks.
    """
    target = LIFE.target("analyze", ExamState(exam.state))
    inputs = await _current_inputs(session, exam, actor)
    if not inputs["sheets"]:
        raise DomainError("analysis.no_sheets")
    sha256 = rules.canonical_sha256(inputs)
    same = await _same(session, exam, actor, sha256)
    if same is not None:
        analysis, job = same
        if analysis.state == "finished" and exam.state != target:
            await move_exam(session, exam, "analyze", actor=actor)
        return analysis, job
    analysis = Analysis(
        exam_id=exam.id,
        number=await repository.next_number(session, exam),
        state="queued",
        inputs=inputs,
        inputs_sha256=sha256,
        org_path=exam.org_path,
        asked_by=actor.subject,
    )
    session.add(analysis)
    await session.flush()
    args = {"analysis_id": str(analysis.id), "exam_code": exam.code}
    job = await enqueue(session, actor, ANALYZE_JOB, args=args, org_path=exam.org_path, lock=f"exam-{exam.id}")
    analysis.job_id = job.id
    await session.flush()
    note(session, actor, "analysis.asked", exam.code, {"number": analysis.number, "inputs_sha256": sha256})
    return analysis, job


async def _same(session: AsyncSession, exam: Exam, actor: Actor, sha256: str) -> tuple[Analysis, Job] | None:
    for analysis, job in await repository.analyses_of_inputs(session, actor, exam, sha256):
        finished = analysis.state == "finished" and analysis.methods == methods(analysis.inputs)
        if job is not None and (finished or (analysis.state == "queued" and job.state not in _DEAD)):
            return analysis, job
    return None


async def current_analysis(session: AsyncSession, *, exam: Exam, actor: Actor) -> Analysis | None:
    """The newest finished analysis of what the exam holds now; marks put back as they were find their old one."""
    sha256 = rules.canonical_sha256(await _current_inputs(session, exam, actor))
    found = await repository.analyses_of_inputs(session, actor, exam, sha256)
    return next((analysis for analysis, _ in found if analysis.state == "finished"), None)


async def is_current(session: AsyncSession, *, exam: Exam, analysis: Analysis, actor: Actor) -> bool:
    """Whether an analysis was given what the exam holds now."""
    return rules.canonical_sha256(await _current_inputs(session, exam, actor)) == analysis.inputs_sha256


async def _current_inputs(session: AsyncSession, exam: Exam, actor: Actor) -> dict[str, Any]:
    return rules.frozen_inputs(
        exam.definition,
        area=exam.org_path,
        roster_sha256=exam.roster_sha256,
        sheets=await current_sheets(session, actor, exam),
        earlier=await _earlier_inputs(session, exam, actor),
        papers=await _paper_inputs(session, exam, actor),
        sample=await sample_inputs(session, exam),
    )


async def _paper_inputs(session: AsyncSession, exam: Exam, actor: Actor) -> list[dict[str, Any]]:
    """Papers of which some school has sent its items."""
    sheets: dict[str, list[dict[str, Any]]] = {}
    for sheet in await current_item_sheets(session, actor, exam):
        entry = {"school_code": sheet.school_code, "sha256": sheet.sha256, "rows": sheet.row_count}
        sheets.setdefault(sheet.subject, []).append(entry)
    return [
        {"subject": paper.subject, "content": paper.content, "sheets": sheets[paper.subject]}
        for paper in await all_papers(session, actor, exam)
        if paper.subject in sheets
    ]


async def _earlier_inputs(session: AsyncSession, exam: Exam, actor: Actor) -> dict[str, Any] | None:
    """What the exam that progress starts at was analyzed from; none until it has been."""
    code = exam.definition.get("progress_from")
    if code is None:
        return None
    analysis = await repository.last_finished(session, actor, await exam_by_code(session, actor, code))
    if analysis is None:
        raise DomainError("analysis.earlier_missing", params={"exam": code})
    return {"exam": code, "definition": analysis.inputs["definition"], "sheets": analysis.inputs["sheets"]}
