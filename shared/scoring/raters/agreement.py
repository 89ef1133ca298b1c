"""Agreement of two ratings of the same things: shares of equal ratings, and kappa weighted by distance.

Cohen, J. (1960), Educational and Psychological Measurement 20, 37–46; Cohen, J. (1968), Psychological Bulletin 70, 213–220;
standard error by Fleiss, J. L., Cohen, J. and Everitt, B. S. (1969), Psychological Bulletin 72, 323–327.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Z_95 = 1.959963984540054
Table = NDArray[np.float64]


class KappaWeights(StrEnum):
    """How much a disagreement counts."""

    EQUAL = "equal"
    """Every disagreement alike: Cohen's kappa."""
    LINEAR = "linear"
    """In proportion to the distance."""
    QUADRATIC = "quadratic"
    """In proportion to the squared distance."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement beyond chance.

    Args:
        n: pairs.
        exact_rate: share of equal ratings.
        adjacent_rate: share of ratings at most one step apart.
        observed: weighted agreement observed.
        expected: weighted agreement expected by chance from how often each category is used.
        kappa: (observed − expected) / (1 − expected); ``None`` without pairs, or where chance alone agrees wholly.
        se: large-sample standard error, or ``None`` with fewer than two pairs.
        lower: end of the 95 % interval, at least −1.
        upper: end of the 95 % interval, at most 1.
    """

    n: int
    exact_rate: float | None
    adjacent_rate: float | None
    observed: float | None
    expected: float | None
    kappa: float | None
    se: float | None
    lower: float | None
    upper: float | None


def agreement(
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    *,
    categories: int,
    weights: KappaWeights = KappaWeights.LINEAR,
    is_interchangeable: bool = False,
) -> Agreement:
    """Agreement of paired ratings.

    Args:
        first: one rating of each thing, 0 to ``categories`` − 1.
        second: the other.
        categories: how many there are, 2 or more.
        weights: how much a disagreement counts.
        is_interchangeable: who is first is by chance: every pair is counted both ways, half each.

    Raises:
        ValueError: ratings of different length or outside the categories.
    """
    if len(first) != len(second) or categories < 2:
        raise ValueError("ratings are paired, in two or more categories")
    if len(first) and not all(
        0 <= int(end) < categories for each in (first, second) for end in (each.min(), each.max())
    ):
        raise ValueError(f"ratings lie outside 0 … {categories - 1}")
    counts = np.zeros((categories, categories))
    np.add.at(counts, (first, second), 1.0)
    if is_interchangeable:
        counts = (counts + counts.T) / 2
    return agreement_of_table(counts, agreement_weights(categories, weights))


def agreement_weights(categories: int, weights: KappaWeights) -> Table:
    """Weights of agreement, 1 on the diagonal down to 0."""
    distance = np.abs(np.subtract.outer(np.arange(categories), np.arange(categories))) / (categories - 1)
    if weights is KappaWeights.EQUAL:
        return np.eye(categories)
    return 1.0 - (distance if weights is KappaWeights.LINEAR else distance**2)


def agreement_of_table(counts: Table, weights: Table) -> Agreement:
    """Agreement from a table of counts (first × second) and weights of agreement (1 on the diagonal)."""
    n = float(counts.sum())
    if n == 0:
        return Agreement(0, *[None] * 8)
    share = counts / n
    rows, columns = share.sum(axis=1), share.sum(axis=0)
    observed, expected = float((weights * share).sum()), float(rows @ weights @ columns)
    distance = np.abs(np.subtract.outer(np.arange(len(counts)), np.arange(len(counts))))
    exact, adjacent = float(np.trace(share)), float(share[distance <= 1].sum())
    if 1 - expected < 1e-12:
        return Agreement(round(n), exact, adjacent, observed, expected, None, None, None, None)
    kappa = (observed - expected) / (1 - expected)
    if n < 2:
        return Agreement(round(n), exact, adjacent, observed, expected, kappa, None, None, None)
    mean_weight = np.add.outer(weights @ columns, rows @ weights)
    spread = float((share * (weights - mean_weight * (1 - kappa)) ** 2).sum()) - (kappa - expected * (1 - kappa)) ** 2
    se = sqrt(max(spread, 0.0) / n) / (1 - expected)
    lower, upper = max(kappa - Z_95 * se, -1.0), min(kappa + Z_95 * se, 1.0)
    return Agreement(round(n), exact, adjacent, observed, expected, kappa, se, lower, upper)
