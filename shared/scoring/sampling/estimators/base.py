"""What an estimator is: from weighted sums per group and variance unit to figures for all replicates at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SampleRows:
    """Pupils of a sample, in arrays of one length n.

    Args:
        outcome: y, without gaps.
        covariates: shape (n, columns).
        weight: w, > 0.
        group: 0 … groups − 1, ascending.
        unit: variance unit, 2 · zone + unit.
        groups: number of groups.
        units: number of variance units.
    """

    outcome: Floats
    covariates: Floats
    weight: Floats
    group: NDArray[np.int64]
    unit: NDArray[np.int64]
    groups: int
    units: int

    def unit_sums(self, values: Floats) -> Floats:
        """Σ w · value per group and unit: all that linear figures need of the pupils."""
        cell = self.group * self.units + self.unit
        sums: Floats = np.bincount(cell, weights=self.weight * values, minlength=self.groups * self.units).astype(
            np.float64
        )
        return sums.reshape(self.groups, self.units)


@dataclass(frozen=True, slots=True, eq=False)
class Estimator:
    """One kind of figure.

    Args:
        name: as results carry it.
        terms: names of its figures.
        values: from rows and factors (R, units) to figures (R, groups, terms); NaN where there is none.
        covariates: columns it needs beside the outcome.
        is_share: whether figures lie between 0 and 1.
    """

    name: str
    terms: tuple[str, ...]
    values: Callable[[SampleRows, Floats], Floats]
    covariates: tuple[str, ...] = ()
    is_share: bool = False


def quotient(numerator: Floats, denominator: Floats) -> Floats:
    """Quotient; NaN where the denominator is not above 0."""
    result = np.full(np.broadcast(numerator, denominator).shape, np.nan)
    np.divide(numerator, denominator, out=result, where=denominator > 0)
    return result
