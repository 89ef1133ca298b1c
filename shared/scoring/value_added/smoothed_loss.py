"""The check loss rounded off in |r| < h, and its minimum by Newton's method (SCORING §8.5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shared.scoring.value_added.products import Floats
from shared.scoring.value_added.quantile_bands import OrderedCells

NEWTON_STEPS = 200
_SHORTEST_STEP = 1e-6


@dataclass(frozen=True, slots=True)
class _Smoothed:
    """Rounded-off loss at some coefficients, with gradient and Hessian."""

    loss: float
    gradient: Floats
    hessian: Floats


def minimize(
    cells: OrderedCells, coefficients: Floats, *, tau: float, width: float, scale: float, steps: int = NEWTON_STEPS
) -> Floats:
    """Newton's method with Armijo's rule; the damping grows when a full step fails and falls when it succeeds.

    Args:
        cells: a band, or all.
        coefficients: where to start.
        tau: the quantile.
        width: h.
        scale: weight of all cells, of which the band is a part.
        steps: how many at most.
    """
    identity, damping = np.eye(len(coefficients)), 1e-5
    here = _smoothed(cells, coefficients, tau=tau, width=width)
    length = 1.0
    for _ in range(steps):
        step = np.linalg.solve(here.hessian + identity * (damping * scale / width), -here.gradient)
        slope = float((here.gradient * step).sum())
        # Less than the loss can show in its last digits is no descent.
        if -slope < max(1e-12 * scale * width, 1e-15 * abs(here.loss)) or length <= _SHORTEST_STEP:
            break
        length = 1.0
        there = _smoothed(cells, coefficients + step, tau=tau, width=width)
        while there.loss > here.loss + 1e-4 * length * slope and length > _SHORTEST_STEP:
            length /= 2
            there = _smoothed(cells, coefficients + length * step, tau=tau, width=width)
        if there.loss <= here.loss:
            coefficients, here = coefficients + length * step, there
        damping = max(damping / 4, 1e-10) if length == 1 else min(damping * 4, 1.0)
    return coefficients


def foresee(cells: OrderedCells, coefficients: Floats, *, tau: float, width: float, narrower: float) -> Floats:
    """Where the minimum moves as h falls: on a straight line towards the least-squares fit of the cells within h.

    Returns:
        The better of that place and the given one.
    """
    residual = cells.outcome - (cells.basis @ coefficients)[cells.point]
    near = np.flatnonzero(np.abs(residual) < width)
    rows, weight = cells.basis[cells.point[near]], cells.weight[near]
    products, pulls = (rows * weight[:, None]).T @ rows, rows.T @ (weight * residual[near])
    moved = coefficients + (1 - narrower / width) * np.linalg.lstsq(products, pulls, rcond=1e-12)[0]
    losses = [_loss(cells, at, tau=tau, width=narrower) for at in (coefficients, moved)]
    return coefficients if losses[0] <= losses[1] else moved


def _loss(cells: OrderedCells, coefficients: Floats, *, tau: float, width: float) -> float:
    residual = cells.outcome - (cells.basis @ coefficients)[cells.point]
    return _total(cells, residual, np.abs(residual), coefficients, tau=tau, width=width)


def _total(
    cells: OrderedCells, residual: Floats, size: Floats, coefficients: Floats, *, tau: float, width: float
) -> float:
    """ρ_τ(r) = |r|/2 + (τ − ½) r with |r| replaced by r²/2h + h/2 where |r| < h; summed."""
    rounded = np.where(size < width, size * size / (2 * width) + width / 2, size)
    # Not a dot product: threads of the linear algebra library wait for one another on a busy machine.
    near = float((cells.weight * (rounded / 2 + (tau - 0.5) * residual)).sum())
    return near + float((cells.linear * (coefficients - cells.origin)).sum())


def _smoothed(cells: OrderedCells, coefficients: Floats, *, tau: float, width: float) -> _Smoothed:
    residual = cells.outcome - (cells.basis @ coefficients)[cells.point]
    size = np.abs(residual)
    pull = _by_point(cells, cells.weight * (np.clip(residual / width, -1, 1) / 2 + (tau - 0.5)))
    mass = _by_point(cells, cells.weight * (size < width))
    held = np.flatnonzero(mass)
    basis = cells.basis[held]
    return _Smoothed(
        _total(cells, residual, size, coefficients, tau=tau, width=width),
        cells.linear - (cells.basis.T @ pull),
        (basis * (mass[held] / (2 * width))[:, None]).T @ basis,
    )


def _by_point(cells: OrderedCells, values: Floats) -> Floats:
    if len(values) == len(cells.basis):
        return values
    sums: Floats = np.add.reduceat(values, cells.starts[:-1])
    return sums
