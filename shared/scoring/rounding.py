"""Rounding half away from zero (四舍五入): the only place a figure is rounded, once, when it is published.

A binary float is taken for the shortest decimal that reads back as it, which is what a reader sees: 2.675 rounds to
2.68 although the double lies a hair below. Scalars and columns agree to the last bit.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import polars as pl
from numpy.typing import NDArray

_EXACT = float(2**53)
MAX_DIGITS = 15


def half_away_from_zero(value: Decimal | float, digits: int) -> Decimal:
    """A number rounded to ``digits`` decimal places, halves away from zero.

    Args:
        value: a finite number; floats are read as their shortest decimal form.
        digits: decimal places, 0 to 15.

    Returns:
        The exact decimal, with ``digits`` places; zero is never negative.

    Raises:
        ValueError: on a number that is not finite, or digits out of range.
    """
    exponent = _exponent(digits)
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not exact.is_finite():
        raise ValueError(f"{value} cannot be rounded")
    rounded = exact.quantize(exponent, rounding=ROUND_HALF_UP)
    return abs(rounded) if rounded.is_zero() else rounded


def half_away_from_zero_expr(column: pl.Expr, digits: int) -> pl.Expr:
    """The same rounding for a column of numbers; nulls stay null.

    Args:
        column: a numeric expression, taken as Float64.
        digits: decimal places, 0 to 15.

    Returns:
        A Float64 expression holding the doubles nearest to the rounded decimals. Magnitudes beyond 2^53 units of the
        last place have no places left to round and pass through.
    """
    _exponent(digits)
    return column.cast(pl.Float64).map_batches(
        lambda values: _rounded(values, digits), return_dtype=pl.Float64, is_elementwise=True
    )


def _rounded(values: pl.Series, digits: int) -> pl.Series:
    """Rounds in NumPy: Polars divides by a scalar through its reciprocal, which misses the nearest double.

    ``(2k + 1) / (2 · 10^digits)`` is one division of two exactly stored integers, hence the double nearest to the
    decimal half; comparing the magnitude with it decides every tie as the decimal would.
    """
    scale = float(10**digits)
    magnitude = np.abs(values.to_numpy())
    floor = np.floor(magnitude * scale)
    floor -= floor / scale > magnitude
    floor += (floor + 1) / scale <= magnitude
    rounded = (floor + (magnitude >= (2 * floor + 1) / (2 * scale))) / scale
    rounded = np.where(magnitude * scale >= _EXACT, magnitude, rounded)
    signed = np.where(values.to_numpy() < 0, -rounded, rounded) + 0.0
    return pl.Series(values.name, signed).set(values.is_null(), None)


def _exponent(digits: int) -> Decimal:
    if not 0 <= digits <= MAX_DIGITS:
        raise ValueError(f"digits must lie between 0 and {MAX_DIGITS}, not {digits}")
    return Decimal(1).scaleb(-digits)


def largest_remainder(
    parts: NDArray[np.float64], totals: NDArray[np.int64], *, preference: NDArray[np.int8] | None = None
) -> NDArray[np.int64]:
    """Whole numbers beside parts that add up to a whole exactly (最大余额法), many columns at once.

    Every part goes to the whole number below it or above it; those with the largest remainders go up, equal remainders
    in the order of the rows. A whole part never moves.

    Args:
        parts: parts × columns, 0 and more, in units of the last place; taken by :func:`without_noise`.
        totals: what each column adds up to; the sum of its parts, rounded down or up.
        preference: parts × columns; a part of higher preference goes up before one with a larger remainder. 0 where absent.

    Returns:
        parts × columns.
    """
    taken = without_noise(parts)
    floors = np.floor(taken)
    remainders = taken - floors
    rank = remainders if preference is None else remainders + preference
    rank = np.where(remainders > 0, rank, -np.inf)
    whole = floors.astype(np.int64)
    order = np.argsort(-rank, axis=0, kind="stable")
    raised = np.arange(len(parts))[:, None] < (totals - whole.sum(axis=0))[None, :]
    added = np.zeros(parts.shape, np.int64)
    np.put_along_axis(added, order, raised.astype(np.int64), axis=0)
    return whole + added


def without_noise(numbers: NDArray[np.float64], *, digits: int = 7) -> NDArray[np.float64]:
    """Numbers in units of the last place at 10⁻⁷ of a unit, so that the noise of a sum of floats decides no tie.

    With twelve digits, shares: Polars divides one row and many rows in different ways, and so would the last bit.
    """
    return np.round(numbers, digits)


def without_noise_expr(column: pl.Expr, *, digits: int = 12) -> pl.Expr:
    """The same for a column: 0.83 − 0.80 is a hair above 0.03, but a reader sees 0.03."""
    return column.cast(pl.Float64).map_batches(
        lambda values: pl.Series(values.name, without_noise(values.to_numpy(), digits=digits)).set(
            values.is_null(), None
        ),
        return_dtype=pl.Float64,
        is_elementwise=True,
    )


def whole_half_up(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Numbers of 0 and more in units of the last place to whole units, halves up, by :func:`without_noise`."""
    return np.floor(without_noise(numbers) + 0.5).astype(np.int64)
