"""How many took part (docs/scoring.md §1.3, §2.1)."""

import pytest

from shared.scoring.plan import AnalysisPlan
from shared.scoring.statistics.participation import participation
from shared.scoring.summaries.mark_view import MarkView
from tests.scoring.builders import TEN, math_histogram

PLAN = AnalysisPlan(outcomes=(TEN,))


def figures(*cells):
    return {name: values[0] for name, values in participation(MarkView(math_histogram(*cells)), PLAN).items()}


def test_absent_and_void_are_registered_exempt_and_not_entered_are_not():
    found = figures(5, 6, 7, "absent", "void", "exempt", "exempt", "not_entered")
    assert found["n_sat"] == 3
    assert found["n_registered"] == 3 + 1 + 1
    assert (found["n_absent"], found["n_void"], found["n_exempt"], found["n_not_entered"]) == (1, 1, 2, 1)
    assert found["participation_rate"] == 3 / 5


def test_nobody_registered_gives_no_rate():
    found = figures("exempt")
    assert found["n_registered"] == 0
    assert found["participation_rate"] != found["participation_rate"]  # NaN, which becomes null


def test_all_absent_is_a_rate_of_zero():
    assert figures("absent", "absent")["participation_rate"] == pytest.approx(0)
