"""Decimals as whole numbers, products that do not overflow, and halves up: no float decides a fen."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext
from functools import reduce

import numpy as np
import polars as pl

from shared.scoring.allocation.groups import Flags, Groups, Integers, Whole

DIGITS = 4
"""Decimals of every figure."""
SCALE = 10**DIGITS
LARGEST_FIGURE = 10**13
_GAMMA_DIGITS = 6
_GAMMA_PRECISION = 50
_SAFE = float(2**61)


def scaled(column: pl.Series) -> tuple[Integers, Flags, Flags]:
    """A column of whole numbers or decimals, times ``SCALE``.

    Returns:
        The whole numbers (0 where there is none), where there is none, and where a figure is beyond ``LARGEST_FIGURE`` or
        has more decimals (0 as well).

    Raises:
        ValueError: on floats, which stand for no exact figure.
    """
    if not (column.dtype.is_integer() or column.dtype.is_decimal() or column.dtype == pl.Null):
        raise ValueError(f"{column.name} is {column.dtype}: figures of pay are decimals or whole numbers")
    # What no longer fits is far outside; it becomes null.
    given = column.cast(pl.Decimal(38, 12), strict=False)
    taken = given.cast(pl.Decimal(38, DIGITS))
    outside = ((given != taken) | (given.abs() > LARGEST_FIGURE)).fill_null(True) & column.is_not_null()
    whole = taken.to_physical().set(outside | column.is_null(), 0).cast(pl.Int64)
    return whole.to_numpy(), column.is_null().to_numpy(), outside.to_numpy()


def decimal_units(value: Decimal) -> int:
    """A number of at most four decimals times ``SCALE``.

    Raises:
        ValueError: on more decimals.
    """
    units = value * SCALE
    if units != units.to_integral_value():
        raise ValueError(f"{value} has more than {DIGITS} decimals")
    return int(units)


def products(groups: Groups, factors: Sequence[Integers]) -> tuple[Integers, Flags]:
    """Products of columns, each group divided by what all its products share.

    Proportions inside a group stay. 64 bits hold nearly all; where they may not, Python's whole numbers are taken.

    Args:
        groups: rows in order.
        factors: ≥ 0.

    Returns:
        The products, and the groups that do not fit into 2⁶² even so (0 there).
    """
    trimmed = [_without_common(column) for column in factors]
    widest = reduce(np.multiply, (column.astype(np.float64) for column in trimmed))
    if not len(widest) or widest.max() < _SAFE:
        made = reduce(np.multiply, trimmed)
        return _divided(groups, made), np.zeros(groups.count, np.bool_)
    wide: Whole = reduce(np.multiply, (column.astype(object) for column in trimmed))
    wide = _divided(groups, wide)
    too_large = groups.counts((wide >= 2**62).astype(np.bool_)) > 0
    return np.where(groups.rows_of(too_large), 0, wide).astype(np.int64), too_large


def half_up(numerator: Sequence[Integers], denominator: Sequence[Integers]) -> Whole:
    """Product of columns over product of columns, to the whole number, halves away from zero."""
    magnitudes = [np.abs(column) for column in numerator]
    widest = 2 * reduce(np.multiply, (column.astype(np.float64) for column in (*magnitudes, np.ones(1))))
    below = 2 * reduce(np.multiply, (column.astype(np.float64) for column in denominator))
    is_narrow = not len(widest) or max(widest.max(), below.max()) < _SAFE
    dtype = np.int64 if is_narrow else object
    above: Whole = reduce(np.multiply, (column.astype(dtype) for column in magnitudes))
    under: Whole = reduce(np.multiply, (column.astype(dtype) for column in denominator))
    sign = reduce(np.multiply, (np.sign(column) for column in numerator))
    rounded: Whole = sign * ((2 * above + under) // (2 * under))
    return rounded


def powers(units: Integers, gamma: Decimal) -> Integers:
    """pointsᵞ times 10⁶, rounded half to even from fifty digits; each distinct figure once.

    Args:
        units: points times ``SCALE``.
        gamma: γ > 0, not 1.

    Raises:
        OverflowError: where a power does not fit into 64 bits.
    """
    distinct, where = np.unique(units, return_inverse=True)
    with localcontext() as context:
        context.prec = _GAMMA_PRECISION
        last = Decimal(1).scaleb(-_GAMMA_DIGITS)
        made = [int((_power(int(unit), gamma)).quantize(last).scaleb(_GAMMA_DIGITS)) for unit in distinct]
    return np.array(made, np.int64)[where]


def _power(unit: int, gamma: Decimal) -> Decimal:
    return (Decimal(unit) / SCALE) ** gamma if unit else Decimal(0)


def _without_common(column: Integers) -> Integers:
    common = int(np.gcd.reduce(column)) if len(column) else 0
    return column // common if common > 1 else column


def _divided(groups: Groups, values: Whole) -> Whole:
    if not groups.count:
        return values
    common: Whole = np.gcd.reduceat(values, groups.starts)
    divided: Whole = values // np.maximum(common, 1)[groups.number]
    return divided
