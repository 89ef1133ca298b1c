"""Trends as callers read them."""

import datetime as dt

from pydantic import BaseModel


class TrendPoint(BaseModel):
    """One exam of a trend; figures are null where they are withheld or do not exist."""

    exam: str
    name_zh: str
    name_en: str
    kind: str
    held_on: dt.date
    school_year: str
    version: str
    n_sat: int | None
    mean: float | None
    se_mean: float | None
    sd: float | None
    score_rate: float | None
    participation_rate: float | None
    composite_index: float | None
    city_mean: float | None
    city_sd: float | None
    standardized_difference: float | None
    standardized_difference_se: float | None
    suppressed: bool


class TrendChange(BaseModel):
    """Change from the first to the last exam, in standard deviations of the city."""

    value: float
    se: float
    ci_low: float
    ci_high: float


class TrendOut(BaseModel):
    """A group's figures over exams, oldest first."""

    level: str
    county_code: str | None
    school_code: str | None
    class_code: str | None
    subject: str
    items: list[TrendPoint]
    change: TrendChange | None
