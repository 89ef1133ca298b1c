"""Evaluation as a job after publication; missing sheets and passed days by the hour."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.repository import exam_by_id
from services.monitoring.exams.rules import ACCOUNTING
from services.monitoring.exams.tables import Exam
from services.monitoring.warning_rules.service import parameters_in_force
from services.monitoring.warnings import repository
from services.monitoring.warnings.asking import EVALUATE_JOB, ask_evaluation
from services.monitoring.warnings.evaluation import Finding, figure_findings, rules_for
from services.monitoring.warnings.service.evaluate import evaluate_sheets, put_in_force
from services.monitoring.warnings.service.figures import Sources, sources_of
from services.monitoring.warnings.service.steps import escalate_overdue
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.kernel.sweep import Sweep
from shared.terms.actor import Actor, Role

#: The platform itself, when nobody asked.
PLATFORM = Actor("platform", "monitoring-sweep", frozenset({Role.INTEGRATION}), frozenset(), "")


async def run(context: JobContext) -> None:
    """Holds an exam's published figures against every rule; the same figures again change nothing."""
    exam_id = uuid.UUID(context.args["exam_id"])
    actor, store = context.actor, context.kernel.columns
    async with context.kernel.database.transaction("") as session:
        exam = await repository.exam_of(session, exam_id)
        sources = await sources_of(session, actor, exam)
        parameters = await parameters_in_force(session, actor, area=exam.org_path, day=exam.held_on)
    rules = rules_for(kind=exam.kind, held_on=exam.held_on)
    await context.progress(0, 2, "reading")
    findings: list[Finding] = []
    if sources is not None:
        current, earlier = await sources.read(store)
        await context.progress(1, 2, "judging")
        findings = await asyncio.to_thread(figure_findings, rules, current, earlier, parameters)
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        exam = await exam_by_id(session, exam_id)
        if await _versions(session, actor, exam) != _of(sources):
            # Published or withdrawn meanwhile: whoever did that asked for an evaluation of its own.
            result |= {"exam": exam.code, "outdated": True}
            return
        schools = await repository.participants_of(session, actor, exam.id)
        counts = await put_in_force(
            session,
            exam=exam,
            actor=actor,
            findings=findings,
            rule_codes=[rule.code for rule in rules],
            schools=schools,
            version=sources.current.version if sources else None,
        )
        if exam.state in ACCOUNTING:
            await evaluate_sheets(session, exam=exam, actor=actor)
        if context.args["with_later"]:
            await _ask_later(session, actor, exam)
        result |= {"exam": exam.code, "findings": len(findings), **counts}


async def _versions(session: AsyncSession, actor: Actor, exam: Exam) -> list[tuple[str, str]]:
    return _of(await sources_of(session, actor, exam))


def _of(sources: Sources | None) -> list[tuple[str, str]]:
    used = [sources.current, *sources.earlier] if sources else []
    return [(each.exam_code, each.version) for each in used]


async def _ask_later(session: AsyncSession, actor: Actor, exam: Exam) -> None:
    for other in await repository.series_of(session, actor, exam):
        if other.held_on > exam.held_on and await repository.published(session, actor, other) is not None:
            await ask_evaluation(session, exam=other, actor=actor)


async def warn_of_missing_sheets(session: AsyncSession) -> int:
    """Looks at every exam whose sheets are coming in; returns how many warnings were raised."""
    raised = 0
    for exam in await repository.collecting_exams(session, PLATFORM):
        counts = await evaluate_sheets(session, exam=exam, actor=PLATFORM)
        raised += counts.get("raised", 0) + counts.get("raised_again", 0)
    return raised


async def escalate(session: AsyncSession) -> int:
    """Hands on what was not answered in time."""
    return await escalate_overdue(session, actor=PLATFORM)


EVALUATE_WARNINGS = JobKind(EVALUATE_JOB, run)
SWEEPS = (Sweep("missing_sheet_warnings", warn_of_missing_sheets), Sweep("escalated_warnings", escalate))
