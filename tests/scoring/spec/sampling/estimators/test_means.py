"""Means (docs/scoring.md §8b.9)."""

import pytest

from shared.scoring.sampling.estimates import estimated
from shared.scoring.sampling.estimators import mean
from shared.scoring.sampling.replicates import ReplicateMethod
from tests.scoring.sampling_builders import sample


@pytest.mark.parametrize("method", ReplicateMethod)
def test_equal_weights_in_pairs(method):
    # With units of equal weight the mean is a total, and its variance Σ (difference / number of units)².
    found = estimated(sample((0, 0, 5, 1), (0, 1, 5, 3), (1, 0, 5, 4), (1, 1, 5, 8)), "y", mean(), method=method)
    assert found["estimate"].to_list() == [(1 + 3 + 4 + 8) / 4]
    assert found["sampling_variance"][0] == pytest.approx((2 / 4) ** 2 + (4 / 4) ** 2)


def test_equal_marks_have_no_spread():
    found = estimated(sample((0, 0, 1, 7), (0, 1, 3, 7)), "y", mean()).row(0, named=True)
    assert (found["estimate"], found["se"], found["ci_low"], found["ci_high"]) == (7, 0, 7, 7)
