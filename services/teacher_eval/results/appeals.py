"""Objections to one's own result while it is shown, and reviews of low grades after they were confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Path, Request
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles.rules import SETTLED, SchoolState
from services.teacher_eval.cycles.schemas import StaffKey
from services.teacher_eval.evaluations import repository as entries
from services.teacher_eval.evaluations.evidence import require_concerned
from services.teacher_eval.evaluations.rules import Judge, require_other
from services.teacher_eval.evaluations.service.opened import Opened, open_member, require_known
from services.teacher_eval.evaluations.service.values import set_value
from services.teacher_eval.grading.service.deciding import set_by_ruling
from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.results.service.asking import ask_computation
from services.teacher_eval.results.service.publicity import OBJECTION, REVIEW
from services.teacher_eval.results.tables import ResultAppeal, ResultAppealMessage
from shared.kernel import clock
from shared.kernel.context import kernel_of
from shared.kernel.web.fields import OwnCode, SchoolCode, Strict
from shared.kernel.web.route import Session
from shared.kernel.web.validation import validation_problem
from shared.kits.appeals.endpoints import appeals_router
from shared.kits.appeals.rules import Parties
from shared.kits.appeals.service import Appeals
from shared.kits.appeals.tables import Appeal
from shared.kits.calendar import calendar_for
from shared.kits.schemes.said import LeafCode, Value
from shared.kits.subject import Subject
from shared.policy.annual_assessment import AnnualGrade, reviewable_grades
from shared.scoring.scheme.entered_values import applies, canonical
from shared.terms.actor import Actor
from shared.terms.errors import DomainError, Fault
from shared.workflow.clocks import calendar_window, deadline_rules

HANDLE = "objections.handle"
ADDRESS = "/cycles/{code}/schools/{school_code}/members/{staff_key}"
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("evaluations.own"))]
Appellant = Annotated[Actor, Depends(PERMISSIONS.requires("objections.submit"))]
Handler = Annotated[Actor, Depends(PERMISSIONS.requires(HANDLE))]
Code = Annotated[OwnCode, Path()]
School = Annotated[SchoolCode, Path()]
Person = Annotated[StaffKey, Path()]

B = TypeVar("B", bound=BaseModel)


class ChangedValueIn(Strict):
    """A value that a ruling orders."""

    leaf: LeafCode
    value: Value


class ValuesEffectIn(Strict):
    """What the ruling of an objection changes: values, nothing else; everything that follows is computed."""

    values: list[ChangedValueIn] = Field(min_length=1, max_length=100)


class GradeEffectIn(Strict):
    """What a review changes: the grade."""

    grade: AnnualGrade


async def apply_ruling(
    session: AsyncSession, actor: Actor, appeal: Appeal, effect: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Puts in force what a ruling orders, in its transaction.

    Raises:
        DomainError: ``request.invalid`` with every fault, ``cycle.not_now``, ``grading.quota_exceeded``.
    """
    code, school, person = appeal.subject_key.split("/")
    opened = await open_member(session, code=code, school_code=school, staff_key=person, actor=actor, is_locked=True)
    require_other(actor, person)
    if appeal.subject_type == REVIEW:
        opened.require(*SETTLED)
        ordered = _parsed(GradeEffectIn, effect)
        return await set_by_ruling(session, opened=opened, staff_key=person, grade=ordered.grade, appeal_id=appeal.id)
    opened.require(SchoolState.IN_PUBLICITY)
    return await _change_values(session, opened, appeal, _parsed(ValuesEffectIn, effect))


async def _change_values(
    session: AsyncSession, opened: Opened, appeal: Appeal, ordered: ValuesEffectIn
) -> Mapping[str, Any]:
    require_known(opened, [item.leaf for item in ordered.values], pointer="/effect/values/{place}/leaf")
    held = await entries.held_of(session, opened.actor, opened.member.id)
    changed = []
    for place, item in enumerate(ordered.values):
        value = _value(opened, item, place)
        reason = f"异议裁定 / ruling of objection {appeal.id}"
        await set_value(session, opened=opened, leaf=item.leaf, value=value, judge=Judge.RULING, reason=reason)
        before = held[item.leaf].value if item.leaf in held else None
        changed.append({"leaf": item.leaf, "before": before, "after": value})
    below = opened.school.org_path
    job = await ask_computation(session, cycle=opened.cycle, below=below, actor=opened.actor, appeal_id=appeal.id)
    return {"values": changed, "job": str(job.id)}


def _value(opened: Opened, item: ChangedValueIn, place: int) -> str | None:
    leaf, pointer = opened.leaves[item.leaf], f"/effect/values/{place}"
    params = {"leaf": leaf.code}
    if not applies(leaf, opened.attributes):
        fault = Fault("evaluation.leaf_not_judged", pointer=f"{pointer}/leaf", params=params)
        raise DomainError("request.invalid", faults=[fault])
    try:
        return canonical(leaf, item.value)
    except ValueError as error:
        allowed = str(error)
        params |= {"allowed": allowed}
        fault = Fault("evaluation.value_invalid", pointer=f"{pointer}/value", allowed=allowed, params=params)
        raise DomainError("request.invalid", faults=[fault]) from error


def _parsed(kind: type[B], effect: Mapping[str, Any]) -> B:
    try:
        return kind.model_validate(dict(effect))
    except ValidationError as error:
        located = [{**each, "loc": ("body", "effect", *each["loc"])} for each in error.errors()]
        raise validation_problem(located) from error


async def _open(session: Session, code: str, school_code: str, staff_key: str, actor: Actor) -> Opened:
    require_concerned(actor, staff_key)
    return await open_member(session, code=code, school_code=school_code, staff_key=staff_key, actor=actor)


def _subject(opened: Opened, kind: str) -> Subject:
    return Subject(kind, "/".join(opened.key.values()), opened.school.org_path, opened.actor)


async def _read_objection(
    code: Code, school_code: School, staff_key: Person, session: Session, actor: Reader
) -> Subject:
    return _subject(await _open(session, code, school_code, staff_key, actor), OBJECTION)


async def _object(
    code: Code, school_code: School, staff_key: Person, request: Request, session: Session, actor: Appellant
) -> Subject:
    opened = await _own(session, code, school_code, staff_key, actor)
    if request.url.path.endswith("/objections"):
        # Raised while results are shown; what follows has deadlines of its own.
        opened.require(SchoolState.IN_PUBLICITY)
    return _subject(opened, OBJECTION)


async def _handle_objection(
    code: Code, school_code: School, staff_key: Person, session: Session, actor: Handler
) -> Subject:
    require_other(actor, staff_key)
    return _subject(await _open(session, code, school_code, staff_key, actor), OBJECTION)


async def _read_review(code: Code, school_code: School, staff_key: Person, session: Session, actor: Reader) -> Subject:
    return _subject(await _open(session, code, school_code, staff_key, actor), REVIEW)


async def _ask_review(
    code: Code, school_code: School, staff_key: Person, request: Request, session: Session, actor: Appellant
) -> Subject:
    opened = await _own(session, code, school_code, staff_key, actor)
    if request.url.path.endswith("/reviews"):
        _require_reviewable(opened, request)
    return _subject(opened, REVIEW)


async def _handle_review(
    code: Code, school_code: School, staff_key: Person, session: Session, actor: Handler
) -> Subject:
    require_other(actor, staff_key)
    return _subject(await _open(session, code, school_code, staff_key, actor), REVIEW)


async def _own(session: Session, code: str, school_code: str, staff_key: str, actor: Actor) -> Opened:
    """One's own alone; of others' nobody learns that there are any."""
    if not actor.is_person(staff_key):
        raise DomainError("resource.not_found", params={"what": f"member {staff_key}"})
    return await open_member(session, code=code, school_code=school_code, staff_key=staff_key, actor=actor)


def _require_reviewable(opened: Opened, request: Request) -> None:
    """A low grade, confirmed, within the days of law: ``grading.not_reviewable``, ``grading.review_too_late``."""
    grade, confirmed_at = opened.member.grade, opened.school.confirmed_at
    if opened.school.state not in SETTLED or confirmed_at is None or grade not in reviewable_grades():
        raise DomainError("grading.not_reviewable")
    days = deadline_rules()["annual_grade.request_review"].days or 0
    calendar = calendar_for(kernel_of(request).settings, opened.school.org_path)
    span = calendar_window(confirmed_at, days=days, calendar=calendar, zone=clock.CHINA)
    if span.is_over(clock.now()):
        raise DomainError("grading.review_too_late", params={"due_at": span.ends_at.isoformat()})


APPEALS = Appeals(ResultAppeal, ResultAppealMessage, parties=Parties(by_person=True), apply=apply_ruling)
objections = appeals_router(
    APPEALS,
    prefix=f"{ADDRESS}/objections",
    name="result_objection",
    reader=_read_objection,
    appellant=_object,
    handler=_handle_objection,
    may_handle=PERMISSIONS.grants[HANDLE].allows,
)
reviews = appeals_router(
    APPEALS,
    prefix=f"{ADDRESS}/reviews",
    name="grade_review",
    reader=_read_review,
    appellant=_ask_review,
    handler=_handle_review,
    may_handle=PERMISSIONS.grants[HANDLE].allows,
    # An appeal against the review is asked for within the days of law.
    days={"appeals.request_review": deadline_rules()["annual_grade.appeal"].days or 0},
)
