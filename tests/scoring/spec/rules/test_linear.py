"""``linear`` (SCORING §10.1)."""

import pytest

from tests.scoring.rule_builders import fault_paths, rule, shares


def test_in_proportion_between_its_ends() -> None:
    found = shares(rule("linear", min=60, max=100), [60, 70, 85, 100])
    assert found == [0, (70 - 60) / (100 - 60), (85 - 60) / (100 - 60), 1]


def test_nothing_below_and_full_marks_above_and_missing_stays_missing() -> None:
    assert shares(rule("linear", min=60, max=100), [-5, 59.99, 100.01, None]) == [0, 0, 1, None]


def test_where_lower_is_better_the_ends_change_places() -> None:
    assert shares(rule("linear", min=1, max=5, better="lower"), [1, 2, 5, 6, 0]) == [1, 1 - (2 - 1) / (5 - 1), 0, 0, 1]


def test_tenths_are_tenths_without_binary_noise() -> None:
    assert shares(rule("linear", min=0.5, max=1), [0.7, 0.55]) == [0.4, 0.1]
    assert shares(rule("linear", min=0, max=100), [35, 7]) == [0.35, 0.07]


def test_faults() -> None:
    assert fault_paths("linear") == [("parameter_missing", ("min",)), ("parameter_missing", ("max",))]
    assert fault_paths("linear", min=3, max=3) == [("order", ("max",))]
    assert fault_paths("linear", min="3", max=4, better="up", top=1) == [
        ("not_a_number", ("min",)),
        ("word_unknown", ("better",)),
        ("parameter_unknown", ("top",)),
    ]


@pytest.mark.parametrize("number", [True, "1", float("nan"), float("inf"), 10**13, [1], None])
def test_what_is_no_usable_number(number: object) -> None:
    assert [path for _, path in fault_paths("linear", min=-(10**6), max=number)] == [("max",)]


def test_its_sentence_names_value_ends_and_outcome() -> None:
    sentence = rule("linear", min=60, max=100).sentence(85.0, 0.625)
    assert sentence.zh == "85；60 为零分，100 为满分，其间按比例：得满分的 62.5%。"
    assert sentence.en == "85; nothing at 60, full marks at 100, in proportion between: 62.5% of full marks."
    assert rule("linear", min=60, max=100).sentence(None, None).zh == "没有数据。"
    assert rule("linear", min=1, max=5, better="lower").description.zh == "5 为零分，1 为满分，其间按比例"
