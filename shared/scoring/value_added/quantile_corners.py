"""The lowest corner of the check loss, reached along its edges (SCORING §8.5).

The loss is a polyhedron: its minimum lies at a corner, a curve through as many cells as there are coefficients, and whoever
stands at a corner that is not the lowest finds an edge that falls. It is followed past every cell up to the one where the
loss rises again (Barrodale and Roberts 1973, SIAM Journal on Numerical Analysis 10, 839–848). Near the minimum that takes
a few moves, and its end is exact. Cells must be in general position, else an edge may have no length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import qr

from shared.scoring.summaries.group_counts import Integers
from shared.scoring.value_added.products import Floats
from shared.scoring.value_added.quantile_bands import OrderedCells

WIDENING = 3
"""By how much a band is widened when a curve has left it."""
_MOST_MOVES = 10_000
"""Tens are needed; should numbers of the greatest spread keep it going in a circle, it ends where it stands."""
_FLAT = 1e-9
"""A slope less than this part of a cell's, or a basis' column that adds less than this part, is none."""


@dataclass(frozen=True, slots=True)
class Corner:
    """A curve through as many cells as it has coefficients: their places among all, ascending, and the coefficients."""

    places: Integers
    coefficients: Floats


def lowest_corner(cells: OrderedCells, near: Floats, *, tau: float, reach: float) -> Corner | None:
    """The corner of least loss.

    Args:
        cells: a band, or all; their basis has full rank.
        near: coefficients of a curve near it.
        tau: the quantile.
        reach: how far about a curve cells are looked at first.

    Returns:
        ``None`` where the loss of a band has no minimum.
    """
    coefficients, places = near, None
    while True:
        band, outside = cells.band(coefficients, tau=tau, reach=reach)
        places = _independent(band, coefficients) if places is None else places
        if places is not None:
            way = _Way.starting(band, places, tau)
            has_ended = way.descend(tau)
            places, coefficients = band.place[way.cells], way.coefficients
            if has_ended and outside.is_clear_of(coefficients, 0):
                return Corner(np.sort(places), coefficients)
        if len(band.outcome) == len(cells.outcome):
            return None
        reach *= WIDENING


def curve_through(rows: Floats, outcome: Floats) -> Floats:
    """Coefficients of the curve through p outcomes, whose basis is ``rows``."""
    return np.linalg.solve(rows, outcome).astype(np.float64, copy=False)


def independent_columns(basis: Floats, weight: Floats) -> Integers:
    """Columns from which the others follow, ascending."""
    _, triangle, order = qr(basis * np.sqrt(weight)[:, None], mode="economic", pivoting=True)
    return np.sort(order[: _rank(triangle)])


def _independent(near: OrderedCells, coefficients: Floats) -> Integers | None:
    """Places of as many cells as there are coefficients, through which there is one curve: the nearer the better."""
    size = len(coefficients)
    if len(near.outcome) < size:
        return None
    distance = np.abs(near.outcome - (near.basis @ coefficients)[near.point])
    scaled = near.basis[near.point] / (distance / distance.max(initial=_FLAT) + 0.1)[:, None]
    triangle, order = qr(scaled.T, mode="r", pivoting=True)
    return np.sort(near.place[order[:size]]) if _rank(triangle) == size else None


def _rank(triangle: Floats) -> int:
    diagonal = np.abs(np.diag(triangle))
    return int((diagonal > _FLAT * diagonal[0]).sum())


@dataclass(frozen=True, slots=True)
class _Edge:
    """Where one cell leaves the curve: which of the p, to which side, how the coefficients move and how steeply it falls."""

    leaving: int
    side: float
    direction: Floats
    slope: float


@dataclass(slots=True)
class _Way:
    """From corner to corner of a band.

    Args:
        band: the cells about it.
        cells: those on the curve, shape (p,).
        side: 1 of every cell above the curve, −1 below, 0 on it.
        gap: distance from the curve.
        gradient: of the loss of all cells but those on the curve.
    """

    band: OrderedCells
    cells: Integers
    side: Floats
    gap: Floats
    gradient: Floats

    @classmethod
    def starting(cls, band: OrderedCells, places: Integers, tau: float) -> _Way:
        """At the corner of cells given by their places."""
        cells = np.searchsorted(band.place, places)
        curve = curve_through(band.basis[band.point[cells]], band.outcome[cells])
        residual = band.outcome - (band.basis @ curve)[band.point]
        residual[cells] = 0
        pull = band.weight * np.where(residual > 0, tau, np.where(residual < 0, tau - 1, 0))
        gradient = band.linear - pull @ band.basis[band.point]
        return cls(band, cells, np.sign(residual), np.abs(residual), gradient)

    @property
    def coefficients(self) -> Floats:
        """Of the curve."""
        return curve_through(self.rows, self.band.outcome[self.cells])

    @property
    def rows(self) -> Floats:
        """Basis of the cells on the curve, shape (p, p)."""
        return self.band.basis[self.band.point[self.cells]]

    def descend(self, tau: float) -> bool:
        """Moves to the lowest corner; whether it was found in this band."""
        for _ in range(_MOST_MOVES):
            edge = self._steepest(tau)
            if edge is None:
                break
            if not self._follow(edge, tau):
                return False
        return True

    def _steepest(self, tau: float) -> _Edge | None:
        """The edge that falls most; ``None`` at the minimum."""
        inverse = np.linalg.inv(self.rows).astype(np.float64, copy=False)
        pull, weight = self.gradient @ inverse, self.band.weight[self.cells]
        raised, lowered = pull + (1 - tau) * weight, tau * weight - pull
        slopes = np.minimum(raised, lowered)
        leaving = int(slopes.argmin())
        if slopes[leaving] >= -_FLAT * weight.max():
            return None
        side = -1.0 if raised[leaving] < lowered[leaving] else 1.0
        return _Edge(leaving, side, -side * inverse[:, leaving], float(slopes[leaving]))

    def _follow(self, edge: _Edge, tau: float) -> bool:
        """Moves along an edge to the cell at which the loss begins to rise; whether the band holds one."""
        band = self.band
        approach = self.side * (band.basis @ edge.direction)[band.point]
        ahead = np.flatnonzero(approach > _FLAT)
        speed = approach[ahead]
        way = self.gap[ahead] / speed
        order = way.argsort(kind="stable")
        met = ahead[order]
        last = int(np.cumsum(band.weight[met] * speed[order]).searchsorted(-edge.slope))
        if last == len(met):
            return False
        self.gap -= way[order[last]] * approach
        self._pass(met[:last])
        self._put(int(self.cells[edge.leaving]), edge.side, float(way[order[last]]), tau)
        self._take(int(met[last]), tau)
        self.cells[edge.leaving] = met[last]
        return True

    def _pass(self, passed: Integers) -> None:
        """Cells that have come to lie on the other side."""
        side = self.side[passed]
        self.gradient += (self.band.weight[passed] * side) @ self.band.basis[self.band.point[passed]]
        self.side[passed], self.gap[passed] = -side, -self.gap[passed]

    def _put(self, cell: int, side: float, gap: float, tau: float) -> None:
        """A cell that lay on the curve has come to lie beside it."""
        self.side[cell], self.gap[cell] = side, gap
        self.gradient -= self._pull(cell, tau)

    def _take(self, cell: int, tau: float) -> None:
        """A cell that lay beside the curve has come to lie on it."""
        self.gradient += self._pull(cell, tau)
        self.side[cell] = self.gap[cell] = 0

    def _pull(self, cell: int, tau: float) -> Floats:
        share = tau if self.side[cell] > 0 else tau - 1
        pull: Floats = self.band.weight[cell] * share * self.band.basis[self.band.point[cell]]
        return pull
