"""Points as printed add up exactly (docs/scoring.md §10.3)."""

import numpy as np
import pytest

from shared.scoring.rounding import largest_remainder, whole_half_up
from shared.scoring.scheme.evaluation import evaluate
from tests.scoring.scheme_builders import branch, leaf, scheme, schools, values_of

THREE = scheme(branch("A1", 1, leaf("a"), leaf("b"), leaf("c")))


def printed(plan, **values):
    result = evaluate(plan, schools(1), values_of(**values))
    points = {row["node"]: row["printed_points"] for row in result.scores.iter_rows(named=True)}
    possible = {row["node"]: row["printed_points_possible"] for row in result.scores.iter_rows(named=True)}
    return result.totals["printed_total"][0], points, possible


def test_full_marks_that_are_no_hundredths_add_up_to_a_hundred():
    _, _, possible = printed(THREE, a=[100.0], b=[100.0], c=[100.0])
    assert possible == {"A1": 100, "a": 33.34, "b": 33.33, "c": 33.33}


def test_the_largest_remainder_is_rounded_up():
    total, points, _ = printed(THREE, a=[50.0], b=[20.0], c=[30.01])
    # 16.6667 + 6.6667 + 10.0033 = 33.3367
    assert (total, points["a"], points["b"], points["c"]) == (33.34, 16.67, 6.67, 10.00)


def test_a_leaf_with_full_marks_prints_its_full_marks():
    total, points, possible = printed(THREE, a=[100.0], b=[99.999], c=[0.0])
    assert (total, points["a"], points["b"]) == (66.67, possible["a"], 33.33)


def test_ties_go_up_in_the_order_of_the_scheme():
    total, points, _ = printed(
        scheme(branch("A1", 1, leaf("a"), leaf("b"), leaf("c"), leaf("d"))), a=[50.02], b=[50.02], c=[50.02], d=[50.02]
    )
    assert (total, [points[code] for code in "abcd"]) == (50.02, [12.51, 12.51, 12.5, 12.5])


def test_halves_go_away_from_zero_whatever_floats_make_of_them():
    # 0.7 · 64.15 = 44.905 exactly, but not in floats.
    total, points, _ = printed(scheme(branch("A1", 7, leaf("a")), branch("A2", 3, leaf("b"))), a=[64.15], b=[0.0])
    assert (total, points["A1"], points["a"]) == (44.91, 44.91, 44.91)


def test_largest_remainder_of_many_columns():
    parts = np.array([[1.5, 0.2, 3.0], [1.5, 0.4, 2.0], [0.0, 0.4, 0.0]])
    assert largest_remainder(parts, np.array([3, 1, 5])).T.tolist() == [[2, 1, 0], [0, 1, 0], [3, 2, 0]]
    preferred = largest_remainder(
        parts, np.array([3, 1, 5]), preference=np.array([[0, 1, 0], [0, 0, 0], [0, -1, 0]], np.int8)
    )
    assert preferred.T.tolist() == [[2, 1, 0], [1, 0, 0], [3, 2, 0]]


@pytest.mark.parametrize(("number", "whole"), [(2.5, 3), (2.4999999999, 3), (2.4999, 2), (0.0, 0)])
def test_whole_half_up(number, whole):
    assert whole_half_up(np.array([number])).tolist() == [whole]
