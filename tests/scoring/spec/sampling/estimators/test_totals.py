"""Totals (docs/scoring.md §8b.9)."""

import pytest

from shared.scoring.sampling.estimates import estimated
from shared.scoring.sampling.estimators import total
from shared.scoring.sampling.replicates import ReplicateMethod
from tests.scoring.sampling_builders import sample

ROWS = sample((0, 0, 2, 10), (0, 1, 3, 20), (1, 0, 4, 30), (1, 1, 2, 50), sex=["g", "g", "g", "b"])


@pytest.mark.parametrize("method", ReplicateMethod)
def test_total_and_its_variance(method):
    found = estimated(ROWS, "y", total(), method=method).row(0, named=True)
    assert found["estimate"] == 20 + 60 + 120 + 100
    assert found["sampling_variance"] == pytest.approx((60 - 20) ** 2 + (120 - 100) ** 2)


def test_a_replicate_without_the_group_has_the_total_0():
    girl = estimated(ROWS, "y", total(), by=["sex"]).row(1, named=True)
    assert girl["sampling_variance"] == pytest.approx((60 - 20) ** 2 + 120**2)
    assert girl["empty_replicates"] == 0
