"""Keys that a distractor outdoes (docs/scoring.md §7b.1)."""

import polars as pl

from shared.scoring.anomalies.bad_keys import bad_keys

COLUMNS = (
    "item",
    "position",
    "option",
    "is_key",
    "rest_correlation",
    "rest_correlation_ci_low",
    "rest_correlation_ci_high",
    "outdraws_key_at_top",
)


def flags(*rows):
    schema = dict.fromkeys(COLUMNS[4:7], pl.Float64) | {"outdraws_key_at_top": pl.Boolean}
    return pl.DataFrame([dict(zip(COLUMNS, row, strict=True)) for row in rows], schema_overrides=schema)


def test_a_distractor_wholly_above_the_key_flags_it():
    found = bad_keys(
        flags(
            ("q1", 1, "A", True, 0.4, 0.35, 0.45, None),
            ("q1", 1, "B", False, -0.2, -0.25, -0.15, False),
            ("q1", 1, None, False, 0.9, 0.89, 0.91, None),
            ("q2", 2, "A", True, -0.2, -0.25, -0.15, None),
            ("q2", 2, "B", False, 0.3, 0.25, 0.35, True),
            ("q2", 2, "C", False, 0.1, 0.05, 0.15, False),
        )
    )
    assert found["item"].to_list() == ["q1", "q2"]
    assert found["is_flagged"].to_list() == [False, True]
    assert found.row(1, named=True)["best_option"] == "B"
    assert found.row(1, named=True)["statistic"] == 0.3 - -0.2
    assert found.row(1, named=True)["outdraws_key_at_top"] is True


def test_touching_intervals_and_missing_correlations_flag_nothing():
    found = bad_keys(
        flags(
            ("q1", 1, "A", True, 0.1, 0.0, 0.2, None),
            ("q1", 1, "B", False, 0.3, 0.2, 0.4, True),
            ("q2", 2, "A", True, None, None, None, None),
            ("q2", 2, "B", False, 0.3, 0.2, 0.4, True),
            ("q3", 3, "A", True, 0.1, 0.0, 0.2, None),
            ("q3", 3, "B", False, None, None, None, None),
        )
    )
    assert found["item"].to_list() == ["q1", "q2"]
    assert found["is_flagged"].to_list() == [False, False]
