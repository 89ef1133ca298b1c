"""Values as people say them: kept as exact text, shown as numbers, for the units they apply to."""

from __future__ import annotations

import dataclasses
from typing import Any

import polars as pl
import pytest

from shared.scoring.rules import parse_rule
from shared.scoring.scheme.changes import changed_figures, summary_of
from shared.scoring.scheme.entered_values import applies, canonical, matches, shown, shown_text
from tests.scoring.scheme_builders import leaf

YES_NO = leaf("y", rule=parse_rule({"kind": "yes_no"}))
LEVELS = leaf("l", rule=parse_rule({"kind": "levels", "levels": {"A": 1, "B": 0.5}}))
COUNT = leaf("c", rule=parse_rule({"kind": "deduct", "per_event": 0.1}))
NUMBER = leaf("n", rule=parse_rule({"kind": "linear", "min": 0, "max": 10}))


@pytest.mark.parametrize(
    ("which", "value", "kept", "read"),
    [
        (YES_NO, True, "true", True),
        (YES_NO, False, "false", False),
        (LEVELS, "A", "A", "A"),
        (COUNT, 3, "3", 3.0),
        (NUMBER, 2.50, "2.5", 2.5),
        (NUMBER, "7.10", "7.1", 7.1),
        (NUMBER, None, None, None),
    ],
)
def test_a_value_is_kept_exactly_and_shown_as_what_it_is(which: Any, value: Any, kept: str | None, read: Any) -> None:
    assert canonical(which, value) == kept
    assert shown(which, kept) == read


@pytest.mark.parametrize(
    ("which", "value"),
    [
        (YES_NO, 1),
        (LEVELS, "C"),
        (COUNT, 1.5),
        (COUNT, -1),
        (NUMBER, True),
        (NUMBER, "many"),
        (NUMBER, float("inf")),
        (NUMBER, 10.0**13),
    ],
)
def test_what_a_rule_does_not_take_is_refused(which: Any, value: Any) -> None:
    with pytest.raises(ValueError, match=r"number|false|B|1"):
        canonical(which, value)


def test_a_figure_is_written_like_what_is_kept() -> None:
    assert [shown_text(value) for value in (None, True, "A", 0.10, 3)] == [None, "true", "A", "0.1", "3"]


def test_a_leaf_is_for_units_that_have_one_of_its_values() -> None:
    rural = dataclasses.replace(NUMBER, applies_to={"stages": ("primary",)})
    assert applies(rural, {"stages": ["primary", "junior_secondary"]})
    assert not applies(rural, {"stages": "senior_secondary"})
    assert not matches(None, ("primary",))


def test_every_figure_that_differs_is_listed_with_how_many_grades_moved() -> None:
    def version(points: float, grade: str) -> dict[str, pl.DataFrame]:
        scores = pl.DataFrame({"unit_code": ["u", "v"], "node": ["n", "n"], "points": [points, 1.0]})
        totals = pl.DataFrame({"unit_code": ["u", "v"], "grade": [grade, "A"], "vetoed_by": [[], ["x"]]})
        return {"scores": scores, "totals": totals}

    changed = changed_figures(version(1.0, "B"), version(2.0, "A"))
    assert changed.rows() == [("u", "", "grade", "B", "A"), ("u", "n", "points", "1.0", "2.0")]
    assert summary_of(changed) == {"units": 1, "figures": 2, "grades": 1}
