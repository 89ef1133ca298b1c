"""Estimated rates (SCORING §8b.9)."""

from __future__ import annotations

from functools import partial

import numpy as np

from shared.scoring.sampling.estimators.base import Estimator, Floats, SampleRows, quotient


def rate(code: str, *, at_least: float | None = None, below: float | None = None) -> Estimator:
    """Share of the population's pupils with ``at_least ≤ y < below``; either bound may be left out.

    Args:
        code: name of the rate.
        at_least: lowest mark that counts, in marks.
        below: first mark that no longer counts.
    """
    low = -np.inf if at_least is None else at_least
    high = np.inf if below is None else below
    return Estimator("rate", (f"{code}_rate",), partial(_values, low, high), is_share=True)


def _values(low: float, high: float, rows: SampleRows, factors: Floats) -> Floats:
    inside = ((rows.outcome >= low) & (rows.outcome < high)).astype(np.float64)
    weight = factors @ rows.unit_sums(np.ones(len(inside))).T
    return quotient(factors @ rows.unit_sums(inside).T, weight)[:, :, None]
