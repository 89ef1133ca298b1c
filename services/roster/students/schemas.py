"""Students as senders write them and readers get them."""

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema

from services.roster.intake.fields import Day, PersonName, SchoolCode, SourcedRow, coded, plain, refuse
from shared.terms.identity_number import pupil_number_fault


def _student_number(text: str) -> str:
    number = plain(text)
    fault = pupil_number_fault(number)
    return refuse(fault) if fault else number


StudentNumber = Annotated[
    str,
    Field(title="学籍号"),
    AfterValidator(_student_number),
    WithJsonSchema({"type": "string", "pattern": r"^([GJ]\d{17}[\dX]|L\d{18})$"}),
]


class StudentRow(SourcedRow):
    """A student, by national pupil number."""

    student_number: StudentNumber
    name: PersonName
    sex: Annotated[str, *coded("sexes", "性别")]
    birth_date: Annotated[Day | None, Field(title="出生日期")] = None
    ethnicity: Annotated[str | None, *coded("ethnicities", "民族")] = None
    school_code: SchoolCode


class StudentOut(BaseModel):
    """A student; name and birth date are masked for those who may not see them."""

    student_key: str
    student_number_masked: str
    name: str
    birth_date: dt.date | None
    is_masked: bool
    sex: str
    ethnicity: str | None
    school_code: str
    source_system: str | None
    source_id: str | None
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime
