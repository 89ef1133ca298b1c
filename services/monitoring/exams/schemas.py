"""Exams as callers write and read them."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator

from services.monitoring.exams.analysis_settings import AnalysisSettingsIn
from services.monitoring.exams.fields import Exact, Name, Strict, SubjectCode
from services.monitoring.exams.rules import ADDRESS_OF_STEP, LIFE, ExamState
from services.monitoring.exams.tables import Exam, Participant
from services.monitoring.permissions import PERMISSIONS, STEPS
from shared.kernel.web.validation import refused
from shared.policy.exam_kinds import exam_kinds
from shared.policy.undergraduate_rate import undergraduate_rate
from shared.scoring.plan import DEFAULT_COMPOSITE, DEFAULT_RATES
from shared.terms.actor import Actor
from shared.terms.education import is_school_year
from shared.terms.organization import is_within

DEFAULT_MIN_N = 10
ExamCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$")]


class SubjectIn(Strict):
    """A subject: its column in the mark sheet, its full mark and step."""

    code: SubjectCode
    name_zh: Name
    name_en: Name
    role: Literal["outcome", "intake"] = "outcome"
    full_mark: Exact = Field(examples=["150"])
    step: Exact = "0.5"
    band_width: Exact = "10"


class RateIn(Strict):
    """A rate and its threshold as a share of the full mark."""

    code: SubjectCode
    threshold: Exact = Field(examples=["0.85"])
    direction: Literal["at_least", "below"] = "at_least"


class WeightIn(Strict):
    """Weight of a component of the composite index."""

    component: str
    weight: Exact


class ModelIn(Strict):
    """A value-added model."""

    outcome: SubjectCode
    intakes: list[SubjectCode] = Field(min_length=1, max_length=10)
    scale: Literal["raw", "t"] = "t"
    method: Literal["reml", "ml"] = "reml"
    compositional: bool = False


class AttributeIn(Strict):
    """An attribute of schools by which they are compared in groups."""

    code: SubjectCode
    name_zh: Name
    name_en: Name
    grouping: Literal["value", "quartile"] = "value"


def _default_rates() -> list[RateIn]:
    return [RateIn(code=r.code, threshold=str(r.threshold), direction=r.direction.value) for r in DEFAULT_RATES]


def _default_composite() -> list[WeightIn]:
    return [WeightIn(component=entry.component, weight=str(entry.weight)) for entry in DEFAULT_COMPOSITE]


class ExamIn(AnalysisSettingsIn):
    """Everything an exam's figures depend on."""

    name_zh: Name
    name_en: Name
    kind: str = Field(examples=["sample_monitoring"])
    grade_level: int = Field(ge=1, le=12)
    school_year: str = Field(examples=["2026-2027"])
    held_on: dt.date
    sample: str | None = Field(default=None, max_length=1_000, description="抽样说明 / how the sample was drawn")
    sampling: Literal["listed", "drawn"] = Field(
        default="listed",
        description="参加学校：列名，或由本系统抽取 / schools listed in participants, or drawn by this service",
    )
    approval_document: str | None = Field(default=None, min_length=3, max_length=120)
    student_linking: Literal["required", "optional"] = "required"
    participants: list[str] | None = Field(default=None, max_length=10_000)
    subjects: list[SubjectIn] = Field(min_length=1, max_length=40)
    rates: list[RateIn] = Field(default_factory=_default_rates, max_length=10)
    composite: list[WeightIn] = Field(default_factory=_default_composite, max_length=11)
    min_n: int = Field(default=DEFAULT_MIN_N, ge=1, le=100)
    min_n_reason: str | None = Field(default=None, max_length=500)
    value_added_models: list[ModelIn] = Field(default_factory=list, max_length=40)
    comparison_attributes: list[AttributeIn] = Field(default_factory=list, max_length=10)

    @model_validator(mode="after")
    def _is_consistent(self) -> "ExamIn":
        if not is_school_year(self.school_year):
            raise refused("exam.school_year_format")
        if self.min_n < DEFAULT_MIN_N and not self.min_n_reason:
            raise refused("exam.min_n_without_reason")
        if self.sampling == "drawn":
            self._require_drawable()
        if self.undergraduate is not None and self.grade_level not in undergraduate_rate().grades:
            raise refused("exam.undergraduate_grade", grades=", ".join(map(str, sorted(undergraduate_rate().grades))))
        for subject in self.subjects:
            if subject.code.endswith("_status"):
                raise refused("exam.subject_code_reserved", subject=subject.code)
            if Decimal(subject.full_mark) <= 0 or Decimal(subject.step) <= 0:
                raise refused("exam.subject_mark_not_positive", subject=subject.code)
        return self

    def _require_drawable(self) -> None:
        kind = exam_kinds().get(self.kind)
        if kind is not None and not kind.sample_only:
            raise refused("exam.drawn_kind", kind=self.kind)
        if self.participants is not None:
            raise refused("exam.drawn_with_participants")
        if self.student_linking != "required":
            raise refused("exam.drawn_without_linking")


class ExamOut(BaseModel):
    """An exam."""

    id: uuid.UUID
    code: str
    state: ExamState
    state_reason: str | None
    checking_ends_at: dt.datetime | None
    actions: list[str]
    org_path: str
    definition: dict[str, Any]
    roster_sha256: str | None
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime


class ParticipantOut(BaseModel):
    """A school that takes part."""

    school_code: str
    county_code: str
    name_zh: str
    enrolled_count: int
    at_start_count: int
    transferred_in_count: int
    transferred_out_count: int
    expected_count: int


class SealIn(Strict):
    """Sealing; the reason is needed when something does not reconcile."""

    accept_reason: str | None = Field(default=None, min_length=5, max_length=500)


class ReasonIn(Strict):
    """A step that needs a reason."""

    reason: str = Field(min_length=5, max_length=500)


class WindowIn(Strict):
    """A window of checking: how many more days or working days, or its last day."""

    days: int | None = Field(default=None, examples=[5], description="天数，自明日起算 / days after today")
    working_days: int | None = Field(
        default=None, examples=[5], description="工作日数，自明日起算 / working days after today"
    )
    ends_on: dt.date | None = Field(default=None, description="最后一日 / the last day")

    @model_validator(mode="after")
    def _has_one_end(self) -> "WindowIn":
        given = sum(end is not None for end in (self.days, self.working_days, self.ends_on))
        if self._needs_end() and given != 1:
            raise refused("exam.window_needs_one_end")
        return self

    def _needs_end(self) -> bool:
        return True


class ReopenIn(WindowIn):
    """Taking marks again: without ``schools`` from all; with them from those alone, until the window ends."""

    reason: str = Field(min_length=5, max_length=500)
    schools: list[str] | None = Field(default=None, min_length=1, max_length=1_000)

    def _needs_end(self) -> bool:
        return self.schools is not None


def exam_out(exam: Exam, actor: Actor) -> ExamOut:
    """An exam as a caller sees it: which schools were drawn is for those above them; others ask ``/participants``."""
    state = ExamState(exam.state)
    sees_all = is_within(exam.org_path, actor.org)
    steps = [step for step in LIFE.actions(state) if PERMISSIONS.grants[STEPS[step]].allows(actor)]
    definition = {name: value for name, value in exam.definition.items() if sees_all or name != "participants"}
    return ExamOut(
        id=exam.id,
        code=exam.code,
        state=state,
        state_reason=exam.state_reason,
        checking_ends_at=exam.checking_ends_at,
        actions=list(dict.fromkeys(ADDRESS_OF_STEP.get(step, step) for step in steps)),
        org_path=exam.org_path,
        definition=definition,
        roster_sha256=exam.roster_sha256,
        version=exam.version,
        created_at=exam.created_at,
        updated_at=exam.updated_at,
    )


def participant_out(row: Participant) -> ParticipantOut:
    """A participant as callers see it."""
    return ParticipantOut(
        school_code=row.school_code,
        county_code=row.county_code,
        name_zh=row.name_zh,
        enrolled_count=row.enrolled_count,
        at_start_count=row.at_start_count,
        transferred_in_count=row.transferred_in_count,
        transferred_out_count=row.transferred_out_count,
        expected_count=row.expected_count,
    )
