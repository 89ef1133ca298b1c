"""Annual evaluations in a growth record, and the grades that criteria of rungs are held against."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles.documents import scheme_of
from services.teacher_eval.cycles.tables import Cycle, Member
from services.teacher_eval.growth.rules import band
from services.teacher_eval.growth.sections import Entry, Figure, Point, Reading, Section, Series
from services.teacher_eval.results.reading import areas_of
from services.teacher_eval.results.repository import confirmed_of_people, confirmed_totals, newest_results
from services.teacher_eval.results.schemas import AreaOut
from shared.policy.teacher_development import parameter_on
from shared.terms.actor import Actor

GRADES = {
    "excellent": {"zh": "优秀", "en": "excellent"},
    "qualified": {"zh": "合格", "en": "qualified"},
    "basically_qualified": {"zh": "基本合格", "en": "basically qualified"},
    "unqualified": {"zh": "不合格", "en": "unqualified"},
}
_TOTAL = {"zh": "总分", "en": "total"}


async def grade_facts(session: AsyncSession, actor: Actor, staff_keys: Collection[str]) -> Mapping[str, dict[str, Any]]:
    """Annual grades by school year, of people with any confirmed one; of others nothing here can tell."""
    found: dict[str, dict[str, Any]] = {}
    for member, cycle in await confirmed_of_people(session, actor, staff_keys):
        if member.grade is not None:
            found.setdefault(member.staff_key, {"grades": {}})["grades"][cycle.school_year] = member.grade
    return found


async def evaluations_section(reading: Reading) -> Section | None:
    """Confirmed totals, areas and grades, each year's total beside the middle half of the same track and group."""
    least = parameter_on("least_group", reading.today).value
    entries, points = [], []
    by_area: dict[str, Series] = {}
    for member, cycle in await confirmed_of_people(reading.session, reading.everywhere, {reading.staff_key}):
        total = None if member.total is None else float(member.total)
        grade = GRADES.get(member.grade or "")
        areas = await _areas(reading, member, cycle)
        entries.append(
            Entry(
                on=cycle.as_of,
                name={"zh": f"{cycle.school_year} 年度考核", "en": f"Annual evaluation {cycle.school_year}"},
                state=grade,
                figures=[
                    Figure(name=_TOTAL, value=total),
                    *(Figure(name=area.name, value=area.printed_points) for area in areas),
                ],
            )
        )
        for area in areas:
            point = Point(period=cycle.school_year, value=area.printed_points)
            known = by_area.get(area.node)
            by_area[area.node] = Series(
                code=f"area.{area.node}",
                name=area.name,
                most=area.printed_points_possible,
                points=[*(known.points if known else ()), point],
            )
        others = await confirmed_totals(
            reading.session, reading.everywhere, cycle.id, track=member.track, group=member.group
        )
        points.append(Point(period=cycle.school_year, value=total, band=band(others, least=least)))
    if not entries:
        return None
    series = [Series(code="annual_total", name={"zh": "年度总分", "en": "Annual total"}, most=None, points=points)]
    return Section(
        code="evaluations",
        name={"zh": "年度考核", "en": "Annual evaluations"},
        entries=entries,
        series=[*series, *by_area.values()],
    )


async def _areas(reading: Reading, member: Member, cycle: Cycle) -> list[AreaOut]:
    """The areas that gave points in the version in force."""
    newest = await newest_results(reading.session, reading.everywhere, {member.school_cycle_id})
    result = newest.get(member.school_cycle_id)
    if result is None:
        return []
    scheme = await scheme_of(cycle)
    found = await asyncio.to_thread(areas_of, reading.store, result, scheme, member.school_code)
    # A gate is an area without points: what it does shows in the grade.
    return [area for area in found.get(member.staff_key, []) if area.printed_points is not None]
