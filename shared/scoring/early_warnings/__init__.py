"""Early warnings (预警): which schools to look at, from published figures with their uncertainty (SCORING §14).

A detector is added in three places: a file here, one line below, its specification in ``tests/scoring/spec/early_warnings``.
"""

from shared.scoring.early_warnings import (
    anomalies,
    attainment_gap,
    low_score_rate,
    participation,
    value_added_decline,
)
from shared.scoring.early_warnings.base import Detector, ExamFigures

DETECTORS: dict[str, Detector] = {
    detector.code: detector
    for detector in (
        value_added_decline.DETECTOR,
        low_score_rate.DETECTOR,
        participation.GAP_DETECTOR,
        participation.ENROLLMENT_DETECTOR,
        attainment_gap.DETECTOR,
        anomalies.INFLATION_DETECTOR,
        anomalies.APART_DETECTOR,
        anomalies.COPIED_DETECTOR,
    )
}

__all__ = ["DETECTORS", "Detector", "ExamFigures"]
