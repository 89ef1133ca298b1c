"""Roster, candidates and marks held against each other, and sealing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.repository import participants
from services.monitoring.exams.service import move_exam
from services.monitoring.exams.tables import Exam, Participant
from services.monitoring.intake.sheets import CANDIDATE, SCHOOL
from services.monitoring.mark_sheets import repository
from services.monitoring.mark_sheets.checks import STUDENT_KEY
from services.monitoring.mark_sheets.schemas import ReconciliationOut, SchoolReconciliation
from services.monitoring.mark_sheets.tables import MarkSheet
from shared.kernel.store.columnar import ColumnarStore
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

_SHOWN = 100


async def reconcile(session: AsyncSession, store: ColumnarStore, *, exam: Exam, actor: Actor) -> ReconciliationOut:
    """Compares what the actor may see of the frozen roster with the sheets received."""
    schools = await participants(session, actor, exam)
    sheets = await repository.current_sheets(session, actor, exam)
    return await asyncio.to_thread(_compare, store, str(exam.roster_sha256 or ""), schools, sheets)


async def seal(
    session: AsyncSession, store: ColumnarStore, *, exam: Exam, actor: Actor, accept_reason: str | None
) -> Exam:
    """Closes the collection: afterwards no sheet changes.

    Raises:
        DomainError: ``exam.unreconciled`` unless all agrees or a reason is given, which is audited.
    """
    found = await reconcile(session, store, exam=exam, actor=actor)
    if not found.reconciled and (accept_reason is None or found.duplicate_candidates):
        params = {
            "missing": found.schools - found.schools_received,
            "unaccounted": found.unaccounted,
            "duplicates": len(found.duplicate_candidates),
        }
        raise DomainError("exam.unreconciled", params=params)
    return await move_exam(session, exam, "seal", actor=actor, reason=accept_reason)


def _compare(
    store: ColumnarStore, roster_sha256: str, schools: Sequence[Participant], sheets: Sequence[MarkSheet]
) -> ReconciliationOut:
    keys = [CANDIDATE, STUDENT_KEY, SCHOOL]
    rows = [store.get(sheet.sha256, columns=keys) for sheet in sheets]
    schema = dict.fromkeys(keys, pl.String)
    candidates = pl.concat(rows) if rows else pl.DataFrame(schema=schema)
    roster = (
        store.get(roster_sha256) if roster_sha256 else pl.DataFrame(schema={STUDENT_KEY: pl.String, SCHOOL: pl.String})
    )
    absent = roster.join(candidates.drop_nulls(STUDENT_KEY), on=STUDENT_KEY, how="anti")
    unaccounted = dict(absent.group_by(SCHOOL).len().iter_rows())
    unlinked = dict(candidates.filter(pl.col(STUDENT_KEY).is_null()).group_by(SCHOOL).len().iter_rows())
    twice = candidates.filter(pl.col(CANDIDATE).is_duplicated())[CANDIDATE].unique().sort()
    received = {sheet.school_code: sheet.row_count for sheet in sheets}
    items = [
        SchoolReconciliation(
            school_code=school.school_code,
            county_code=school.county_code,
            name_zh=school.name_zh,
            received=school.school_code in received,
            enrolled=school.enrolled_count,
            rows=received.get(school.school_code, 0),
            unaccounted=unaccounted.get(school.school_code, 0),
            unlinked=unlinked.get(school.school_code, 0),
        )
        for school in schools
    ]
    missing = sum(item.unaccounted for item in items)
    return ReconciliationOut(
        reconciled=all(item.received for item in items) and missing == 0 and twice.is_empty(),
        schools=len(items),
        schools_received=len(received),
        enrolled=sum(item.enrolled for item in items),
        rows=sum(item.rows for item in items),
        unaccounted=missing,
        duplicate_candidates=twice.head(_SHOWN).to_list(),
        items=items,
    )
