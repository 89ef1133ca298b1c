"""What detectors share: how many looks were taken decides how rare a figure must be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FALSE_ALARM_RATE = 0.01
"""Chance that a detector flags anything at all in an exam without anomalies, under its model."""
MAD_TO_SD = 1.482602218505602


def robust_sd(values: Floats) -> float:
    """Standard deviation from the median absolute deviation (normal scale), so that a few anomalies cannot hide it.

    No values, or more than half of them equal: 0.
    """
    if not len(values):
        return 0.0
    return float(MAD_TO_SD * np.median(np.abs(values - np.median(values))))


def share_of_looks(looks: int, *, false_alarm_rate: float) -> float:
    """Bonferroni's share of a false-alarm rate for one of some looks; that of one look when there are none."""
    return false_alarm_rate / max(looks, 1)
