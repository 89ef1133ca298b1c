"""Cubic B-spline basis of a prior mark (SCORING §8.5).

Knots at the 20th, 40th, 60th and 80th percentiles of the prior (type 7, over candidates), boundary knots at its lowest and
highest value, as in the R package SGP (Betebenner 2009, Educational Measurement: Issues and Practice 28(4), 42–51).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import BSpline

from shared.scoring.summaries.group_counts import Integers
from shared.scoring.value_added.products import Floats

DEGREE = 3
KNOT_SHARES = (0.2, 0.4, 0.6, 0.8)


@dataclass(frozen=True, slots=True, eq=False)
class SplineBasis:
    """Knots of one prior.

    Args:
        inner: knots strictly between the boundaries, ascending, each once.
        low: lower boundary.
        high: upper boundary, above the lower.
    """

    inner: Floats
    low: float
    high: float

    def matrix(self, values: Floats) -> Floats:
        """Values of the basis functions, shape (rows, inner knots + 4); every row adds up to 1.

        Args:
            values: priors; outside the boundaries the value at the boundary is taken.
        """
        edges = [np.repeat(edge, DEGREE + 1) for edge in (self.low, self.high)]
        knots = np.concatenate([edges[0], self.inner, edges[1]])
        inside = np.clip(values, self.low, self.high)
        matrix: Floats = BSpline.design_matrix(inside, knots, DEGREE).toarray()
        return matrix


def spline_basis(values: Floats, weights: Integers) -> SplineBasis | None:
    """The basis of a prior; ``None`` if it does not vary, so that it tells nothing.

    Knots that coincide with one another or with a boundary (few distinct marks, heavy ties) are one knot or none.

    Args:
        values: distinct priors, or at least values with their weights.
        weights: candidates at each value.
    """
    low, high = float(values.min()), float(values.max())
    if low == high:
        return None
    knots = np.unique([_quantile(values, weights, share) for share in KNOT_SHARES])
    return SplineBasis(knots[(knots > low) & (knots < high)], low, high)


def _quantile(values: Floats, weights: Integers, share: float) -> float:
    """Type-7 quantile of weighted values: linear between the order statistics ⌊h⌋ and ⌊h⌋ + 1, h = (n − 1)·share."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    h = (int(reached[-1]) - 1) * share
    below = int(h)
    first, second = values[order][
        np.minimum(np.searchsorted(reached, [below, below + 1], side="right"), len(values) - 1)
    ]
    return float(first + (h - below) * (second - first))
