"""The lowest corner of the check loss, reached along its edges (docs/scoring.md §8.5)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from shared.scoring.value_added.quantile_bands import ordered_cells
from shared.scoring.value_added.quantile_corners import independent_columns, lowest_corner

TAUS = (0.03, 0.3, 0.5, 0.97)


def cells(size=300, seed=2):
    """Outcomes at twenty points, no two alike."""
    random = np.random.default_rng(seed)
    point = np.sort(np.concatenate([np.arange(20), random.integers(0, 20, size - 20)]))
    basis = np.column_stack([np.ones(20), np.arange(20.0), np.arange(20.0) ** 2 / 20])
    return ordered_cells(
        basis, point, 3 * point + random.normal(0, 12, size), random.integers(1, 4, size).astype(float)
    )


def loss(every, coefficients, tau):
    residual = every.outcome - (every.basis @ coefficients)[every.point]
    return (every.weight * residual * (tau - (residual < 0))).sum()


def least_loss(every, tau):
    """max y·d − (1 − τ) w·y with Bᵀd = (1 − τ) Bᵀw, 0 ≤ d ≤ w: the dual program."""
    rows, weight = every.basis[every.point], every.weight
    bounds = np.column_stack([np.zeros(len(weight)), weight])
    pulls = (1 - tau) * (weight @ rows)
    program = linprog(-every.outcome, A_eq=rows.T, b_eq=pulls, bounds=bounds, method="highs")
    return -program.fun - (1 - tau) * (weight @ every.outcome)


@pytest.mark.parametrize("tau", TAUS)
@pytest.mark.parametrize("near", [[0.0, 3.0, 0.0], [-500.0, 90.0, -7.0]])
@pytest.mark.parametrize("reach", [0.01, 10.0, np.inf])
def test_it_is_that_of_the_linear_program_wherever_it_is_looked_for(tau, near, reach):
    every = cells()
    corner = lowest_corner(every, np.array(near), tau=tau, reach=reach)
    assert loss(every, corner.coefficients, tau) == pytest.approx(least_loss(every, tau), rel=1e-12)
    through = (every.basis @ corner.coefficients)[every.point[corner.places]]
    assert through == pytest.approx(every.outcome[corner.places])


def test_the_way_to_it_leaves_no_trace():
    """Where there is one solution it is the same cells, and so the same bits, from everywhere."""
    every, random = cells(), np.random.default_rng(5)
    starts = random.normal(0, 20, (20, 3))
    found = {tuple(lowest_corner(every, start, tau=0.3, reach=5.0).places) for start in starts}
    assert len(found) == 1


def test_a_band_without_a_minimum_says_so():
    every, low = cells(), np.array([-30.0, 3.0, 0.0])
    band, _ = every.band(low, tau=0.5, reach=20.0)
    assert len(band.outcome) > 3
    assert lowest_corner(band, low, tau=0.5, reach=np.inf) is None


def test_columns_that_follow_from_others_are_left_out():
    basis = np.column_stack([np.ones(6), np.arange(6.0), 2 * np.arange(6.0) + 1, np.arange(6.0) ** 2])
    columns = independent_columns(basis, np.arange(1.0, 7.0))
    assert len(columns) == 3
    assert np.linalg.matrix_rank(basis[:, columns]) == 3
    assert (np.diff(columns) > 0).all()
