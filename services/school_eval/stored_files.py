"""Which files of the columnar store the database names; everything else in it is swept."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from services.school_eval.campaigns.tables import Campaign
from services.school_eval.results.tables import CampaignResult
from services.school_eval.visit_plans.tables import VisitPlan

#: Columns that each name one file. Campaigns name their prefilled frames in JSON.
NAMING: tuple[InstrumentedAttribute[str | None], ...] = (Campaign.units_sha256, VisitPlan.frame_sha256)

_RESULT = (CampaignResult.inputs, CampaignResult.frames, CampaignResult.changes)


async def named_files(session: AsyncSession) -> Collection[str]:
    """SHA-256 of every file a row names."""
    named: set[str] = set()
    for column in NAMING:
        named |= {value for value in (await session.scalars(select(column).distinct())).all() if value is not None}
    for prefill in (await session.scalars(select(Campaign.prefill).where(Campaign.prefill.is_not(None)))).all():
        named |= {prefill[name] for name in ("values", "errors") if prefill and prefill.get(name)}
    for inputs, frames, changes in (await session.execute(select(*_RESULT))).all():
        named |= {inputs[name] for name in ("units", "values", "errors") if inputs[name]}
        named |= {frame["sha256"] for frame in (*frames.values(), *([changes] if changes else []))}
    return named
