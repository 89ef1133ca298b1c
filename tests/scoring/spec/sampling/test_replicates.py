"""Replicates (docs/scoring.md §8b.8)."""

import numpy as np
import pytest

from shared.scoring.sampling.replicates import ReplicateMethod, replicate_weights, replicates
from tests.scoring.sampling_builders import sample


def test_full_jackknife_leaves_out_each_unit_once():
    made = replicates(ReplicateMethod.JK2_FULL, 2)
    assert made.factors.tolist() == [[0, 2, 1, 1], [2, 0, 1, 1], [1, 1, 0, 2], [1, 1, 2, 0]]
    assert made.scale == 0.5


def test_half_jackknife_draws_lots():
    made = replicates(ReplicateMethod.JK2_HALF, 40, seed=5)
    own = made.factors.reshape(40, 40, 2)[np.arange(40), np.arange(40)]
    assert sorted(own[0]) == [0, 2]
    assert 0 < own[:, 0].sum() < 80
    assert (made.factors.sum(axis=1) == 80).all()
    assert np.array_equal(made.factors, replicates(ReplicateMethod.JK2_HALF, 40, seed=5).factors)
    assert made.scale == 1


def test_fay_moves_weights_by_half():
    made = replicates(ReplicateMethod.FAY_BRR, 3)
    assert made.factors.shape == (4, 6)
    assert set(np.unique(made.factors).tolist()) == {0.5, 1.5}
    assert (made.factors[:, ::2] + made.factors[:, 1::2] == 2).all()
    assert made.scale == 1 / (4 * 0.5**2)


@pytest.mark.parametrize("zones", [1, 3, 4, 11, 50])
def test_fay_is_in_full_balance(zones):
    made = replicates(ReplicateMethod.FAY_BRR, zones)
    signs = (made.factors[:, ::2] - 1) / 0.5
    assert len(signs) > zones
    assert (signs.sum(axis=0) == 0).all()
    assert np.array_equal(signs.T @ signs, len(signs) * np.eye(zones))


@pytest.mark.parametrize("method", ReplicateMethod)
def test_the_variance_of_a_total_is_that_of_differences_in_pairs(method):
    # For Σ w y every method must give Σ (difference of the two units of a zone)².
    totals = np.array([10, 13, 4, 8, 7, 7])
    made = replicates(method, 3, seed=1)
    found = made.scale * ((made.factors @ totals - totals.sum()) ** 2).sum()
    assert found == pytest.approx(3**2 + 4**2 + 0)


def test_weights_for_other_programs():
    rows = sample((0, 0, 2, 1), (0, 1, 3, 1))
    found = replicate_weights(rows, replicates(ReplicateMethod.JK2_FULL, 1))
    assert found["replicate_1"].to_list() == [0, 6]
    assert found["replicate_2"].to_list() == [4, 0]
