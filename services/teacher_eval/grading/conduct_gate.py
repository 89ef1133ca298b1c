"""What conduct decisions allow: the best grade of each person. Sources stand here, one line each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.conduct.standing import grade_caps
from services.teacher_eval.cycles.tables import Cycle
from shared.policy.annual_assessment import AnnualGrade


class CapsOf(Protocol):
    """The best grade that standing decisions allow to people over a period; people without a limit are left out."""

    async def __call__(
        self, session: AsyncSession, staff_keys: Collection[str], first_day: dt.date, last_day: dt.date
    ) -> dict[str, AnnualGrade]: ...


#: Asked in this order; the strictest cap of a person counts.
SOURCES: list[CapsOf] = [grade_caps]


async def caps_of(session: AsyncSession, cycle: Cycle, staff_keys: Collection[str]) -> dict[str, AnnualGrade]:
    """The best grade of everybody who has a limit, over the period that a cycle assesses."""
    first, last = (dt.date.fromisoformat(cycle.definition[name]) for name in ("first_day", "last_day"))
    strictest: dict[str, AnnualGrade] = {}
    for source in SOURCES:
        for key, cap in (await source(session, staff_keys, first, last)).items():
            strictest[key] = cap.capped(strictest.get(key))
    return strictest
