"""Student growth percentiles of a cohort (§8.5): a hundred quantiles and the percentile of every combination of marks.

No rival fits a whole cohort in this time: the linear program (HiGHS) grows with the square of the candidates. It is
asked for twenty quantiles of a sample instead, in its dual form, which has as many equations as coefficients and is its
fastest.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bench.measure import Contender
from shared.scoring.subjects import Subject
from shared.scoring.summaries.growth_cells import gather_growth_cells
from shared.scoring.value_added.growth_percentiles import PERCENTILE, PRECISION, TAUS, design, growth_percentiles
from shared.scoring.value_added.quantile_regression import WeightedCells, fit_quantiles
from shared.scoring.value_added.spline_basis import spline_basis

FILE = "growth.parquet"
SAMPLE = 8_000
_PRIORS = tuple(Subject(code, full_mark=Decimal(100)) for code in ("first", "second"))
_OUTCOME = Subject("outcome", full_mark=Decimal(150))
_TAUS = TAUS[2::5]

Losses = NDArray[np.float64]


def _percentiles(folder: Path, priors: int) -> pl.DataFrame:
    cells = gather_growth_cells(pl.read_parquet(folder / FILE), _PRIORS[:priors], _OUTCOME)
    return growth_percentiles(cells)


def _one_prior(folder: Path) -> pl.DataFrame:
    return _percentiles(folder, 1)


def _two_priors(folder: Path) -> pl.DataFrame:
    return _percentiles(folder, 2)


def _tidy(table: pl.DataFrame) -> pl.DataFrame:
    return table.select(pl.col(PERCENTILE).mean())


def _sample(folder: Path) -> WeightedCells:
    """Every n-th candidate, with two priors, each a cell of weight 1."""
    frame = pl.read_parquet(folder / FILE)
    names = [prior.code for prior in _PRIORS]
    few = frame.gather_every(max(frame.height // SAMPLE, 1)).sort(names)
    priors = few.select(names).cast(pl.Float64).to_numpy()
    once = np.ones(few.height, np.int64)
    basis = design(tuple(spline_basis(column, once) for column in priors.T), priors)
    return WeightedCells(basis, np.arange(few.height), few["outcome"].cast(pl.Float64).to_numpy(), once.astype(float))


def _fit(cells: WeightedCells) -> Losses:
    fitted = fit_quantiles(cells, _TAUS, precision=PRECISION)
    return np.array([cells.check_loss(curve, float(tau)) for curve, tau in zip(fitted, _TAUS, strict=True)])


def _program(cells: WeightedCells) -> Losses:
    """max y·d − (1 − τ) Σ y with Bᵀd = (1 − τ) Bᵀ1, 0 ≤ d ≤ 1: the least check loss."""
    from scipy.optimize import linprog

    y, sums = cells.outcome, cells.basis.sum(axis=0)
    best = [linprog(-y, A_eq=cells.basis.T, b_eq=(1 - tau) * sums, bounds=(0, 1), method="highs").fun for tau in _TAUS]
    losses: Losses = -np.array(best) - (1 - _TAUS) * y.sum()
    return losses


def _losses(losses: Losses) -> pl.DataFrame:
    return pl.DataFrame({"tau": _TAUS, "loss": losses})


ONE_PRIOR = (Contender("this project", _one_prior, _tidy),)
TWO_PRIORS = (Contender("this project", _two_priors, _tidy),)
PROGRAM = (
    Contender("this project", _fit, _losses, prepare=_sample),
    Contender("HiGHS", _program, _losses, prepare=_sample),
)
