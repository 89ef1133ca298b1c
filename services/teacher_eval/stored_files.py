"""Which files of the columnar store the database names; everything else in it is swept."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from services.teacher_eval.pay_pools.tables import PayDistribution
from services.teacher_eval.pay_runs.tables import PayRun

#: Columns that each name one file.
NAMING: tuple[InstrumentedAttribute[Any], ...] = (
    PayDistribution.inputs_sha256,
    PayDistribution.outcomes_sha256,
    PayRun.inputs_sha256,
    PayRun.outcomes_sha256,
    PayRun.certificate_sha256,
)


async def named_files(session: AsyncSession) -> Collection[str]:
    """SHA-256 of every file a row names."""
    named: set[str] = set()
    for column in NAMING:
        named |= {value for value in (await session.scalars(select(column).distinct())).all() if value is not None}
    return named
