"""Hadamard matrices (docs/scoring.md §8b.8)."""

import numpy as np
import pytest

from shared.scoring.sampling.hadamard import hadamard

ORDERS = [1, 2, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 56, 60, 64, 68, 72, 76, 80, 84, 88, 96]


@pytest.mark.parametrize("order", [*ORDERS, 104, 120, 128, 200, 240])
def test_rows_and_columns_are_orthogonal(order):
    matrix = hadamard(order)
    assert matrix.shape == (order, order)
    assert set(np.unique(matrix).tolist()) <= {-1, 1}
    assert (matrix[:, 0] == 1).all()
    assert np.array_equal(matrix @ matrix.T, order * np.eye(order, dtype=int))


def test_the_next_order_that_can_be_made_is_taken():
    assert len(hadamard(3)) == 4
    assert len(hadamard(13)) == 16
    assert len(hadamard(49)) == 56
    assert len(hadamard(89)) == 96


def test_orders_below_a_hundred_are_those_listed():
    assert sorted({len(hadamard(number)) for number in range(1, 97)}) == ORDERS
