"""Estimated quantiles (SCORING §8b.9)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from shared.scoring.sampling.design import out_of_range
from shared.scoring.sampling.estimators.base import Estimator, Floats, SampleRows

_NEAR = 1e-12


def quantiles(probabilities: Sequence[float], *, width: float = 0.0) -> Estimator:
    """Weighted quantiles.

    The value v at which the cumulated weight first reaches p Σw. Marks on a grid stand for an interval: with its
    ``width`` h the weight W at v is spread evenly over v ± h/2, and the quantile is ``v − h/2 + h (p Σw − below) / W``,
    without which the variance of a quantile would be that of a staircase. Width 0 gives v itself.

    Args:
        probabilities: between 0 and 1.
        width: the grid's step in marks; 0 for values on no grid, such as plausible values.
    """
    for probability in probabilities:
        if not 0 <= probability <= 1:
            raise out_of_range("probabilities", probability, allowed="0–1")
    terms = tuple(f"p{100 * probability:g}" for probability in probabilities)
    return Estimator("quantile", terms, partial(_values, tuple(probabilities), width))


def _values(probabilities: tuple[float, ...], width: float, rows: SampleRows, factors: Floats) -> Floats:
    found = np.full((len(factors), rows.groups, len(probabilities)), np.nan)
    border = np.searchsorted(rows.group, np.arange(rows.groups + 1))
    # Groups are few and each has its own list of values; inside one all replicates are done together.
    for group in range(rows.groups):
        inside = slice(border[group], border[group + 1])
        values, place = np.unique(rows.outcome[inside], return_inverse=True)
        cell = place * rows.units + rows.unit[inside]
        sums = np.bincount(cell, weights=rows.weight[inside], minlength=len(values) * rows.units)
        weight = sums.reshape(len(values), rows.units) @ factors.T
        cumulated = np.cumsum(weight, axis=0)
        whole = cumulated[-1]
        replicate = np.flatnonzero(whole > 0)
        for number, probability in enumerate(probabilities):
            reached = (cumulated >= probability * whole * (1 - _NEAR)) & (weight > 0)
            first = np.argmax(reached, axis=0)[replicate]
            at = weight[first, replicate]
            into = np.clip((probability * whole[replicate] - cumulated[first, replicate] + at) / at, 0, 1)
            found[replicate, group, number] = values[first] + width * (into - 0.5)
    return found
