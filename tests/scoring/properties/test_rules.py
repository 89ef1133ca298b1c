"""What holds for every rule (docs/schemes.md)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.scoring.rules import RULES_BY_KIND, parse_rule, rule_faults
from tests.scoring.rule_builders import rule, shares

FEW = settings(max_examples=25, deadline=None)
NUMBERS = st.one_of(
    st.none(),
    st.integers(-20, 120).map(float),
    st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3)),
)
BANDS = [{"from": 90, "share": 1}, {"from": 60, "share": 0.6}, {"from": 10, "share": 0.1}]
WITH_NUMBERS = {
    "linear": rule("linear", min=0, max=100),
    "linear_lower": rule("linear", min=0, max=100, better="lower"),
    "bands": rule("bands", bands=BANDS),
    "bands_lower": rule("bands", bands=[{"up_to": 5, "share": 1}, {"up_to": 50, "share": 0.3}], otherwise=0.1),
    "target": rule("target", goal=80, tolerance=30),
    "target_lower": rule("target", goal=20, tolerance=30, direction="at_most"),
    "deduct_lower": rule("deduct", per_event=0.05, floor=0.1),
    "rank_in_group": rule("rank_in_group", least_group=2),
    "rank_in_group_lower": rule("rank_in_group", least_group=2, better="lower"),
    "veto_lower": rule("veto", when={"at_least": 3}, caps_at="C"),
}
OTHERS = {
    "levels": (rule("levels", levels={"A": 1, "B": 0.7, "C": 0}), st.sampled_from(["A", "B", "C", None])),
    "yes_no": (rule("yes_no"), st.sampled_from([True, False, None])),
}


def test_every_kind_is_looked_at() -> None:
    assert {name.removesuffix("_lower") for name in (*WITH_NUMBERS, *OTHERS)} == set(RULES_BY_KIND)


@pytest.mark.parametrize("name", WITH_NUMBERS)
@FEW
@given(values=st.lists(NUMBERS, min_size=1, max_size=12))
def test_better_values_never_bring_less(name: str, values: list[float | None]) -> None:
    found = shares(WITH_NUMBERS[name], values)
    pairs = sorted(
        (value, share) for value, share in zip(values, found, strict=True) if value is not None and share is not None
    )
    ordered = [share for _, share in pairs]
    assert ordered == sorted(ordered, reverse=name.endswith("_lower"))


def check_bounds_and_order(rule: Any, values: list[Any], order: list[int]) -> None:
    found = shares(rule, values)
    for value, share in zip(values, found, strict=True):
        assert share is None or 0 <= share <= 1
        if value is None:
            assert share is None
    assert shares(rule, [values[place] for place in order]) == [found[place] for place in order]


@pytest.mark.parametrize("name", WITH_NUMBERS)
@FEW
@given(values=st.lists(NUMBERS, min_size=1, max_size=12), data=st.data())
def test_shares_lie_between_0_and_1_and_rows_stand_for_themselves(
    name: str, values: list[Any], data: st.DataObject
) -> None:
    check_bounds_and_order(WITH_NUMBERS[name], values, data.draw(st.permutations(range(len(values)))))


@pytest.mark.parametrize("name", OTHERS)
@FEW
@given(data=st.data())
def test_so_do_those_of_words_and_answers(name: str, data: st.DataObject) -> None:
    written, values = OTHERS[name]
    column = data.draw(st.lists(values, min_size=1, max_size=8))
    check_bounds_and_order(written, column, data.draw(st.permutations(range(len(column)))))


ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4), st.decimals()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
    max_leaves=5,
)
NAMES = [
    "min",
    "max",
    "better",
    "bands",
    "otherwise",
    "levels",
    "goal",
    "tolerance",
    "when",
    "caps_at",
    "from",
    "per_event",
]


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(list(RULES_BY_KIND)),
    parameters=st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=4),
)
def test_whatever_is_written_is_a_rule_or_has_faults(kind: str, parameters: dict[str, Any]) -> None:
    written = {"kind": kind, **parameters}
    if not rule_faults(written):
        assert parse_rule(written).description.zh
