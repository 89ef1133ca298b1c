"""A draft over past campaigns: the values as they were frozen, judged anew."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.campaigns.repository import campaign_by_code
from services.school_eval.results.frames import evaluation_of
from services.school_eval.results.repository import versions_of
from services.school_eval.results.rules import newest_of
from services.school_eval.results.tables import CampaignResult
from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.scheme.backcast import PastYear, backcast
from shared.scoring.scheme.tree import Scheme
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

#: Schools whose grade would be another are all listed; of the others nobody needs a list.
MOST_LISTED = 2_000


async def backcast_draft(
    session: AsyncSession, *, draft: Scheme, campaigns: Sequence[str], actor: Actor, store: ColumnarStore
) -> dict[str, Any]:
    """What a draft would have changed in campaigns that have results.

    Returns:
        ``summary``, ``grades``, ``moved`` (schools whose grade would be another, with the leaves that moved them most).

    Raises:
        DomainError: ``resource.not_found``; ``campaign.not_computed``; ``scheme.values_invalid`` where values do not fit.
    """
    results = []
    for code in campaigns:
        campaign = await campaign_by_code(session, actor, code)
        result = newest_of(await versions_of(session, actor, campaign))
        if result is None:
            raise DomainError("campaign.not_computed")
        results.append((code, result))
    return await asyncio.to_thread(_backcast, draft, results, store)


def _backcast(draft: Scheme, results: Sequence[tuple[str, CampaignResult]], store: ColumnarStore) -> dict[str, Any]:
    years = [
        PastYear(
            year=code,
            units=store.get(result.inputs["units"]),
            values=store.get(result.inputs["values"]),
            published=evaluation_of(store, result),
        )
        for code, result in results
    ]
    found = backcast(draft, years)
    moved = found.movement.filter(pl.col("grade_before").ne_missing(pl.col("grade_after"))).head(MOST_LISTED)
    drivers = found.drivers.join(moved, on=["year", "unit_code"], how="semi")
    return {
        "summary": _rows(found.summary),
        "grades": _rows(found.grades),
        "moved": _rows(moved),
        "drivers": _rows(drivers),
    }


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    names = {"year": "campaign", "unit_code": "school_code"}
    return frame.rename({old: new for old, new in names.items() if old in frame.columns}).to_dicts()
