"""A step of an explanation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Number = float | int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One node: a number, how it is made, and of what.

    Args:
        name: column or quantity.
        zh: its name in Chinese.
        en: its name in English.
        value: the number.
        formula: how it follows from the parts; ``None`` for what is given.
        section: section of docs/scoring.md.
        parts: what it follows from.
    """

    name: str
    zh: str
    en: str
    value: Number
    formula: str | None = None
    section: str | None = None
    parts: tuple[Step, ...] = ()


def quotient(numerator: Number, denominator: Number) -> float:
    """A quotient as the core takes it."""
    return float(np.float64(numerator or 0) / np.float64(denominator or 0))
