"""Reporting every class of a school that is being judged, as a job: one evaluation, one transaction at the end."""

from __future__ import annotations

from typing import Any

from services.student_eval.development_results.service.asking import REPORT_JOB
from services.student_eval.development_results.service.reporting import Report, report_terms
from services.student_eval.development_terms.repository import terms_to_report
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind


async def run(context: JobContext) -> None:
    """Reports what is complete; classes that lack words are named and stay as they are."""
    args = context.args
    await context.progress(0, 1, "evaluating")
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        terms = await terms_to_report(session, context.actor, args["org_path"], args["school_year"], args["semester"])
        report = Report(terms=terms, accept_reason=args["accept_reason"], skips_incomplete=True, actor=context.actor)
        done = await report_terms(session, context.kernel.columns, report)
        incomplete = sorted({term.class_code for term in terms} - {term.class_code for term in done})
        pupils = sum(len(term.members) for term in done)
        result |= {"classes": len(done), "pupils": pupils, "incomplete": incomplete}


REPORT_DEVELOPMENTS = JobKind(REPORT_JOB, run)
