"""Estimated means (SCORING §8b.9)."""

from __future__ import annotations

import numpy as np

from shared.scoring.sampling.estimators.base import Estimator, Floats, SampleRows, quotient


def mean() -> Estimator:
    """``Σ w y / Σ w``; none where there are no pupils."""
    return Estimator("mean", ("mean",), _values)


def _values(rows: SampleRows, factors: Floats) -> Floats:
    weight = factors @ rows.unit_sums(np.ones(len(rows.outcome))).T
    return quotient(factors @ rows.unit_sums(rows.outcome).T, weight)[:, :, None]
