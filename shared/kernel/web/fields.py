"""Kinds of fields that the bodies of the services are made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

#: Codes of things a bureau names itself: schemes, campaigns, plans, targets.
OwnCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,59}$")]
SchoolCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{6,12}$")]
CountyCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}[0-9A-Z]{2}$")]
#: The roster's pseudonym of a member of staff.
StaffKey = Annotated[str, StringConstraints(pattern=r"^[a-z2-7]{26}$")]
SchoolYear = Annotated[str, StringConstraints(pattern=r"^20\d\d-20\d\d$", min_length=9, max_length=9)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]
#: Why something was done: read by those it is about and by auditors.
Reason = Annotated[str, StringConstraints(min_length=5, max_length=500, strip_whitespace=True)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Document = Annotated[str, Field(title="依据文件 / source document", min_length=2, max_length=300)]


class Strict(BaseModel):
    """A body in which unknown members are refused."""

    model_config = ConfigDict(extra="forbid")


class TwoNames(Strict):
    """A name in both languages."""

    zh: Name
    en: Name
