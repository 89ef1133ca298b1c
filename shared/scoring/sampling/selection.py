"""Selection of schools with probability proportional to size, without replacement and of fixed number (SCORING §8b.3).

Systematic: Madow, W. G. (1949), Annals of Mathematical Statistics 20, 333–354, in whole numbers throughout. Brewer: Brewer,
K. R. W. (1975), Australian Journal of Statistics 17, 166–172, for any number of schools.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Inclusion:
    """Inclusion probabilities of one stratum, as exact quotients.

    Args:
        certain: schools so large that they are in every sample.
        draws: schools to be drawn among the others.
        remaining: sum of the others' sizes.
        probability: per school; adds up to the number of schools drawn.
    """

    certain: Flags
    draws: int
    remaining: int
    probability: Floats


def inclusion(size: Whole, schools: int) -> Inclusion:
    """Probabilities n · size / Σ size; a school that would reach 1 is taken for certain and the rest shared anew.

    Args:
        size: measure of size per school, ≥ 1.
        schools: number to draw, at most as many as there are.
    """
    certain = np.zeros(len(size), bool)
    while True:
        draws, remaining = schools - int(certain.sum()), int(size[~certain].sum())
        sure = ~certain & (draws * size >= remaining)
        if not draws or not sure.any():
            break
        certain |= sure
    probability = np.where(certain, 1.0, draws * size / max(remaining, 1))
    return Inclusion(certain, draws, remaining, probability)


def systematic_sample(size: Whole, stratum: Inclusion, start: int) -> Flags:
    """Every Σ size / n-th pupil's school along the ordered list, beside the certain ones.

    The points are (start + k · Σ size) / n for k = 0 … n − 1 on the line of cumulated sizes; with ``start`` uniform over
    0 … Σ size − 1 a school is hit with probability exactly n · size / Σ size.
    """
    chosen = stratum.certain.copy()
    if stratum.draws:
        others = np.flatnonzero(~stratum.certain)
        ends = np.cumsum(size[others]) * stratum.draws
        points = start + stratum.remaining * np.arange(stratum.draws, dtype=np.int64)
        chosen[others[np.searchsorted(ends, points, side="right")]] = True
    return chosen


def brewer_step(probability: Floats, chosen: Flags, draws: int) -> Floats:
    """Chance of each school to be taken next.

    With a = Σ π of those chosen, r draws left and n in all: proportional to π (n − a − π) / (n − a − r π).

    Args:
        probability: inclusion probabilities below 1, adding up to ``draws``.
        chosen: those already taken.
        draws: n.
    """
    rest = draws - float(probability[chosen].sum())
    left = draws - int(chosen.sum())
    weight = np.zeros(len(probability))
    np.divide(probability * (rest - probability), rest - left * probability, out=weight, where=~chosen)
    return np.asarray(weight / weight.sum(), np.float64)


def brewer_sample(stratum: Inclusion, uniform: Floats) -> Flags:
    """Brewer's selection beside the certain schools; one number in [0, 1) per draw.

    Every pair of schools can come together, unlike in a systematic sample. The loop is over draws, not schools.
    """
    others = np.flatnonzero(~stratum.certain)
    probability = stratum.probability[others]
    taken = np.zeros(len(others), bool)
    for number in uniform:
        cumulated = np.cumsum(brewer_step(probability, taken, stratum.draws))
        candidate = int(np.searchsorted(cumulated, number * cumulated[-1], side="right"))
        taken[candidate] = True
    chosen = stratum.certain.copy()
    chosen[others[taken]] = True
    return chosen
