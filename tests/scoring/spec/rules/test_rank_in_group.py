"""``rank_in_group`` (SCORING §10.1)."""

from tests.scoring.rule_builders import fault_paths, rule, shares


def test_units_below_and_half_of_those_level_among_all() -> None:
    found = shares(rule("rank_in_group"), [10, 20, 20, 30, 40])
    assert found == [(0 + 0.5) / 5, (1 + 2 * 0.5) / 5, (1 + 2 * 0.5) / 5, (3 + 0.5) / 5, (4 + 0.5) / 5]


def test_only_units_of_the_group_that_have_a_value_count() -> None:
    found = shares(rule("rank_in_group", least_group=2), [1, 2, None, 7, 8], groups=["a", "a", "a", "b", "b"])
    assert found == [0.5 / 2, 1.5 / 2, None, 0.5 / 2, 1.5 / 2]


def test_a_group_that_is_too_small_has_no_score() -> None:
    assert shares(rule("rank_in_group", least_group=3), [1, 2, None, 3, 4, 5], groups=list("aaabbb")) == [
        *[None] * 3,
        0.166666666667,
        0.5,
        0.833333333333,
    ]


def test_where_lower_is_better() -> None:
    assert shares(rule("rank_in_group", least_group=2, better="lower"), [1, 2, 2, 9]) == [
        3.5 / 4,
        2 / 4,
        2 / 4,
        0.5 / 4,
    ]


def test_all_level_are_in_the_middle() -> None:
    assert shares(rule("rank_in_group"), [3] * 7) == [0.5] * 7


def test_faults() -> None:
    assert fault_paths("rank_in_group", least_group=1) == [("out_of_bounds", ("least_group",))]
    assert fault_paths("rank_in_group", least_group=2.5) == [("not_a_number", ("least_group",))]


def test_its_sentence() -> None:
    assert (
        rule("rank_in_group").sentence(3.0, None).zh == "3；按同组百分等级计分，越高越好，同组不足 5 个不计分：不计分。"
    )
    assert rule("rank_in_group").sentence(3.0, 0.5).en == (
        "3; percentile rank in the group, higher is better, no score in groups of fewer than 5: 50% of full marks."
    )
