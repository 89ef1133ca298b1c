"""Teaching assignments as one file: what links of teachers and pupils are previewed from."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from services.roster.exports import streamed_frame
from services.roster.teaching_assignments.repository import exported
from services.roster.teaching_assignments.tables import TeachingAssignment

SCHEMA: dict[str, pl.DataType] = {
    "staff_key": pl.String(),
    "school_code": pl.String(),
    "county_code": pl.String(),
    "class_code": pl.String(),
    "grade_level": pl.Int64(),
    "class_type": pl.String(),
    "kind": pl.String(),
    "subject": pl.String(),
    "share": pl.Float64(),
    "starts_on": pl.Date(),
    "ends_on": pl.Date(),
    "status": pl.String(),
}


async def exported_assignments(session: AsyncSession, assignments: Select[TeachingAssignment]) -> pl.DataFrame:
    """Assignments by school, class and person. Pseudonyms only, no names, no numbers."""
    return await streamed_frame(session, exported(assignments), SCHEMA)
