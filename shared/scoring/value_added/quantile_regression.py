"""Linear quantile regression on weighted cells (SCORING §8.5).

Minimizes ``Σ w ρ_τ(y − b(x)·β)``, ρ_τ(r) = r (τ − 1[r < 0]) (Koenker and Bassett 1978, Econometrica 46, 33–50). Where many
cells lie about the curve, a damped Newton method on the check loss rounded off in |r| < h comes near it, with h lowered
step by step (Madsen and Nielsen 1993, SIAM Journal on Optimization 3, 223–235; Chen 2007, Journal of Computational and
Graphical Statistics 16, 136–164); among the few that are left the lowest corner is found exactly
(:mod:`shared.scoring.value_added.quantile_corners`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from shared.scoring.summaries.group_counts import Integers
from shared.scoring.value_added.products import Floats
from shared.scoring.value_added.quantile_bands import OrderedCells, ordered_cells
from shared.scoring.value_added.quantile_corners import (
    WIDENING,
    Corner,
    curve_through,
    independent_columns,
    lowest_corner,
)
from shared.scoring.value_added.smoothed_loss import foresee, minimize

_STEPS = 40
_SHRINK = 0.1
_FEW = 256
"""Cells per coefficient among which edges are followed sooner than Newton's steps are taken."""
_FIRST_PACE = 2.5
"""Standard deviations of the outcome per unit of τ: that of normal outcomes at their median."""
_LEAST_SHARE = 256
"""The first h is at least this part of the standard deviation, however little the last quantile moved."""
_REACH = 3
"""Half the breadth of a band over the distance the curve is likely to move."""
_GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, slots=True, eq=False)
class WeightedCells:
    """What the quantiles are fitted to: equal (x, y) pairs are one cell.

    Args:
        basis: one row per distinct x, shape (m, p); may be of deficient rank.
        point: row of ``basis`` of every cell, ascending and each row used, shape (C,).
        outcome: y of every cell.
        weight: candidates in every cell, above 0.
    """

    basis: Floats
    point: Integers
    outcome: Floats
    weight: Floats

    def check_loss(self, coefficients: Floats, tau: float) -> float:
        """The exact loss Σ w ρ_τ(r)."""
        residual = self.outcome - (self.basis @ coefficients)[self.point]
        return float((self.weight * residual * (tau - (residual < 0))).sum())


def fit_quantiles(cells: WeightedCells, taus: Floats, *, precision: float) -> Floats:
    """Coefficients of every quantile, shape (len(taus), p).

    From the middle outwards, each starting from its neighbors. Where several solutions are equally good, one of them is
    returned, the same for any order of candidates.

    Args:
        cells: at least one cell.
        taus: ascending, strictly between 0 and 1.
        precision: outcomes are moved by up to this, far less than two of them differ, so that no two corners fall
            together; the coefficients are those of the outcomes as they are.
    """
    problem = _problem(cells, precision)
    # The basis adds up to a constant in every row only without other columns; least squares always has a start.
    level = np.linalg.lstsq(problem.cells.basis, np.full(len(cells.basis), problem.mean), rcond=None)[0]
    middle = len(taus) // 2
    start = _fit(problem, level, tau=float(taus[middle]), width=problem.spread / 2, reach=np.inf)
    above, below = (_follow(problem, start, part) for part in (taus[middle:], taus[middle::-1]))
    found: Floats = np.zeros((len(taus), cells.basis.shape[1]))
    found[:, problem.columns] = [problem.curve(corner.places) for corner in (*below[::-1], start, *above)]
    return found


@dataclass(frozen=True, slots=True)
class _Problem:
    """What all quantiles are fitted to.

    Args:
        cells: all of them, their outcomes moved a little.
        outcome: of the same cells, as they are.
        columns: of the basis, from which the others follow.
        weight: of all cells.
        mean: of the outcome.
        spread: its standard deviation.
    """

    cells: OrderedCells
    outcome: Floats
    columns: Integers
    weight: float
    mean: float
    spread: float

    def curve(self, places: Integers) -> Floats:
        """Coefficients of the curve through some cells."""
        return curve_through(self.cells.basis[self.cells.point[places]], self.outcome[places])


def _problem(cells: WeightedCells, precision: float) -> _Problem:
    weight = float(cells.weight.sum())
    mean = float((cells.weight * cells.outcome).sum() / weight)
    spread = float(np.sqrt((cells.weight * (cells.outcome - mean) ** 2).sum() / weight))
    columns = independent_columns(cells.basis, np.bincount(cells.point, weights=cells.weight).astype(np.float64))
    ordered = ordered_cells(cells.basis[:, columns], cells.point, cells.outcome, cells.weight)
    moved = replace(ordered, outcome=ordered.outcome + precision * (ordered.place * _GOLDEN % 1))
    return _Problem(moved, ordered.outcome, columns, weight, mean, max(spread, precision))


def _follow(problem: _Problem, start: Corner, taus: Floats) -> list[Corner]:
    """The quantiles after the first, which is ``start``; where the next may lie is told by how the last one moved."""
    found: list[Corner] = []
    here, course = start, np.zeros_like(start.coefficients)
    pace, least = _FIRST_PACE * problem.spread, problem.spread / _LEAST_SHARE
    for before, tau in pairwise(taus.tolist()):
        gap = abs(tau - before)
        width = float(np.clip(pace * gap, least, problem.spread / 2))
        ahead = here.coefficients + gap * course
        there = _fit(problem, ahead, tau=tau, width=width, reach=_REACH * width)
        course = (there.coefficients - here.coefficients) / gap
        pace = float(np.sqrt(np.mean((problem.cells.basis @ course) ** 2)))
        here = there
        found.append(there)
    return found


def _fit(problem: _Problem, start: Floats, *, tau: float, width: float, reach: float) -> Corner:
    """The minimum over all cells, from a band about ``start`` that is widened until no cell outside it matters."""
    while True:
        cells, outside = problem.cells.band(start, tau=tau, reach=reach)
        near, distance = _approach(problem, cells, start, tau=tau, width=width)
        corner = lowest_corner(cells, near, tau=tau, reach=min(distance, reach))
        if corner is not None and outside.is_clear_of(corner.coefficients, 0):
            return corner
        # Not from where this ended: without the cells it passed, a band may have no minimum at all.
        reach *= WIDENING


def _approach(
    problem: _Problem, cells: OrderedCells, start: Floats, *, tau: float, width: float
) -> tuple[Floats, float]:
    """A curve so near to the minimum that few cells lie about it, and how near.

    From h to h, in an ever narrower band: the minimum for the next h lies within about the last one.
    """
    coefficients, reach = start, _REACH * width
    inner, outside = cells.band(coefficients, tau=tau, reach=reach)
    while len(inner.outcome) > _FEW * len(start):
        lowest = minimize(inner, coefficients, tau=tau, width=width, scale=problem.weight, steps=_STEPS)
        if len(inner.outcome) < len(cells.outcome) and not outside.is_clear_of(lowest, width):
            reach *= WIDENING
        else:
            narrower = width * _SHRINK
            coefficients = foresee(inner, lowest, tau=tau, width=width, narrower=narrower)
            width, reach = narrower, 2 * width
        inner, outside = cells.band(coefficients, tau=tau, reach=reach)
    return coefficients, reach
