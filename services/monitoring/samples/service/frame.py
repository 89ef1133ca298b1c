"""Closing the frame: the schools and pupils that can be drawn, stored and fingerprinted before a seed exists."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.tables import Exam
from services.monitoring.samples import repository, rules
from services.monitoring.samples.service.design import require_designable, require_undrawn
from services.monitoring.samples.tables import Sample
from shared.contracts.roster import Roster, School
from shared.kernel.audit.log import note
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.sampling.allocation import allocated_schools
from shared.scoring.sampling.frames import canonical_frame, canonical_roster, frame_hash
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

CLOSE_FRAME_JOB = "close_sample_frame"
ENROLLED = "enrolled"


class FramePart(StrEnum):
    """Which list of a closed frame."""

    SCHOOLS = "schools"
    PUPILS = "pupils"


async def ask_closing(session: AsyncSession, *, exam: Exam, actor: Actor) -> Job:
    """Asks for the frame to be closed; until the draw it can be closed anew, and each closing is audited.

    Raises:
        DomainError: ``resource.not_found`` without a design; ``sample.already_drawn``; ``exam.not_editable``.
    """
    require_designable(exam)
    sample = await repository.sample_of(session, actor, exam, for_update=True)
    require_undrawn(sample)
    args = {"exam_id": str(exam.id), "exam_code": exam.code}
    job = await enqueue(session, actor, CLOSE_FRAME_JOB, args=args, org_path=exam.org_path, lock=f"exam-{exam.id}")
    sample.job_id = job.id
    note(session, actor, "sample_frame.asked", exam.code, {"version": sample.version})
    await session.flush()
    return job


async def read_roster(roster: Roster, exam: Exam) -> tuple[list[School], pl.DataFrame]:
    """Open schools of the exam's area, and the pupils of its grade in them."""
    schools = [school for school in await roster.schools() if school.org_path.startswith(exam.org_path)]
    here = [school for school in schools if not school.is_closed]
    enrollments = await roster.export_enrollments(
        school_year=exam.school_year,
        grade_level=exam.grade_level,
        school_codes=[school.school_code for school in here],
        status=ENROLLED,
    )
    return here, enrollments.select("student_key", "school_code", "county_code", "class_code")


def school_sizes(schools: Sequence[School], pupils: pl.DataFrame) -> pl.DataFrame:
    """Schools with pupils of the grade, their sizes and attributes: what :func:`rules.school_frame` takes."""
    names = sorted({name for school in schools for name in school.attributes})
    own = [_attribute(schools, name) for name in names]
    columns = {"name_zh": "name"} | {column: column for column in rules.ROSTER_ATTRIBUTES.values()}
    table = pl.DataFrame(
        {"school_code": [school.school_code for school in schools]}
        | {name: [getattr(school, source) for school in schools] for name, source in columns.items()},
        schema=dict.fromkeys(["school_code", *columns], pl.String),
    )
    sizes = pupils.group_by("school_code").agg(
        pl.len().cast(pl.Int64).alias("size"), pl.col("class_code").n_unique().cast(pl.Int64).alias("class_count")
    )
    return table.with_columns(own).join(sizes, on="school_code", how="inner").sort("school_code")


def _attribute(schools: Sequence[School], name: str) -> pl.Series:
    values = [school.attributes.get(name) for school in schools]
    column = rules.OWN_PREFIX + name
    if all(value is None or (isinstance(value, int) and not isinstance(value, bool)) for value in values):
        return pl.Series(column, values, pl.Int64)
    return pl.Series(column, [None if value is None else _text(value) for value in values], pl.String)


def _text(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def drawn_from(frame: pl.DataFrame, pupils: pl.DataFrame, design: Mapping[str, Any]) -> tuple[pl.DataFrame, str, str]:
    """What a draw needs of a roster: pupils in canonical order, the fingerprint of the schools, that of the pupils.

    Raises:
        DomainError: ``scoring.sample_frame_invalid``; ``scoring.sample_allocation`` where the design cannot be drawn.
    """
    parameters = rules.sample_design(design)
    schools = canonical_frame(frame, parameters)
    allocated_schools(schools, parameters, spread=design["spread"])
    # A pupil in no class yet belongs to the class without a name.
    roster = canonical_roster(
        pupils.select("school_code", pl.col("class_code").fill_null(""), pl.col("student_key").alias("student_id"))
    )
    return roster, frame_hash(schools), frame_hash(roster)


def close(sample: Sample, exam: Exam, closed: Mapping[str, Any]) -> None:
    """Puts a closed frame into the sample's row."""
    for name, value in closed.items():
        setattr(sample, name, value)
    sample.state = rules.SampleState.FRAME_CLOSED
    sample.grade_level, sample.school_year = exam.grade_level, exam.school_year
    sample.version += 1


async def frame_text(
    session: AsyncSession, store: ColumnarStore, sample: Sample, part: FramePart, *, actor: Actor, exam_code: str
) -> bytes:
    """The very bytes that were fingerprinted; reading the pupils' list is audited.

    Raises:
        DomainError: ``sample.frame_open``.
    """
    if sample.schools_sha256 is None or sample.roster_sha256 is None:
        raise DomainError("sample.frame_open")
    files, design = {FramePart.SCHOOLS: sample.schools_sha256, FramePart.PUPILS: sample.roster_sha256}, sample.design

    def work() -> bytes:
        frame = store.get(files[part])
        if part is FramePart.SCHOOLS:
            frame = canonical_frame(frame, rules.sample_design(design))
        return frame.write_ndjson().encode()

    if part is FramePart.PUPILS:
        note(session, actor, "sample_frame.read", exam_code, {"pupils": sample.pupil_count})
    return await asyncio.to_thread(work)
