"""Names and versions of the methods: what a published figure cites.

A version changes when the same input may give another figure. ``section`` is the section of ``docs/scoring.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Method:
    """One method: a stable id, a version and the section that defines it."""

    id: str
    version: str
    section: str


DISTRIBUTION = Method("distribution.summary", "1.0.0", "2.1–2.4")
CUMULATIVE_TABLE = Method("distribution.cumulative_table", "1.0.0", "2.5")
BANDS = Method("distribution.bands", "1.0.0", "2.5")
STANDING = Method("standing.histogram_lookup", "1.0.0", "3")
TRANSITION_MATRIX = Method("progress.transition_matrix", "1.0.0", "6.3")
RANDOM_INTERCEPT = Method("value_added.random_intercept", "1.0.0", "8.1")
COMPANIONS = Method("value_added.companions", "1.0.0", "8.4")
GROUPED_COMPARISON = Method("comparison.grouped", "1.0.0", "8.6")
FUNNEL = Method("comparison.funnel", "1.0.0", "8.6")
SUPPRESSION = Method("disclosure.small_groups", "1.0.0", "9")

METHODS = (
    DISTRIBUTION,
    CUMULATIVE_TABLE,
    BANDS,
    STANDING,
    TRANSITION_MATRIX,
    RANDOM_INTERCEPT,
    COMPANIONS,
    GROUPED_COMPARISON,
    FUNNEL,
    SUPPRESSION,
)

FRAME_METHODS: Mapping[str, Method] = {
    "summary": DISTRIBUTION,
    "cumulative": CUMULATIVE_TABLE,
    "bands": BANDS,
    "standings": STANDING,
    "value_added_models": RANDOM_INTERCEPT,
    "value_added_coefficients": RANDOM_INTERCEPT,
    "value_added_schools": RANDOM_INTERCEPT,
    "companions": COMPANIONS,
    "transitions": TRANSITION_MATRIX,
    "comparison": GROUPED_COMPARISON,
    "funnel": FUNNEL,
}
