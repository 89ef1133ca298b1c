"""How far a group is from the group that holds it, with an interval that knows the one is part of the other (SCORING §2.7).

Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions. Statistics in Medicine
17, 873–890 (method 10). Welch, B. L. (1947). The generalization of Student's problem. Biometrika 34, 28–35.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from shared.scoring.statistics.rates import wilson_interval
from shared.scoring.summaries.group_counts import Integers

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Gap:
    """A difference with its 95 % interval; without one where its precision does not exist."""

    value: float
    se: float | None
    ci: tuple[float, float] | None

    @property
    def is_beyond_chance(self) -> bool:
        """Whether the interval does not hold 0."""
        return self.ci is not None and not self.ci[0] <= 0 <= self.ci[1]


@dataclass(frozen=True, slots=True)
class MeanOf:
    """A group's mean: number present, mean, sd (n − 1; ``None`` for one candidate)."""

    n: int
    mean: float
    sd: float | None


def mean_gap(group: MeanOf, whole: MeanOf) -> Gap | None:
    """Mean of a group minus the mean of the group that holds it.

    With f = n/N and "rest" the whole without the group: gap = (1 − f)(group − rest), its se = (1 − f) √(sd²/n +
    sd²_rest/n_rest), interval ± t₀.₉₇₅ se with Welch's degrees of freedom. The sd of the rest follows from the two sds.

    Args:
        group: the group, part of ``whole``.
        whole: the group that holds it.

    Returns:
        ``None`` where nobody is present or the group is the whole; no interval where group or rest has one candidate.
    """
    rest = whole.n - group.n
    if group.n < 1 or rest < 1:
        return None
    outside = rest / whole.n
    value = group.mean - whole.mean
    if group.sd is None or whole.sd is None or rest < 2:
        return Gap(value, None, None)
    rest_mean = (whole.n * whole.mean - group.n * group.mean) / rest
    squares = (whole.n - 1) * whole.sd**2 - (group.n - 1) * group.sd**2
    squares -= group.n * rest / whole.n * (group.mean - rest_mean) ** 2
    # The difference of nearly equal sums of squares may fall a hair below 0.
    own, other = group.sd**2 / group.n, max(squares, 0.0) / (rest - 1) / rest
    se = outside * math.sqrt(own + other)
    if se == 0:
        return Gap(value, 0.0, (value, value))
    freedom = (own + other) ** 2 / (own**2 / (group.n - 1) + other**2 / (rest - 1))
    margin = float(stdtrit(freedom, 0.975)) * se
    return Gap(value, se, (value - margin, value + margin))


@dataclass(frozen=True, slots=True)
class RateOf:
    """A group's rate: number it is a share of, and the share, 0 to 1."""

    n: int
    rate: float


def rate_gap(group: RateOf, whole: RateOf) -> Gap | None:
    """Rate of a group minus the rate of the group that holds it.

    gap = (1 − f)(group − rest); its se = (1 − f) √(p(1 − p)/n + q(1 − q)/n_rest); the interval is (1 − f) times Newcombe's
    for the difference of group and rest, from their Wilson intervals.

    Args:
        group: the group, part of ``whole``.
        whole: the group that holds it.

    Returns:
        ``None`` where nobody is counted or the group is the whole.
    """
    count, whole_count = (np.array([round(of.n * of.rate)]) for of in (group, whole))
    gaps = rate_gaps(count, whole_count, np.array([group.n]), np.array([whole.n]))
    if np.isnan(gaps.value[0]):
        return None
    return Gap(group.rate - whole.rate, float(gaps.se[0]), (float(gaps.low[0]), float(gaps.high[0])))


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """Many gaps of rates with the limits of their intervals; NaN where there is none."""

    value: Floats
    se: Floats
    low: Floats
    high: Floats


def rate_gaps(count: Integers, whole_count: Integers, n: Integers, whole_n: Integers) -> Gaps:
    """:func:`rate_gap` of many groups at once.

    Args:
        count: how many of each group are counted.
        whole_count: how many of the group that holds it, itself included.
        n: number that the group's rate is a share of.
        whole_n: the same of the group that holds it.
    """
    rest = whole_n - n
    is_part = (n > 0) & (rest > 0)
    own_n, rest_n = np.where(is_part, n, 1), np.where(is_part, rest, 1)
    count, rest_count = np.where(is_part, count, 0), np.where(is_part, whole_count - count, 0)
    p, q = count / own_n, rest_count / rest_n
    outside = np.where(is_part, rest_n / np.maximum(whole_n, 1), np.nan)
    p_low, p_high = wilson_interval(count, own_n)
    q_low, q_high = wilson_interval(rest_count, rest_n)
    se = np.sqrt(p * (1 - p) / own_n + q * (1 - q) / rest_n)
    below, above = np.hypot(p - p_low, q_high - q), np.hypot(p_high - p, q - q_low)
    return Gaps(outside * (p - q), outside * se, outside * (p - q - below), outside * (p - q + above))
