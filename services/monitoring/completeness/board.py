"""The completeness board: counties for those above them, schools for a county, its own line for a school."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.completeness import repository
from services.monitoring.completeness.rules import Completeness, total
from services.monitoring.completeness.schemas import (
    CompletenessOut,
    counts_out,
    county_completeness,
    school_completeness,
)
from services.monitoring.exams.repository import participants_of
from services.monitoring.exams.rules import ExamState
from services.monitoring.exams.tables import Exam, Participant
from shared.kernel.web.paging import PageRequest, fetch_page, page_of
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel


async def board(
    session: AsyncSession, actor: Actor, exam: Exam, page: PageRequest, *, level: str | None, county_code: str | None
) -> CompletenessOut:
    """The board as the actor may see it.

    Args:
        session: the transaction.
        actor: who looks.
        exam: the exam.
        page: which page of the lines.
        level: ``county`` or ``school``; by default counties, except to a school and within a county asked for.
        county_code: this county alone.

    Raises:
        DomainError: ``auth.forbidden`` for a school that asks for counties: its own figures are not its county's.
    """
    is_school = actor.level is OrgLevel.SCHOOL
    if is_school and level == "county":
        raise DomainError("auth.forbidden", params={"action": "completeness.read level=county"})
    counties = await repository.by_county(session, actor, exam)
    if county_code is not None:
        counties = {code: found for code, found in counties.items() if code == county_code}
    by_school = is_school or level == "school" or (level is None and county_code is not None)
    if by_school:
        found = await _schools(session, actor, exam, page, county_code=county_code)
    else:
        found = _counties(counties, page)
    return CompletenessOut(
        exam=exam.code,
        state=ExamState(exam.state),
        checking_ends_at=exam.checking_ends_at,
        level="school" if by_school else "county",
        total=counts_out(total(counties)),
        **found,
    )


def _counties(counties: dict[str, Completeness], page: PageRequest) -> dict[str, Any]:
    lines = [county_completeness(code, found) for code, found in counties.items()]
    return page_of(lines, page, key=lambda line: line.county_code)


async def _schools(
    session: AsyncSession, actor: Actor, exam: Exam, page: PageRequest, *, county_code: str | None
) -> dict[str, Any]:
    statement = participants_of(actor, exam)
    if county_code is not None:
        statement = statement.where(Participant.county_code == county_code)
    found = await fetch_page(session, statement, page, key=[Participant.school_code], present=lambda row: row)
    lines = await repository.by_school(session, actor, exam, [row.school_code for row in found["items"]])
    return {**found, "items": [school_completeness(row, lines[row.school_code]) for row in found["items"]]}
