"""Difficulty (docs/scoring.md §7.1)."""

import math

import numpy as np
import pytest
from scipy.stats import t as student

from shared.scoring.items.base import Reason
from shared.scoring.items.difficulty import difficulty
from tests.scoring.item_builders import item_view, paper


def test_share_of_the_full_mark():
    found = difficulty(item_view([(2, 1.5), (0, 3), (2, 0)], paper(2, 3)))
    assert found["item_difficulty"].value.tolist() == pytest.approx([4 / 6, 4.5 / 9])
    assert found["paper_difficulty"].value.tolist() == pytest.approx([8.5 / 15])


def test_yes_or_no_items_have_wilsons_interval():
    found = difficulty(item_view([(2,)] * 3 + [(0,)], paper(2)))["item_difficulty"]
    z = 1.959963984540054
    center, margin = (0.75 + z**2 / 8) / (1 + z**2 / 4), z * math.sqrt(0.75 * 0.25 / 4 + z**2 / 64) / (1 + z**2 / 4)
    assert found.se[0] == pytest.approx(math.sqrt(0.75 * 0.25 / 4))
    assert (found.ci_low[0], found.ci_high[0]) == pytest.approx((center - margin, center + margin))


def test_partial_credit_has_the_interval_of_a_mean():
    found = difficulty(item_view([(1,), (2,), (3,)], paper(4)))["item_difficulty"]
    se = 1 / math.sqrt(3) / 4
    assert found.se[0] == pytest.approx(se)
    low = 0.5 - student.ppf(0.975, 2) * se
    assert found.ci_low[0] == pytest.approx(max(low, 0))
    assert found.ci_high[0] == pytest.approx(min(1 - low, 1))


def test_an_item_all_solved():
    found = difficulty(item_view([(2,)] * 4, paper(2)))["item_difficulty"]
    assert (found.value[0], found.se[0], found.ci_high[0]) == (1, 0, 1)
    assert 0 < found.ci_low[0] < 1


def test_one_candidate_has_no_error_of_a_mean():
    found = difficulty(item_view([(1,)], paper(2)))
    assert found["item_difficulty"].value[0] == 0.5
    assert np.isnan(found["item_difficulty"].se[0])


def test_too_few_candidates():
    found = difficulty(item_view([(1, 1)] * 29, paper(1, 1, min_candidates=30)))
    assert found["item_difficulty"].reason == (Reason.FEW_CANDIDATES,) * 2
    assert found["paper_difficulty"].reason == (Reason.FEW_CANDIDATES,)
    assert np.isnan(found["item_difficulty"].value).all()


def test_absent_candidates_do_not_count():
    assert difficulty(item_view([(2,), "absent", "void", "exempt"], paper(2)))["item_difficulty"].value[0] == 1
