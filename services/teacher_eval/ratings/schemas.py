"""Ratings as callers write and read them."""

import datetime as dt
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, StrictInt, StrictStr, model_validator

from services.teacher_eval.ratings.rules import LEAST_N, STAFF, Audience, RoundKind
from services.teacher_eval.ratings.tables import RatingFigure, RatingGroup, RatingQuestionnaire, RatingRound
from shared.kernel.web.fields import OwnCode, SchoolYear, StaffKey, Strict, TwoNames
from shared.kernel.web.organizations import code_of
from shared.kernel.web.validation import refused
from shared.kits.surveys.questions import ItemKind, QuestionnaireIn, SurveyItem


class RatingItem(SurveyItem):
    """A question about a person; ``top_rate`` limits to how many of those rated the best answer may be given."""

    top_rate: Annotated[
        float | None, Field(gt=0, lt=1, description="最优选项的名额比例 / share that may be rated best")
    ] = None

    @model_validator(mode="after")
    def _scales_alone(self) -> Self:
        if self.top_rate is not None and self.kind is ItemKind.TEXT:
            raise ValueError("文字题没有名额 / a text has no quota")
        return self


class RatingQuestionnaireIn(QuestionnaireIn):
    """What is asked about each person."""

    items: list[RatingItem] = Field(min_length=1, max_length=60)  # type: ignore[assignment]


class RatingQuestionnaireOut(RatingQuestionnaireIn):
    """One version of a questionnaire."""

    organization: str
    code: str
    number: int


class AudienceIn(Strict):
    """How an audience's ratings are counted."""

    weight: Annotated[float, Field(gt=0, le=100, description="民主测评中的权重 / weight in an appraisal")] = 1.0
    min_n: Annotated[int | None, Field(ge=3, le=50, description="少于此数不显示 / smallest number shown")] = None
    trim_rate: Annotated[float, Field(ge=0, le=0.25, description="两端各去掉的比例 / share left out at each end")] = 0.0
    adjust: bool = Field(
        default=True, description="按评分宽严校正（仅校内人员） / adjust for severe raters, staff only"
    )


class RoundIn(Strict):
    """A questionnaire put to some audiences."""

    kind: RoundKind = RoundKind.RATING
    name: TwoNames
    questionnaire: OwnCode
    number: Annotated[int, Field(ge=1, description="问卷版本 / version of the questionnaire")]
    school_year: SchoolYear
    audiences: dict[Audience, AudienceIn] = Field(min_length=1)
    opens_on: dt.date
    closes_on: dt.date

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.closes_on < self.opens_on:
            raise ValueError("结束日期早于开始日期 / it closes before it opens")
        for audience, asked in self.audiences.items():
            least = LEAST_N[audience]
            if asked.min_n is None:
                asked.min_n = least
            elif asked.min_n < least:
                raise refused("rating.min_n_low", audience=audience.value, least=least)
        return self


class RoundOut(RoundIn):
    """A round as kept."""

    organization: str
    code: str
    version: int


class GroupIn(Strict):
    """Who rates whom at a school. Staff take their tickets themselves; pupils and guardians are handed links."""

    audience: Audience
    grade_level: Annotated[int | None, Field(ge=1, le=12, description="学生组必填 / pupils' groups")] = None
    rated: list[StaffKey] = Field(min_length=1, max_length=1_000)
    raters: list[StaffKey] = Field(default=[], max_length=1_000, description="校内评分人 / staff who rate")
    invited_count: Annotated[int | None, Field(ge=1, le=5_000, description="学生、家长应评人数")] = None

    @model_validator(mode="after")
    def _raters(self) -> Self:
        if (self.audience in STAFF) != bool(self.raters) or (self.audience in STAFF) == (
            self.invited_count is not None
        ):
            raise refused("rating.raters")
        return self


class GroupOut(BaseModel):
    """A group and how many of it answered."""

    organization: str
    code: str
    audience: Audience
    grade_level: int | None
    rated: list[str]
    raters: list[str]
    invited_count: int
    ticket_count: int
    response_count: int
    version: int


class TicketsIn(Strict):
    """How many links for one sheet each are wanted."""

    count: Annotated[int, Field(ge=1, le=2_000)]


class LinksOut(BaseModel):
    """Links, shown this once; only fingerprints are kept."""

    links: list[str]


class OwnGroupOut(BaseModel):
    """A group in which the caller rates."""

    organization: str
    round: str
    school: str
    group: str
    kind: RoundKind
    audience: Audience
    name: TwoNames
    closes_on: dt.date
    has_rated: bool


class RateableOut(BaseModel):
    """Somebody a sheet may rate."""

    rated: str
    name: str


class SheetForm(BaseModel):
    """What a rater sees."""

    name: TwoNames
    kind: RoundKind
    audience: Audience
    people: list[RateableOut]
    items: list[RatingItem]
    closes_on: dt.date
    notice_zh: str
    notice_en: str


class RatingIn(Strict):
    """What is said of one person; questions left out are not answered."""

    rated: StaffKey
    answers: dict[OwnCode, StrictInt | StrictStr] = Field(max_length=60)


class SheetIn(Strict):
    """One sheet: everybody the rater can judge, nobody else."""

    ratings: list[RatingIn] = Field(min_length=1, max_length=1_000)


class ThanksOut(BaseModel):
    """A sheet was taken."""

    accepted: Literal[True] = True


class ClosingOut(BaseModel):
    """A school's ratings are over and counted."""

    organization: str
    round: str
    school: str
    closed_at: dt.datetime
    answer_count: int
    figures_sha256: str


class FigureOut(BaseModel):
    """A figure of 0 to 100 with its 95 % interval; withheld where few answered."""

    staff_key: str
    audience: Audience
    invited_count: int
    n: int | None
    value: float | None
    se: float | None
    ci: tuple[float, float] | None
    raw: float | None
    adjusted_count: int | None
    suppressed: bool
    method: Literal["rating_figure"] = "rating_figure"
    version: Literal["1"] = "1"


class BandOut(BaseModel):
    """The middle half of a school's people in the same round and audience."""

    people: int
    low: float
    median: float
    high: float


class OwnFigureOut(FigureOut):
    """One's own figure beside the middle half of the school."""

    organization: str
    round: str
    name: TwoNames
    kind: RoundKind
    school_year: str
    band: BandOut | None


class OwnFiguresOut(BaseModel):
    """One's own figures over the years."""

    items: list[OwnFigureOut]


class SchoolTotalOut(BaseModel):
    """A school's mean of an audience's figures, over people whose own are shown."""

    organization: str
    audience: Audience
    people: int
    response_rate: float | None
    mean: float | None
    suppressed: bool


class SchoolTotalsOut(BaseModel):
    """Schools of a round, by code."""

    items: list[SchoolTotalOut]


class TextsOut(BaseModel):
    """What was written, in no order; nothing below the smallest number."""

    question: str
    n: int
    texts: list[str]


def questionnaire_out(row: RatingQuestionnaire) -> RatingQuestionnaireOut:
    """A questionnaire as callers see it."""
    return RatingQuestionnaireOut(**row.content, organization=code_of(row.org_path), code=row.code, number=row.number)


def round_out(row: RatingRound, questionnaire: RatingQuestionnaire) -> RoundOut:
    """A round as callers see it."""
    kept: dict[str, Any] = {name: getattr(row, name) for name in RoundIn.model_fields if hasattr(row, name)}
    asked = {"questionnaire": questionnaire.code, "number": questionnaire.number}
    return RoundOut(**kept, **asked, organization=code_of(row.org_path), code=row.code, version=row.version)


def group_out(row: RatingGroup) -> GroupOut:
    """A group as callers see it."""
    plain = {name: getattr(row, name) for name in GroupOut.model_fields if name != "organization"}
    return GroupOut(organization=code_of(row.org_path), **plain)


def figure_members(row: RatingFigure) -> dict[str, Any]:
    """A figure as callers see it."""
    names = ("staff_key", "audience", "invited_count", "n", "value", "se", "raw", "adjusted_count")
    interval = None if row.ci_low is None or row.ci_high is None else (row.ci_low, row.ci_high)
    return {name: getattr(row, name) for name in names} | {"ci": interval, "suppressed": row.n is None}
