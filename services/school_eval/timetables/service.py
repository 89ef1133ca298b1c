"""Keeping timetables, each judged by the rules when it comes."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.timetables.schemas import TimetableIn, week_of
from services.school_eval.timetables.tables import SchoolTimetable
from shared.kernel.records import keep
from shared.policy.timetables import RULES, judged_by, shortfalls
from shared.terms.actor import Actor
from shared.terms.codes import code_lists
from shared.terms.errors import DomainError, Fault
from shared.terms.organization import path_segments


async def put_timetable(
    session: AsyncSession,
    *,
    school_year: str,
    semester: int,
    org_path: str,
    body: TimetableIn,
    row: SchoolTimetable | None,
    actor: Actor,
) -> tuple[SchoolTimetable, bool]:
    """Writes the weeks of every class of a school; returns them and whether they are new.

    Raises:
        DomainError: ``timetable.elsewhere``; ``request.invalid`` with each subject that is not in the code list.
    """
    if not actor.covers(org_path):
        raise DomainError("timetable.elsewhere")
    _require_known_subjects(body)
    weeks = body.model_dump(mode="json")["weeks"]
    is_new = row is None
    if row is None:
        county, school = path_segments(org_path)[2:4]
        row = SchoolTimetable(school_code=school, county_code=county, org_path=org_path)
        row.school_year, row.semester = school_year, semester
    elif row.weeks == weeks:
        return row, False
    row.weeks, row.class_count, row.compliance = weeks, len(weeks), _compliance(body)
    key = {"school_year": school_year, "semester": str(semester), "school": row.school_code}
    await keep(session, row, resource="school_timetables", action="timetable.set", key=key, actor=actor)
    return row, is_new


def _require_known_subjects(body: TimetableIn) -> None:
    known = {item.code for item in code_lists()["subjects"].items}
    faults = [
        Fault("field.invalid", pointer=f"/weeks/{place}/lessons/{subject}", allowed="code list subjects", value=subject)
        for place, week in enumerate(body.weeks)
        for subject in week.lessons
        if subject not in known
    ]
    if faults:
        raise DomainError("request.invalid", faults=faults)


def _compliance(body: TimetableIn) -> dict[str, tuple[int, int]]:
    weeks = [week_of(week) for week in body.weeks]
    judged = [set(judged_by(week)) for week in weeks]
    short = [{each.rule for each in shortfalls(week)} for week in weeks]
    return {
        rule: (
            sum(rule in each for each in judged),
            sum(rule in each and rule not in missing for each, missing in zip(judged, short, strict=True)),
        )
        for rule in RULES
    }
