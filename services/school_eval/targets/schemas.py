"""Targets as callers write and read them."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from services.school_eval.targets.rules import Course
from services.school_eval.targets.tables import Target, TargetObservation
from shared.kernel.web.fields import Document, OwnCode, Reason, Strict, TwoNames
from shared.kernel.web.organizations import code_of
from shared.scoring.trajectory import Forecast, Outlook, YearValue

Year = Annotated[int, Field(ge=2000, le=2100)]
Figure = Annotated[Decimal, Field(ge=-1_000_000_000, le=1_000_000_000, max_digits=15, decimal_places=4)]


class TargetIn(Strict):
    """A target: reach a value by a year, or gain so much a year on average."""

    name: TwoNames
    unit: TwoNames
    base_year: Year
    goal_year: Year
    goal_value: Figure | None = None
    annual_gain: Figure | None = None
    counts: OwnCode | None = Field(default=None, description="按培育项目自动计数 / program whose schools are counted")
    is_observed_only: bool = Field(default=False, description="仅全市观察，不下达、不考核 / observed by the city only")
    document: Document
    verified: bool

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.goal_year <= self.base_year:
            raise ValueError("目标年份应晚于基准年份 / the goal's year lies after the base year")
        if (self.goal_value is None) == (self.annual_gain is None):
            raise ValueError("goal_value 与 annual_gain 二选一 / give either goal_value or annual_gain")
        return self


class PointOut(BaseModel):
    """A value of a year."""

    year: int
    value: float


class ForecastOut(PointOut):
    """A year to come, with the 95 % prediction interval."""

    ci: tuple[float, float]


class ObservationOut(BaseModel):
    """A figure in force or superseded."""

    organization: str
    year: int
    value: str
    source: str
    reason: str | None
    recorded_at: dt.datetime
    superseded_at: dt.datetime | None


class TargetOut(TargetIn):
    """A target and where it stands in the caller's organization."""

    plan: str
    code: str
    version: int
    observed: list[PointOut]
    path: list[PointOut]
    expected: list[ForecastOut]
    outlook: Outlook
    ahead_by: float | None
    needed_per_year: float | None


class ObservationIn(Strict):
    """A figure of a year; of a year that has one already, why it is corrected."""

    value: Figure
    source: Document
    reason: Reason | None = None


class HistoryOut(BaseModel):
    """Every figure ever recorded, oldest first."""

    items: list[ObservationOut]


def target_out(row: Target, observed: Sequence[YearValue], course: Course) -> TargetOut:
    """A target with its course."""
    return TargetOut(
        **row.content,
        **{name: getattr(row, name) for name in _KEPT},
        plan=row.plan_code,
        code=row.code,
        version=row.version,
        observed=[_point(entry) for entry in observed],
        path=[_point(entry) for entry in course.path],
        expected=[_forecast(entry) for entry in course.expected],
        outlook=course.outlook,
        ahead_by=course.ahead_by,
        needed_per_year=course.needed_per_year,
    )


_KEPT = ("base_year", "goal_year", "goal_value", "annual_gain", "counts", "is_observed_only")


def observation_out(row: TargetObservation) -> ObservationOut:
    """A recorded figure."""
    return ObservationOut(
        organization=code_of(row.org_path),
        year=row.year,
        value=str(row.value),
        source=row.source,
        reason=row.reason,
        recorded_at=row.created_at,
        superseded_at=row.superseded_at,
    )


def _point(entry: YearValue) -> PointOut:
    return PointOut(year=entry.year, value=entry.value)


def _forecast(entry: Forecast) -> ForecastOut:
    return ForecastOut(year=entry.year, value=entry.value, ci=(entry.low, entry.high))
