"""Students as one file: names for notices and archives of their own school; ages for those who ask by age."""

from __future__ import annotations

import datetime as dt

import polars as pl
from sqlalchemy import BigInteger, Date, Select, cast, func, literal
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


AGES: dict[str, pl.DataType] = {"student_key": pl.String(), "age": pl.Int64()}


async def exported_ages(
    session: AsyncSession, students: Select[Student], day: dt.date, view: PersonalView
) -> pl.DataFrame:
    """Whole years of students on a day, by key; nobody's for those who may not see days of birth."""
    years = cast(func.date_part("year", func.age(literal(day, Date), Student.birth_date)), BigInteger)
    statement = students.with_only_columns(Student.student_key, years).order_by(Student.student_key)
    frame = await streamed_frame(session, statement, AGES)
    return frame if view.is_named else frame.with_columns(age=pl.lit(None, pl.Int64))


async def exported_students(session: AsyncSession, students: Select[Student], view: PersonalView) -> pl.DataFrame:
    """Students by school and key; names as the reader may see them."""
    statement = students.with_only_columns(
        Student.student_key, Student.name, Student.sex, Student.school_code
    ).order_by(Student.school_code, Student.student_key)
    frame = await streamed_frame(session, statement, SCHEMA)
    return frame if view.is_named else frame.with_columns(masked_names("name"))
