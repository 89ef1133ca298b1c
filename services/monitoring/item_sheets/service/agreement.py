"""Item sheets and mark sheets held against each other, whichever came first."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.tables import Exam
from services.monitoring.item_sheets import repository
from services.monitoring.item_sheets.marks import SubjectOnBothSheets, compare
from services.monitoring.mark_sheets.repository import current_sheets as current_mark_sheets
from services.monitoring.mark_sheets.tables import MarkSheet
from services.monitoring.papers.repository import all_papers
from services.monitoring.papers.service import subject_of
from shared.kernel.store.columnar import ColumnarStore
from shared.terms.actor import Actor
from shared.terms.errors import DomainError, Fault

_SHOWN = 100


@dataclass(frozen=True, slots=True)
class SheetDifference:
    """What is amiss with one school's items of one subject: the sheet itself, or candidates by what differs."""

    subject: str
    school_code: str
    county_code: str
    is_missing: bool
    candidates: dict[str, int]


async def differences(
    session: AsyncSession, store: ColumnarStore, *, exam: Exam, actor: Actor
) -> Sequence[SheetDifference]:
    """Every school with a mark sheet whose items of some paper are missing or say something else, by subject and school.

    Only sheets that are not known to agree are opened, so a collection in order costs no reading.
    """
    subjects = await _subjects(session, exam, actor)
    marks = {sheet.school_code: sheet for sheet in await current_mark_sheets(session, actor, exam)}
    sheets = {
        (sheet.subject, sheet.school_code): sheet for sheet in await repository.current_sheets(session, actor, exam)
    }
    found, open_questions = [], []
    for subject in subjects:
        for school, mark_sheet in marks.items():
            sheet = sheets.get((subject, school))
            if sheet is None:
                found.append(SheetDifference(subject, school, mark_sheet.county_code, is_missing=True, candidates={}))
            elif sheet.agrees_with != mark_sheet.sha256:
                open_questions.append(sheet)
    pairs = [(sheet.subject, sheet.sha256, marks[sheet.school_code].sha256) for sheet in open_questions]
    for sheet, counts in zip(open_questions, await asyncio.to_thread(_counted, store, pairs, subjects), strict=True):
        if counts:
            found.append(
                SheetDifference(
                    sheet.subject, sheet.school_code, sheet.county_code, is_missing=False, candidates=counts
                )
            )
    return sorted(found, key=lambda entry: (entry.subject, entry.school_code))


async def require_agreement(
    session: AsyncSession, store: ColumnarStore, *, exam: Exam, actor: Actor, accept_reason: str | None
) -> dict[str, int]:
    """Refuses to close an exam while items are missing or say something else than the marks, unless a reason is given.

    Returns:
        How many sheets of schools are missing and how many disagree.

    Raises:
        DomainError: ``exam.items_unreconciled``, naming schools and subjects.
    """
    found = await differences(session, store, exam=exam, actor=actor)
    counts = counted(found)
    if found and accept_reason is None:
        faults = [
            Fault(
                "item_sheet.not_sent" if entry.is_missing else "item_sheet.disagrees",
                source_id=entry.school_code,
                params={"subject": entry.subject, "candidates": sum(entry.candidates.values())},
            )
            for entry in found[:_SHOWN]
        ]
        raise DomainError("exam.items_unreconciled", params=counts, faults=faults, fault_count=len(found))
    return counts


def counted(found: Sequence[SheetDifference]) -> dict[str, int]:
    """Sheets that are missing, and sheets that disagree."""
    missing = sum(entry.is_missing for entry in found)
    return {"item_sheets_missing": missing, "item_sheets_differing": len(found) - missing}


async def settle(
    session: AsyncSession, store: ColumnarStore, *, exam: Exam, actor: Actor, mark_sheet: MarkSheet
) -> None:
    """Notes which item sheets agree with a mark sheet just put in force; the others stay open until they are sent anew."""
    subjects = await _subjects(session, exam, actor)
    if not subjects:
        return
    received = await repository.sheets_of_school(session, actor, exam, mark_sheet.school_code)
    sheets = [sheet for sheet in received if sheet.subject in subjects]
    pairs = [(sheet.subject, sheet.sha256, mark_sheet.sha256) for sheet in sheets]
    for sheet, counts in zip(sheets, await asyncio.to_thread(_counted, store, pairs, subjects), strict=True):
        if not counts:
            sheet.agrees_with = mark_sheet.sha256
    await session.flush()


async def _subjects(session: AsyncSession, exam: Exam, actor: Actor) -> dict[str, SubjectOnBothSheets]:
    papers = await all_papers(session, actor, exam)
    return {paper.subject: SubjectOnBothSheets(subject_of(exam, paper.subject), paper.content) for paper in papers}


def _counted(
    store: ColumnarStore, pairs: Sequence[tuple[str, str, str]], subjects: dict[str, SubjectOnBothSheets]
) -> list[dict[str, int]]:
    """Candidates by what differs, of every subject with the SHA-256 of its items and of the marks."""
    counts = []
    for subject, items, marks in pairs:
        both = subjects[subject]
        found = compare(store.get(items), store.get(marks, both.columns), both)
        counts.append(dict(Counter(found["difference"])))
    return counts
