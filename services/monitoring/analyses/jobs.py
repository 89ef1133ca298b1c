"""The analysis as a job: tasks in a thread, figures to the store, one transaction at the end."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from services.monitoring.analyses import repository, rules
from services.monitoring.analyses.computation import compute, methods
from services.monitoring.analyses.progress import ThreadProgress
from services.monitoring.analyses.service import ANALYZE_JOB, is_current
from services.monitoring.exams.repository import exam_by_id
from services.monitoring.exams.service import move_exam
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.terms.errors import DomainError


async def run(context: JobContext) -> None:
    """Analyzes the frozen inputs of one analysis; running it again gives the same files."""
    analysis_id = uuid.UUID(context.args["analysis_id"])
    async with context.kernel.database.transaction("") as session:
        analysis = await repository.analysis_by_id(session, analysis_id)
        inputs, known = analysis.inputs, await repository.tasks_done(session, analysis.exam_id)
    progress = ThreadProgress(context, asyncio.get_running_loop())
    try:
        outcome = await asyncio.to_thread(compute, context.kernel.columns, inputs, progress, known=known)
    finally:
        progress.stop()
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        analysis = await repository.analysis_by_id(session, analysis_id)
        exam = await exam_by_id(session, analysis.exam_id)
        if not await is_current(session, exam=exam, analysis=analysis, actor=context.actor):
            raise DomainError("analysis.inputs_changed", params={"exam": exam.code})
        analysis.frames, analysis.counts, analysis.tasks = outcome.frames, outcome.counts, outcome.tasks
        analysis.methods, analysis.software = methods(inputs), dict(rules.software())
        analysis.state, analysis.finished_at = "finished", clock.now()
        await move_exam(session, exam, "analyze", actor=context.actor)
        detail = {"number": analysis.number, "inputs_sha256": analysis.inputs_sha256}
        note(session, context.actor, "analysis.finished", exam.code, detail)
        result |= {"exam": exam.code, "analysis": analysis.number, "counts": outcome.counts}
        result |= {"computed": list(outcome.computed), "taken_over": list(outcome.taken_over)}


ANALYZE = JobKind(ANALYZE_JOB, run)
