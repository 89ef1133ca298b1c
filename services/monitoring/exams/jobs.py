"""Freezing the roster: which pupils an exam expects, as known when collection opens."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import polars as pl
from shared.contracts.roster import RosterClient

from services.monitoring.exams import repository
from services.monitoring.exams.rules import LIFE, ExamState
from services.monitoring.exams.service import FREEZE_ROSTER_JOB, move_exam
from services.monitoring.exams.tables import Exam, Participant
from services.monitoring.settings import MonitoringSettings
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.terms.errors import DomainError
from shared.terms.organization import school_path

ENROLLED = "enrolled"


async def freeze_roster(context: JobContext) -> None:
    """Reads schools and enrollments of the exam's grade from the roster and opens the collection."""
    async with context.commit() as session:
        exam = await repository.exam_by_id(session, uuid.UUID(context.args["exam_id"]))
        LIFE.target("open", ExamState(exam.state))
        grade, school_year, listed = exam.grade_level, exam.school_year, exam.definition["participants"]
        area = exam.org_path
    await context.progress(0, 3, "schools")
    async with RosterClient.from_settings(_settings(context)) as roster:
        schools = await roster.schools_frame(area)
        await context.progress(1, 3, "enrollments")
        enrollments = await roster.enrollments_frame(school_year=school_year, grade_level=grade)
    await context.progress(2, 3, "freezing")
    frozen = _frozen(enrollments, schools, listed)
    stored = await asyncio.to_thread(context.kernel.columns.put, frozen)
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        exam = await repository.exam_by_id(session, uuid.UUID(context.args["exam_id"]))
        exam.roster_sha256 = stored.sha256
        rows = _participants(exam, schools, frozen, listed)
        await repository.replace_participants(session, exam, rows)
        await move_exam(session, exam, "open", actor=context.actor)
        result |= {"participants": len(rows), "students": stored.rows, "roster_sha256": stored.sha256}


def _frozen(enrollments: pl.DataFrame, schools: pl.DataFrame, listed: list[str] | None) -> pl.DataFrame:
    known = schools["school_code"] if listed is None else pl.Series(listed)
    return (
        enrollments.filter(pl.col("status") == ENROLLED, pl.col("school_code").is_in(known.implode()))
        .select("student_key", "school_code", "county_code", "class_code")
        .sort("school_code", "class_code", "student_key")
    )


def _participants(
    exam: Exam, schools: pl.DataFrame, frozen: pl.DataFrame, listed: list[str] | None
) -> list[Participant]:
    counts = frozen.group_by("school_code").len("enrolled_count")
    rows = schools.join(counts, on="school_code", how="left")
    if listed is not None:
        unknown = sorted(set(listed) - set(schools["school_code"]))
        if unknown:
            raise DomainError("exam.participants_unknown", params={"schools": ", ".join(unknown[:20])})
        rows = rows.filter(pl.col("school_code").is_in(listed))
    else:
        rows = rows.filter(pl.col("enrolled_count").is_not_null())
    if rows.is_empty():
        raise DomainError("exam.no_participants")
    return [
        Participant(
            exam_id=exam.id,
            school_code=row["school_code"],
            county_code=row["county_code"],
            name_zh=row["name_zh"],
            org_path=school_path(row["county_code"], row["school_code"]),
            enrolled_count=row["enrolled_count"] or 0,
        )
        for row in rows.sort("school_code").iter_rows(named=True)
    ]


def _settings(context: JobContext) -> MonitoringSettings:
    settings = context.kernel.settings
    if not isinstance(settings, MonitoringSettings):
        raise TypeError("this job belongs to the monitoring service")
    return settings


FREEZE_ROSTER = JobKind(FREEZE_ROSTER_JOB, freeze_roster)
