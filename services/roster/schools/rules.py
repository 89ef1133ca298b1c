"""Pure decisions about schools."""

from __future__ import annotations

from collections.abc import Iterable

from shared.terms.education import Stage, stage_of_grade
from shared.terms.regions import Region


def province_agrees(school_code: str, region: Region) -> bool:
    """Whether digits 3 and 4 of a school's national code are the province its county lies in."""
    return school_code[2:4] == region.province


def stages_in_order(stages: Iterable[Stage]) -> list[Stage]:
    """Each stage once, from primary up, so that equal sets are equal lists."""
    given = set(stages)
    return [stage for stage in Stage if stage in given]


def teaches(stages: Iterable[str], grade_level: int) -> bool:
    """Whether a school with these stages has this grade."""
    return stage_of_grade(grade_level).value in set(stages)
