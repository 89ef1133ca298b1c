"""Replicate factors: by how much each unit's weight is multiplied in each replicate (SCORING §8b.8).

Jackknife as in TIMSS (Martin, von Davier and Mullis, eds., Methods and Procedures, 2020, ch. 14); balanced repeated
replication with Fay's factor as in PISA (OECD, PISA Data Analysis Manual, 2009; Judkins 1990, Journal of Official
Statistics 6, 223–239).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.scoring.sampling.draws import REPLICATE_STAGE, generator
from shared.scoring.sampling.hadamard import hadamard

FAY_K = 0.5
Floats = NDArray[np.float64]


class ReplicateMethod(StrEnum):
    """How the sampling variance is estimated."""

    JK2_FULL = "jk2_full"
    JK2_HALF = "jk2_half"
    FAY_BRR = "fay_brr"


@dataclass(frozen=True, slots=True, eq=False)
class Replicates:
    """Replicates of a sample.

    Args:
        method: how they were made.
        factors: shape (replicates, 2 · zones); column 2 · zone + unit.
        scale: the variance is ``scale · Σ (replicate − estimate)²``.
    """

    method: ReplicateMethod
    factors: Floats
    scale: float


def replicates(method: ReplicateMethod, zones: int, *, seed: int = 0) -> Replicates:
    """Factors for so many zones of two units.

    ``jk2_full``: two replicates per zone, each leaving out one unit and doubling the other, scale ½. ``jk2_half``: one
    replicate per zone, the unit left out by lot, scale 1. ``fay_brr``: R replicates, one row of a Hadamard matrix of
    order R > zones each, units multiplied by 1 ± (1 − k) with k = 0.5, scale 1 / (R (1 − k)²).

    Args:
        method: which.
        zones: number of zones, ≥ 1.
        seed: of the lot for ``jk2_half``.
    """
    if method is ReplicateMethod.FAY_BRR:
        signs = hadamard(zones + 1)[:, 1 : zones + 1]
        factors: Floats = 1.0 + (1 - FAY_K) * np.stack([signs, -signs], axis=2).reshape(len(signs), 2 * zones).astype(
            np.float64
        )
        return Replicates(method, factors, 1 / (len(signs) * (1 - FAY_K) ** 2))
    zone = np.arange(zones)
    if method is ReplicateMethod.JK2_HALF:
        dropped = generator(seed, REPLICATE_STAGE).integers(0, 2, zones)
        return Replicates(method, _left_out(zone, dropped), 1.0)
    return Replicates(method, _left_out(np.repeat(zone, 2), np.tile([0, 1], zones)), 0.5)


def replicate_weights(zoned: pl.DataFrame, made: Replicates) -> pl.DataFrame:
    """The same replicates as columns of weights, for programs that expect them: ``replicate_1`` and so on."""
    column = (2 * zoned["zone"] + zoned["unit"]).to_numpy()
    weights = zoned["weight"].to_numpy()
    names = [f"replicate_{number + 1}" for number in range(len(made.factors))]
    columns = [pl.Series(name, weights * row[column]) for name, row in zip(names, made.factors, strict=True)]
    return zoned.with_columns(columns)


def _left_out(zone: NDArray[np.int64], dropped: NDArray[np.int64]) -> Floats:
    factors = np.ones((len(zone), 2 * (int(zone.max()) + 1)))
    replicate = np.arange(len(zone))
    factors[replicate, 2 * zone + dropped] = 0
    factors[replicate, 2 * zone + 1 - dropped] = 2
    return factors
