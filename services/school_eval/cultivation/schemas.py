"""Programs and candidates as callers write and read them."""

import datetime as dt
from collections.abc import Sequence
from typing import Literal, Self

from pydantic import BaseModel, Field, model_validator

from services.school_eval.cultivation.rules import LIFE, STEPS, CandidateState, Verdict, open_criteria
from services.school_eval.cultivation.tables import Candidate, CandidateEntry, CultivationProgram
from services.school_eval.permissions import PERMISSIONS
from shared.kernel.web.fields import Document, Name, OwnCode, Strict, TwoNames, Words
from shared.terms.actor import Actor
from shared.terms.education import Stage


class Criterion(Strict):
    """Something a school has to show."""

    code: OwnCode
    name: TwoNames
    verified: bool = False


class ProgramIn(Strict):
    """A program with its criteria."""

    name: TwoNames
    stages: list[Stage] = Field(min_length=1, max_length=6)
    criteria: list[Criterion] = Field(min_length=1, max_length=100)
    document: Document
    verified: bool

    @model_validator(mode="after")
    def _codes_once(self) -> Self:
        codes = [criterion.code for criterion in self.criteria]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"代码重复 / codes stand twice: {', '.join(twice)}")
        return self


class ProgramOut(ProgramIn):
    """A program as kept."""

    code: str
    version: int


class NominationIn(Strict):
    """Why a school is nominated."""

    school_name_zh: Name
    text: Words


class AssessmentIn(Strict):
    """Whether a criterion is met, and what that rests on."""

    verdict: Verdict
    text: Words


class AssessmentOut(BaseModel):
    """The last word on a criterion."""

    criterion: str
    verdict: Verdict
    note: str
    assessed_on: dt.date
    assessed_at_level: str


class CandidateOut(BaseModel):
    """A school in a program."""

    program: str
    school_code: str
    county_code: str
    school_name_zh: str
    state: CandidateState
    nominated_on: dt.date
    recognized_on: dt.date | None
    recognized_until: dt.date | None
    document: str | None
    open_criteria: list[str]
    actions: list[str]
    version: int


class EntryOut(BaseModel):
    """One step or assessment."""

    action: str
    criterion: str | None
    verdict: Verdict | None
    body: str
    author_org: str
    at: dt.datetime


class CandidateDetail(CandidateOut):
    """A school in a program with every criterion and everything that was said."""

    assessments: list[AssessmentOut]
    entries: list[EntryOut]


class StepIn(Strict):
    """The words of a step; a recognition also names its document and day."""

    text: Words
    document: Document | None = None
    on: dt.date | None = Field(default=None, description="认定或撤销日期，默认今天 / day of recognition or revocation")


class CountOut(BaseModel):
    """Schools of a county by state."""

    county_code: str
    states: dict[CandidateState, int]


class CountsOut(BaseModel):
    """Schools of a program by county and state."""

    items: list[CountOut]


OwnStep = Literal["apply", "withdraw", "nominate_again"]
Decision = Literal["accept", "return", "recognize", "revoke"]


def program_out(row: CultivationProgram) -> ProgramOut:
    """A program as callers see it."""
    return ProgramOut(**row.content, code=row.code, version=row.version)


def candidate_out(row: Candidate, program: CultivationProgram, actor: Actor) -> CandidateOut:
    """A candidate as the actor sees it."""
    kept = {name: getattr(row, name) for name in _KEPT}
    steps = [step for step in LIFE.actions(CandidateState(row.state)) if PERMISSIONS.grants[STEPS[step]].allows(actor)]
    missing = open_criteria(program.content["criteria"], row.assessments)
    return CandidateOut(**kept, program=program.code, open_criteria=missing, actions=steps)


_KEPT = (
    "school_code",
    "county_code",
    "school_name_zh",
    "state",
    "nominated_on",
    "recognized_on",
    "recognized_until",
    "document",
    "version",
)


def candidate_detail(
    row: Candidate, program: CultivationProgram, entries: Sequence[CandidateEntry], actor: Actor
) -> CandidateDetail:
    """A candidate with its assessments and thread."""
    said = [EntryOut.model_validate(entry, from_attributes=True) for entry in entries]
    found = [AssessmentOut(criterion=code, **content) for code, content in sorted(row.assessments.items())]
    shown = candidate_out(row, program, actor).model_dump()
    return CandidateDetail(**shown, assessments=found, entries=said)
