"""How far a group is from the group that holds it, with an interval that knows the one is part of the other (SCORING §2.7).

Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions. Statistics in Medicine
17, 873–890 (method 10). Welch, B. L. (1947). The generalization of Student's problem. Biometrika 34, 28–35.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from shared.scoring.statistics.rates import wilson_interval


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
    rest = whole.n - group.n
    if group.n < 1 or rest < 1:
        return None
    outside = rest / whole.n
    counts = np.array([round(group.n * group.rate), round(whole.n * whole.rate) - round(group.n * group.rate)])
    n = np.array([group.n, rest])
    (p, q), (low, high) = counts / n, wilson_interval(counts, n)
    below = math.hypot(p - low[0], high[1] - q)
    above = math.hypot(high[0] - p, q - low[1])
    difference = float(p - q)
    se = outside * math.sqrt(p * (1 - p) / group.n + q * (1 - q) / rest)
    interval = outside * (difference - below), outside * (difference + above)
    return Gap(group.rate - whole.rate, se, interval)
