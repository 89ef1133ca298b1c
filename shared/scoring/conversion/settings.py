"""What a grade conversion depends on: grades, shares, ranges and every rule that changes a mark (SCORING §4.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate, pairwise

from shared.terms.errors import DomainError, Fault


class Population(StrEnum):
    """Whose marks make the table."""

    PROVINCE = "province"
    SIMULATED = "simulated"

    @property
    def label(self) -> dict[str, str]:
        """The words that must stand beside every converted mark."""
        if self is Population.PROVINCE:
            return {"zh": "等级赋分", "en": "Grade conversion"}
        return {"zh": "模拟赋分", "en": "Simulated conversion"}


class ShareRule(StrEnum):
    """From where a grade's share is counted: the nominal shares added up, or the actual end of the grade above."""

    CUMULATIVE = "cumulative"
    PER_GRADE = "per_grade"


class CutRule(StrEnum):
    """Where a mark goes whose ties straddle a grade's limit: up, down, or to the nearer side (both as near: up)."""

    UPPER = "upper"
    LOWER = "lower"
    NEAREST = "nearest"


class EndPoints(StrEnum):
    """Raw ends of the first grade's top and the last grade's bottom: marks that occur, or the full mark and 0."""

    REAL = "real"
    NOMINAL = "nominal"


class SingleMark(StrEnum):
    """What a grade holding one raw mark takes: the top, the bottom or the middle (half up) of its range."""

    HIGHEST = "highest"
    LOWEST = "lowest"
    MIDDLE = "middle"


@dataclass(frozen=True, slots=True)
class Grade:
    """One grade: its share of candidates and the range ``low`` to ``high`` (both included) of converted marks."""

    code: str
    share: Decimal
    high: int
    low: int


GUIZHOU_GRADES = (
    Grade("A", Decimal("0.15"), 100, 86),
    Grade("B", Decimal("0.35"), 85, 71),
    Grade("C", Decimal("0.35"), 70, 56),
    Grade("D", Decimal("0.13"), 55, 41),
    Grade("E", Decimal("0.02"), 40, 30),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionSettings:
    """Everything a converted mark depends on beside the marks; a run stores it.

    Args:
        population: whose marks make the table. Anything but the whole province is a simulation and labeled so.
        grades: best grade first; shares add up to 1, ranges fall without touching, from at most ``full_mark``.
        full_mark: full mark of the converted scale.
        share_rule: where a grade's share is counted from.
        cut_rule: where a straddling mark goes.
        end_points: raw ends of the outermost grades.
        single_mark: what a grade with one raw mark takes.

    Raises:
        DomainError: ``scoring.conversion_invalid`` with every contradiction found.
    """

    population: Population = Population.SIMULATED
    grades: tuple[Grade, ...] = GUIZHOU_GRADES
    full_mark: int = 100
    share_rule: ShareRule = ShareRule.CUMULATIVE
    cut_rule: CutRule = CutRule.UPPER
    end_points: EndPoints = EndPoints.REAL
    single_mark: SingleMark = SingleMark.HIGHEST

    def __post_init__(self) -> None:
        faults = list(_faults(self))
        if faults:
            raise DomainError("scoring.conversion_invalid", faults=faults)

    @property
    def cumulative_shares(self) -> tuple[Fraction, ...]:
        """Share of candidates in each grade and those above it, exactly."""
        return tuple(accumulate(Fraction(grade.share) for grade in self.grades))


def _faults(settings: ConversionSettings) -> Iterator[Fault]:
    grades = settings.grades
    codes = [grade.code for grade in grades]
    if len(set(codes)) < len(codes):
        yield Fault("scoring.plan_duplicate", value=", ".join(codes))
    if any(grade.share <= 0 for grade in grades) or sum(Fraction(grade.share) for grade in grades) != 1:
        yield Fault("scoring.conversion_shares", value=", ".join(str(grade.share) for grade in grades))
    falling = all(better.low > worse.high for better, worse in pairwise(grades))
    inside = all(0 <= grade.low <= grade.high <= settings.full_mark for grade in grades)
    if not (falling and inside):
        yield Fault("scoring.conversion_ranges", value=", ".join(f"{grade.high}-{grade.low}" for grade in grades))
