"""Transition matrix (docs/scoring.md §6.3)."""

import numpy as np

from shared.scoring.value_added.transitions import doubled_percentile_ranks, tenths


def test_twenty_marks_make_ten_tenths_of_two():
    units = np.arange(20)
    assert tenths(units, np.ones(20, int)).tolist() == [1 + n // 2 for n in range(20)]


def test_equal_marks_share_a_tenth_by_their_middle():
    # 4 of 10 share the lowest mark: percentile rank 100 · (0 + 4/2)/10 = 20, the third tenth.
    units, count = np.array([0, 1, 2, 3, 4, 5, 6]), np.array([4, 1, 1, 1, 1, 1, 1])
    assert tenths(units, count)[0] == 3


def test_cells_of_the_same_mark_are_one_mark():
    assert doubled_percentile_ranks(np.array([5, 3, 5]), np.array([2, 1, 1])).tolist() == [
        2 * 1 + 3,
        2 * 0 + 1,
        2 * 1 + 3,
    ]


def test_everyone_equal_stands_in_the_middle():
    assert tenths(np.array([7]), np.array([50])).tolist() == [6]
