"""Levels out of fitness: the grade of the national standard, by the pupil's last test of the year."""

from __future__ import annotations

import asyncio
from typing import ClassVar

import polars as pl

from services.student_eval.development_filling.filled import Filled, Provider, Wanted
from services.student_eval.fitness.reports import latest_attempts
from services.student_eval.fitness.repository import sheet_at
from services.student_eval.fitness.service import scored_results
from shared.policy.student_development import development_policy
from shared.scoring.scheme.tree import SourceKind


class FitnessProvider(Provider):
    """The school's sheet of the year; who is exempt or lacks a test has no level, which is held against nobody."""

    kind: ClassVar[SourceKind] = SourceKind.RECORDS
    key: ClassVar[str] = "fitness.grade"

    async def gather(self, wanted: Wanted) -> Filled | None:
        """Levels of the pupils whose total has a grade."""
        sheet = await sheet_at(self._session, self._actor, wanted.school_year, wanted.org_path)
        if sheet is None:
            return None
        frame = await asyncio.to_thread(self._levels, sheet.sha256, wanted.students)
        return Filled(frame, {"source": "fitness", "results_sha256": sheet.sha256})

    def _levels(self, sha256: str, students: pl.Series) -> pl.DataFrame:
        scored = latest_attempts(scored_results(self._store, sha256))
        level = pl.col("grade").replace_strict(dict(development_policy().fitness_levels), default=None)
        return (
            scored.filter(pl.col("student_key").is_in(students.implode()))
            .select(pl.col("student_key").alias("unit_code"), level.cast(pl.String).alias("value"))
            .drop_nulls("value")
            .sort("unit_code")
        )
