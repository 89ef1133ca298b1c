"""Growth records as callers read them, and notes as they write them."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from services.teacher_eval.growth.rules import GoalState, NoteKind
from services.teacher_eval.growth.sections import Section
from services.teacher_eval.growth.tables import GrowthFeedback, GrowthNote
from services.teacher_eval.staff_register.tables import RegisteredStaff
from shared.kernel.web.fields import Name, Strict, TwoNames, Words

ClassCode = Annotated[str, Field(pattern=r"^[0-9A-Za-z_.-]{1,40}$")]


class FigureOut(BaseModel):
    """A figure of an entry; ``ci`` its 95 % interval where it is an estimate."""

    name: TwoNames
    value: float | None
    unit: TwoNames | None
    ci: tuple[float, float] | None


class EntryOut(BaseModel):
    """Something that happened, or was suggested."""

    on: dt.date
    name: TwoNames
    state: TwoNames | None
    text: str | None
    document: str | None
    figures: list[FigureOut]
    points: list[TwoNames]


class BandOut(BaseModel):
    """The middle half of those comparable."""

    low: float
    middle: float
    high: float
    n: int


class PointOut(BaseModel):
    """One's own figure in a year."""

    period: str
    value: float | None
    ci: tuple[float, float] | None
    band: BandOut | None = Field(description="可比人员的中间一半；人数不足时为空 / null below the least number")


class SeriesOut(BaseModel):
    """One's own figures over the years."""

    code: str
    name: TwoNames
    most: float | None
    points: list[PointOut]


class SectionOut(BaseModel):
    """What one room tells."""

    code: str
    name: TwoNames
    entries: list[EntryOut]
    series: list[SeriesOut]


class GrowthOut(BaseModel):
    """One growth record over the years."""

    staff_key: str
    name: str
    school_code: str
    school_name_zh: str
    is_own: bool
    read_on: dt.date
    sections: list[SectionOut]


class NoteIn(Strict):
    """A reflection, or a goal."""

    kind: NoteKind
    title: Name
    body: Words
    due_on: dt.date | None = None
    goal_state: GoalState | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.kind is NoteKind.REFLECTION and (self.due_on or self.goal_state):
            raise ValueError("反思没有期限和状态 / a reflection has neither day nor state")
        return self


class NoteOut(NoteIn):
    """A note as kept."""

    id: uuid.UUID
    written_on: dt.date
    shared_at: dt.datetime | None
    version: int


class FeedbackIn(Strict):
    """The caller's own classes."""

    class_codes: list[ClassCode] = Field(min_length=1, max_length=10)


class SuggestionOut(BaseModel):
    """What follows from a finding, under one of the seven links of teaching."""

    link: str
    finding: str
    zh: str
    en: str


class ClassFeedbackOut(BaseModel):
    """What is published of one class."""

    class_code: str
    n: int | None
    mean: float | None
    se_mean: float | None
    gap: float | None
    gap_ci: tuple[float, float] | None
    reference: str | None
    suggestions: list[SuggestionOut]


class FeedbackOut(BaseModel):
    """Feedback of one exam's subject, as it was shown."""

    exam: str
    exam_name_zh: str
    subject: str
    subject_name_zh: str
    school_year: str
    held_on: dt.date
    results_version: str
    classes: list[ClassFeedbackOut]
    version: int


def growth_out(person: RegisteredStaff, sections: Sequence[Section], *, is_own: bool, read_on: dt.date) -> GrowthOut:
    """A record as callers see it."""
    kept = {name: getattr(person, name) for name in ("staff_key", "name", "school_code", "school_name_zh")}
    told = [SectionOut.model_validate(section, from_attributes=True) for section in sections]
    return GrowthOut(**kept, is_own=is_own, read_on=read_on, sections=told)


def note_out(row: GrowthNote) -> NoteOut:
    """A note as its writer sees it."""
    return NoteOut(**{name: getattr(row, name) for name in NoteOut.model_fields})


def feedback_out(row: GrowthFeedback) -> FeedbackOut:
    """Feedback as its reader sees it."""
    kept = {name: getattr(row, name) for name in ("exam", "subject", "school_year", "held_on", "results_version")}
    return FeedbackOut(**kept, **row.content, version=row.version)
