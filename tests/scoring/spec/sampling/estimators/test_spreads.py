"""Spread (docs/scoring.md §8b.9)."""

import math

import pytest

from shared.scoring.sampling.estimates import estimated
from shared.scoring.sampling.estimators import spread
from shared.scoring.sampling.replicates import ReplicateMethod
from tests.scoring.sampling_builders import sample


def figures(found):
    return dict(found.select("term", "estimate").iter_rows())


def test_weights_count_as_so_many_pupils():
    # 1, 1, 1, 5: mean 2, squares 1 + 1 + 1 + 9 over 4.
    found = figures(estimated(sample((0, 0, 3, 1), (0, 1, 1, 5)), "y", spread()))
    assert found["sd"] == pytest.approx(math.sqrt(12 / 4))
    assert found["coefficient_of_variation"] == pytest.approx(math.sqrt(3) / 2)


def test_equal_marks_have_none():
    found = estimated(sample((0, 0, 1, 7), (0, 1, 3, 7)), "y", spread())
    assert (found["estimate"].to_list(), found["se"].to_list()) == ([0, 0], [0, 0])


def test_a_mean_of_zero_has_no_coefficient():
    found = figures(estimated(sample((0, 0, 1, 0), (0, 1, 3, 0)), "y", spread()))
    assert found == {"sd": 0, "coefficient_of_variation": None}


@pytest.mark.parametrize("method", ReplicateMethod)
def test_the_variance_is_that_of_the_replicates(method):
    # One zone: each unit left out in turn leaves one pupil, whose spread is 0.
    found = estimated(sample((0, 0, 1, 2), (0, 1, 1, 6)), "y", spread(), method=method)
    expected = {"jk2_full": 2.0**2, "jk2_half": 2.0**2}
    assert found["estimate"][0] == 2
    if method in expected:
        assert found["sampling_variance"][0] == pytest.approx(expected[method])


def test_far_marks_lose_nothing():
    near = figures(estimated(sample((0, 0, 1, 1), (0, 1, 1, 2)), "y", spread()))["sd"]
    far = figures(estimated(sample((0, 0, 1, 1 + 1e8), (0, 1, 1, 2 + 1e8)), "y", spread()))["sd"]
    assert far == pytest.approx(near, rel=1e-12)
