"""Correlations with an interval (SCORING §8.8)."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from shared.scoring.statistics.base import Z_95
from shared.scoring.value_added.products import RELATIVE_ZERO, Floats

MIN_PAIRS = 4
"""Fewest pairs with an interval: Fisher's z has the variance 1/(n − 3)."""

Correlation = tuple[float | None, float | None, float | None]
"""Estimate, lower and upper bound of its 95 % interval."""


def pearson(x: Floats, y: Floats) -> Correlation:
    """Product-moment correlation; interval by Fisher's z with the variance 1/(n − 3).

    Nothing below 4 pairs or where one of the two does not vary.
    """
    return _correlation(x, y, extra=0.0)


def spearman(x: Floats, y: Floats) -> Correlation:
    """Rank correlation with mean ranks for ties; interval by Fisher's z with the variance (1 + r²/2)/(n − 3).

    Bonett and Wright (2000), Psychometrika 65, 23–28. Nothing below 4 pairs or where one of the two does not vary.
    """
    return _correlation(rankdata(x), rankdata(y), extra=0.5)


def _correlation(x: Floats, y: Floats, *, extra: float) -> Correlation:
    n = len(x)
    if n < MIN_PAIRS:
        return None, None, None
    around = [values - values.mean() for values in (x, y)]
    squares = [float(values @ values) for values in around]
    # Rounding alone must not count as variation.
    if any(s <= RELATIVE_ZERO**2 * float(v @ v) for s, v in zip(squares, (x, y), strict=True)):
        return None, None, None
    r = float(np.clip(around[0] @ around[1] / np.sqrt(squares[0]) / np.sqrt(squares[1]), -1, 1))
    if abs(r) > 1 - RELATIVE_ZERO:
        r = float(np.sign(r))
        return r, r, r
    width = Z_95 * np.sqrt((1 + extra * r * r) / (n - 3))
    return r, float(np.tanh(np.arctanh(r) - width)), float(np.tanh(np.arctanh(r) + width))
