"""What an exam that is opened, or analyzed, needs to know of its draw."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.tables import Exam
from services.monitoring.exclusions.repository import excluded_keys
from services.monitoring.samples import repository, rules
from services.monitoring.samples.rules import SampleState
from services.monitoring.samples.service.stored import get_pupils, get_schools
from shared.kernel.store.columnar import ColumnarStore
from shared.terms.errors import DomainError


@dataclass(frozen=True, slots=True)
class ActiveSample:
    """Schools that are to take part, and the file of the pupils drawn in them."""

    school_codes: tuple[str, ...]
    pupils_sha256: str


async def require_drawn(session: AsyncSession, exam: Exam) -> None:
    """An exam whose schools are to be drawn is not opened before they are.

    Raises:
        DomainError: ``sample.not_drawn``; ``sample.frame_outdated`` when the exam has moved to another grade since.
    """
    if not rules.is_drawn_sample(exam.definition):
        return
    sample = await repository.sample_by_exam(session, exam.id)
    if sample is None or sample.state != SampleState.DRAWN:
        raise DomainError("sample.not_drawn")
    if (sample.grade_level, sample.school_year) != (exam.grade_level, exam.school_year):
        raise DomainError("sample.frame_outdated")


async def active_sample(session: AsyncSession, store: ColumnarStore, exam: Exam) -> ActiveSample | None:
    """The schools and pupils a drawn exam is opened with; ``None`` where participants are listed.

    Raises:
        DomainError: as :func:`require_drawn`.
    """
    if not rules.is_drawn_sample(exam.definition):
        return None
    await require_drawn(session, exam)
    sample = await repository.sample_by_exam(session, exam.id)
    if sample is None or sample.draw_sha256 is None or sample.pupils_sha256 is None:
        raise DomainError("sample.not_drawn")
    draw = await asyncio.to_thread(get_schools, store, sample.draw_sha256)
    return ActiveSample(rules.active_schools(draw, sample.replacements), sample.pupils_sha256)


async def sample_inputs(session: AsyncSession, exam: Exam) -> dict[str, Any] | None:
    """What the figures of a drawn exam follow from beside marks and roster; ``None`` where participants are listed."""
    if not rules.is_drawn_sample(exam.definition):
        return None
    sample = await repository.sample_by_exam(session, exam.id)
    if sample is None or sample.state != SampleState.DRAWN:
        raise DomainError("sample.not_drawn")
    return {
        "draw_sha256": sample.draw_sha256,
        "pupils_sha256": sample.pupils_sha256,
        "schools_sha256": sample.schools_sha256,
        "strata": sample.design["strata"],
        "outside": sorted(await excluded_keys(session, exam, None, reasons=rules.OUTSIDE_REASONS)),
        "replacements": [
            {name: entry[name] for name in ("school_code", "replacement")} for entry in sample.replacements
        ],
    }


async def drawn_pupils(store: ColumnarStore, active: ActiveSample) -> pl.DataFrame:
    """The pupils drawn in the schools that take part: ``student_key, school_code``."""

    def work() -> pl.DataFrame:
        pupils = get_pupils(store, active.pupils_sha256).pupils
        here = pupils.filter(pl.col("school_code").is_in(list(active.school_codes)))
        return here.select(pl.col("student_id").alias("student_key"), "school_code")

    return await asyncio.to_thread(work)
