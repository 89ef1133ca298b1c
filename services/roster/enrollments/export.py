"""Enrollments as one file: what analyses freeze. Pseudonyms only, no names, no numbers."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Select, func
from sqlalchemy.ext.asyncio import AsyncSession

from services.roster.enrollments.tables import Enrollment
from services.roster.exports import streamed_frame

SCHEMA: dict[str, pl.DataType] = {
    "student_key": pl.String(),
    "school_code": pl.String(),
    "county_code": pl.String(),
    "class_code": pl.String(),
    "grade_level": pl.Int64(),
    "status": pl.String(),
    "entered_on": pl.Date(),
    "left_on": pl.Date(),
}
_COUNTY_SEGMENT = 3


async def exported_enrollments(session: AsyncSession, enrollments: Select[Enrollment]) -> pl.DataFrame:
    """Enrollments by school, class and pupil."""
    statement = enrollments.with_only_columns(
        Enrollment.student_key,
        Enrollment.school_code,
        func.split_part(Enrollment.org_path, "/", _COUNTY_SEGMENT),
        Enrollment.class_code,
        Enrollment.grade_level,
        Enrollment.status,
        Enrollment.entered_on,
        Enrollment.left_on,
    ).order_by(Enrollment.school_code, Enrollment.class_code, Enrollment.student_key)
    return await streamed_frame(session, statement, SCHEMA)
