"""Estimated totals (SCORING §8b.9)."""

from __future__ import annotations

from shared.scoring.sampling.estimators.base import Estimator, Floats, SampleRows


def total() -> Estimator:
    """``Σ w y``: the Horvitz–Thompson total where weights are inverse probabilities; 0 in a replicate without pupils."""
    return Estimator("total", ("total",), _values)


def _values(rows: SampleRows, factors: Floats) -> Floats:
    found: Floats = factors @ rows.unit_sums(rows.outcome).T
    return found[:, :, None]
