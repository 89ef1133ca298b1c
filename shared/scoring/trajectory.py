"""Whether a target will be reached: the straight path to it, and what the years so far lead one to expect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.stats import t as student_t

LEAST_YEARS = 3
"""A trend through fewer years has no measure of its own uncertainty."""


@dataclass(frozen=True, slots=True)
class YearValue:
    """What was observed in a year."""

    year: int
    value: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the trend says of a year, with the interval that holds a new observation with the given probability."""

    year: int
    value: float
    low: float
    high: float


class Outlook(StrEnum):
    """What is to be expected of a target."""

    REACHED = "reached"
    LIKELY = "likely"
    """The whole interval of the goal's year lies at or beyond the goal."""
    OPEN = "open"
    UNLIKELY = "unlikely"
    """The whole interval lies short of the goal."""
    UNKNOWN = "unknown"
    """Too few years."""


def straight_path(base: YearValue, goal: YearValue) -> list[YearValue]:
    """The value of every year on the way from the base to the goal, in equal steps.

    Raises:
        ValueError: the goal does not lie after the base.
    """
    if goal.year <= base.year:
        raise ValueError(f"the goal's year {goal.year} does not lie after the base year {base.year}")
    step = (goal.value - base.value) / (goal.year - base.year)
    return [YearValue(year, base.value + step * (year - base.year)) for year in range(base.year, goal.year + 1)]


def forecast(observed: Sequence[YearValue], years: Sequence[int], *, confidence: float = 0.95) -> list[Forecast]:
    """Least-squares line through the years, with its prediction interval.

    ``value = b₀ + b₁ year``; half width ``t · s · √(1 + 1/n + (year − mean)² / Sxx)`` with n − 2 degrees of freedom
    (e.g. Draper & Smith, *Applied Regression Analysis*, §3.1).

    Args:
        observed: one value per year, any order.
        years: years to say something of.
        confidence: of the interval.

    Returns:
        One forecast per year asked for; empty for fewer than :data:`LEAST_YEARS` observations.

    Raises:
        ValueError: two observations of one year.
    """
    x = np.array([entry.year for entry in observed], np.float64)
    y = np.array([entry.value for entry in observed], np.float64)
    if len(np.unique(x)) != len(x):
        raise ValueError("a year is observed twice")
    if len(x) < LEAST_YEARS:
        return []
    mean = x.mean()
    spread = ((x - mean) ** 2).sum()
    slope = ((x - mean) * (y - y.mean())).sum() / spread
    residuals = y - y.mean() - slope * (x - mean)
    s = np.sqrt((residuals**2).sum() / (len(x) - 2))
    t = float(student_t.ppf((1 + confidence) / 2, len(x) - 2))
    found = []
    for year in years:
        value = float(y.mean() + slope * (year - mean))
        half = float(t * s * np.sqrt(1 + 1 / len(x) + (year - mean) ** 2 / spread))
        found.append(Forecast(year, value, value - half, value + half))
    return found


def outlook(observed: Sequence[YearValue], goal: YearValue) -> Outlook:
    """What is to be expected of a goal that lies above its base.

    Args:
        observed: one value per year.
        goal: the year by which at least this value is wanted.
    """
    if any(entry.value >= goal.value for entry in observed if entry.year <= goal.year):
        return Outlook.REACHED
    expected = forecast(observed, [goal.year])
    if not expected:
        return Outlook.UNKNOWN
    if expected[0].low >= goal.value:
        return Outlook.LIKELY
    return Outlook.UNLIKELY if expected[0].high < goal.value else Outlook.OPEN
