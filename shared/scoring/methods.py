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
GROUP_GAP = Method("distribution.group_gap", "1.0.0", "2.7")
STANDING = Method("standing.histogram_lookup", "1.0.0", "3")
GRADE_CONVERSION = Method("conversion.grade_ranges", "1.0.0", "4")
CUT_LINES = Method("cut_lines.online", "1.0.0", "5")
EFFECTIVE_MARKS = Method("cut_lines.effective_marks", "1.0.0", "5.3")
SUBJECT_BALANCE = Method("balance.subject_t", "1.0.0", "6.1")
PROGRESS = Method("progress.two_exams", "1.0.0", "6.2")
TRANSITION_MATRIX = Method("progress.transition_matrix", "1.0.0", "6.3")
ITEM_DIFFICULTY = Method("items.difficulty", "1.0.0", "7.1")
ITEM_DISCRIMINATION = Method("items.discrimination", "1.0.0", "7.2")
ITEM_CORRELATION = Method("items.correlation", "1.0.0", "7.3")
ITEM_RELIABILITY = Method("items.reliability", "1.0.0", "7.4")
ITEM_OPTIONS = Method("items.options", "1.0.0", "7.5")
ITEM_ATTAINMENT = Method("items.attainment", "1.1.0", "7.6")
RANDOM_INTERCEPT = Method("value_added.random_intercept", "1.0.0", "8.1")
COMPANIONS = Method("value_added.companions", "1.0.0", "8.4")
GROUPED_COMPARISON = Method("comparison.grouped", "1.0.0", "8.6")
FUNNEL = Method("comparison.funnel", "1.0.0", "8.6")
SUPPRESSION = Method("disclosure.small_groups", "1.0.0", "9")
SAMPLE_DRAW = Method("sampling.two_stage_draw", "1.0.0", "8b.1–8b.4")
SAMPLE_WEIGHTS = Method("sampling.weights", "1.0.0", "8b.6")
SAMPLE_ESTIMATES = Method("sampling.estimates", "1.0.0", "8b.7–8b.10")
CLASS_EFFECTS = Method("value_added.class_effects", "1.0.0", "8.10")
TEACHING_EFFECT = Method("value_added.teaching_effect", "1.0.0", "8.11")
GROWTH_PERCENTILE = Method("value_added.growth_percentile", "1.1.0", "8.5")
PRIOR_GROUP_RESIDUAL = Method("value_added.prior_group_residual", "1.0.0", "8.7")
GAIN = Method("value_added.gain", "1.0.0", "8.7")
AGREEMENT = Method("value_added.agreement", "1.0.0", "8.8")
COMPOSITION_CHECK = Method("value_added.composition_check", "1.0.0", "8.8")
YEAR_AVERAGE = Method("value_added.year_average", "1.0.0", "8.8")
BAD_KEYS = Method("anomalies.bad_keys", "1.0.0", "7b.1")
COPIED_ANSWERS = Method("anomalies.copied_answers", "1.0.0", "7b.2")
LINE_HEAPING = Method("anomalies.line_heaping", "1.0.0", "7b.3")
SUBJECT_OUTLIERS = Method("anomalies.subject_outliers", "1.0.0", "7b.4")
SCHEME_EVALUATION = Method("scheme.evaluation", "1.0.0", "10.1–10.3")
SCHEME_COMPARISON = Method("scheme.group_comparison", "1.0.0", "10.4")
STATUS_CHANGE = Method("scheme.status_change", "1.0.0", "10.4")
SCHEME_SENSITIVITY = Method("scheme.sensitivity", "1.0.0", "10.6")
SCHEME_BACKCAST = Method("scheme.backcast", "1.0.0", "10.7")
SCHEME_ROLL_UP = Method("scheme.roll_up", "1.0.0", "10.8")
BALANCED_DEVELOPMENT = Method("balanced_development", "1.0.0", "10.9")
PAY_ALLOCATION = Method("pay.allocation", "1.0.0", "11")

METHODS = (
    DISTRIBUTION,
    CUMULATIVE_TABLE,
    BANDS,
    GROUP_GAP,
    STANDING,
    GRADE_CONVERSION,
    CUT_LINES,
    EFFECTIVE_MARKS,
    SUBJECT_BALANCE,
    PROGRESS,
    TRANSITION_MATRIX,
    ITEM_DIFFICULTY,
    ITEM_DISCRIMINATION,
    ITEM_CORRELATION,
    ITEM_RELIABILITY,
    ITEM_OPTIONS,
    ITEM_ATTAINMENT,
    RANDOM_INTERCEPT,
    COMPANIONS,
    GROUPED_COMPARISON,
    FUNNEL,
    SUPPRESSION,
    SAMPLE_DRAW,
    SAMPLE_WEIGHTS,
    SAMPLE_ESTIMATES,
    CLASS_EFFECTS,
    TEACHING_EFFECT,
    GROWTH_PERCENTILE,
    PRIOR_GROUP_RESIDUAL,
    GAIN,
    AGREEMENT,
    COMPOSITION_CHECK,
    YEAR_AVERAGE,
    BAD_KEYS,
    COPIED_ANSWERS,
    LINE_HEAPING,
    SUBJECT_OUTLIERS,
    SCHEME_EVALUATION,
    SCHEME_COMPARISON,
    STATUS_CHANGE,
    SCHEME_SENSITIVITY,
    SCHEME_BACKCAST,
    SCHEME_ROLL_UP,
    BALANCED_DEVELOPMENT,
    PAY_ALLOCATION,
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
