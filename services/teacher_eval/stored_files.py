"""Which files of the columnar store the database names; everything else in it is swept."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from services.teacher_eval.cycles.tables import Cycle
from services.teacher_eval.pay_pools.tables import PayDistribution
from services.teacher_eval.pay_runs.tables import PayRun
from services.teacher_eval.record_checks.tables import RecordCheck
from services.teacher_eval.results.tables import SchoolResult

#: Columns that each name one file.
NAMING: tuple[InstrumentedAttribute[Any], ...] = (
    PayDistribution.inputs_sha256,
    PayDistribution.outcomes_sha256,
    PayRun.inputs_sha256,
    PayRun.outcomes_sha256,
    PayRun.certificate_sha256,
    RecordCheck.frame_sha256,
)


async def named_files(session: AsyncSession) -> Collection[str]:
    """SHA-256 of every file a row names."""
    named: set[str] = set()
    for column in NAMING:
        named |= {value for value in (await session.scalars(select(column).distinct())).all() if value is not None}
    for filled in (await session.scalars(select(Cycle.filled).where(Cycle.filled.is_not(None)))).all():
        named |= {filled[name] for name in ("values", "errors") if filled and filled.get(name)}
    # Schools computed together name the same files.
    for inputs, frames in (await session.execute(select(SchoolResult.inputs, SchoolResult.frames).distinct())).all():
        named |= {inputs[name] for name in ("units", "values", "errors") if inputs[name]} | set(frames.values())
    changes = select(SchoolResult.changes).where(SchoolResult.changes.is_not(None))
    named |= {each["sha256"] for each in (await session.scalars(changes)).all() if each}
    return named
