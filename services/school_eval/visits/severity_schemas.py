"""Severity of raters as offices read it."""

import uuid

from pydantic import BaseModel, Field

from services.school_eval.checklists.rules import Scale


class AgreementOut(BaseModel):
    """Agreement of raters on the items of a scale, kappa by squared distance."""

    scale: Scale
    n: int
    exact_rate: float | None
    adjacent_rate: float | None
    observed: float | None
    expected: float | None
    kappa: float | None
    se: float | None
    lower: float | None
    upper: float | None


class SeverityModelOut(BaseModel):
    """What the estimates rest on."""

    rater_variance: float | None
    residual_variance: float | None
    residual_df: int
    connected_sets: int
    reliability: float | None


class RaterSeverityRow(BaseModel):
    """A rater beside the others who rated the same visits."""

    rater: str
    visits: int
    shared_visits: int
    connected_set: int
    set_raters: int
    mean_score: float
    severity: float | None = Field(description="比同次视导的他人低多少 / how far below others on the same visits")
    se: float | None
    mean_square: float | None
    is_used: bool = Field(description="是否用于调整得分 / whether scores are adjusted by it")


class VisitScoreRow(BaseModel):
    """A visit's score as rated and adjusted; both are shown, the one as rated counts."""

    visit: uuid.UUID
    school_code: str
    raw: float
    adjusted: float | None
    raters: int
    adjusted_raters: int


class RaterSeverityOut(BaseModel):
    """Severity and agreement of an office's raters."""

    school_year: str
    checklist: str | None
    least_visits: int
    least_shared_visits: int
    model: SeverityModelOut
    agreements: list[AgreementOut]
    raters: list[RaterSeverityRow]
    visits: list[VisitScoreRow]
