"""Linear quantile regression on weighted cells (SCORING §8.5).

Minimizes ``Σ w ρ_τ(y − b(x)·β)``, ρ_τ(r) = r (τ − 1[r < 0]) (Koenker and Bassett 1978, Econometrica 46, 33–50), by a damped
Newton method on the check loss rounded off in |r| < h, with h lowered step by step (Madsen and Nielsen 1993, SIAM Journal
on Optimization 3, 223–235; Chen 2007, Journal of Computational and Graphical Statistics 16, 136–164). Every stage is
convex, starts from the last one's solution and looks only at the cells near it. The loss ends above the linear program's by
at most about h per candidate on the fitted curve, no more than 10⁻⁵ of it in small and 10⁻⁷ in large cohorts.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from shared.scoring.summaries.group_counts import Integers
from shared.scoring.value_added.products import Floats
from shared.scoring.value_added.quantile_bands import OrderedCells, ordered_cells
from shared.scoring.value_added.smoothed_loss import NEWTON_STEPS, foresee, minimize

_PASSING_STEPS = 40
_SHRINK = 0.1
_FIRST_PACE = 2.5
"""Standard deviations of the outcome per unit of τ: that of normal outcomes at their median."""
_LEAST_SHARE = 64
"""The first h is at least this part of the standard deviation, however little the last quantile moved."""
_REACH = 3
"""Half the breadth of a band over the distance the curve is likely to move; and by how much it is widened."""


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

    From the middle outwards, each starting from its neighbor. Where several solutions are equally good, one of them is
    returned, the same for any order of candidates.

    Args:
        cells: at least one cell.
        taus: ascending, strictly between 0 and 1.
        precision: the last h, in units of the outcome; far below the distance of two outcomes.
    """
    problem = _problem(cells, precision)
    # The basis adds up to a constant in every row only without other columns; least squares always has a start.
    level = np.linalg.lstsq(cells.basis, np.full(len(cells.basis), problem.mean), rcond=None)[0]
    middle = len(taus) // 2
    start = _fit(problem, level, tau=float(taus[middle]), width=problem.spread / 2, reach=np.inf)
    above, below = (_follow(problem, start, part) for part in (taus[middle:], taus[middle::-1]))
    return np.stack([*below[::-1], start, *above])


@dataclass(frozen=True, slots=True)
class _Problem:
    """All cells, their weight, mean and standard deviation of the outcome, and the last h."""

    cells: OrderedCells
    weight: float
    mean: float
    spread: float
    precision: float


def _problem(cells: WeightedCells, precision: float) -> _Problem:
    weight = float(cells.weight.sum())
    mean = float((cells.weight * cells.outcome).sum() / weight)
    spread = float(np.sqrt((cells.weight * (cells.outcome - mean) ** 2).sum() / weight))
    ordered = ordered_cells(cells.basis, cells.point, cells.outcome, cells.weight)
    return _Problem(ordered, weight, mean, max(spread, precision), precision)


def _follow(problem: _Problem, start: Floats, taus: Floats) -> list[Floats]:
    """The quantiles after the first, whose curve ``start`` is; the pace so far tells how far away the next may lie."""
    found: list[Floats] = []
    pace, least = _FIRST_PACE * problem.spread, problem.spread / _LEAST_SHARE
    for before, tau in pairwise(taus.tolist()):
        gap = abs(tau - before)
        width = float(np.clip(pace * gap, least, problem.spread / 2))
        near = _fit(problem, start, tau=tau, width=width, reach=_REACH * width)
        pace = float(np.sqrt(np.mean((problem.cells.basis @ (near - start)) ** 2))) / gap
        start = near
        found.append(near)
    return found


def _fit(problem: _Problem, start: Floats, *, tau: float, width: float, reach: float) -> Floats:
    """The minimum over all cells, from a band about ``start`` that is widened until no cell outside it matters."""
    while True:
        cells, outside = problem.cells.band(start, tau=tau, reach=reach)
        coefficients = _descend(problem, cells, start, tau=tau, width=width)
        if np.isinf(reach) or outside.is_clear_of(coefficients, problem.precision):
            return coefficients
        # Not from where this ended: without the cells it passed, a band may have no minimum at all.
        reach *= _REACH


def _descend(problem: _Problem, cells: OrderedCells, start: Floats, *, tau: float, width: float) -> Floats:
    """From h to h, in an ever narrower band: the minimum for the next h lies within about the last one."""
    coefficients, reach = start, np.inf
    inner, outside = cells, None
    first = width
    while True:
        # Between the first h, which finds the place, and the last, which settles it, a minimum is only where the next
        # begins; with few cells Newton's steps would run from piece to piece of the loss for its last digits.
        steps = NEWTON_STEPS if width in (first, problem.precision) else _PASSING_STEPS
        lowest = minimize(inner, coefficients, tau=tau, width=width, scale=problem.weight, steps=steps)
        if outside is not None and np.isfinite(reach) and not outside.is_clear_of(lowest, width):
            reach *= _REACH
        elif width <= problem.precision:
            return lowest
        else:
            narrower = max(width * _SHRINK, problem.precision)
            coefficients = foresee(inner, lowest, tau=tau, width=width, narrower=narrower)
            width, reach = narrower, 2 * width
        inner, outside = cells.band(coefficients, tau=tau, reach=reach)
