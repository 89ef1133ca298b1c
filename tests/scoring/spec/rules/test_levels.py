"""``levels`` (SCORING §10.1)."""

import polars as pl
import pytest

from tests.scoring.rule_builders import fault_paths, rule, shares

LEVELS = {"A": 1, "B": 0.85, "C": 0.6, "D": 0}


def test_each_level_has_its_share_and_missing_stays_missing() -> None:
    assert shares(rule("levels", levels=LEVELS), ["A", "D", "B", "C", None]) == [1, 0, 0.85, 0.6, None]


def test_an_unknown_word_is_refused_rather_than_counted_as_nothing() -> None:
    with pytest.raises(pl.exceptions.InvalidOperationError):
        shares(rule("levels", levels=LEVELS), ["A", "E"])


def test_a_column_without_any_value() -> None:
    assert shares(rule("levels", levels=LEVELS), [None, None]) == [None, None]
    assert shares(rule("levels", levels=LEVELS), []) == []


def test_what_can_be_entered_is_its_levels_best_first() -> None:
    assert rule("levels", levels=LEVELS).choices == ("A", "B", "C", "D")


def test_equal_rules_are_equal_and_can_be_kept_in_a_set() -> None:
    assert len({rule("levels", levels=LEVELS), rule("levels", levels=dict(LEVELS))}) == 1


def test_faults() -> None:
    assert fault_paths("levels") == [("wrong_shape", ("levels",))]
    assert fault_paths("levels", levels={"A": 1}) == [("out_of_bounds", ("levels",))]
    assert fault_paths("levels", levels={"A": 0.5, "B": 0.5}) == [("not_best_first", ("levels",))]
    assert fault_paths("levels", levels={"A": 2, "B": "x"}) == [
        ("out_of_bounds", ("levels", "A")),
        ("not_a_number", ("levels", "B")),
    ]


def test_its_sentence() -> None:
    sentence = rule("levels", levels=LEVELS).sentence("B", 0.85)
    assert sentence.zh == "B；A 100%，B 85%，C 60%，D 0%：得满分的 85%。"
    assert sentence.en == "B; A 100%, B 85%, C 60%, D 0%: 85% of full marks."
