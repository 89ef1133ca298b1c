"""Cells near a quantile curve stand for all cells as long as no other is passed (docs/scoring.md §8.5)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from shared.scoring.value_added.growth_percentiles import PRECISION, design
from shared.scoring.value_added.quantile_bands import ordered_cells
from shared.scoring.value_added.quantile_regression import WeightedCells, fit_quantiles
from shared.scoring.value_added.smoothed_loss import foresee, minimize
from shared.scoring.value_added.spline_basis import spline_basis

TAU = 0.3


def cells(size=400, seed=1):
    random = np.random.default_rng(seed)
    point = np.sort(random.integers(0, 20, size))
    basis = np.column_stack([np.ones(20), np.arange(20.0) / 10])
    outcome = 3.0 * point + random.integers(-40, 40, size)
    return ordered_cells(basis, point, outcome, random.integers(1, 4, size).astype(float))


def loss(every, coefficients, tau=TAU):
    residual = every.outcome - (every.basis @ coefficients)[every.point]
    return (every.weight * residual * (tau - (residual < 0))).sum()


def test_cells_are_ordered_by_point_and_outcome():
    every = cells()
    assert (np.diff(every.point * 1000 + every.outcome) >= 0).all()
    assert every.starts[-1] == len(every.point)
    assert np.array_equal(every.point[every.starts[:-1]], np.arange(20))


@pytest.mark.parametrize("reach", [0.0, 0.45, 7.45, 29.95, 1e6, np.inf])
def test_a_band_and_its_pull_lose_what_all_cells_lose(reach):
    every, start = cells(), np.array([1.3, 28.0])
    band, outside = every.band(start, tau=TAU, reach=reach)
    residual = every.outcome - (every.basis @ start)[every.point]
    assert len(band.point) == (np.abs(residual) < reach).sum()
    other = start + np.array([0.05, -0.02])
    assert outside.is_clear_of(other, 0) or reach < 1
    found = loss(band, other) - loss(band, start) + band.linear @ (other - band.origin)
    if outside.is_clear_of(other, 0):
        assert found == pytest.approx(loss(every, other) - loss(every, start))
    else:
        assert found <= loss(every, other) - loss(every, start) + 1e-9


def test_a_band_of_a_band_is_the_narrower_one():
    every, start = cells(), np.array([1.3, 28.0])
    wide, _ = every.band(start, tau=TAU, reach=25)
    twice, outside = wide.band(start, tau=TAU, reach=5)
    once, _ = every.band(start, tau=TAU, reach=5)
    assert np.array_equal(twice.outcome, once.outcome)
    assert twice.linear == pytest.approx(once.linear)
    assert outside.is_clear_of(start, 1)
    assert not outside.is_clear_of(start + np.array([6.0, 0]), 0)
    assert not outside.is_clear_of(start, 20)


def test_the_minimum_of_a_band_is_that_of_all_cells():
    every = cells()
    weight = every.weight.sum()
    lowest = minimize(every, np.zeros(2), tau=TAU, width=2.0, scale=weight)
    band, outside = every.band(lowest + 0.5, tau=TAU, reach=12)
    again = minimize(band, lowest + 0.5, tau=TAU, width=2.0, scale=weight)
    assert outside.is_clear_of(again, 2.0)
    assert again == pytest.approx(lowest, abs=1e-4)


def test_looking_ahead_never_makes_it_worse():
    every = cells()
    lowest = minimize(every, np.zeros(2), tau=TAU, width=2.0, scale=every.weight.sum())
    ahead = foresee(every, lowest, tau=TAU, width=2.0, narrower=0.2)
    assert loss(every, ahead) <= loss(every, lowest) + 0.2 * every.weight.sum()


def test_nearly_distinct_cells_lose_what_the_linear_program_loses():
    """3,000 candidates, two priors, the dual program: max y·d − (1 − τ) Σ y with Bᵀd = (1 − τ) Bᵀ1, 0 ≤ d ≤ 1."""
    random = np.random.default_rng(12)
    priors = np.sort(random.normal(100, 25, (3000, 2)).round(), axis=0)[random.permutation(3000)]
    outcome = (priors @ [0.6, 0.3] + random.normal(0, 12, 3000) * (1 + priors[:, 0] / 300)).round()
    once = np.ones(3000)
    basis = design(tuple(spline_basis(column, once.astype(int)) for column in priors.T), priors)
    sheet = WeightedCells(basis, np.arange(3000), outcome, once)
    taus = np.arange(5, 1000, 70) / 1000
    for tau, curve in zip(taus, fit_quantiles(sheet, taus, precision=PRECISION), strict=True):
        program = linprog(-outcome, A_eq=basis.T, b_eq=(1 - tau) * basis.sum(axis=0), bounds=(0, 1), method="highs")
        best = -program.fun - (1 - tau) * outcome.sum()
        assert sheet.check_loss(curve, tau) == pytest.approx(best, rel=1e-6)


def test_one_quantile_alone_is_fitted_too():
    every = cells()
    sheet = WeightedCells(every.basis, every.point, every.outcome, every.weight)
    alone = fit_quantiles(sheet, np.array([0.5]), precision=PRECISION)
    among = fit_quantiles(sheet, np.array([0.2, 0.5, 0.8]), precision=PRECISION)
    assert alone.shape == (1, 2)
    assert among[1] == pytest.approx(alone[0])
