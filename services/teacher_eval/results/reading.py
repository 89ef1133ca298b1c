"""What readers are shown of a school's results: people their own, the school its people, offices shares."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles.rules import SHOWN
from services.teacher_eval.cycles.service import SchoolOpened
from services.teacher_eval.cycles.tables import Member
from services.teacher_eval.evaluations.service.opened import Opened
from services.teacher_eval.grading.repository import decisions_of
from services.teacher_eval.results import repository
from services.teacher_eval.results.frames import evaluation_of, frame_of
from services.teacher_eval.results.rules import pinned, quarter_of, withheld
from services.teacher_eval.results.schemas import (
    AreaOut,
    BandOut,
    ChangedFigureOut,
    ExplanationOut,
    GradeShareOut,
    OwnResultOut,
    PersonResultOut,
    explanation_out,
)
from services.teacher_eval.results.tables import SchoolResult
from shared.kernel import clock
from shared.kernel.store.columnar import ColumnarStore
from shared.policy.annual_assessment import AnnualGrade, reviewable_grades
from shared.scoring.scheme.explanation import explain
from shared.scoring.scheme.tree import Scheme
from shared.terms.errors import DomainError
from shared.workflow.calendar import WorkingCalendar
from shared.workflow.clocks import calendar_window, deadline_rules

UNIT = "unit_code"


async def result_of(session: AsyncSession, opened: SchoolOpened, pin: str | None = None) -> SchoolResult:
    """The version asked for, by default the newest; raises ``resource.not_found``."""
    return pinned(await repository.versions_of(session, opened.actor, opened.school), pin)


async def own_result(
    session: AsyncSession, *, opened: Opened, store: ColumnarStore, calendar: WorkingCalendar
) -> OwnResultOut:
    """One's own result, once the school shows results; raises ``resource.not_found`` before."""
    require_shown(opened)
    result = await result_of(session, opened)
    people = await repository.totals_by_group(session, opened.actor, opened.school, opened.member.group)
    decisions = await decisions_of(session, opened.actor, opened.school)
    decision = decisions.get(opened.member.id)
    areas = await asyncio.to_thread(areas_of, store, result, opened.scheme, opened.school.school_code)
    member = opened.member
    return OwnResultOut(
        cycle=opened.cycle.code,
        version=result.version,
        total=member.total,
        grade=AnnualGrade(member.grade) if member.grade else None,
        grade_reason=decision.reason if decision else None,
        areas=areas.get(member.staff_key, []),
        band=band_of(member, people, least=opened.cycle.definition["least_group"]),
        review_until=review_until(opened, calendar),
    )


def review_until(opened: Opened, calendar: WorkingCalendar) -> dt.datetime | None:
    """Until when a review of a low grade may be asked for."""
    confirmed_at = opened.school.confirmed_at
    if confirmed_at is None or opened.member.grade not in reviewable_grades():
        return None
    days = deadline_rules()["annual_grade.request_review"].days or 0
    return calendar_window(confirmed_at, days=days, calendar=calendar, zone=clock.CHINA).ends_at


async def explanation_of(
    session: AsyncSession, *, opened: Opened, store: ColumnarStore, pin: str | None
) -> ExplanationOut:
    """How somebody came to their total."""
    result = await result_of(session, opened, pin)
    person, code = opened.member.staff_key, opened.school.school_code
    evaluation = await asyncio.to_thread(evaluation_of, store, result, code)
    try:
        found = await asyncio.to_thread(explain, opened.scheme, evaluation, person)
    except KeyError as error:
        raise DomainError("resource.not_found", params={"what": f"result of {person}"}) from error
    return explanation_out(found, cycle=opened.cycle.code, result=result)


def require_shown(opened: SchoolOpened) -> None:
    """People see results from the publicity on; before there are none for them."""
    if opened.school.state not in SHOWN:
        raise DomainError("resource.not_found", params={"what": "results"})


def areas_of(store: ColumnarStore, result: SchoolResult, scheme: Scheme, school_code: str) -> dict[str, list[AreaOut]]:
    """Points of everybody's areas. Blocks."""
    names = {area.code: {"zh": area.name.zh, "en": area.name.en} for area in scheme.children}
    scores = frame_of(store, result, "scores", school_code).filter(pl.col("depth") == 1)
    found: dict[str, list[AreaOut]] = {}
    columns = scores.select(UNIT, "node", "printed_points", "printed_points_possible")
    for unit, node, points, possible in columns.iter_rows():
        area = AreaOut(node=node, name=names[node], printed_points=points, printed_points_possible=possible)
        found.setdefault(unit, []).append(area)
    return found


def person_out(member: Member, areas: Mapping[str, list[AreaOut]]) -> PersonResultOut:
    """Somebody's result as the school sees it."""
    return PersonResultOut(
        staff_key=member.staff_key,
        name=member.name,
        group=member.group,
        total=member.total,
        grade=AnnualGrade(member.grade) if member.grade else None,
        areas=areas.get(member.staff_key, []),
    )


def band_of(member: Member, totals: Sequence[float], *, least: int) -> BandOut:
    """Where a total lies among those of its group; groups of fewer people than ``least`` have no band."""
    if len(totals) < least or member.total is None:
        return BandOut(group=member.group, people=len(totals), quartiles=None, quarter=None)
    values = pl.Series(totals, dtype=pl.Float64)
    quartiles = [float(values.quantile(share, "linear") or 0) for share in (0.25, 0.5, 0.75)]
    quarter = quarter_of(float(member.total), quartiles)
    return BandOut(group=member.group, people=len(totals), quartiles=quartiles, quarter=quarter)


async def changes_of(
    session: AsyncSession, *, opened: SchoolOpened, store: ColumnarStore, pin: str | None, offset: int, size: int
) -> tuple[SchoolResult, list[ChangedFigureOut], bool]:
    """A page of what a version changed, and whether more follows."""
    result = await result_of(session, opened, pin)
    if result.changes is None:
        return result, [], False
    frame = await asyncio.to_thread(store.get, result.changes["sha256"])
    page = frame.slice(offset, size + 1).rename({UNIT: "staff_key"}).to_dicts()
    return result, [ChangedFigureOut(**row) for row in page[:size]], len(page) > size


def grade_shares(rows: Iterable[Mapping[str, Any]], *, least: int) -> list[GradeShareOut]:
    """Shares of grades by county, from counts of people by county and grade."""
    counties: dict[str, dict[str | None, int]] = {}
    for row in rows:
        counties.setdefault(row["county_code"], {})[row["grade"]] = row["people"]
    return [_share(code, counted, least) for code, counted in sorted(counties.items())]


def _share(county_code: str, counted: Mapping[str | None, int], least: int) -> GradeShareOut:
    counts = {grade.value: counted.get(grade.value, 0) for grade in AnnualGrade}
    graded, hidden = sum(counts.values()), withheld(counts, least=least)
    shown = {name: None if name in hidden else count for name, count in counts.items()}
    return GradeShareOut(
        county_code=county_code,
        people=sum(counted.values()),
        graded=graded,
        counts=shown,
        rates={name: None if count is None or not graded else count / graded for name, count in shown.items()},
    )
