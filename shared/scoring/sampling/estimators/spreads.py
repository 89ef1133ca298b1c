"""Estimated spread (SCORING §8b.9)."""

from __future__ import annotations

import numpy as np

from shared.scoring.sampling.estimators.base import Estimator, Floats, SampleRows, quotient


def spread() -> Estimator:
    """Standard deviation of the population's marks, ``√(Σ w (y − ȳ)² / Σ w)`` with ȳ = Σ w y / Σ w, and that over ȳ.

    No coefficient of variation where ȳ is not above 0.
    """
    return Estimator("spread", ("sd", "coefficient_of_variation"), _values)


def _values(rows: SampleRows, factors: Floats) -> Floats:
    # Around one center, so that nothing is lost to the size of the marks.
    center = float(np.average(rows.outcome, weights=rows.weight))
    away = rows.outcome - center
    weight = factors @ rows.unit_sums(np.ones(len(away))).T
    first = quotient(factors @ rows.unit_sums(away).T, weight)
    second = quotient(factors @ rows.unit_sums(away**2).T, weight)
    sd = np.sqrt(np.maximum(second - first**2, 0.0))
    return np.stack([sd, quotient(sd, first + center)], axis=-1)
