"""Pure decisions about visit plans: the frame a roster gives, how many schools of which kind, what has been covered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import Any

import polars as pl

from shared.terms.errors import DomainError


class PlanState(StrEnum):
    """States of a visit plan."""

    DESIGNED = "designed"
    FRAME_CLOSED = "frame_closed"
    DRAWN = "drawn"


class Role(StrEnum):
    """What a school is in a drawn plan."""

    DRAWN = "drawn"
    REPLACED = "replaced"
    RESERVE = "reserve"


class Stratum(StrEnum):
    """How schools are divided for the draw."""

    CERTAIN = "certain"
    """City-run schools and those named by the plan: visited for certain."""
    RURAL = "rural"
    OTHER = "other"
    EXCLUDED = "excluded"
    """Visited as often this semester as is allowed: in the frame for all to see, never drawn."""


#: The roster's own attribute that says a school is run by the city itself.
CITY_RUN = "is_city_run"
FRAME_SCHEMA: dict[str, pl.DataType] = {
    "unit_code": pl.String(),
    "name_zh": pl.String(),
    "county_code": pl.String(),
    "block": pl.String(),
    "urban_rural": pl.String(),
    "is_rural": pl.Boolean(),
    "is_city_run": pl.Boolean(),
    "last_visited_on": pl.Date(),
    "visits_in_semester": pl.Int64(),
    "weight": pl.Int64(),
    "stratum": pl.String(),
}
_AUGUST, _FEBRUARY = 8, 2


def school_year_of(day: dt.date) -> str:
    """School year of a day; August already belongs to the new one."""
    first = day.year if day.month >= _AUGUST else day.year - 1
    return f"{first}-{first + 1}"


def semester_of(day: dt.date) -> int:
    """Semester of a day: the first one from August to January, the second from February."""
    return 2 if _FEBRUARY <= day.month < _AUGUST else 1


def last_day_of(school_year: str, semester: int | None) -> dt.date:
    """The day by which a plan of a semester, or of a whole school year, is carried out."""
    second_year = int(school_year[5:])
    return dt.date(second_year, 1, 31) if semester == 1 else dt.date(second_year, 7, 31)


def first_day_of(school_year: str, semester: int | None) -> dt.date:
    """The day a semester or school year begins for visits."""
    return dt.date(int(school_year[5:]), 2, 1) if semester == 2 else dt.date(int(school_year[:4]), 8, 1)


def visit_frame(
    schools: pl.DataFrame, design: Mapping[str, Any], *, on: dt.date, longest_years: int, most_visits: int
) -> pl.DataFrame:
    """The frame a plan draws from.

    Args:
        schools: ``unit_code, name_zh, county_code, urban_rural, is_rural, is_city_run, last_visited_on`` (by whatever
            office), ``visits_in_semester``.
        design: the plan's design.
        on: the day the frame is closed.
        longest_years: full years without a visit after which waiting longer makes no difference.
        most_visits: visits of one school in a semester after which it is left alone.

    Returns:
        ``FRAME_SCHEMA`` by school. The weight is 1 + full years since the last visit; never visited counts as the longest.

    Raises:
        DomainError: ``visit_plan.schools_unknown`` naming schools the plan wants that are not there.
    """
    if missing := sorted(set(design["certain_schools"]) - set(schools["unit_code"])):
        raise DomainError("visit_plan.schools_unknown", params={"schools": ", ".join(missing[:20])})
    waited = (pl.lit(on) - pl.col("last_visited_on")).dt.total_days() // 365
    certain = pl.col("unit_code").is_in(sorted(design["certain_schools"]))
    if design["with_city_run"]:
        certain = certain | pl.col("is_city_run")
    stratum = (
        pl.when(pl.col("visits_in_semester") >= most_visits)
        .then(pl.lit(Stratum.EXCLUDED.value))
        .when(certain)
        .then(pl.lit(Stratum.CERTAIN.value))
        .when("is_rural")
        .then(pl.lit(Stratum.RURAL.value))
        .otherwise(pl.lit(Stratum.OTHER.value))
    )
    frame = schools.with_columns(
        pl.col("county_code").alias("block"),
        (1 + waited.clip(0, longest_years).fill_null(longest_years)).alias("weight"),
        stratum.alias("stratum"),
    )
    return frame.select(pl.col(name).cast(kind) for name, kind in FRAME_SCHEMA.items()).sort("unit_code")


def numbers_to_draw(frame: pl.DataFrame, design: Mapping[str, Any]) -> dict[str, int]:
    """How many schools of each stratum: those that are certain, then enough rural ones, then the others.

    Raises:
        DomainError: ``visit_plan.too_few_schools`` when there are not as many, ``visit_plan.too_many_certain``.
    """
    there = {Stratum(name): count for name, count in frame.group_by("stratum").len().iter_rows()}
    certain, rural, other = (there.get(name, 0) for name in (Stratum.CERTAIN, Stratum.RURAL, Stratum.OTHER))
    wanted = design["schools"]
    if wanted > certain + rural + other:
        raise DomainError("visit_plan.too_few_schools", params={"wanted": wanted, "there": certain + rural + other})
    if certain > wanted:
        raise DomainError("visit_plan.too_many_certain", params={"wanted": wanted, "certain": certain})
    certain_rural = frame.filter(pl.col("is_rural") & (pl.col("stratum") == Stratum.CERTAIN)).height
    needed = int((Decimal(design["rural_rate"]) * wanted).to_integral_value(ROUND_CEILING)) - certain_rural
    left = wanted - certain
    # Where one kind runs short the other takes its place, so that the number of schools stands.
    drawn_rural = max(min(max(needed, 0), rural, left), left - other)
    return {Stratum.CERTAIN: certain, Stratum.RURAL: drawn_rural, Stratum.OTHER: left - drawn_rural}
