"""Asking for an exam's warnings to be reckoned, in the transaction of what gives cause to."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.tables import Exam
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.terms.actor import Actor

EVALUATE_JOB = "evaluate_warnings"


async def ask_evaluation(session: AsyncSession, *, exam: Exam, actor: Actor, with_later: bool = False) -> Job:
    """Asks for a job that holds an exam's figures against the rules.

    Args:
        session: the transaction.
        exam: whose figures changed.
        actor: who asks.
        with_later: whether later exams of the series follow, whose warnings rest on these figures too.
    """
    args = {"exam_id": str(exam.id), "exam_code": exam.code, "with_later": with_later}
    return await enqueue(session, actor, EVALUATE_JOB, args=args, org_path=exam.org_path, lock=f"exam-{exam.id}")
