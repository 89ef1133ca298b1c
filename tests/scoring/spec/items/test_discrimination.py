"""Discrimination of the upper and lower 27 % (docs/scoring.md §7.2)."""

import math

import pytest

from shared.scoring.items.base import Reason
from shared.scoring.items.discrimination import discrimination
from tests.scoring.item_builders import item_view, paper

CODE = "item_discrimination_upper_lower"


def found(rows, plan):
    return discrimination(item_view(rows, plan))[CODE]


def test_groups_are_the_floor_of_27_percent():
    # 11 candidates: groups of ⌊2.97⌋ = 2. Totals 0, 2, 4 … 20; q1 is 0 0 1 … 1 1 from the bottom up.
    rows = [(0 if rank < 2 else 1, 2 * rank - (0 if rank < 2 else 1)) for rank in range(11)]
    assert found(rows, paper(1, 20)).value.tolist() == pytest.approx([1.0, ((19 + 17) - (0 + 2)) / 40])


def test_ties_at_the_edge_share_the_places_by_expected_value():
    # 8 candidates, groups of 2. From the top: 5, then three of 4 for one place, of whom one has q1.
    rows = [(1, 4), (1, 3), (0, 4), (0, 4), (1, 0), (1, 0), (0, 0), (0, 0)]
    top, bottom = (1 + 1 / 3) / 2, 0.0
    assert found(rows, paper(1, 4)).value[0] == pytest.approx(top - bottom)
    assert found(rows[::-1], paper(1, 4)).value[0] == found(rows, paper(1, 4)).value[0]


def test_standard_error_of_two_group_means():
    rows = [(1, 9), (0, 9), (1, 8), (1, 8)] + [(0, 5)] * 4 + [(0, 2)] * 4 + [(1, 0), (0, 0), (0, 0), (0, 0)]
    # 16 candidates, groups of 4: top 3 of 4, bottom 1 of 4.
    figures = found(rows, paper(1, 9))
    variance = (4 / 3) * (3 / 4) * (1 / 4)
    se = math.sqrt((variance + variance) / 4)
    assert figures.value[0] == pytest.approx(0.5)
    assert figures.se[0] == pytest.approx(se)
    assert figures.ci_low[0] == pytest.approx(0.5 - 1.959963984540054 * se)
    assert figures.ci_high[0] == 1


def test_an_item_that_the_weak_do_better_is_negative():
    rows = [(0, 9)] * 4 + [(0, 5)] * 4 + [(1, 0)] * 4
    assert found(rows, paper(1, 9)).value[0] == -1


@pytest.mark.parametrize(
    ("count", "minimum", "mark", "reason"),
    [
        (29, 30, 0, Reason.FEW_CANDIDATES),
        (7, 1, 0, Reason.FEW_CANDIDATES),  # groups of one have no variance
        (30, 30, 1, Reason.NO_VARIANCE),
    ],
)
def test_undefined(count, minimum, mark, reason):
    rows = [(1, 1)] * (count - 1) + [(mark, 1)]
    assert found(rows, paper(1, 1, min_candidates=minimum)).reason == (reason, reason)
