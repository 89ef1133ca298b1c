"""Cells near a quantile curve (SCORING §8.5).

A cell far from the curve pulls at it with a constant force, whichever way the curve bends a little: only cells in a band
about it need be looked at again and again (Portnoy and Koenker 1997, Statistical Science 12, 279–300). Whether no other
cell was reached is checked afterwards at every point, so the band's minimum is that of all cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from shared.scoring.summaries.group_counts import Integers
from shared.scoring.value_added.products import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Outside:
    """What was left out of a band, by point.

    Args:
        basis: shape (m, p).
        below: highest outcome left out below the band, −∞ for none, shape (m,).
        above: lowest outcome left out above it, ∞ for none.
    """

    basis: Floats
    below: Floats
    above: Floats

    def is_clear_of(self, coefficients: Floats, width: float) -> bool:
        """Whether every cell left out is still on its side, at least ``width`` away from the curve."""
        fitted = self.basis @ coefficients
        return bool(((fitted - self.below >= width) & (self.above - fitted >= width)).all())


@dataclass(frozen=True, eq=False)
class OrderedCells:
    """Cells ordered by point and outcome, and the pull of cells left out.

    Args:
        basis: one row per point, each with a cell, shape (m, p).
        point: row of ``basis`` of every cell, ascending, shape (C,).
        outcome: ascending within a point.
        weight: above 0.
        starts: first cell of every point, and C, shape (m + 1,).
        place: position of every cell among all.
        linear: gradient of the loss of the cells left out, shape (p,).
        origin: coefficients at which their loss counts as 0.
    """

    basis: Floats
    point: Integers
    outcome: Floats
    weight: Floats
    starts: Integers
    place: Integers
    linear: Floats
    origin: Floats

    def band(self, coefficients: Floats, *, tau: float, reach: float) -> tuple[OrderedCells, Outside]:
        """The cells within ``reach`` of a curve, and what is left out."""
        fitted = self.basis @ coefficients
        low, high = self._places(fitted, reach)
        first, end = self.starts[:-1], self.starts[1:]
        reached = self._reached
        pull = tau * (reached[end] - reached[high]) + (tau - 1) * (reached[low] - reached[first])
        outside = Outside(
            self.basis,
            np.where(low > first, self.outcome[low - 1], -np.inf),
            np.where(high < end, self.outcome[np.minimum(high, len(self.outcome) - 1)], np.inf),
        )
        held = np.flatnonzero(high > low)
        length = (high - low)[held]
        starts = np.append(0, np.cumsum(length))
        cell = np.arange(starts[-1]) + np.repeat(low[held] - starts[:-1], length)
        near = OrderedCells(
            self.basis[held],
            np.repeat(np.arange(len(held)), length),
            self.outcome[cell],
            self.weight[cell],
            starts,
            self.place[cell],
            self.linear - (self.basis.T @ pull),
            coefficients,
        )
        return near, outside

    @cached_property
    def _reached(self) -> Floats:
        return np.append(0.0, np.cumsum(self.weight))

    @cached_property
    def _line(self) -> tuple[float, float, Floats]:
        """Lowest outcome, length of a point's stretch of the line, and the place of every cell on it."""
        lowest = float(self.outcome.min())
        stretch = float(self.outcome.max()) - lowest + 3
        return lowest, stretch, self.point * stretch + (self.outcome - lowest + 1)

    def _places(self, fitted: Floats, reach: float) -> tuple[Integers, Integers]:
        """First cell of every point above ``fitted − reach``, and above ``fitted + reach``, as far as floats can tell."""
        # Points follow one another on one line, so one search finds the place in all of them.
        lowest, stretch, line = self._line
        offset = np.arange(len(self.basis)) * stretch + 1
        first, end = self.starts[:-1], self.starts[1:]
        low, high = (
            np.clip(np.searchsorted(line, offset + np.clip(fitted + shift - lowest, -1, stretch - 2)), first, end)
            for shift in (-reach, reach)
        )
        return low, high


def ordered_cells(basis: Floats, point: Integers, outcome: Floats, weight: Floats) -> OrderedCells:
    """Orders cells given by ascending points."""
    order = np.lexsort((outcome, point))
    starts = np.searchsorted(point, np.arange(len(basis) + 1))
    nothing = np.zeros(basis.shape[1])
    place = np.arange(len(point))
    return OrderedCells(basis, point[order], outcome[order], weight[order], starts, place, nothing, nothing)
