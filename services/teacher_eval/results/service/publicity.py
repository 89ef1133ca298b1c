"""Showing a school's results, confirming them, and their filing by the county."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles.rules import SCHOOL_LIFE, SchoolState
from services.teacher_eval.cycles.schemas import Posted
from services.teacher_eval.cycles.service import SchoolOpened, move_school, pass_gate
from services.teacher_eval.grading.service.quotas import require_county_quota
from services.teacher_eval.grading.service.standing import GradingStanding, require_fresh, standing_of
from services.teacher_eval.results import repository
from services.teacher_eval.results.frames import frame_of
from services.teacher_eval.results.tables import CycleNotice
from shared.kernel import clock
from shared.kernel.store.columnar import ColumnarStore
from shared.kits.appeals.service import Appeals, let_lapse
from shared.kits.publicity.repository import standing_notice
from shared.kits.publicity.service import content_hash, draft_notice, end_notice, open_notice, withdraw_notice
from shared.kits.subject import Subject
from shared.policy.annual_assessment import AnnualGrade
from shared.terms.errors import DomainError
from shared.workflow.calendar import WorkingCalendar
from shared.workflow.publicity import NoticeState

KIND, OBJECTION, REVIEW = "school_cycle", "annual_result", "annual_grade"
RULE = "publicity.teacher_evaluation"


def subject_of(opened: SchoolOpened) -> Subject:
    """What a notice is about."""
    return Subject(KIND, "/".join(opened.key.values()), opened.school.org_path, opened.actor)


async def begin_publicity(
    session: AsyncSession,
    *,
    opened: SchoolOpened,
    accept_reason: str | None,
    store: ColumnarStore,
    calendar: WorkingCalendar,
) -> None:
    """Shows a school's results to the school for the cycle's working days.

    Raises:
        DomainError: ``workflow.not_allowed``, ``cycle.members_missing``; ``grading.not_computed``,
            ``grading.values_changed``, ``grading.members_ungraded``, ``grading.grades_outdated``,
            ``grading.quota_exceeded``: no reason passes over these.
    """
    SCHOOL_LIFE.target("begin_publicity", SchoolState(opened.school.state))
    standing = await standing_of(session, opened=opened)
    await require_fresh(session, opened=opened, result=standing.result)
    counts = await pass_gate(session, opened=opened, step="begin_publicity", accept_reason=accept_reason)
    standing.require_settled()
    content = await asyncio.to_thread(notice_content, store, opened, standing)
    subject, settings = subject_of(opened), opened.cycle.definition
    notice = await draft_notice(
        session,
        table=CycleNotice,
        subject=subject,
        title_zh=f"{settings['name']['zh']}结果公示"[:120],
        content=content,
        rule=RULE,
        working_days=settings["publicity"]["working_days"],
    )
    notice = await open_notice(
        session, table=CycleNotice, subject=subject, notice_id=notice.id, content=content, calendar=calendar
    )
    opened.school.publicity_ends_at = notice.ends_at
    detail = {"version": standing.result.version, "sha256": notice.content_sha256, "accept_reason": accept_reason}
    await move_school(session, opened, "begin_publicity", detail=detail | counts)


async def withdraw_publicity(session: AsyncSession, *, opened: SchoolOpened, reason: str) -> None:
    """Takes the notice down before its time; what it has shown is kept. Raises ``grading.objections_open``."""
    SCHOOL_LIFE.target("withdraw_publicity", SchoolState(opened.school.state))
    await _require_no_objections(session, opened)
    subject = subject_of(opened)
    notice = await standing_notice(session, CycleNotice, subject)
    if notice is not None:
        await withdraw_notice(session, table=CycleNotice, subject=subject, notice_id=notice.id, reason=reason)
    opened.school.publicity_ends_at = None
    await move_school(session, opened, "withdraw_publicity", reason=reason)


async def confirm(session: AsyncSession, *, opened: SchoolOpened, appeals: Appeals) -> None:
    """Confirms a school's grades: the window is over, every objection settled, no grade outdated.

    Raises:
        DomainError: ``workflow.not_allowed``, ``publicity.not_over``, ``grading.objections_open``,
            ``grading.grades_outdated``, ``grading.quota_exceeded``.
    """
    SCHOOL_LIFE.target("confirm", SchoolState(opened.school.state))
    notice = await standing_notice(session, CycleNotice, subject_of(opened))
    if notice is not None and notice.state == NoticeState.OPEN:
        await end_notice(session, notice, opened.actor)
    await let_lapse(session, on=appeals, actor=opened.actor)
    await _require_no_objections(session, opened)
    standing = await standing_of(session, opened=opened)
    await require_fresh(session, opened=opened, result=standing.result)
    standing.require_settled()
    opened.school.confirmed_at, opened.school.confirmed_by = clock.now(), opened.actor.subject
    await move_school(session, opened, "confirm", detail={"version": standing.result.version})


async def return_to_school(session: AsyncSession, *, opened: SchoolOpened, reason: str) -> None:
    """The county does not file what was confirmed, and says why."""
    opened.school.confirmed_at = opened.school.confirmed_by = None
    await move_school(session, opened, "return", reason=reason)


async def file_results(session: AsyncSession, *, opened: SchoolOpened, number: str) -> None:
    """The county files a school's grades and gives a receipt over exactly what it took.

    Raises:
        DomainError: ``workflow.not_allowed``, ``grading.grades_outdated``, ``grading.quota_exceeded``,
            ``grading.county_quota_exceeded``.
    """
    SCHOOL_LIFE.target("file", SchoolState(opened.school.state))
    standing = await standing_of(session, opened=opened)
    standing.require_settled()
    await require_county_quota(session, opened=opened)
    grades = {row.staff_key: standing.decided[row.staff_key].grade for row in standing.members}
    opened.school.receipt = {
        "number": number,
        "filed_at": clock.now().isoformat(),
        "filed_by_org": opened.actor.org,
        "version": standing.result.version,
        "people": len(grades),
        "sha256": content_hash({"cycle": opened.cycle.code, "school": opened.school.school_code, "grades": grades}),
    }
    await move_school(session, opened, "file", detail=opened.school.receipt)


def notice_content(store: ColumnarStore, opened: SchoolOpened, standing: GradingStanding) -> dict[str, Any]:
    """What a school's notice shows: how many have which grade, and the people the cycle says. Blocks."""
    settings = opened.cycle.definition["publicity"]
    areas = _area_scores(store, opened, standing) if settings["area_scores"] else {}
    grades = {row.staff_key: AnnualGrade(standing.decided[row.staff_key].grade) for row in standing.members}
    posted = [
        row
        for row in standing.members
        if settings["posted"] == Posted.ALL or grades[row.staff_key] is AnnualGrade.EXCELLENT
    ]
    people = [
        {"staff_key": row.staff_key, "name": row.name, "grade": grades[row.staff_key].value}
        | ({"areas": areas.get(row.staff_key, {})} if settings["area_scores"] else {})
        for row in posted
    ]
    return {
        "cycle": opened.cycle.code,
        "name": opened.cycle.definition["name"],
        "school_code": opened.school.school_code,
        "school_name": opened.school.name_zh,
        "scheme": standing.result.inputs["scheme"],
        "version": standing.result.version,
        "inputs_sha256": standing.result.inputs_sha256,
        "counts": {grade.value: sum(each is grade for each in grades.values()) for grade in AnnualGrade},
        "people": people,
    }


def _area_scores(
    store: ColumnarStore, opened: SchoolOpened, standing: GradingStanding
) -> Mapping[str, Mapping[str, float | None]]:
    """Points of everybody's areas, as printed."""
    scores = frame_of(store, standing.result, "scores", opened.school.school_code).filter(pl.col("depth") == 1)
    found: dict[str, dict[str, float | None]] = {}
    for unit, node, points in scores.select("unit_code", "node", "printed_points").iter_rows():
        found.setdefault(unit, {})[node] = points
    return found


async def _require_no_objections(session: AsyncSession, opened: SchoolOpened) -> None:
    prefix = f"{opened.cycle.code}/{opened.school.school_code}/"
    count = await repository.open_appeal_count(session, opened.actor, OBJECTION, prefix)
    if count:
        raise DomainError("grading.objections_open", params={"total": count})
