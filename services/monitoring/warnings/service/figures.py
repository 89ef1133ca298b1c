"""Published figures as the detectors are given them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.rules import analysis_plan
from services.monitoring.exams.tables import Exam
from services.monitoring.results.table_files import TableFiles
from services.monitoring.samples.rules import is_drawn_sample
from services.monitoring.warnings import repository
from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.early_warnings import ExamFigures
from shared.scoring.early_warnings.base import ENROLLMENT
from shared.terms.actor import Actor

#: Frames detectors read of the exam itself, and of the years before it.
_NOW = (
    "summary",
    "comparison",
    "cumulative",
    "value_added_models",
    "value_added_schools",
    "item_attainment",
    "item_anomalies",
)
_BEFORE = ("value_added_schools",)
#: Tables that hold every class; of those detectors are given schools and the whole area alone.
_LEVELED = frozenset({"summary", "cumulative", "item_attainment"})
_GROUPS, _SCHOOLS = ("school", "city"), ("school",)


@dataclass(frozen=True, slots=True)
class Published:
    """One exam's version in force, by what its figures follow from."""

    exam_code: str
    school_year: str
    version: str
    definition: Mapping[str, Any]
    files: Mapping[str, Mapping[str, Any]]
    frames: Collection[str]

    def read(self, store: ColumnarStore, enrollment: pl.DataFrame | None = None) -> ExamFigures:
        """Its figures; blocks."""
        # What was drawn is not the population: its plain figures are no reference to hold a school against.
        levels = _SCHOOLS if is_drawn_sample(self.definition) else _GROUPS
        frames = {name: _read(store, name, self.files[name], levels) for name in self.frames if name in self.files}
        if enrollment is not None:
            frames[ENROLLMENT] = enrollment
        return ExamFigures(school_year=self.school_year, plan=analysis_plan(self.definition), frames=frames)


@dataclass(frozen=True, slots=True)
class Sources:
    """What an evaluation reads: fixed in one transaction, read outside it."""

    current: Published
    earlier: Sequence[Published]
    enrollment: pl.DataFrame

    async def read(self, store: ColumnarStore) -> tuple[ExamFigures, list[ExamFigures]]:
        """Figures of the exam and of those before it, newest first."""

        def work() -> tuple[ExamFigures, list[ExamFigures]]:
            return self.current.read(store, self.enrollment), [each.read(store) for each in self.earlier]

        return await asyncio.to_thread(work)


async def sources_of(session: AsyncSession, actor: Actor, exam: Exam) -> Sources | None:
    """What an exam is judged by; ``None`` while nothing of it is published.

    Of earlier exams of the series the last one published in each school year counts.
    """
    current = await _published(session, actor, exam, _NOW)
    if current is None:
        return None
    earlier: dict[str, Published] = {}
    for other in await repository.series_of(session, actor, exam):
        if other.held_on < exam.held_on and other.school_year < exam.school_year and other.school_year not in earlier:
            figures = await _published(session, actor, other, _BEFORE)
            if figures is not None:
                earlier[other.school_year] = figures
    rows = await repository.participants_of(session, actor, exam.id)
    enrollment = pl.DataFrame(
        {
            "county_code": [row.county_code for row in rows],
            "school_code": [row.school_code for row in rows],
            "enrolled": [row.expected_count or row.enrolled_count for row in rows],
        },
        schema={"county_code": pl.String, "school_code": pl.String, "enrolled": pl.Int64},
    )
    return Sources(current, list(earlier.values()), enrollment)


async def _published(session: AsyncSession, actor: Actor, exam: Exam, frames: Collection[str]) -> Published | None:
    found = await repository.published(session, actor, exam)
    if found is None:
        return None
    version, analysis = found
    return Published(
        exam_code=exam.code,
        school_year=exam.school_year,
        version=version.version,
        definition=analysis.inputs["definition"],
        files=analysis.frames or {},
        frames=frames,
    )


def _read(store: ColumnarStore, name: str, entry: Mapping[str, Any], levels: Collection[str]) -> pl.DataFrame:
    frame = TableFiles.of(entry).scan(store)
    if name in _LEVELED:
        frame = frame.filter(pl.col("level").is_in(levels))
    return frame.collect()
