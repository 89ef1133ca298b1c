"""The total that counts at graduation, and whose tests count when they were repeated."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from shared.scoring.fitness.standard import FitnessStandard
from shared.scoring.rounding import half_away_from_zero


def graduation_total(totals: Mapping[int, Decimal], final_grade: int, standard: FitnessStandard) -> Decimal | None:
    """Half the final year's total and half the mean of the other years'.

    Args:
        totals: total by grade level, of the years of one stage; years without a total are left out.
        final_grade: the stage's last grade level.
        standard: the revision that counts.

    Returns:
        The total, rounded half up; without other years the final year's; ``None`` without the final year's.
    """
    final = totals.get(final_grade)
    if final is None:
        return None
    others = [total for grade, total in totals.items() if grade != final_grade]
    if not others:
        return final
    share = standard.final_year_share
    mean = sum(others, Decimal(0)) / len(others)
    return half_away_from_zero(share * final + (1 - share) * mean, standard.total_decimals)


def may_graduate(total: Decimal | None, final_grade: int, standard: FitnessStandard) -> bool | None:
    """Whether fitness stands in the way of a certificate of graduation; ``None`` where no total is known."""
    least = standard.least_to_graduate.get(final_grade)
    if least is None:
        return True
    return None if total is None else total >= least


def grade_of(total: Decimal, standard: FitnessStandard) -> str:
    """Grade of a total."""
    return next(grade.code for grade in standard.grades if total >= grade.at_least)
