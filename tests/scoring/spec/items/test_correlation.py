"""Item-total and item-rest correlation (docs/scoring.md §7.3)."""

import math

import numpy as np
import pytest

from shared.scoring.items.base import Reason
from shared.scoring.items.correlation import correlation
from tests.scoring.item_builders import item_view, paper

ROWS = [(1, 4, 2.5), (0, 1, 0), (1, 2, 3), (0, 3.5, 1), (1, 0, 0.5), (0, 0.5, 2)]
TOTAL, REST = "item_total_correlation", "item_discrimination_item_rest"


def test_pearson_with_total_and_with_rest():
    found = correlation(item_view(ROWS, paper(1, 4, 3)))
    marks = np.array(ROWS)
    total = marks.sum(axis=1)
    for position in range(3):
        mark = marks[:, position]
        assert found[TOTAL].value[position] == pytest.approx(np.corrcoef(mark, total)[0, 1])
        assert found[REST].value[position] == pytest.approx(np.corrcoef(mark, total - mark)[0, 1])


def test_point_biserial_is_the_case_of_two_marks():
    found = correlation(item_view(ROWS, paper(1, 4, 3)))
    marks = np.array(ROWS)
    total, right = marks.sum(axis=1), marks[:, 0] == 1
    point_biserial = (total[right].mean() - total[~right].mean()) / total.std() * math.sqrt(0.5 * 0.5)
    assert found[TOTAL].value[0] == pytest.approx(point_biserial)


def test_fishers_interval():
    figures = correlation(item_view(ROWS, paper(1, 4, 3)))[REST]
    r = figures.value[1]
    margin = 1.959963984540054 / math.sqrt(6 - 3)
    assert figures.ci_low[1] == pytest.approx(math.tanh(math.atanh(r) - margin))
    assert figures.ci_high[1] == pytest.approx(math.tanh(math.atanh(r) + margin))
    assert figures.se[1] == pytest.approx((1 - r**2) / math.sqrt(5))


def test_three_candidates_have_no_interval():
    figures = correlation(item_view(ROWS[:3], paper(1, 4, 3)))[TOTAL]
    assert not np.isnan(figures.value).any()
    assert np.isnan(figures.ci_low).all()


def test_an_item_all_solved_has_no_correlation_and_spoils_no_other():
    found = correlation(item_view([(1, 0), (1, 1), (1, 2), (1, 4)], paper(1, 4)))
    assert found[TOTAL].reason == (Reason.NO_VARIANCE, None)
    assert found[TOTAL].value[1] == 1
    assert (found[TOTAL].ci_low[1], found[TOTAL].ci_high[1]) == (1, 1)
    assert found[REST].reason == (Reason.NO_VARIANCE, Reason.NO_VARIANCE)


def test_a_single_item_has_no_rest():
    found = correlation(item_view([(0,), (1,), (1,), (0,)], paper(1)))
    assert found[TOTAL].value.tolist() == [1]
    assert found[REST].reason == (Reason.FEW_ITEMS,)


def test_too_few_candidates():
    found = correlation(item_view(ROWS, paper(1, 4, 3, min_candidates=7)))
    assert found[TOTAL].reason == found[REST].reason == (Reason.FEW_CANDIDATES,) * 3
