"""Agreement of two ratings (docs/scoring.md §10b)."""

from math import sqrt

import numpy as np
import pytest

from shared.scoring.raters.agreement import KappaWeights, agreement, agreement_of_table, agreement_weights


def pairs(*rows):
    first, second = zip(*rows, strict=True)
    return np.array(first), np.array(second)


def test_kappa_is_agreement_beyond_chance():
    found = agreement(*pairs((0, 0), (0, 0), (1, 1), (1, 0)), categories=2, weights=KappaWeights.EQUAL)
    # Three of four are equal; by chance 2/4 · 3/4 + 2/4 · 1/4 = 1/2.
    assert (found.n, found.exact_rate, found.expected) == (4, 3 / 4, 1 / 2)
    assert found.kappa == (3 / 4 - 1 / 2) / (1 - 1 / 2)


def test_distance_counts_by_its_weights():
    assert agreement_weights(4, KappaWeights.LINEAR)[0].tolist() == [1, 1 - 1 / 3, 1 - 2 / 3, 0]
    assert agreement_weights(4, KappaWeights.QUADRATIC)[0].tolist() == [1, 1 - 1 / 9, 1 - 4 / 9, 0]
    near, far = pairs((0, 0), (3, 3), (0, 1), (3, 2)), pairs((0, 0), (3, 3), (0, 3), (3, 0))
    kappas = [agreement(*each, categories=4, weights=KappaWeights.LINEAR).kappa for each in (near, far)]
    assert kappas[0] > kappas[1] == 0
    found = agreement(*near, categories=4)
    assert (found.exact_rate, found.adjacent_rate) == (0.5, 1)


def test_interchangeable_raters_have_no_order():
    first, second = pairs((0, 1), (1, 1), (2, 3), (3, 1), (2, 2))
    either = [agreement(*each, categories=4, is_interchangeable=True) for each in ((first, second), (second, first))]
    assert either[0] == either[1]
    turned = agreement(np.array([1, 1, 2, 1, 2]), np.array([0, 1, 3, 3, 2]), categories=4, is_interchangeable=True)
    assert turned == either[0]


def test_the_standard_error_is_that_of_a_resampled_table():
    shares = np.array([[0.3, 0.1, 0.0], [0.05, 0.25, 0.05], [0.0, 0.05, 0.2]])
    weights = agreement_weights(3, KappaWeights.QUADRATIC)
    found = agreement_of_table(shares * 400, weights)
    random = np.random.default_rng(1)
    draws = random.multinomial(400, shares.ravel(), size=4000).reshape(-1, 3, 3)
    spread = np.std([agreement_of_table(draw.astype(float), weights).kappa for draw in draws])
    # 4,000 draws know a standard deviation to about one part in √8000.
    assert found.se == pytest.approx(spread, rel=4 / sqrt(8000))


def test_behavior_without_pairs_with_one_and_where_chance_agrees_wholly():
    none = agreement(np.array([], int), np.array([], int), categories=2)
    assert (none.n, none.exact_rate, none.kappa, none.se) == (0, None, None, None)
    same = agreement(*pairs((1, 1), (1, 1)), categories=2)
    assert (same.exact_rate, same.expected, same.kappa, same.se) == (1, 1, None, None)
    one = agreement(*pairs((0, 1)), categories=2)
    assert (one.kappa, one.se, one.lower) == (0, None, None)


@pytest.mark.parametrize(("first", "second"), [([0, 1], [0]), ([0, 2], [0, 1]), ([-1, 0], [0, 1])])
def test_ratings_that_do_not_fit_are_refused(first, second):
    with pytest.raises(ValueError, match="rating"):
        agreement(np.array(first), np.array(second), categories=2)
