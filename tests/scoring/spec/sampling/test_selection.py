"""Selection with probability proportional to size (docs/scoring.md §8b.3)."""

import numpy as np
import pytest

from shared.scoring.sampling.selection import brewer_sample, brewer_step, inclusion, systematic_sample


def sizes(*numbers):
    return np.array(numbers, np.int64)


def test_probabilities_are_shares_of_size():
    found = inclusion(sizes(10, 20, 30, 40), 2)
    assert found.probability.tolist() == [20 / 100, 40 / 100, 60 / 100, 80 / 100]
    assert not found.certain.any()


def test_large_schools_are_certain_and_the_rest_is_shared_anew():
    # 3 · 60 ≥ 100; then 2 · 22 ≥ 40; then 1 of 10 + 8.
    found = inclusion(sizes(60, 22, 10, 8), 3)
    assert found.certain.tolist() == [True, True, False, False]
    assert found.probability.tolist() == [1, 1, 10 / 18, 8 / 18]
    assert (found.draws, found.remaining) == (1, 18)


def test_all_schools_are_certain_when_all_are_taken():
    found = inclusion(sizes(5, 1), 2)
    assert found.probability.tolist() == [1, 1]
    assert systematic_sample(sizes(5, 1), found, 0).all()
    assert brewer_sample(found, np.zeros(0)).all()


def test_systematic_points_fall_on_the_line_of_sizes():
    # Points (r + 100 k) / 2 on the ends 10, 30, 60, 100: r = 30 gives 15 and 65.
    size = sizes(10, 20, 30, 40)
    found = inclusion(size, 2)
    assert systematic_sample(size, found, 30).tolist() == [False, True, False, True]
    # On an end the next school begins: r = 20 gives 10 and 60.
    assert systematic_sample(size, found, 20).tolist() == [False, True, False, True]
    assert systematic_sample(size, found, 19).tolist() == [True, False, True, False]


def test_brewer_first_and_second_draw():
    probability = np.array([0.4, 0.6, 1.0 - 1e-9, 1e-9])
    first = [p * (2 - p) / (2 - 2 * p) for p in (0.2, 0.8, 0.5, 0.5)]
    step = brewer_step(np.array([0.2, 0.8, 0.5, 0.5]), np.zeros(4, bool), 2)
    assert step == pytest.approx([value / sum(first) for value in first])
    # The last draw is in proportion to what is left.
    last = brewer_step(probability, np.array([True, False, False, False]), 2)
    assert last == pytest.approx([0, 0.6 / 1.6, 1 / 1.6, 0], abs=1e-8)


def test_brewer_takes_where_the_number_falls():
    found = inclusion(sizes(1, 1, 1, 1), 2)
    # Equal sizes: quarters, then thirds of those left.
    assert brewer_sample(found, np.array([0.3, 0.9])).tolist() == [False, True, False, True]
    assert brewer_sample(found, np.array([0.0, 0.0])).tolist() == [True, True, False, False]
