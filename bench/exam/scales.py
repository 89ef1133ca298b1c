"""How large the exam is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """A city and what is done with it.

    Args:
        schools: schools of all stages.
        pupils: pupils of all twelve grades.
        subjects: how many of the city's subjects are examined.
    """

    schools: int
    pupils: int
    subjects: int


SEED = 20251
GRADE = 9
UPLOADERS = 16
SCALES = {
    "full": Scale(schools=2_090, pupils=1_500_000, subjects=9),
    "middle": Scale(schools=420, pupils=150_000, subjects=9),
    "quick": Scale(schools=60, pupils=3_600, subjects=2),
}
