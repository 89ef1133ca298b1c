"""Kinds of fields that the bodies of this service are made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

SubjectCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]
#: Exact decimals travel as strings: a float would lie about 0.85.
Exact = Annotated[str, StringConstraints(pattern=r"^\d{1,5}(\.\d{1,4})?$")]


class Strict(BaseModel):
    """A body in which unknown members are refused."""

    model_config = ConfigDict(extra="forbid")
