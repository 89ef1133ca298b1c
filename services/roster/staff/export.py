"""Staff as one file: what evaluations and shares of pay freeze."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Select, func
from sqlalchemy.ext.asyncio import AsyncSession

from services.roster.exports import streamed_frame
from services.roster.intake.personal import masked_names
from services.roster.personal_view import PersonalView
from services.roster.staff.tables import StaffMember

SCHEMA: dict[str, pl.DataType] = {
    "staff_key": pl.String(),
    "name": pl.String(),
    "school_code": pl.String(),
    "county_code": pl.String(),
    "status": pl.String(),
    "sex": pl.String(),
    "birth_year": pl.Int64(),
    "staffing_category": pl.String(),
    "post": pl.String(),
    "professional_title": pl.String(),
    "education_level": pl.String(),
}
_COUNTY_SEGMENT = 3


async def exported_staff(session: AsyncSession, staff: Select[StaffMember], view: PersonalView) -> pl.DataFrame:
    """Staff by school and key; names as the reader may see them."""
    statement = staff.with_only_columns(
        StaffMember.staff_key,
        StaffMember.name,
        StaffMember.school_code,
        func.split_part(StaffMember.org_path, "/", _COUNTY_SEGMENT),
        StaffMember.status,
        StaffMember.sex,
        StaffMember.birth_year,
        StaffMember.staffing_category,
        StaffMember.post,
        StaffMember.professional_title,
        StaffMember.education_level,
    ).order_by(StaffMember.school_code, StaffMember.staff_key)
    frame = await streamed_frame(session, statement, SCHEMA)
    if view.is_named:
        return frame
    return frame.with_columns(masked_names("name"))
