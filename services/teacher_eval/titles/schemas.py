"""Rounds and titles as callers write and read them."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from services.teacher_eval.ladders.rules import Status
from services.teacher_eval.ladders.schemas import Rung
from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.staff_register.tables import RegisteredStaff
from services.teacher_eval.titles.rules import (
    LIFE,
    STEPS,
    EndReason,
    FollowUpVerdict,
    RoundState,
    TitleState,
    open_checks,
)
from services.teacher_eval.titles.tables import Title, TitleEntry, TitleFollowUp, TitleNotice, TitleRound
from shared.kernel.web.fields import CountyCode, Document, OwnCode, Reason, StaffKey, Strict, TwoNames, Words
from shared.terms.actor import Actor
from shared.terms.education import Stage

SubjectCode = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,39}$", description="学科代码 / subject")]


class RoundIn(Strict):
    """A call for nominations to a rung."""

    name: TwoNames
    ladder: OwnCode
    rung: OwnCode
    nominations_end_on: dt.date
    seats: dict[CountyCode, Annotated[int, Field(ge=0, le=100_000)]] | None = Field(
        default=None, description="各县推荐名额，未列者不限 / seats by county; unlimited where none are named"
    )
    publicity_working_days: int | None = Field(default=None, ge=1, le=60)
    document: Document


class RoundOut(RoundIn):
    """A round as kept, with the rung that everybody of it is held against."""

    code: str
    ladder_number: int
    rung_criteria: Rung
    state: RoundState
    version: int


class StatedIn(Strict):
    """A figure that nothing on this platform can tell, with what it rests on."""

    value: Annotated[Decimal, Field(ge=0, le=10_000)]
    document: Document


class NominationIn(Strict):
    """A nomination."""

    subject: SubjectCode | None = None
    stage: Stage | None = Field(default=None, description="多学段学校须指明 / in a school of several stages, which one")
    stated: dict[OwnCode, StatedIn] = Field(default_factory=dict, max_length=40)
    text: Words


class WaiverIn(Strict):
    """Why a criterion that is not met is let pass."""

    reason: Reason
    document: Document


class StepIn(Strict):
    """The words of a step, and what some steps need besides."""

    text: Words
    document: Document | None = None
    on: dt.date | None = None
    waivers: dict[OwnCode, WaiverIn] = Field(
        default_factory=dict, max_length=40, description="破格通过的条件（仅审核） / criteria let pass, of a review"
    )
    stated: dict[OwnCode, StatedIn] | None = Field(default=None, max_length=40)
    end_reason: Literal["follow_up_failed", "resigned", "revoked", "conduct"] | None = None


class RecognitionIn(Strict):
    """The document that recognizes everybody shown, and its day."""

    document: Document
    on: dt.date | None = None
    text: Words


class FollowUpIn(Strict):
    """A follow-up evaluation."""

    evaluated_on: dt.date
    verdict: FollowUpVerdict
    open_lessons: int = Field(ge=0, le=1000)
    lectures: int = Field(ge=0, le=1000)
    mentees: int = Field(ge=0, le=1000)
    research_projects: int = Field(ge=0, le=1000)
    text: Words


class CheckOut(BaseModel):
    """A criterion held against what is known."""

    code: str
    name: TwoNames
    status: Status
    found: str | None
    needed: str
    stated_document: str | None
    waiver: WaiverIn | None


class TitleOut(BaseModel):
    """A person on the way to a rung, or on it."""

    round: str
    ladder: str
    rung: str
    staff_key: str
    name: str | None
    school_code: str
    county_code: str
    stages: str
    subject: str | None
    state: TitleState
    nominated_on: dt.date
    recognized_on: dt.date | None
    term_begins_on: dt.date | None
    term_ends_on: dt.date | None
    ended_on: dt.date | None
    end_reason: EndReason | None
    document: str | None
    open_criteria: list[str]
    actions: list[str]
    version: int


class TitleEntryOut(BaseModel):
    """One step with its words."""

    action: str
    body: str
    document: str | None
    author_org: str
    at: dt.datetime


class FollowUpOut(FollowUpIn):
    """A follow-up evaluation as kept."""

    author_org: str


class TitleDetail(TitleOut):
    """A title with its criteria, thread and follow-up evaluations."""

    checks: list[CheckOut]
    entries: list[TitleEntryOut]
    follow_ups: list[FollowUpOut]


class TitleNoticeOut(BaseModel):
    """What is, or was, shown of a round."""

    state: str
    first_on: dt.date | None
    last_on: dt.date | None
    ends_at: dt.datetime | None
    content_sha256: str
    content: dict[str, Any]


OwnStep = Literal["nominate_again", "withdraw"]
Review = Literal["review", "return"]
Decision = Literal["refuse", "renew", "end"]
_KEPT = tuple(name for name in TitleOut.model_fields if name not in {"round", "name", "open_criteria", "actions"})
_FIGURES = ("open_lessons", "lectures", "mentees", "research_projects")
Key = StaffKey


def round_out(row: TitleRound) -> RoundOut:
    """A round as callers see it."""
    kept = {name: getattr(row, name) for name in ("ladder", "rung", "nominations_end_on")}
    return RoundOut(
        **kept,
        **row.content,
        code=row.code,
        ladder_number=row.ladder_number,
        rung_criteria=Rung.model_validate(row.rung_content),
        state=RoundState(row.state),
        version=row.version,
    )


def title_out(row: Title, code: str, person: RegisteredStaff | None, actor: Actor) -> TitleOut:
    """A title as the actor sees it."""
    steps = [step for step in LIFE.actions(TitleState(row.state)) if step in STEPS]
    return TitleOut(
        **{name: getattr(row, name) for name in _KEPT},
        round=code,
        name=None if person is None else person.name,
        open_criteria=[check["code"] for check in open_checks(row.checks, row.waivers)],
        actions=[step for step in steps if PERMISSIONS.grants[STEPS[step]].allows(actor)],
    )


def title_detail(
    row: Title,
    of: TitleRound,
    person: RegisteredStaff | None,
    entries: Sequence[TitleEntry],
    follow_ups: Sequence[TitleFollowUp],
    actor: Actor,
) -> TitleDetail:
    """A title with everything about it."""
    names = {criterion["code"]: criterion["name"] for criterion in of.rung_content["criteria"]}
    checks = [
        CheckOut(
            **check,
            name=names[check["code"]],
            stated_document=row.stated.get(check["code"], {}).get("document"),
            waiver=row.waivers.get(check["code"]),
        )
        for check in row.checks
    ]
    return TitleDetail(
        **title_out(row, of.code, person, actor).model_dump(),
        checks=checks,
        entries=[TitleEntryOut.model_validate(entry, from_attributes=True) for entry in entries],
        follow_ups=[follow_up_out(each) for each in follow_ups],
    )


def follow_up_out(row: TitleFollowUp) -> FollowUpOut:
    """A follow-up evaluation as callers see it."""
    figures = {name: row.figures[name] for name in _FIGURES}
    verdict = FollowUpVerdict(row.verdict)
    kept = {"evaluated_on": row.evaluated_on, "text": row.body, "author_org": row.author_org}
    return FollowUpOut(**kept, **figures, verdict=verdict)


def figures_of(body: FollowUpIn) -> dict[str, int]:
    """The figures of a follow-up evaluation as they are stored."""
    return {name: getattr(body, name) for name in _FIGURES}


def notice_out(row: TitleNotice) -> TitleNoticeOut:
    """A notice as callers see it."""
    return TitleNoticeOut.model_validate(row, from_attributes=True)
