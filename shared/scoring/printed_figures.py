"""Figures as they are printed: rounded once, and charts drawn from what is printed."""

from __future__ import annotations

from collections.abc import Sequence

from shared.scoring.rounding import half_away_from_zero

DIGITS = 1
_MINUS = "\N{MINUS SIGN}"


def printed(value: float | None, *, scale: float = 1.0, signed: bool = False, suffix: str = "") -> str | None:
    """A figure with one decimal place; ``None`` stays ``None``.

    Args:
        value: the figure.
        scale: 100 for shares that are printed in percent.
        signed: whether a plus is written too.
        suffix: unit, e.g. ``%``.
    """
    if value is None:
        return None
    rounded = half_away_from_zero(value * scale, DIGITS)
    sign = _MINUS if rounded < 0 else "+" if signed and rounded > 0 else ""
    return f"{sign}{abs(rounded)}{suffix}"


def percent(value: float | None) -> str | None:
    """A share in percent."""
    return printed(value, scale=100, suffix="%")


def drawn(value: float | None, *, scale: float = 1.0) -> float | None:
    """A figure as a chart draws it: no finer than it is printed."""
    return None if value is None else float(half_away_from_zero(value * scale, DIGITS))


def within(ci: Sequence[float] | None, full_mark: float | None) -> tuple[float, float] | None:
    """An interval of a mean cut off at 0 and the full mark: a mean cannot lie beyond them."""
    if ci is None:
        return None
    most = full_mark if full_mark is not None else max(0.0, ci[1])
    return max(0.0, ci[0]), min(most, ci[1])


def interval(ci: Sequence[float] | None, *, scale: float = 1.0, signed: bool = False) -> str | None:
    """An interval in square brackets."""
    if ci is None:
        return None
    low, high = (printed(bound, scale=scale, signed=signed) for bound in ci)
    return f"[{low}, {high}]"
