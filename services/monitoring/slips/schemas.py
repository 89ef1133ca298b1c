"""The slip of one pupil."""

from typing import Literal

from pydantic import BaseModel


class SlipLine(BaseModel):
    """One subject: a grade, and the mark where the stage allows it; never a rank, a mean or anybody else's figure."""

    subject: str
    name_zh: str
    name_en: str
    status: str
    grade: str | None
    grade_name: dict[str, str] | None
    mark: str | None
    full_mark: str | None


class SlipOut(BaseModel):
    """What one pupil and the guardians are told of one exam."""

    exam: str
    name_zh: str
    name_en: str
    version: str
    candidate_id: str
    discloses: Literal["grades", "marks"]
    rule: dict[str, str]
    items: list[SlipLine]
