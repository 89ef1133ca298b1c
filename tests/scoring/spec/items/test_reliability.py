"""Cronbach's α, α without an item, SEM (docs/scoring.md §7.4)."""

import math

import numpy as np
import pytest
from scipy.stats import f as fisher

from shared.scoring.items.base import Reason
from shared.scoring.items.reliability import reliability
from tests.scoring.item_builders import item_view, paper

ROWS = [(1, 4, 2.5), (0, 1, 0), (1, 2, 3), (0, 3.5, 1), (1, 0, 0.5), (0, 0.5, 2)]
ALPHA, DELETED, SEM = "cronbach_alpha", "cronbach_alpha_if_deleted", "standard_error_of_measurement"


def alpha_of(marks):
    k = marks.shape[1]
    return k / (k - 1) * (1 - marks.var(axis=0, ddof=1).sum() / marks.sum(axis=1).var(ddof=1))


def test_alpha_and_the_error_of_measurement():
    found = reliability(item_view(ROWS, paper(1, 4, 3)))
    marks = np.array(ROWS)
    alpha = alpha_of(marks)
    assert found[ALPHA].value[0] == pytest.approx(alpha)
    assert found[SEM].value[0] == pytest.approx(marks.sum(axis=1).std(ddof=1) * math.sqrt(1 - alpha))
    without = [alpha_of(np.delete(marks, position, axis=1)) for position in range(3)]
    assert found[DELETED].value.tolist() == pytest.approx(without)


def test_feldts_interval():
    found = reliability(item_view(ROWS, paper(1, 4, 3)))
    alpha = found[ALPHA].value[0]
    low, high = (1 - (1 - alpha) * fisher.ppf(p, 5, 5 * 2) for p in (0.975, 0.025))
    assert (found[ALPHA].ci_low[0], found[ALPHA].ci_high[0]) == pytest.approx((low, high))
    sd = np.array(ROWS).sum(axis=1).std(ddof=1)
    assert found[SEM].ci_low[0] == pytest.approx(sd * math.sqrt(1 - high))
    assert found[SEM].ci_high[0] == pytest.approx(sd * math.sqrt(1 - low))
    assert found[DELETED].ci_low[0] == pytest.approx(1 - (1 - found[DELETED].value[0]) * fisher.ppf(0.975, 5, 5))


def test_kr20_is_the_case_of_yes_and_no():
    rows = [(1, 1, 1), (1, 1, 0), (1, 0, 0), (0, 0, 0), (1, 1, 1)]
    p = np.array(rows).mean(axis=0)
    kr20 = 3 / 2 * (1 - (p * (1 - p)).sum() / np.array(rows).sum(axis=1).var())
    assert reliability(item_view(rows, paper(1, 1, 1)))[ALPHA].value[0] == pytest.approx(kr20)


def test_parallel_items_leave_no_error():
    found = reliability(item_view([(0, 0), (1, 1), (2, 2), (1, 1)], paper(2, 2)))
    assert (found[ALPHA].value[0], found[SEM].value[0], found[ALPHA].se[0]) == (1, 0, 0)


def test_alpha_can_be_negative():
    assert reliability(item_view([(0, 2), (2, 0), (1, 2), (2, 1)], paper(2, 2)))[ALPHA].value[0] < 0


@pytest.mark.parametrize(
    ("rows", "plan", "reason"),
    [
        ([(1, 0)] * 29, paper(1, 1, min_candidates=30), Reason.FEW_CANDIDATES),
        ([(1,), (0,)], paper(1), Reason.FEW_ITEMS),
        ([(1, 0), (0, 1), (1, 0)], paper(1, 1), Reason.NO_VARIANCE),
    ],
)
def test_undefined(rows, plan, reason):
    found = reliability(item_view(rows, plan))
    assert found[ALPHA].reason == found[SEM].reason == (reason,)
    assert set(found[DELETED].reason) == {reason}


def test_two_items_have_no_alpha_without_one():
    found = reliability(item_view([(1, 0), (0, 0), (1, 1)], paper(1, 1)))
    assert found[ALPHA].reason == (None,)
    assert found[DELETED].reason == (Reason.FEW_ITEMS,) * 2


def test_a_rest_without_spread_has_no_alpha():
    found = reliability(item_view([(1, 0, 2), (0, 1, 1), (1, 0, 0), (0, 1, 2)], paper(1, 1, 2)))
    assert found[DELETED].reason == (None, None, Reason.NO_VARIANCE)
    assert np.isnan(found[DELETED].value[2])
