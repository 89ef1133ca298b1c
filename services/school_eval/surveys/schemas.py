"""Surveys as callers write and read them."""

import datetime as dt
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, StrictInt, StrictStr, model_validator

from services.school_eval.surveys.rules import Audience
from services.school_eval.surveys.tables import Questionnaire, SurveyedSchool, SurveyRound
from shared.kernel.web.fields import OwnCode, SchoolYear, Strict, TwoNames
from shared.kernel.web.organizations import code_of
from shared.kits.surveys.questions import QuestionnaireIn, SurveyItem


class QuestionnaireOut(QuestionnaireIn):
    """One version of a questionnaire."""

    code: str
    number: int


class RoundIn(Strict):
    """A questionnaire put to an audience."""

    questionnaire: OwnCode
    number: Annotated[int, Field(ge=1, description="问卷版本 / version of the questionnaire")]
    school_year: SchoolYear
    audience: Audience
    from_grade: Annotated[int | None, Field(ge=1, le=12, description="仅学生卷：最低年级")] = None
    opens_on: dt.date
    closes_on: dt.date
    min_n: Annotated[int, Field(ge=5, le=50, description="少于此数不显示 / smallest number shown")] = 10

    @model_validator(mode="after")
    def _window(self) -> Self:
        if self.closes_on < self.opens_on:
            raise ValueError("结束日期早于开始日期 / it closes before it opens")
        return self


class RoundOut(RoundIn):
    """A round as kept."""

    code: str
    version: int


class SurveyedSchoolIn(Strict):
    """Whom a school should ask."""

    invited_count: Annotated[int, Field(ge=1, le=50_000)]
    shared_link: bool = Field(default=True, description="生成共用链接 / one link for all")


class SurveyedSchoolOut(BaseModel):
    """A school in a round. ``link`` is shown once, when it is made; only its fingerprint is kept."""

    organization: str
    invited_count: int
    response_count: int
    response_limit: int
    has_link: bool
    link: str | None
    version: int


class TicketsIn(Strict):
    """How many links for one answer each are wanted."""

    count: Annotated[int, Field(ge=1, le=2_000)]


class TicketsOut(BaseModel):
    """Links, shown this once."""

    links: list[str]


class AnswerForm(BaseModel):
    """What a respondent sees."""

    name: TwoNames
    audience: Audience
    items: list[SurveyItem]
    closes_on: dt.date
    notice_zh: str
    notice_en: str


class AnswerIn(Strict):
    """Answers by question; what is left out is not answered."""

    answers: dict[OwnCode, StrictInt | StrictStr] = Field(max_length=60)


class ThanksOut(BaseModel):
    """An answer was taken."""

    accepted: Literal[True] = True


class ScoreOut(BaseModel):
    """A score of 0 to 100 with its 95 % interval; withheld where few answered, and where it could be worked out."""

    organization: str
    invited_count: int
    n: int | None
    response_rate: float | None
    value: float | None
    se: float | None
    ci: tuple[float, float] | None
    suppressed: bool
    method: Literal["survey_score"] = "survey_score"
    version: Literal["1"] = "1"


class ScoresOut(BaseModel):
    """Scores of a round."""

    round: str
    audience: Audience
    level: str
    items: list[ScoreOut]


class TextsOut(BaseModel):
    """What was written, in no order; nothing below the smallest number."""

    question: str
    n: int
    texts: list[str]


def questionnaire_out(row: Questionnaire) -> QuestionnaireOut:
    """A questionnaire as callers see it."""
    return QuestionnaireOut(**row.content, code=row.code, number=row.number)


def round_out(row: SurveyRound, questionnaire: Questionnaire) -> RoundOut:
    """A round as callers see it."""
    kept: dict[str, Any] = {name: getattr(row, name) for name in RoundIn.model_fields if hasattr(row, name)}
    return RoundOut(
        **kept, questionnaire=questionnaire.code, number=questionnaire.number, code=row.code, version=row.version
    )


def surveyed_out(row: SurveyedSchool, link: str | None = None) -> SurveyedSchoolOut:
    """A school in a round."""
    return SurveyedSchoolOut(
        organization=code_of(row.org_path),
        invited_count=row.invited_count,
        response_count=row.response_count,
        response_limit=row.response_limit,
        has_link=row.link_sha256 is not None,
        link=link,
        version=row.version,
    )
