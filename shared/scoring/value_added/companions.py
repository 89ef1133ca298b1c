"""Plain companions of every value-added model, to be read beside it (SCORING §6.2, §8.4)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from shared.scoring.plan import AnalysisPlan
from shared.scoring.statistics.base import Z_95, Column, ratio
from shared.scoring.summaries.joint_histogram import JointHistogram
from shared.scoring.summaries.moments import Moments
from shared.scoring.value_added.models import FittedModel, schools_of
from shared.scoring.value_added.products import (
    RELATIVE_ZERO,
    Floats,
    ModelProducts,
    NotComputedError,
    centered,
    require_full_rank,
)
from shared.scoring.value_added.transitions import doubled_percentile_ranks

DELTA_T = "delta_t"
DELTA_PERCENTILE_RANK = "delta_percentile_rank"
RAW_RESIDUAL_MEAN = "raw_residual_mean"


def companion_table(
    fitted: FittedModel, joints: Mapping[tuple[str, str], JointHistogram], plan: AnalysisPlan
) -> pl.DataFrame:
    """Companions of one model, one row per school, measure and (for changes) intake.

    ``delta_t``: mean of T(outcome) − T(intake), T over the model's candidates; ``delta_percentile_rank``: mean change
    of percentile rank over the same candidates; both with se = sd/√n of the school's own differences.
    ``raw_residual_mean``: mean residual of the least-squares line through all candidates, se = residual sd/√n. All
    with a 95 % interval of ± 1.96 se. A measure that cannot be computed has no rows.
    """
    schools = schools_of(fitted, plan)
    parts = []
    for position, intake in enumerate(fitted.model.intakes, start=1):
        parts.append(_rows(schools, DELTA_T, intake, _delta_t(fitted.moments, position)))
        joint = joints[fitted.model.relation, intake]
        parts.append(_rows(schools, DELTA_PERCENTILE_RANK, intake, _delta_percentile_rank(joint)))
    if fitted.products is not None:
        parts.append(_rows(schools, RAW_RESIDUAL_MEAN, None, raw_residual_means(fitted.products)))
    return pl.concat(parts)


def raw_residual_means(products: ModelProducts) -> tuple[Floats, Floats] | None:
    """School means of least-squares residuals and their standard errors; ``None`` if there is no such line."""
    p = len(products.terms)
    square = products.products[:p, :p]
    freedom = products.candidate_count - p
    try:
        require_full_rank(square)
    except NotComputedError:
        return None
    if freedom <= 0:
        return None
    beta = np.linalg.solve(square, products.products[:p, p])
    residual = products.products[p, p] - products.products[p, :p] @ beta
    means = products.school_means() @ np.append(-beta, 1.0)
    return means, np.sqrt(max(residual, 0.0) / freedom / products.count)


def _delta_t(moments: Moments, position: int) -> tuple[Column, Column] | None:
    """Mean change of T and its standard error, from sums and cross products alone."""
    n, sums, products, _ = centered(moments)
    if not len(n):
        return None
    pair = [0, position]
    sums, products = sums[:, pair], products[:, pair][:, :, pair]
    mean = sums.sum(axis=0) / n.sum()
    variance = np.diag(products.sum(axis=0)) / n.sum() - mean**2
    if (variance <= RELATIVE_ZERO * (variance + mean**2)).any():
        return None
    weights = np.array([10.0, -10.0]) / np.sqrt(variance)
    change = sums @ weights
    squares = np.einsum("jab,a,b->j", products, weights, weights) - change**2 / n
    return change / n - mean @ weights, np.sqrt(ratio(np.maximum(squares, 0.0), n * (n - 1)))


def _delta_percentile_rank(joint: JointHistogram) -> tuple[Column, Column]:
    counts = joint.counts
    total = counts.row_count
    change = doubled_percentile_ranks(joint.outcome_units, counts.count) - doubled_percentile_ranks(
        joint.intake_units, counts.count
    )
    groups = counts.keys.height
    n = np.bincount(counts.group, weights=counts.count, minlength=groups)
    points = 100 * change / (2 * total)
    mean = np.bincount(counts.group, weights=counts.count * points, minlength=groups) / n
    deviation = points - mean[counts.group]
    squares = np.bincount(counts.group, weights=counts.count * deviation**2, minlength=groups)
    return mean, np.sqrt(ratio(squares, n * (n - 1)))


def _rows(
    schools: pl.DataFrame, measure: str, intake: str | None, values: tuple[Column, Column] | None
) -> pl.DataFrame:
    if values is None:
        schools, values = schools.clear(), (np.zeros(0), np.zeros(0))
    value, se = values
    return schools.with_columns(
        pl.lit(measure).alias("measure"),
        pl.lit(intake, pl.String).alias("intake"),
        pl.Series("value", value),
        pl.Series("se", se).fill_nan(None),
        pl.Series("ci_low", value - Z_95 * se).fill_nan(None),
        pl.Series("ci_high", value + Z_95 * se).fill_nan(None),
    )
