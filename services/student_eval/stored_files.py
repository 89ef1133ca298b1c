"""Which files of the columnar store the database names; everything else in it is swept."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archive_samples.tables import ArchiveSample
from services.student_eval.development_results.tables import DevelopmentResult
from services.student_eval.fitness.tables import FitnessSheet, FitnessSheetState

_SHEETS = select(FitnessSheet.id).where(FitnessSheet.erased_at.is_(None))
#: What each names files; results that were erased past their time name none.
NAMING = (
    select(FitnessSheet.sha256).where(FitnessSheet.erased_at.is_(None)),
    select(FitnessSheetState.sha256).where(FitnessSheetState.sheet_id.in_(_SHEETS)),
    select(ArchiveSample.frame_sha256),
)


async def named_files(session: AsyncSession) -> Collection[str]:
    """SHA-256 of every file a row names."""
    named: set[str] = set()
    for statement in NAMING:
        named |= {sha256 for sha256 in await session.scalars(statement.distinct()) if sha256 is not None}
    for frames in (await session.scalars(select(DevelopmentResult.frames).distinct())).all():
        named |= set(frames.values())
    return named
