"""Stages, grades, subjects, school years: the words of the field as closed sets."""

from __future__ import annotations

import re
from enum import StrEnum

_SCHOOL_YEAR = re.compile(r"^(\d{4})-(\d{4})$", re.ASCII)


class Stage(StrEnum):
    """School stages (学段)."""

    PRIMARY = "primary"
    JUNIOR_SECONDARY = "junior_secondary"
    SENIOR_SECONDARY = "senior_secondary"

    @property
    def is_compulsory(self) -> bool:
        """Whether the stage belongs to compulsory education (义务教育)."""
        return self is not Stage.SENIOR_SECONDARY


def stage_of_grade(grade_level: int) -> Stage:
    """Stage of a grade counted through from 1 to 12; raises ``ValueError`` outside."""
    if not 1 <= grade_level <= 12:
        raise ValueError(f"grade level {grade_level} is not between 1 and 12")
    if grade_level <= 6:
        return Stage.PRIMARY
    return Stage.JUNIOR_SECONDARY if grade_level <= 9 else Stage.SENIOR_SECONDARY


def is_school_year(text: str) -> bool:
    """Whether a text is a school year such as ``2026-2027``."""
    match = _SCHOOL_YEAR.match(text)
    return match is not None and int(match.group(2)) == int(match.group(1)) + 1
