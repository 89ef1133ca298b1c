"""Composite mark of a category (综合分): the total and a professional mark, weighted (SCORING §5.2).

Observation only, like the lines that are drawn on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from math import lcm

import polars as pl

from shared.scoring.subjects import TOTAL, MarkStatus, Subject

PROFESSIONAL_STEP = Decimal("0.01")
"""Grid of professional marks (专业成绩)."""
COMPOSITE_STEP = Decimal("0.01")
"""Grid of composites that hold a professional mark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composite:
    """How a category's mark is made up.

    Args:
        total_weight: weight of the track's total.
        professional_weight: weight of the professional mark; 0 where the total stands alone.
        professional_full_mark: its full mark, where it has a weight.
    """

    total_weight: Decimal = Decimal(1)
    professional_weight: Decimal = Decimal(0)
    professional_full_mark: Decimal = Decimal(0)

    @property
    def is_total(self) -> bool:
        """Whether it is the total itself."""
        return self.total_weight == 1 and self.professional_weight == 0

    def grid(self, total: Subject) -> Subject:
        """Grid of the composite: the total's own, or hundredths up to the weighted full marks.

        Raises:
            DomainError: ``scoring.plan_invalid`` where the grid would be too fine for exact sums.
        """
        if self.is_total:
            return total
        full = self.total_weight * total.full_mark + self.professional_weight * self.professional_full_mark
        full = full.quantize(COMPOSITE_STEP, rounding=ROUND_CEILING)
        return Subject(TOTAL, full_mark=full, step=COMPOSITE_STEP, band_width=full)

    def units(self, total: Subject, *, marks: pl.Expr, professional: pl.Expr) -> pl.Expr:
        """Composite in grid units, rounded half up once; computed in whole numbers.

        Args:
            total: the total's grid.
            marks: codes of the total: grid units, or a status below 0, which the composite then has too.
            professional: professional marks in hundredths; without one that counts there is no composite (absent).
        """
        if self.is_total:
            return marks
        of_total = Fraction(self.total_weight) * total.unit / Fraction(COMPOSITE_STEP)
        of_professional = Fraction(self.professional_weight) * Fraction(PROFESSIONAL_STEP) / Fraction(COMPOSITE_STEP)
        scale = lcm(of_total.denominator, of_professional.denominator)
        summed = marks.cast(pl.Int64) * int(of_total * scale)
        if self.professional_weight:
            summed += professional.cast(pl.Int64) * int(of_professional * scale)
        rounded = (2 * summed + scale) // (2 * scale)
        return pl.when(marks < 0).then(marks).otherwise(rounded.fill_null(int(MarkStatus.ABSENT))).cast(pl.Int32)
