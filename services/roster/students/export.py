"""Students as one file: names for notices and archives of their own school."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from services.roster.exports import streamed_frame
from services.roster.intake.personal import masked_names
from services.roster.personal_view import PersonalView
from services.roster.students.tables import Student

SCHEMA: dict[str, pl.DataType] = {
    "student_key": pl.String(),
    "name": pl.String(),
    "sex": pl.String(),
    "school_code": pl.String(),
}


async def exported_students(session: AsyncSession, students: Select[Student], view: PersonalView) -> pl.DataFrame:
    """Students by school and key; names as the reader may see them."""
    statement = students.with_only_columns(
        Student.student_key, Student.name, Student.sex, Student.school_code
    ).order_by(Student.school_code, Student.student_key)
    frame = await streamed_frame(session, statement, SCHEMA)
    return frame if view.is_named else frame.with_columns(masked_names("name"))
