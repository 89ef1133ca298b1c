"""Asking for the classes of a school to be reported."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.development_terms.repository import terms_to_report
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

REPORT_JOB = "report_developments"


async def ask_report(
    session: AsyncSession,
    *,
    org_path: str,
    school_year: str,
    semester: int,
    accept_reason: str | None,
    actor: Actor,
) -> Job:
    """Asks for a school's classes to be reported; raises ``development.elsewhere``, ``development.nothing_to_report``."""
    if not actor.covers(org_path):
        raise DomainError("development.elsewhere")
    if not await terms_to_report(session, actor, org_path, school_year, semester):
        raise DomainError("development.nothing_to_report")
    args = {"org_path": org_path, "school_year": school_year, "semester": semester, "accept_reason": accept_reason}
    return await enqueue(session, actor, REPORT_JOB, args=args, org_path=org_path, lock=f"developments-{org_path}")
