"""The completeness board, the reconciliation, and the gates of sealing and publication."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.completeness import repository
from services.monitoring.completeness.rules import (
    Completeness,
    Sealing,
    require_publishable,
    require_sealable,
    total,
)
from services.monitoring.completeness.schemas import ReconciliationOut, school_reconciliation
from services.monitoring.corrections.service import lapse_overdue
from services.monitoring.exams.repository import end_resending, participants
from services.monitoring.exams.rules import LIFE, ExamState
from services.monitoring.exams.service import move_exam
from services.monitoring.exams.tables import Exam
from services.monitoring.intake.sheets import CANDIDATE
from services.monitoring.item_sheets.service.agreement import counted as counted_items
from services.monitoring.item_sheets.service.agreement import differences, require_agreement
from services.monitoring.mark_sheets.repository import current_sheets
from shared.kernel import clock
from shared.kernel.store.columnar import ColumnarStore
from shared.terms.actor import Actor

_SHOWN = 100


async def reconcile(session: AsyncSession, store: ColumnarStore, *, exam: Exam, actor: Actor) -> ReconciliationOut:
    """Compares what the actor may see of the frozen roster with the sheets received."""
    schools = await participants(session, actor, exam)
    found = await repository.by_school(session, actor, exam)
    twice = await duplicate_candidates(session, store, exam=exam, actor=actor)
    everything = total(found)
    items = await differences(session, store, exam=exam, actor=actor)
    return ReconciliationOut(
        reconciled=not everything.has_gap and not twice and not items,
        schools=everything.schools,
        schools_received=everything.received,
        enrolled=everything.enrolled,
        expected=everything.expected,
        rows=everything.registered,
        excluded=everything.excluded_count,
        excluded_by_code=dict(everything.excluded),
        unaccounted=everything.unaccounted,
        unlinked=everything.unlinked,
        unlinked_by_reason=dict(everything.coded),
        duplicate_candidates=twice[:_SHOWN],
        **counted_items(items),
        items=[school_reconciliation(school, found[school.school_code]) for school in schools],
    )


async def duplicate_candidates(session: AsyncSession, store: ColumnarStore, *, exam: Exam, actor: Actor) -> list[str]:
    """Candidate ids that stand on more than one row of the sheets in force, in order."""
    sheets = await current_sheets(session, actor, exam)

    def work() -> list[str]:
        if not sheets:
            return []
        ids = store.scan(*(sheet.sha256 for sheet in sheets)).select(CANDIDATE).collect()[CANDIDATE]
        return ids.filter(ids.is_duplicated()).unique().sort().to_list()

    return await asyncio.to_thread(work)


async def seal(
    session: AsyncSession, store: ColumnarStore, *, exam: Exam, actor: Actor, accept_reason: str | None
) -> Exam:
    """Closes the collection: afterwards no sheet changes.

    Args:
        session: the transaction.
        store: where the sheets lie.
        exam: the exam, locked.
        actor: who decides.
        accept_reason: why it is sealed although something is missing; audited.

    Raises:
        DomainError: ``workflow.not_allowed``, and as :func:`require_sealable` and :func:`require_agreement`.
    """
    LIFE.target("seal", ExamState(exam.state))
    await lapse_overdue(session, exam=exam, actor=actor)
    counties = await repository.by_county(session, actor, exam)
    twice = await duplicate_candidates(session, store, exam=exam, actor=actor)
    require_sealable(
        Sealing(
            counties=counties,
            duplicates=len(twice),
            at=clock.now(),
            window_ends_at=exam.checking_ends_at,
            accept_reason=accept_reason,
        )
    )
    items = await require_agreement(session, store, exam=exam, actor=actor, accept_reason=accept_reason)
    found = total(counties)
    exam.accepted_reason = accept_reason if found.has_gap else None
    await end_resending(session, exam)
    detail = {"completeness": counted(found), "items": items}
    return await move_exam(session, exam, "seal", actor=actor, reason=accept_reason, detail=detail)


async def publishable(session: AsyncSession, *, exam: Exam, actor: Actor) -> dict[str, Any]:
    """What a manifest says of how complete the marks are.

    Raises:
        DomainError: ``exam.incomplete`` when something is missing that was not accepted when the exam was sealed.
    """
    counties = await repository.by_county(session, actor, exam)
    require_publishable(counties, is_accepted=exam.accepted_reason is not None)
    return {**counted(total(counties)), "gap_accepted": exam.accepted_reason is not None}


def counted(found: Completeness) -> dict[str, Any]:
    """Counts alone: no school and nobody is named."""
    rate = found.enrollment_participation_rate
    return {
        "schools": found.schools,
        "schools_received": found.received,
        "schools_confirmed": found.confirmed,
        "expected": found.expected,
        "enrolled": found.enrolled,
        "registered": found.registered,
        "excluded": found.excluded_count,
        "excluded_by_code": dict(found.excluded),
        "unaccounted": found.unaccounted,
        "unlinked": found.unlinked,
        "unlinked_by_reason": dict(found.coded),
        "enrollment_participation_rate": None if rate is None else str(rate),
    }
