"""What a statistic is: named columns, and a function from all groups' histograms to their values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.scoring.plan import AnalysisPlan
from shared.scoring.summaries.mark_view import GroupMarks

Column = NDArray[Any]
Z_95 = 1.959963984540054
"""97.5 % point of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Statistic:
    """One family of figures.

    Args:
        name: the file's name.
        section: section of ``docs/scoring.md``.
        columns: result columns and their types for a plan.
        finish: values of those columns for every group of a view, as arrays; NaN where a figure is undefined.
    """

    name: str
    section: str
    columns: Callable[[AnalysisPlan], Mapping[str, pl.DataType]]
    finish: Callable[[GroupMarks, AnalysisPlan], Mapping[str, Column]]


def ratio(numerator: Column, denominator: Column) -> NDArray[np.float64]:
    """Quotient; NaN where the denominator is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = np.asarray(numerator, np.float64) / denominator
    result: NDArray[np.float64] = np.where(denominator == 0, np.nan, quotient)
    return result


def floats(*names: str) -> dict[str, pl.DataType]:
    """Float columns by name."""
    return {name: pl.Float64() for name in names}
