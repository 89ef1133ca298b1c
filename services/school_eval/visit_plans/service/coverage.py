"""What inspections have covered: quotas, and the schools nobody has come to."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.visit_plans import repository
from services.school_eval.visit_plans.rules import last_day_of
from services.school_eval.visit_plans.schemas import CoverageOut, QuotaOut, SchoolCoverageOut, UnvisitedOut
from services.school_eval.visits.repository import visits_by_school
from shared.kernel import clock
from shared.kernel.web.fields import TwoNames
from shared.kernel.web.organizations import code_of
from shared.policy.inspections import Covered, Period, Quota, days_on, quotas_on, standing
from shared.terms.actor import Actor
from shared.terms.organization import OrgLevel, county_path

_CITY_SEGMENTS = 2


async def coverage(session: AsyncSession, *, school_year: str, semester: int, actor: Actor) -> CoverageOut:
    """Quotas of the actor's office and those below it, and what is left, county by county."""
    schools = await repository.open_schools(session, actor)
    visits = await visits_by_school(session, actor, school_year=school_year, semester=semester)
    day = min(last_day_of(school_year, semester), clock.today())
    quotas = [
        _quota_out(quota, office, schools, visits, school_year=school_year, semester=semester)
        for office, level in _offices(schools, actor)
        for quota in quotas_on(level, day)
    ]
    most = days_on("most_visits_per_semester", day)
    counties = [UnvisitedOut(**row) for row in _unvisited(schools, visits, most).iter_rows(named=True)]
    read_at = min(schools["read_at"], default=None)
    return CoverageOut(
        school_year=school_year, semester=semester, as_known_at=read_at, quotas=quotas, counties=counties
    )


async def schools_covered(
    session: AsyncSession,
    *,
    school_year: str,
    semester: int,
    county_code: str | None,
    is_never_visited: bool,
    actor: Actor,
) -> list[SchoolCoverageOut]:
    """Schools with the day of their last visit and how often this semester, by code."""
    schools = await repository.open_schools(session, actor)
    visits = await visits_by_school(session, actor, school_year=school_year, semester=semester)
    rows = _per_school(schools, visits).sort("school_code")
    if county_code is not None:
        rows = rows.filter(pl.col("county_code") == county_code)
    if is_never_visited:
        rows = rows.filter(pl.col("last_visited_on").is_null())
    shown = rows.drop("in_year", "org_path", "read_at").rename({"in_semester": "visits_in_period"})
    return [SchoolCoverageOut(**row) for row in shown.iter_rows(named=True)]


def _offices(schools: pl.DataFrame, actor: Actor) -> Iterator[tuple[str, OrgLevel]]:
    if actor.level is not OrgLevel.COUNTY:
        cities = {"".join(f"{part}/" for part in path.split("/")[:_CITY_SEGMENTS]) for path in schools["org_path"]}
        yield from ((city, OrgLevel.CITY) for city in sorted(cities))
    yield from ((county_path(code), OrgLevel.COUNTY) for code in schools["county_code"].unique().sort())


def _quota_out(
    quota: Quota, office: str, schools: pl.DataFrame, visits: pl.DataFrame, *, school_year: str, semester: int
) -> QuotaOut:
    about = schools.filter(pl.col("org_path").str.starts_with(office))
    if quota.of is Covered.CITY_RUN:
        about = about.filter("is_city_run")
    times = "in_semester" if quota.period is Period.SEMESTER else "in_year"
    made = visits.filter((pl.col("office_path") == office) & (pl.col(times) > 0))
    seen = about.join(made, left_on="school_code", right_on="unit_code", how="semi")
    found = standing(
        quota,
        total=about.height,
        visited=seen.height,
        rural_total=int(about["is_rural"].sum()),
        rural_visited=int(seen["is_rural"].sum()),
    )
    return QuotaOut(
        quota=quota.code,
        name=TwoNames(**quota.name),
        organization=code_of(office),
        period=quota.period,
        school_year=school_year,
        semester=semester if quota.period is Period.SEMESTER else None,
        of=quota.of,
        schools=about.height,
        needed=found.needed,
        visited=found.visited,
        rural_needed=found.rural_needed,
        rural_visited=found.rural_visited,
        is_met=found.is_met,
        document=quota.document,
        verified=quota.verified,
    )


def _per_school(schools: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    by_school = visits.group_by("unit_code").agg(
        pl.col("last_visited_on").max(), pl.col("in_year").sum(), pl.col("in_semester").sum()
    )
    joined = schools.join(by_school, left_on="school_code", right_on="unit_code", how="left")
    return joined.with_columns(pl.col("in_year", "in_semester").fill_null(0))


def _unvisited(schools: pl.DataFrame, visits: pl.DataFrame, most: int) -> pl.DataFrame:
    counted = (
        _per_school(schools, visits)
        .group_by("county_code")
        .agg(
            pl.len().alias("schools"),
            pl.col("last_visited_on").is_null().sum().alias("never_visited"),
            (pl.col("in_semester") == 0).sum().alias("not_visited_in_period"),
            (pl.col("in_semester") > most).sum().alias("over_limit"),
        )
    )
    return counted.sort("county_code")
