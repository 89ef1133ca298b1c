"""A school looks at its own figures and confirms them."""

from __future__ import annotations

import asyncio

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.completeness.repository import by_school
from services.monitoring.corrections.repository import open_corrections
from services.monitoring.corrections.service import lapse_overdue
from services.monitoring.exams.repository import hold_exam, participant_of
from services.monitoring.exams.rules import ExamState
from services.monitoring.exams.tables import Exam
from services.monitoring.mark_sheets import repository
from services.monitoring.mark_sheets.figures import class_figures, subject_figures, unaccounted_pupils
from services.monitoring.mark_sheets.schemas import ClassFigures, FiguresOut, SubjectFigures, UnaccountedPupil
from services.monitoring.mark_sheets.tables import MarkSheet
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.kernel.store.columnar import ColumnarStore
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

_SHOWN = 200


async def figures_of_school(
    session: AsyncSession, store: ColumnarStore, *, exam: Exam, school_code: str, actor: Actor
) -> FiguresOut:
    """What a school confirms: its counts, its subjects, and which of its pupils have no row."""
    sheet = await repository.visible_sheet(session, actor, exam, school_code)
    found = (await by_school(session, actor, exam, [school_code]))[school_code]

    def work() -> FiguresOut:
        frame = store.get(sheet.sha256)
        pupils = unaccounted_pupils(frame, store.get(str(exam.roster_sha256)), school_code)
        return FiguresOut(
            exam=exam.code,
            school_code=school_code,
            sha256=sheet.sha256,
            confirmed_at=sheet.confirmed_at,
            checking_ends_at=exam.checking_ends_at,
            expected=found.expected,
            enrolled=found.enrolled,
            rows=found.registered,
            unlinked=found.unlinked,
            excluded_by_code=dict(found.excluded),
            unaccounted=found.unaccounted,
            unaccounted_pupils=[UnaccountedPupil(**row) for row in pupils.head(_SHOWN).to_dicts()],
            classes=[ClassFigures(**row) for row in class_figures(frame)],
            subjects=[SubjectFigures(**row) for row in subject_figures(frame, exam.definition)],
        )

    return await asyncio.to_thread(work)


async def confirm_sheet(session: AsyncSession, *, exam: Exam, school_code: str, sha256: str, actor: Actor) -> MarkSheet:
    """Takes a school's word that a sheet holds its figures; given twice it changes nothing.

    Args:
        session: the transaction.
        exam: the exam.
        school_code: the school.
        sha256: of the sheet that was seen.
        actor: who gives the word.

    Raises:
        DomainError: ``exam.not_checking``; ``mark_sheet.changed`` when another sheet is in force;
            ``mark_sheet.correction_open``; ``resource.not_found``.
    """
    await hold_exam(session, exam)
    if exam.state != ExamState.CHECKING:
        raise DomainError("exam.not_checking", params={"state": exam.state})
    school = await participant_of(session, actor, exam, school_code)
    sheet = await repository.visible_sheet(session, actor, exam, school_code)
    if sheet.sha256 != sha256:
        raise DomainError("mark_sheet.changed")
    await lapse_overdue(session, exam=exam, actor=actor, school_codes=[school_code])
    if await open_corrections(session, actor, exam, [school_code]):
        raise DomainError("mark_sheet.correction_open")
    if sheet.confirmed_at is None:
        sheet.confirmed_at, sheet.confirmed_by = clock.now(), actor.subject
        school.resend_until = None
        key = {"exam": exam.code, "school_code": school_code}
        note(session, actor, "mark_sheet.confirmed", exam.code, {"school_code": school_code, "sha256": sha256})
        await record_changes(session, "mark_sheets", Operation.UPSERTED, [(school.org_path, key)])
        await session.flush()
    return sheet
