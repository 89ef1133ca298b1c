"""Publishing results as a new version, and withdrawing them by a newer one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.analyses.repository import last_finished
from services.monitoring.analyses.service import current_analysis
from services.monitoring.analyses.tables import Analysis
from services.monitoring.completeness.service import publishable
from services.monitoring.exams.rules import LIFE, ExamState
from services.monitoring.exams.service import move_exam
from services.monitoring.exams.tables import Exam
from services.monitoring.results import repository, rules
from services.monitoring.results.changed_rows import store_changed_rows
from services.monitoring.results.tables import ResultSet
from services.monitoring.samples.rules import sample_note
from services.monitoring.warnings.asking import ask_evaluation
from shared.kernel import clock
from shared.kernel.audit import log as audit
from shared.kernel.changes.feed import Operation, record_changes
from shared.kernel.store.columnar import ColumnarStore
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def publish(
    session: AsyncSession, *, exam: Exam, actor: Actor, note: str | None, store: ColumnarStore
) -> ResultSet:
    """Publishes the analysis of what the exam holds as a new version, with the list of what it changes.

    Args:
        session: the transaction.
        exam: the exam, locked.
        actor: who publishes.
        note: a remark kept with the version.
        store: where frames and change lists are.

    Raises:
        DomainError: ``workflow.not_allowed``, ``results.analysis_missing``, ``results.analysis_outdated``,
            ``exam.incomplete``.
    """
    LIFE.target("publish", ExamState(exam.state))
    analysis = await current_analysis(session, exam=exam, actor=actor)
    if analysis is None:
        is_outdated = await last_finished(session, actor, exam) is not None
        raise DomainError("results.analysis_outdated" if is_outdated else "results.analysis_missing")
    versions = await repository.versions_of(session, actor, exam)
    before = rules.in_force(versions)
    completeness = await publishable(session, exam=exam, actor=actor)
    content = manifest_of(analysis, exam_code=exam.code) | {"completeness": completeness}
    changes: dict[str, Any] | None = None
    if before is not None:
        frames = before.manifest["frames"], content["frames"]
        changes = await asyncio.to_thread(store_changed_rows, store, *frames)
    number = rules.next_number(versions, content)
    row = _result_set(exam, actor, number, state=rules.PUBLISHED, reason=note)
    row.analysis_id = analysis.id
    row.manifest = content | {
        "version": row.version,
        "published_at": row.published_at.isoformat(),
        "replaces": before.version if before is not None else None,
        "changes": changes,
    }
    await _put_in_force(session, row, exam=exam, actor=actor)
    await move_exam(session, exam, "publish", actor=actor, reason=note)
    return row


async def withdraw(session: AsyncSession, *, exam: Exam, actor: Actor, reason: str) -> ResultSet:
    """Withdraws what is published by a newer version that holds nothing but the reason.

    While published results are being corrected the exam stays where it is in its life: figures that must not stand can
    be withdrawn at any time.

    Raises:
        DomainError: ``workflow.not_allowed``.
    """
    versions = await repository.versions_of(session, actor, exam)
    is_settled = exam.state in (ExamState.PUBLISHED, ExamState.ARCHIVED)
    is_being_corrected = not is_settled and rules.in_force(versions) is not None
    if not is_being_corrected:
        LIFE.target("withdraw", ExamState(exam.state))
    number = (rules.next_major(versions), 0, 0)
    row = _result_set(exam, actor, number, state=rules.WITHDRAWN, reason=reason)
    row.manifest = {"exam": exam.code, "version": row.version, "withdrawn_at": row.published_at.isoformat()}
    await _put_in_force(session, row, exam=exam, actor=actor)
    if not is_being_corrected:
        await move_exam(session, exam, "withdraw", actor=actor, reason=reason)
    return row


def _result_set(exam: Exam, actor: Actor, number: tuple[int, int, int], *, state: str, reason: str | None) -> ResultSet:
    major, minor, patch = number
    return ResultSet(
        exam_id=exam.id,
        org_path=exam.org_path,
        major=major,
        minor=minor,
        patch=patch,
        state=state,
        reason=reason,
        published_by=actor.subject,
        published_at=clock.now(),
    )


async def _put_in_force(session: AsyncSession, row: ResultSet, *, exam: Exam, actor: Actor) -> None:
    session.add(row)
    await session.flush()
    audit.note(session, actor, f"results.{row.state}", exam.code, {"version": row.version})
    key = {"exam": exam.code, "version": row.version}
    await record_changes(session, "result_sets", Operation.UPSERTED, [(exam.org_path, key)])
    await ask_evaluation(session, exam=exam, actor=actor, with_later=True)


def manifest_of(analysis: Analysis, *, exam_code: str) -> dict[str, Any]:
    """What a reader needs to know that a copy is whole and how it came about; all of the manifest but its version."""
    counts: Mapping[str, Any] = analysis.counts or {}
    definition: Mapping[str, Any] = analysis.inputs["definition"]
    return {
        "exam": exam_code,
        "analysis": analysis.number,
        "inputs_sha256": analysis.inputs_sha256,
        "data_model_version": rules.DATA_MODEL_VERSION,
        # Which schools were drawn is for those above them, and a manifest is read by all.
        "definition": {name: value for name, value in definition.items() if name != "participants"},
        "methods": analysis.methods,
        "software": analysis.software,
        "min_n": definition["min_n"],
        "counts": {name: counts[name] for name in ("schools", "classes", "candidates")},
        "statuses": counts["statuses"],
        "sample": sample_note(analysis.inputs),
        "frames": analysis.frames,
    }
