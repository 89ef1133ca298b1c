"""Standard errors, plausible values, intervals (docs/scoring.md §8b.10)."""

from math import exp, log, sqrt

import numpy as np
import pytest
from scipy.stats import t as student

from shared.scoring.sampling.inference import Imputation, combined, replicate_variance

FREEDOM = np.array([20.0])


def one(*numbers):
    return [np.array([float(number)]) for number in numbers]


def test_variance_from_replicates():
    variance, empty = replicate_variance(np.array([10.0]), np.array([[9.0], [12.0]]), 0.5)
    assert variance.tolist() == [(1 + 4) / 2]
    assert empty.tolist() == [0]


def test_empty_replicates_are_left_out_and_the_others_stretched():
    variance, empty = replicate_variance(np.array([10.0]), np.array([[9.0], [np.nan], [12.0]]), 0.5)
    assert variance.tolist() == [(1 + 4) / 2 * 3 / 2]
    assert empty.tolist() == [1]
    variance, empty = replicate_variance(np.array([10.0]), np.full((3, 1), np.nan), 0.5)
    assert np.isnan(variance).all()
    assert empty.tolist() == [3]


def test_one_value_passes_through():
    found = combined(one(50), one(4), df=FREEDOM)
    assert (found.estimate, found.se, found.df, found.imputation_variance) == (50, 2, 20, 0)
    assert found.ci_low == pytest.approx(50 - student.ppf(0.975, 20) * 2)
    assert found.ci_high == pytest.approx(50 + student.ppf(0.975, 20) * 2)


def test_rubin_by_hand():
    found = combined(one(50, 52, 51), one(4, 6, 5), df=FREEDOM)
    added = (1 + 1 / 3) * ((1 + 1 + 0) / 2)
    share = added / (5 + added)
    assert found.estimate == 51
    assert found.sampling_variance == 5
    assert found.imputation_variance == 1
    assert found.se == pytest.approx(sqrt(5 + added))
    assert found.df == pytest.approx(1 / (share**2 / 2 + (1 - share) ** 2 / 20))


def test_the_first_value_alone_gives_the_sampling_variance():
    found = combined(one(50, 52, 51), one(4, 6, 5), df=FREEDOM, imputation=Imputation.FIRST_ONLY)
    assert found.estimate == 51
    assert found.sampling_variance == 4
    assert found.se == pytest.approx(sqrt(4 + 4 / 3))


def test_without_freedom_there_is_no_standard_error():
    found = combined(one(50), one(4), df=np.array([0.0]))
    assert found.estimate == 50
    assert np.isnan([found.se, found.df, found.ci_low, found.ci_high, found.sampling_variance]).all()


def test_an_estimate_that_cannot_vary_has_an_interval_of_no_width():
    found = combined(one(50), one(0), df=FREEDOM)
    assert (found.se, found.ci_low, found.ci_high, found.df) == (0, 50, 50, 20)


def test_the_interval_of_a_share_stays_inside():
    found = combined(one(0.02), one(0.02**2), df=FREEDOM, is_share=True)
    margin = student.ppf(0.975, 20) * 0.02 / (0.02 * 0.98)
    assert found.ci_low == pytest.approx(1 / (1 + exp(-(log(0.02 / 0.98) - margin))))
    assert found.ci_high == pytest.approx(1 / (1 + exp(-(log(0.02 / 0.98) + margin))))
    assert found.ci_low > 0
    assert np.isnan(combined(one(1), one(0), df=FREEDOM, is_share=True).ci_low)
