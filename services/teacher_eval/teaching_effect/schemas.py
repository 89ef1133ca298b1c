"""The effect of teaching as callers ask for it and read it."""

import datetime as dt
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from services.teacher_eval.teaching_effect.tables import TeachingEffect, TeachingEffectRun
from shared.kernel.web.fields import Document, Strict
from shared.kernel.web.organizations import code_of
from shared.kernel.web.validation import refused
from shared.terms.codes import code_lists

ExamCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$")]
OutcomeCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_SUBJECTS = frozenset(code_lists()["subjects"].codes)


class ExamIn(Strict):
    """An exam whose published value added is used, and which of its subjects who teaches what is held against."""

    exam: ExamCode
    version: Annotated[str | None, Field(pattern=r"^\d+\.\d+\.\d+$")] = None
    subjects: dict[str, OutcomeCode] = Field(
        min_length=1, description="任教学科代码 → 考试科目 / code list subjects → outcome", examples=[{"14": "math"}]
    )

    @model_validator(mode="after")
    def _known(self) -> Self:
        if unknown := sorted(set(self.subjects) - _SUBJECTS):
            raise refused("teaching_effect.subject", subjects=", ".join(unknown))
        return self


class EffectIn(Strict):
    """What is computed."""

    exams: list[ExamIn] = Field(min_length=1, max_length=20)
    min_n: Annotated[float, Field(ge=10, le=200, description="少于此数的学生不给出 / fewest pupils")] = 15
    least_reliability: Annotated[float, Field(ge=0.3, le=0.95)] = 0.5
    use_when_flagged: bool = Field(
        default=False, description="生源结构检查不通过的学科是否仍采用，须有依据 / use flagged subjects, by a document"
    )
    document: Document | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.use_when_flagged and self.document is None:
            raise refused("teaching_effect.document")
        named = [entry.exam for entry in self.exams]
        if len(set(named)) != len(named):
            raise refused("teaching_effect.exam_twice")
        return self


class CompositionOut(BaseModel):
    """Whether effects follow what classes were made up of."""

    source: str
    attribute: Literal["expected", "class_size"]
    teachers: int
    correlation: float | None
    ci_low: float | None
    ci_high: float | None
    flagged: bool


class RunOut(BaseModel):
    """A computation."""

    organization: str
    school_year: str
    number: int
    definition: dict[str, Any]
    origin: dict[str, Any]
    composition: list[CompositionOut]
    teacher_count: int
    effects_sha256: str
    computed_at: dt.datetime


class TotalOut(BaseModel):
    """A school's teachers by label, never one by one; withheld of fewer than five."""

    organization: str
    teachers: int | None
    counts: dict[str, int] | None
    mean: float | None
    suppressed: bool


class TotalsOut(BaseModel):
    """Schools by code."""

    organization: str
    school_year: str
    number: int
    items: list[TotalOut]


class BandOut(BaseModel):
    """The middle half of those who teach the same."""

    people: int
    low: float
    median: float
    high: float


class OwnEffectOut(BaseModel):
    """One's own effect on the T scale: 0 is as expected from intake, ± 10 a standard deviation of pupils."""

    organization: str
    school_year: str
    number: int
    subjects: list[str]
    classes: int
    n: float
    effect: float | None
    se: float | None
    ci: tuple[float, float] | None
    reliability: float | None
    expected: float | None
    label: str
    band: BandOut | None
    computed_at: dt.datetime
    method: Literal["value_added.teaching_effect"] = "value_added.teaching_effect"
    version: Literal["1.0.0"] = "1.0.0"


class OwnEffectsOut(BaseModel):
    """One's own effects, newest first."""

    items: list[OwnEffectOut]


def run_out(row: TeachingEffectRun) -> RunOut:
    """A computation as callers see it."""
    plain = {name: getattr(row, name) for name in RunOut.model_fields if name != "organization"}
    return RunOut(organization=code_of(row.org_path), **plain)


def own_effect_out(row: TeachingEffect, run: TeachingEffectRun) -> OwnEffectOut:
    """One's own effect as one sees it."""
    names = ("classes", "n", "effect", "se", "reliability", "expected", "label")
    band = run.bands.get(row.subjects)
    return OwnEffectOut(
        organization=code_of(row.org_path),
        school_year=run.school_year,
        number=run.number,
        subjects=row.subjects.split("+"),
        ci=None if row.ci_low is None or row.ci_high is None else (row.ci_low, row.ci_high),
        band=None if band is None else BandOut(**band),
        computed_at=run.computed_at,
        **{name: getattr(row, name) for name in names},
    )
