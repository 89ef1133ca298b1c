"""Pairs as callers write and read them."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from services.teacher_eval.mentoring.rules import PairState, Side
from services.teacher_eval.mentoring.tables import MentoringLesson, MentoringPair, MentoringReview
from shared.kernel.web.fields import Name, Reason, SchoolYear, StaffKey, Strict, Words

PairStep = Literal["complete", "end"]
Answer = Literal["agree", "decline"]


class PairIn(Strict):
    """A mentor and a mentee with what they set out to do."""

    mentor_key: StaffKey
    mentee_key: StaffKey
    subject: Annotated[str | None, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,39}$")] = None
    starts_on: dt.date
    ends_on: dt.date
    goals: Words
    lessons_needed: int = Field(
        default=8, ge=0, le=400, description="结对期内互听课节数（参数） / lessons to be heard, a parameter"
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.ends_on <= self.starts_on:
            raise ValueError("结束日期应晚于开始日期 / it ends after it starts")
        if self.mentor_key == self.mentee_key:
            raise ValueError("师傅与徒弟不能是同一人 / a pair is of two people")
        return self


class PairOut(PairIn):
    """A pair as kept."""

    id: uuid.UUID
    mentor_school: str
    mentee_school: str
    state: PairState
    mentor_agreed_at: dt.datetime | None
    mentee_agreed_at: dt.datetime | None
    completed_on: dt.date | None
    ended_reason: str | None
    version: int


class LessonIn(Strict):
    """A lesson that one gave and the other heard."""

    taught_by: Side
    topic: Name
    advice: Words


class LessonOut(LessonIn):
    """A lesson as kept; it counts once the other side confirmed it."""

    heard_on: dt.date
    period: int
    entered_by: Side
    confirmed_at: dt.datetime | None


class ReviewIn(Strict):
    """What one of both says of a term."""

    school_year: SchoolYear
    semester: Literal[1, 2]
    progress: int = Field(ge=1, le=5, description="目标达成 1–5 / how far the goals were reached")
    text: Words


class ReviewOut(ReviewIn):
    """A review as kept."""

    side: Side
    at: dt.datetime


class PairDetail(PairOut):
    """A pair with lessons and reviews."""

    lessons: list[LessonOut]
    reviews: list[ReviewOut]


class StepIn(Strict):
    """Why a pair is completed or ended."""

    reason: Reason


def pair_out(row: MentoringPair) -> PairOut:
    """A pair as callers see it."""
    return PairOut(**{name: getattr(row, name) for name in PairOut.model_fields})


def pair_detail(
    row: MentoringPair, lessons: Sequence[MentoringLesson], reviews: Sequence[MentoringReview]
) -> PairDetail:
    """A pair with what was done in it."""
    return PairDetail(
        **pair_out(row).model_dump(),
        lessons=[LessonOut(**{name: getattr(each, name) for name in LessonOut.model_fields}) for each in lessons],
        reviews=[review_out(each) for each in reviews],
    )


def review_out(row: MentoringReview) -> ReviewOut:
    """A review as callers see it."""
    kept = {name: getattr(row, name) for name in ("school_year", "semester", "progress", "side", "at")}
    return ReviewOut(**kept, text=row.body)
