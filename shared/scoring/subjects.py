"""A subject's grid of marks, and the states a cell of the mark sheet can be in (SCORING §1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from functools import cached_property
from math import ceil, gcd, lcm

import numpy as np
from numpy.typing import NDArray

from shared.terms.errors import DomainError, Fault

TOTAL = "total"
MAX_GRID_UNITS = 100_000
"""Keeps every sum of squares and products of any city in 64-bit integers."""


class MarkStatus(IntEnum):
    """State of a subject cell; the number is the code stored in place of a mark (0 and above are marks)."""

    PRESENT = 0
    ABSENT = -1
    VOID = -2
    EXEMPT = -3
    NOT_ENTERED = -4

    @property
    def label(self) -> str:
        """The word used in mark sheets and results."""
        return self.name.lower()


STATUS_LABELS = tuple(status.label for status in MarkStatus)


@dataclass(frozen=True)
class Subject:
    """One subject of an exam.

    Args:
        code: column name of the mark; its status stands in ``<code>__status``.
        full_mark: highest mark, a multiple of ``step``.
        step: distance between neighbouring marks.
        band_width: width of the bands (分数段), a multiple of ``step``.

    Raises:
        DomainError: ``scoring.plan_invalid`` when the grid is not one, or finer than 100,000 steps.
    """

    code: str
    full_mark: Decimal
    step: Decimal = Decimal("0.5")
    band_width: Decimal = Decimal(10)

    def __post_init__(self) -> None:
        if not self._is_grid():
            raise DomainError("scoring.plan_invalid", faults=[Fault("scoring.subject_grid", value=self.code)])

    def _is_grid(self) -> bool:
        numbers = (self.full_mark, self.step, self.band_width)
        if not all(number.is_finite() and number > 0 for number in numbers):
            return False
        widths = (Fraction(self.full_mark) / self.unit, Fraction(self.band_width) / self.unit)
        return all(width.denominator == 1 for width in widths) and widths[0] <= MAX_GRID_UNITS

    @cached_property
    def unit(self) -> Fraction:
        """One step of the grid, exactly."""
        return Fraction(self.step)

    @cached_property
    def full_units(self) -> int:
        """The full mark in grid units."""
        return int(Fraction(self.full_mark) / self.unit)

    @cached_property
    def band_units(self) -> int:
        """The width of a band in grid units."""
        return int(Fraction(self.band_width) / self.unit)

    def units_reaching(self, share: Decimal) -> int:
        """Smallest whole number of units that is at least a share of the full mark."""
        return ceil(Fraction(share) * self.full_units)

    def marks(self, units: NDArray[np.int64], divisor: NDArray[np.int64] | int = 1) -> NDArray[np.float64]:
        """Marks for units (or for sums of units over a count): one correctly rounded division."""
        result: NDArray[np.float64] = (units * self.unit.numerator) / (divisor * np.int64(self.unit.denominator))
        return result


def total_of(subjects: Sequence[Subject], *, band_width: Decimal | None = None) -> Subject:
    """The pseudo-subject ``total``: full marks added up on the coarsest grid that holds all of them.

    Args:
        subjects: the outcome subjects, at least one.
        band_width: width of its bands; by default the sum of the subjects' widths.
    """
    denominator = lcm(*(subject.unit.denominator for subject in subjects))
    numerator = gcd(*(int(subject.unit * denominator) for subject in subjects))
    return Subject(
        TOTAL,
        full_mark=sum((subject.full_mark for subject in subjects), Decimal(0)),
        step=Decimal(numerator) / Decimal(denominator),
        band_width=band_width or sum((subject.band_width for subject in subjects), Decimal(0)),
    )
