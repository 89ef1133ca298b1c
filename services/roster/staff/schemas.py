"""Staff as senders write them and readers get them."""

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema

from services.roster.intake.fields import PersonName, SchoolCode, SourcedRow, coded, plain, refuse
from shared.terms.identity_number import citizen_number_fault


def _citizen_number(text: str) -> str:
    number = plain(text)
    fault = citizen_number_fault(number)
    return refuse(fault) if fault else number


CitizenNumber = Annotated[
    str,
    Field(title="公民身份号码"),
    AfterValidator(_citizen_number),
    WithJsonSchema({"type": "string", "pattern": r"^\d{17}[\dX]$"}),
]


class StaffRow(SourcedRow):
    """A member of staff, by citizen number."""

    citizen_number: CitizenNumber
    name: PersonName
    sex: Annotated[str, *coded("sexes", "性别")]
    school_code: SchoolCode
    status: Annotated[str, *coded("staff_statuses", "状态")] = "active"
    staffing_category: Annotated[str | None, *coded("staffing_categories", "编制类别")] = None
    post: Annotated[str | None, *coded("posts", "岗位职业")] = None
    professional_title: Annotated[str | None, *coded("professional_titles", "职称")] = None
    education_level: Annotated[str | None, *coded("education_levels", "学历")] = None


class StaffOut(BaseModel):
    """A member of staff; the name is masked for those who may not see it."""

    staff_key: str
    citizen_number_masked: str
    name: str
    is_masked: bool
    sex: str
    birth_year: int | None
    school_code: str
    status: str
    staffing_category: str | None
    post: str | None
    professional_title: str | None
    education_level: str | None
    source_system: str | None
    source_id: str | None
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime
