"""Freezing the roster: which pupils an exam expects, as known when collection opens."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams import repository
from services.monitoring.exams.denominators import expected_pupils
from services.monitoring.exams.rules import LIFE, ExamState
from services.monitoring.exams.service import FREEZE_ROSTER_JOB, move_exam
from services.monitoring.exams.tables import Exam, Participant
from services.monitoring.exclusions.repository import withdraw_exclusions_beyond
from services.monitoring.samples.service.taking_part import active_sample, drawn_pupils
from shared.contracts.roster import Roster, RosterClient, School
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.kernel.settings import ServiceSettings
from shared.kernel.store.columnar import ColumnarStore
from shared.terms.errors import DomainError

ENROLLED = "enrolled"
OpenRoster = Callable[[ServiceSettings], AbstractAsyncContextManager[Roster]]


def freeze_roster_job(open_roster: OpenRoster) -> JobKind:
    """The job that opens an exam's collection, reading the roster through ``open_roster``."""

    async def run(context: JobContext) -> None:
        async with open_roster(context.kernel.settings) as roster:
            await freeze_roster(context, roster)

    return JobKind(FREEZE_ROSTER_JOB, run)


async def freeze_roster(context: JobContext, roster: Roster) -> None:
    """Reads schools and enrollments of the exam's grade and opens the collection."""
    exam_id = uuid.UUID(context.args["exam_id"])
    async with context.commit() as session:
        exam = await repository.exam_by_id(session, exam_id)
        LIFE.target("open", ExamState(exam.state))
        drawn = await active_sample(session, context.kernel.columns, exam)
        listed = list(drawn.school_codes) if drawn else exam.definition["participants"]
    await context.progress(0, 3, "schools")
    schools = _taking_part(await roster.schools(), listed, area=exam.org_path)
    await context.progress(1, 3, "enrollments")
    enrollments = await roster.export_enrollments(
        school_year=exam.school_year,
        grade_level=exam.grade_level,
        school_codes=[school.school_code for school in schools],
    )
    await context.progress(2, 3, "freezing")
    if drawn is not None:
        # A pupil who has left the school since the frame was closed is no longer part of what it stands for.
        pupils = await drawn_pupils(context.kernel.columns, drawn)
        enrollments = enrollments.join(pupils, on=["student_key", "school_code"], how="semi", maintain_order="left")
    frozen = _frozen(enrollments)
    expected = expected_pupils(enrollments, school_year=exam.school_year, held_on=exam.held_on)
    stored = await asyncio.to_thread(context.kernel.columns.put, frozen)
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        exam = await repository.exam_by_id(session, exam_id)
        exam.roster_sha256 = stored.sha256
        rows = _participants(exam, schools, frozen, expected, is_listed=listed is not None and drawn is None)
        left = await repository.schools_with_sheets(session, exam) - {row.school_code for row in rows}
        if left:  # freezing anew must not leave marks behind that belong to no school of the exam
            raise DomainError("exam.sheets_left_behind", params={"schools": ", ".join(sorted(left)[:20])})
        await repository.replace_participants(session, exam, rows)
        await _recount(session, context.kernel.columns, exam, frozen)
        await move_exam(session, exam, "open", actor=context.actor)
        result |= {"participants": len(rows), "students": stored.rows, "roster_sha256": stored.sha256}


def _taking_part(schools: Sequence[School], listed: list[str] | None, *, area: str) -> list[School]:
    here = [school for school in schools if school.org_path.startswith(area)]
    if listed is None:
        return [school for school in here if not school.is_closed]
    unknown = sorted(set(listed) - {school.school_code for school in here})
    if unknown:
        raise DomainError("exam.participants_unknown", params={"schools": ", ".join(unknown[:20])})
    return [school for school in here if school.school_code in set(listed)]


def _frozen(enrollments: pl.DataFrame) -> pl.DataFrame:
    enrolled = enrollments.filter(pl.col("status") == ENROLLED)
    return enrolled.select("student_key", "school_code", "county_code", "class_code").sort(
        "school_code", "class_code", "student_key"
    )


async def _recount(session: AsyncSession, store: ColumnarStore, exam: Exam, frozen: pl.DataFrame) -> None:
    """Counts anew which rows of sheets already taken are those of pupils of the roster as it is frozen now."""
    sheets = await repository.sheets_of(session, exam)

    def linked() -> dict[str, int]:
        keys = ["student_key", "school_code"]
        rows = pl.concat([store.get(sheet.sha256, columns=keys) for sheet in sheets])
        return dict(rows.join(frozen, on=keys, how="semi").group_by("school_code").len().iter_rows())

    if sheets:
        counts = await asyncio.to_thread(linked)
        for sheet in sheets:
            sheet.linked_count = counts.get(sheet.school_code, 0)
    await withdraw_exclusions_beyond(session, exam, frozen)


def _participants(
    exam: Exam, schools: Sequence[School], frozen: pl.DataFrame, expected: pl.DataFrame, *, is_listed: bool
) -> list[Participant]:
    counts = dict(frozen.group_by("school_code").len().iter_rows())
    denominators = {row["school_code"]: row for row in expected.iter_rows(named=True)}
    rows = [
        Participant(
            exam_id=exam.id,
            school_code=school.school_code,
            county_code=school.county_code,
            name_zh=school.name,
            org_path=school.org_path,
            enrolled_count=counts.get(school.school_code, 0),
            **_denominators(denominators.get(school.school_code, {})),
        )
        for school in schools
        if is_listed or school.school_code in counts
    ]
    if not rows:
        raise DomainError("exam.no_participants")
    return rows


def _denominators(row: Mapping[str, int]) -> dict[str, int]:
    return {f"{name}_count": row.get(name, 0) for name in ("at_start", "transferred_in", "transferred_out", "expected")}


FREEZE_ROSTER = freeze_roster_job(RosterClient.of)
