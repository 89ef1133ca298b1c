"""Categorical covariates as 0/1 columns (SCORING §8.1): sex, school gender, type of school.

A factor with the levels l₁ … l_m becomes m − 1 columns ``column[l]``, l₂ … l_m; l₁ is the reference. Whole numbers, so that
moments gathered from them stay exact. Declaring the levels makes every partition give the same columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from shared.terms.errors import DomainError, Fault


@dataclass(frozen=True, slots=True)
class Factor:
    """A categorical covariate.

    Args:
        column: column of the frame; its values are compared as text.
        levels: all levels, the reference first; with none given, the values found, in ascending order.
    """

    column: str
    levels: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the 0/1 columns of a factor with declared levels."""
        return tuple(f"{self.column}[{level}]" for level in self.levels[1:])


def declared(frame: pl.DataFrame, factors: Sequence[Factor]) -> tuple[Factor, ...]:
    """The factors with their levels: those declared, else those found in the frame, ascending, without missing ones."""
    return tuple(
        factor
        if factor.levels
        else Factor(factor.column, tuple(frame[factor.column].drop_nulls().cast(pl.String).unique().sort()))
        for factor in factors
    )


def with_factor_columns(frame: pl.DataFrame, factors: Sequence[Factor]) -> pl.DataFrame:
    """Adds the 0/1 columns (Int64) of every factor; a missing value is missing in all of them.

    Args:
        frame: one row per candidate.
        factors: with declared levels; a factor of one level adds nothing.

    Raises:
        DomainError: ``scoring.model_input_invalid``: a value is none of the declared levels.
    """
    faults = []
    for factor in factors:
        found = frame[factor.column].cast(pl.String)
        strange = found.filter(~found.is_in(list(factor.levels)) & found.is_not_null()).unique().sort()
        faults += [Fault("scoring.factor_level_unknown", column=factor.column, value=value) for value in strange]
    if faults:
        raise DomainError("scoring.model_input_invalid", params={"count": len(faults)}, faults=faults)
    return frame.with_columns(
        (pl.col(factor.column).cast(pl.String) == level).cast(pl.Int64).alias(term)
        for factor in factors
        for level, term in zip(factor.levels[1:], factor.terms, strict=True)
    )
