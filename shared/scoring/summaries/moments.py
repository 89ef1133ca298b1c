"""Moments: per group the count, the sums and the cross products of some columns.

Grid units stay 64-bit integers, so sums are exact and the order of rows and partitions cannot matter. Columns of floats
are accepted too (measures that lie on no grid); their rows are sorted first and merging agrees within rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.scoring.levels import index_groups
from shared.scoring.summaries.group_counts import Integers
from shared.terms.errors import DomainError

Numbers = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Sufficient statistics of linear models and correlations.

    Args:
        columns: the q columns, in order.
        keys: distinct sorted group keys (G rows).
        count: rows per group, shape (G,).
        sums: shape (G, q), int64 or float64.
        products: shape (G, q, q), symmetric.
    """

    columns: tuple[str, ...]
    keys: pl.DataFrame
    count: Integers
    sums: Numbers
    products: Numbers

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Moments):
            return NotImplemented
        return (
            self.columns == other.columns
            and self.keys.equals(other.keys)
            and np.array_equal(self.count, other.count)
            and np.array_equal(self.sums, other.sums)
            and np.array_equal(self.products, other.products)
        )

    __hash__ = None  # type: ignore[assignment]

    def roll_up(self, keys: pl.DataFrame) -> Moments:
        """The same moments in larger groups; ``keys`` names the new group of every present one."""
        return _collect(self.columns, keys, (self.count, self.sums, self.products))

    def __add__(self, other: Moments) -> Moments:
        return merge_moments([self, other])

    def __sub__(self, other: Moments) -> Moments:
        """Takes a part away again; raises ``DomainError`` ``scoring.summary_not_contained`` if a count falls below 0."""
        return merge_moments([self, other], signs=[1, -1])


def gather_moments(frame: pl.DataFrame, *, keys: Sequence[str], columns: Sequence[str]) -> Moments:
    """Sums one partition.

    Args:
        frame: one row per candidate, nothing missing in the columns; integers are grid units.
        keys: key columns.
        columns: the columns, all integers or all floats.
    """
    exact = all(frame.schema[column].is_integer() for column in columns)
    values = frame.select(*keys, pl.col(columns).cast(pl.Int64 if exact else pl.Float64))
    if not exact:
        values = values.sort([*keys, *columns])
    q = len(columns)
    upper = [(i, j) for i in range(q) for j in range(i, q)]
    gathered = (
        values.group_by(list(keys))
        .agg(
            pl.len().alias("__n"),
            *(pl.col(column).sum().alias(f"__s{i}") for i, column in enumerate(columns)),
            *((pl.col(columns[i]) * pl.col(columns[j])).sum().alias(f"__p{i}_{j}") for i, j in upper),
        )
        .sort(list(keys))
    )
    products = np.zeros((gathered.height, q, q), np.int64 if exact else np.float64)
    for i, j in upper:
        products[:, i, j] = products[:, j, i] = gathered[f"__p{i}_{j}"].to_numpy()
    sums = gathered.select(f"__s{i}" for i in range(q)).to_numpy()
    count = gathered["__n"].to_numpy().astype(np.int64)
    return Moments(tuple(columns), gathered.select(keys), count, sums, products)


def merge_moments(parts: Sequence[Moments], *, signs: Sequence[int] | None = None) -> Moments:
    """Adds any number of moments of the same columns in one step.

    Args:
        parts: at least one.
        signs: 1 to add or −1 to subtract, per part; all are added by default.

    Raises:
        DomainError: ``scoring.summary_different_subjects``, or ``scoring.summary_not_contained``.
    """
    for part in parts[1:]:
        if part.columns != parts[0].columns:
            raise DomainError(
                "scoring.summary_different_subjects",
                params={"left": ", ".join(parts[0].columns), "right": ", ".join(part.columns)},
            )
    factors = signs or [1] * len(parts)
    stacked = tuple(
        np.concatenate([getattr(part, name) * sign for part, sign in zip(parts, factors, strict=True)])
        for name in ("count", "sums", "products")
    )
    merged = _collect(parts[0].columns, pl.concat([part.keys for part in parts]), stacked)
    if (merged.count < 0).any():
        raise DomainError("scoring.summary_not_contained")
    return merged


def _collect(columns: tuple[str, ...], keys: pl.DataFrame, parts: tuple[Numbers, ...]) -> Moments:
    unique, index = index_groups(keys)
    if not len(index):
        return Moments(columns, unique, *parts)
    order = np.argsort(index, kind="stable")
    starts = np.flatnonzero(np.diff(index[order], prepend=-1))
    count, sums, products = (np.add.reduceat(part[order], starts, axis=0) for part in parts)
    kept = np.flatnonzero(count)
    return Moments(columns, unique[kept], count[kept], sums[kept], products[kept])
