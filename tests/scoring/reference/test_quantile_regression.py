"""Quantile regression against linear programming (HiGHS), the exact solution (docs/scoring.md §8.5)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, eye, hstack

from shared.scoring.value_added.growth_percentiles import PRECISION, design
from shared.scoring.value_added.quantile_regression import WeightedCells, fit_quantiles
from shared.scoring.value_added.spline_basis import spline_basis

SIZE = 500
TAUS = np.array([0.005, 0.105, 0.305, 0.5, 0.755, 0.995])


def collapsed(priors, outcome):
    """Equal combinations as one weighted cell."""
    found, count = np.unique(np.column_stack([priors, outcome]), axis=0, return_counts=True)
    points, point = np.unique(found[:, :-1], axis=0, return_inverse=True)
    weights = np.bincount(point, weights=count).astype(int)
    basis = design(tuple(spline_basis(column, weights) for column in points.T), points.astype(float))
    return WeightedCells(basis, point, found[:, -1].astype(float), count.astype(float))


def one_by_one(cells):
    """The same candidates, each a cell of weight 1."""
    times = cells.weight.astype(int)
    return WeightedCells(
        cells.basis, np.repeat(cells.point, times), np.repeat(cells.outcome, times), np.ones(times.sum())
    )


def exact_loss(cells, tau):
    """min Σ w (τ u + (1 − τ) v) with Bβ + u − v = y, u, v ≥ 0."""
    n, p = len(cells.point), cells.basis.shape[1]
    equations = hstack([csr_matrix(cells.basis[cells.point]), eye(n), -eye(n)])
    cost = np.concatenate([np.zeros(p), cells.weight * tau, cells.weight * (1 - tau)])
    bounds = [(None, None)] * p + [(0, None)] * (2 * n)
    return linprog(cost, A_eq=equations, b_eq=cells.outcome, bounds=bounds, method="highs").fun


def cohort(kind):
    random = np.random.default_rng(6)
    prior = random.integers(0, 60, (SIZE, 1))
    line = prior[:, 0]
    if kind == "ceiling":
        return prior, np.minimum(line + random.integers(0, 30, SIZE), 60)
    if kind == "few marks":
        return prior // 15, line // 15 * 3 + random.integers(0, 9, SIZE)
    if kind == "heavy ties":
        return np.where(random.random((SIZE, 1)) < 0.8, 0, prior), random.integers(0, 5, SIZE)
    if kind == "outliers":
        return prior, np.where(random.random(SIZE) < 0.02, 100_000, line)
    if kind == "two values":
        return prior, 200 * (random.random(SIZE) < line / 80)
    if kind == "two priors":
        both = random.integers(0, 60, (SIZE, 2))
        return both, both.sum(axis=1) + np.rint(random.normal(0, 9, SIZE)).astype(int)
    if kind == "one prior twice":
        return np.column_stack([line, line]), line + random.integers(-9, 9, SIZE)
    return prior, line + random.integers(-20, 20, SIZE) * (line + 10) // 40


KINDS = ["plain", "ceiling", "few marks", "heavy ties", "outliers", "two values", "two priors", "one prior twice"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_loss_is_that_of_the_linear_program(kind):
    """Never below it, and above it by no more than outcomes are moved."""
    cells = collapsed(*cohort(kind))
    for tau, coefficients in zip(TAUS, fit_quantiles(cells, TAUS, precision=PRECISION), strict=True):
        best, found = exact_loss(cells, tau), cells.check_loss(coefficients, tau)
        assert found == pytest.approx(best, rel=1e-6, abs=1e-9)
        assert found >= best * (1 - 1e-9)


@pytest.mark.parametrize("kind", ["plain", "ceiling", "two priors"])
def test_collapsed_cells_give_the_uncollapsed_solution(kind):
    cells = collapsed(*cohort(kind))
    together = fit_quantiles(cells, TAUS, precision=PRECISION)
    apart = fit_quantiles(one_by_one(cells), TAUS, precision=PRECISION)
    assert cells.basis @ together.T == pytest.approx(cells.basis @ apart.T, abs=1e-3)


def test_knots_are_numpys_percentiles_of_candidates():
    random = np.random.default_rng(8)
    marks = random.integers(0, 90, 777)
    values, count = np.unique(marks, return_counts=True)
    basis = spline_basis(values.astype(float), count)
    assert basis.inner == pytest.approx(np.percentile(marks, [20, 40, 60, 80]))
    assert (basis.low, basis.high) == (marks.min(), marks.max())
    rows = basis.matrix(np.array([-5.0, 0.0, 33.3, 89.0, 200.0]))
    assert rows.shape == (5, 8)
    assert rows.sum(axis=1) == pytest.approx(np.ones(5))
    assert rows[0] == pytest.approx(rows[1])
    assert spline_basis(np.array([3.0]), np.array([9])) is None
