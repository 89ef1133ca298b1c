"""Cases of conduct as those who handle them write and read them, and as the person reads the own."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from services.teacher_eval.conduct.rules import CaseState, Origin, possible_steps
from services.teacher_eval.conduct.tables import ConductCase, ConductEntry
from shared.kernel.web.fields import Document, Reason, StaffKey, Strict, TwoNames, Words
from shared.policy.annual_assessment import AnnualGrade
from shared.policy.conduct import HandlingKind, Imposed, PayEffect
from shared.terms.actor import Actor

RuleCode = Literal[
    "political_direction",
    "lawfulness",
    "culture",
    "devotion",
    "care",
    "safety",
    "decency",
    "fairness",
    "integrity",
    "orderly_teaching",
]
HandlingCode = Literal[
    "criticism",
    "admonition",
    "written_self_criticism",
    "circulated_criticism",
    "disqualification",
    "warning",
    "demerit",
    "demotion_or_removal",
    "dismissal",
]
Rules = Annotated[list[RuleCode], Field(min_length=1, max_length=10, description="违反的准则 / rules broken")]


class ReportIn(Strict):
    """What somebody is said to have done."""

    staff_key: StaffKey
    rules: Rules
    origin: Origin
    occurred_on: dt.date | None = None
    facts: Words = Field(description="反映的事实，不写反映人 / what is said to have happened, never by whom")
    without_school: bool = Field(
        default=False,
        description="不经学校办理（如反映对象为校长），仅主管部门 / handled without the school, by an office alone",
    )


class StepIn(Strict):
    """A step with its words."""

    text: Words
    document: Document | None = None


class NoticeIn(StepIn):
    """What the person is told before anything is decided: the facts, what is intended, the right to be heard."""

    hearing_on: dt.date = Field(description="听取陈述申辩（听证）的日期 / the day on which the person is heard")
    rules: Rules | None = None


class HearingIn(StepIn):
    """What was said at the hearing; its record lies with the files of the hearing."""

    attended: bool = Field(description="当事人是否到场 / whether the person came")


class ProposalIn(StepIn):
    """A proposal of the school to the office that decides."""

    to: Literal["county", "city"] = "county"
    imposed: list["ImposedIn"] = Field(min_length=1, max_length=4)


class ImposedIn(Strict):
    """One thing that a decision imposes; months only where the decision sets them."""

    handling: HandlingCode
    months: int | None = Field(default=None, ge=1, le=240)

    def read(self) -> Imposed:
        """As the policy takes it."""
        return Imposed(self.handling, self.months)


class DecisionIn(StepIn):
    """A decision: its document, what it imposes, and when the person got it."""

    document: Document = Field(description="处理决定文号 / number of the decision's document")
    decided_on: dt.date
    served_on: dt.date = Field(description="书面送达当事人的日期 / the day the person got it in writing")
    imposed: list[ImposedIn] = Field(min_length=1, max_length=4)
    rules: Rules | None = None


class OwnWordsIn(Strict):
    """The person's own words (陈述和申辩)."""

    text: Words


class RulingEffectIn(Strict):
    """What a ruling orders: the decision falls, or something milder takes its place."""

    order: Literal["annul", "change"]
    imposed: list[ImposedIn] = Field(default_factory=list, max_length=4)
    reason: Reason


class EffectOut(BaseModel):
    """A handling in time."""

    handling: str
    first_on: dt.date
    last_on: dt.date | None
    pay_last_on: dt.date | None


class EntryOut(BaseModel):
    """One step with its words."""

    action: str
    body: str
    document: str | None
    author_org: str
    at: dt.datetime


class OwnCaseOut(BaseModel):
    """A case as the person reads it; who brought it up is told to nobody."""

    id: uuid.UUID
    rules: list[str]
    state: CaseState
    notified_at: dt.datetime | None
    hearing_on: dt.date | None
    statement: str | None
    suspended_on: dt.date | None
    suspension_ended_on: dt.date | None
    document_number: str | None
    decided_on: dt.date | None
    served_on: dt.date | None
    decision: str | None
    imposed: list[ImposedIn]
    review_until: dt.datetime | None
    effective_on: dt.date | None
    last_on: dt.date | None
    effects: list[EffectOut]
    ended_on: dt.date | None


class OwnCaseDetail(OwnCaseOut):
    """The same with what the person was told, step by step."""

    entries: list[EntryOut]


class CaseOut(OwnCaseOut):
    """A case in a list of those who handle it."""

    staff_key: str
    name: str | None
    school_code: str
    levels: list[str]
    origin: Origin
    occurred_on: dt.date | None
    reported_on: dt.date
    heard_at: dt.datetime | None
    decided_level: str | None
    is_erased: bool
    actions: list[str]


class CaseDetail(CaseOut):
    """A case with its facts and everything that was done."""

    facts: str | None
    entries: list[EntryOut]


class SourceOut(BaseModel):
    """Where a rule stands."""

    document: str
    in_force_from: dt.date
    verified: bool


class RuleOut(BaseModel):
    """One of the ten rules."""

    code: str
    number: int
    name: TwoNames
    source: SourceOut


class HandlingOut(BaseModel):
    """What a decision may bring, who decides it, for how long, and what follows."""

    code: str
    name: TwoNames
    kind: HandlingKind
    months: int | None
    least_months: int | None
    no_end: bool
    decided_by: list[str]
    fails_ethics: bool
    grade_cap: AnnualGrade
    pay: PayEffect
    pay_months: int | None
    source: SourceOut
    effect_source: SourceOut


class ConductLawOut(BaseModel):
    """The rules and what a violation may bring."""

    rules: list[RuleOut]
    handlings: list[HandlingOut]


def own_case(row: ConductCase) -> OwnCaseOut:
    """A case as the person reads it."""
    return OwnCaseOut.model_validate(row, from_attributes=True)


def own_detail(row: ConductCase, entries: Sequence[ConductEntry]) -> OwnCaseDetail:
    """The same with what the person was told."""
    return OwnCaseDetail(**own_case(row).model_dump(), entries=_entries(entries))


def case_out(row: ConductCase, name: str | None, actor: Actor) -> CaseOut:
    """A case as those who handle it list it."""
    return CaseOut(
        **own_case(row).model_dump(),
        staff_key=row.staff_key,
        name=name,
        school_code=row.school_code,
        levels=row.levels,
        origin=Origin(row.origin),
        occurred_on=row.occurred_on,
        reported_on=row.reported_on,
        heard_at=row.heard_at,
        decided_level=row.decided_level,
        is_erased=row.erased_at is not None,
        actions=possible_steps(CaseState(row.state), actor.level, row.decided_level),
    )


def case_detail(row: ConductCase, name: str | None, actor: Actor, entries: Sequence[ConductEntry]) -> CaseDetail:
    """A case with everything that was done."""
    return CaseDetail(**case_out(row, name, actor).model_dump(), facts=row.facts, entries=_entries(entries))


def _entries(entries: Sequence[ConductEntry]) -> list[EntryOut]:
    return [EntryOut.model_validate(entry, from_attributes=True) for entry in entries]
