"""The mark sheets that a figure follows from, as far as its reader may know of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.mark_sheets.repository import sheets_at
from services.monitoring.mark_sheets.tables import MarkSheet
from services.monitoring.results.service.read import Reading
from shared.terms.actor import Actor


async def sheets_behind(
    session: AsyncSession, reading: Reading, actor: Actor, row: Mapping[str, Any]
) -> Sequence[MarkSheet]:
    """Sheets of the row's school or county (of a city's row, all) inside the reader's organization.

    A school's value added rests on all schools' marks; towards a school only its own sheet is named, and the hash of all
    inputs stands for the rest.
    """
    return await sheets_at(
        session,
        actor,
        reading.exam,
        at=reading.result_set.published_at,
        county_code=row.get("county_code"),
        school_code=row.get("school_code"),
    )
