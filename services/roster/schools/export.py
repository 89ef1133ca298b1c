"""Schools as one file."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Select, Text, cast, func
from sqlalchemy.ext.asyncio import AsyncSession

from services.roster.exports import streamed_frame
from services.roster.schools.tables import School

SCHEMA: dict[str, pl.DataType] = {
    "school_code": pl.String(),
    "name": pl.String(),
    "county_code": pl.String(),
    "school_type": pl.String(),
    "urban_rural": pl.String(),
    "ownership": pl.String(),
    "stages": pl.String(),
    "closed_on": pl.Date(),
    "attributes": pl.String(),
}


async def exported_schools(session: AsyncSession, schools: Select[School]) -> pl.DataFrame:
    """Schools by code; ``stages`` joined by ``;``, ``attributes`` as JSON text."""
    columns = (
        School.school_code,
        School.name,
        School.county_code,
        School.school_type,
        School.urban_rural,
        School.ownership,
        func.array_to_string(School.stages, ";"),
        School.closed_on,
        cast(School.attributes, Text),  # PostgreSQL keeps the keys in an order of its own, always the same
    )
    statement = schools.with_only_columns(*columns).order_by(School.school_code)
    return await streamed_frame(session, statement, SCHEMA)
