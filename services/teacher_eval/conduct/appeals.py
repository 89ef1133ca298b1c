"""Appeals against a decision before it takes effect: a review (复核), then an appeal to the office above (申诉)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.conduct import repository
from services.teacher_eval.conduct.opened import CaseId, handled, own
from services.teacher_eval.conduct.rules import CaseState, is_at_or_above
from services.teacher_eval.conduct.schemas import RulingEffectIn
from services.teacher_eval.conduct.service.deciding import apply_ruling
from services.teacher_eval.conduct.sweeps import SUBJECT
from services.teacher_eval.conduct.tables import ConductAppeal, ConductAppealMessage, ConductCase
from services.teacher_eval.permissions import PERMISSIONS
from shared.kernel import clock
from shared.kernel.web.route import Session
from shared.kernel.web.validation import validation_problem
from shared.kits.appeals.endpoints import appeals_router
from shared.kits.appeals.rules import Parties
from shared.kits.appeals.service import Appeals
from shared.kits.appeals.tables import Appeal
from shared.kits.subject import Subject
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel
from shared.workflow.clocks import deadline_rules

HANDLE = "conduct.handle_appeals"
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("conduct.read_appeals"))]
Appellant = Annotated[Actor, Depends(PERMISSIONS.requires("conduct.appeal"))]
Handler = Annotated[Actor, Depends(PERMISSIONS.requires(HANDLE))]
#: Offices that may rule on an appeal, or review what was ruled.
_OFFICES = (OrgLevel.COUNTY, OrgLevel.CITY)


async def _apply(session: AsyncSession, actor: Actor, appeal: Appeal, effect: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        ordered = RulingEffectIn.model_validate(dict(effect))
    except ValidationError as error:
        places = [{**each, "loc": ("body", "effect", *each["loc"])} for each in error.errors()]
        raise validation_problem(places) from error
    statement = repository.cases_handled_by(actor)
    row = await repository.one_case(session, statement, uuid.UUID(appeal.subject_key), is_locked=True)
    return await apply_ruling(session, row=row, ordered=ordered, actor=actor, appeal_id=str(appeal.id))


async def _read(case_id: CaseId, session: Session, actor: Reader) -> Subject:
    if await repository.is_known_to(session, actor, case_id):
        return _subject(*await own(session, case_id, actor))
    if not PERMISSIONS.grants[HANDLE].allows(actor):
        raise DomainError("resource.not_found", params={"what": f"conduct case {case_id}"})
    return _subject(await handled(session, case_id, actor), actor)


async def _appeal(case_id: CaseId, session: Session, actor: Appellant) -> Subject:
    return _subject(*await own(session, case_id, actor))


async def _submit(case_id: CaseId, session: Session, actor: Appellant) -> Subject:
    """A decision may be appealed against once, in time; from then on the offices above have a part in the case."""
    row, there = await own(session, case_id, actor, is_locked=True)
    if row.state != CaseState.DECIDED or await repository.has_appealed(session, there, row):
        raise DomainError("conduct.not_appealable", params={"state": row.state})
    if row.review_until is None or row.review_until <= clock.now():
        raise DomainError("appeal.too_late", params={"due_at": row.review_until})
    row.levels = sorted({*row.levels, *(level.value for level in _OFFICES)})
    await session.flush()
    return _subject(row, there)


async def _handle(case_id: CaseId, request: Request, session: Session, actor: Handler) -> Subject:
    """Not who decided, not from below; and what was ruled is reviewed by the city."""
    row = await handled(session, case_id, actor)
    if actor.subject == row.decided_by:
        raise DomainError("conduct.own_decision")
    is_review = request.url.path.endswith(":decide-review")
    if not is_at_or_above(actor.level, row.decided_level) or (is_review and actor.level is not OrgLevel.CITY):
        raise DomainError("conduct.from_above")
    return _subject(row, actor)


def _subject(row: ConductCase, actor: Actor) -> Subject:
    return Subject(SUBJECT, str(row.id), row.org_path, actor)


def _days(rule: str) -> int:
    return deadline_rules()[rule].days or 0


APPEALS = Appeals(ConductAppeal, ConductAppealMessage, parties=Parties(by_person=True), apply=_apply)
router = appeals_router(
    APPEALS,
    prefix="/conduct-cases/{case_id}/appeals",
    name="conduct_decision",
    reader=_read,
    appellant=_appeal,
    submitter=_submit,
    handler=_handle,
    may_handle=PERMISSIONS.grants[HANDLE].allows,
    days={
        "appeals.rule": _days("conduct.decide_review"),
        "appeals.request_review": _days("conduct.appeal"),
        "appeals.decide_review": _days("conduct.decide_appeal"),
    },
)
