"""Who may object to what, and what follows when an objection is upheld: the school sends its sheet again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams import service as exams
from services.monitoring.exams.fields import Strict
from services.monitoring.exams.repository import allow_resending, exam_by_code, exam_for_update
from services.monitoring.exams.rules import ExamState, window_end
from services.monitoring.exams.schemas import ReopenIn
from services.monitoring.exams.tables import Exam
from services.monitoring.mark_sheets.repository import void_confirmations
from services.monitoring.objections.rules import require_in_window
from services.monitoring.objections.tables import Objection, ObjectionMessage
from services.monitoring.permissions import PERMISSIONS
from services.monitoring.results.repository import has_school, versions_of
from services.monitoring.results.rules import version_to_read
from shared.kernel import clock
from shared.kernel.web.validation import validation_problem
from shared.kits.appeals.rules import Parties
from shared.kits.appeals.service import Appeals
from shared.kits.appeals.tables import Appeal
from shared.kits.subject import Subject
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import path_segments
from shared.workflow.calendar import WorkingCalendar

SUBJECT = "exam_results"
#: Days a school may be given for its sheet, as for a correction.
_DAYS = (1, 14)


class CorrectionEffect(Strict):
    """What a ruling may order: that the school sends its sheet again, within so many working days."""

    correct_within_working_days: int = Field(ge=_DAYS[0], le=_DAYS[1])


def results_of(exam: Exam, actor: Actor, org_path: str) -> Subject:
    """The results of an exam, as what is objected to."""
    return Subject(SUBJECT, exam.code, org_path, actor)


async def objectionable(session: AsyncSession, *, code: str, actor: Actor, calendar: WorkingCalendar) -> Subject:
    """The results that a school may object to now: in force, its own, and not published too long ago.

    Raises:
        DomainError: ``resource.not_found``, ``results.not_published``, ``results.withdrawn``, ``objection.too_late``.
    """
    exam = await exam_by_code(session, actor, code)
    in_force = version_to_read(await versions_of(session, actor, exam), None)
    school_code = path_segments(actor.org)[-1]
    if not await has_school(session, actor, exam, school_code):
        raise DomainError("resource.not_found", params={"what": f"school {school_code}"})
    require_in_window(in_force.published_at, clock.now(), calendar=calendar, zone=clock.CHINA)
    return results_of(exam, actor, actor.org)


async def order_correction(
    session: AsyncSession, actor: Actor, appeal: Appeal, effect: Mapping[str, Any]
) -> dict[str, Any]:
    """Lets the school that objected send its sheet again: the exam goes back to checking for it alone.

    The version in force stays readable; the figures change when the corrected version is published.

    Raises:
        DomainError: ``request.invalid``; ``auth.forbidden`` for who may not reopen an exam; ``workflow.not_allowed``.
    """
    try:
        order = CorrectionEffect.model_validate(dict(effect))
    except ValidationError as error:
        places = [{**fault, "loc": ("body", "effect", *fault["loc"])} for fault in error.errors()]
        raise validation_problem(places) from error
    if not PERMISSIONS.grants["exams.advance"].allows(actor):
        raise DomainError("auth.forbidden", params={"action": "exams.advance"})
    exam = await exam_for_update(session, actor, appeal.subject_key)
    school_code, days = path_segments(appeal.org_path)[-1], order.correct_within_working_days
    if exam.state == ExamState.CHECKING:  # reopened already, for another school
        until = window_end(clock.now(), days=None, ends_on=None, working_days=days, zone=clock.CHINA, bounds=_DAYS)
        await allow_resending(session, actor, exam, [school_code], until=until)
        await void_confirmations(session, exam, [school_code])
    else:
        reason = f"异议成立 / objection upheld: {appeal.id}"
        body = ReopenIn(reason=reason, schools=[school_code], working_days=days)
        exam = await exams.reopen(session, exam=exam, body=body, actor=actor)
        until = exam.checking_ends_at or clock.now()
    return {"school_code": school_code, "exam_state": exam.state, "resend_until": until.isoformat()}


#: A school objects, its county or the city rules; the ruling may order a correction.
OBJECTIONS = Appeals(Objection, ObjectionMessage, Parties(), order_correction)
