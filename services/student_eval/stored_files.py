"""Which files of the columnar store the database names; everything else in it is swept."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from services.student_eval.archive_samples.tables import ArchiveSample
from services.student_eval.development_results.tables import DevelopmentResult
from services.student_eval.fitness.tables import FitnessSheet, FitnessSheetState

#: Columns that each name one file.
NAMING: tuple[InstrumentedAttribute[Any], ...] = (
    FitnessSheet.sha256,
    FitnessSheetState.sha256,
    ArchiveSample.frame_sha256,
)


async def named_files(session: AsyncSession) -> Collection[str]:
    """SHA-256 of every file a row names."""
    named: set[str] = set()
    for column in NAMING:
        named |= set((await session.scalars(select(column).where(column.is_not(None)).distinct())).all())
    for frames in (await session.scalars(select(DevelopmentResult.frames).distinct())).all():
        named |= set(frames.values())
    return named
