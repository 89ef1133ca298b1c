"""Teaching assignments as senders write them and readers get them."""

import datetime as dt
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field

from services.roster.intake.fields import ClassCode, Day, PersonKey, SchoolCode, SchoolYear, SourcedRow, coded
from services.roster.staff.schemas import CitizenNumber


class TeachingAssignmentRow(SourcedRow):
    """An assignment; the person by citizen number or by the pseudonym this service gave, not by both.

    A row says everything: what it leaves out is the whole share, and the whole school year.
    """

    citizen_number: CitizenNumber | None = None
    staff_key: PersonKey | None = None
    school_year: SchoolYear
    school_code: SchoolCode
    class_code: ClassCode
    kind: Annotated[str, *coded("teaching_assignment_kinds", "任教类别")] = "teaching"
    subject: Annotated[str | None, *coded("subjects", "学科")] = None
    spell: Annotated[int, Field(title="段次", ge=1, le=9, description="同一任教中断后再任教为 2 / 2 after a break")] = 1
    share: Annotated[Decimal, Field(title="任教份额", gt=0, le=1, decimal_places=4)] = Decimal(1)
    starts_on: Annotated[Day | None, Field(title="任教开始日期")] = None
    ends_on: Annotated[Day | None, Field(title="任教结束日期")] = None
    status: Annotated[str, *coded("teaching_assignment_statuses", "任教状态")] = "assigned"


class TeachingAssignmentOut(BaseModel):
    """An assignment."""

    staff_key: str
    school_year: str
    school_code: str
    class_code: str
    kind: str
    subject: str | None
    spell: int
    share: float
    starts_on: dt.date
    ends_on: dt.date
    status: str
    source_system: str | None
    source_id: str | None
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime
