"""Classes as senders write them and readers get them."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field

from services.roster.intake.fields import ClassCode, GradeLevel, SchoolCode, SchoolYear, SourcedRow, coded


class ClassIn(SourcedRow):
    """A class without its key, as the body of PUT."""

    name: Annotated[str, Field(title="班级名称", min_length=1, max_length=60)]
    grade_level: GradeLevel
    class_type: Annotated[str, *coded("class_types", "班级性质")] = "homeroom"


class ClassRow(ClassIn):
    """A class with its key, as in batches and files."""

    school_code: SchoolCode
    school_year: SchoolYear
    class_code: ClassCode


class ClassOut(BaseModel):
    """A class."""

    school_code: str
    school_year: str
    class_code: str
    name: str
    grade_level: int
    class_type: str
    source_system: str | None
    source_id: str | None
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime
