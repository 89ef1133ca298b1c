"""Funnel: a school's figure against its precision, with the limits chance alone would keep (SCORING §8.6).

Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. Statistics in Medicine 24, 1185–1202.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from shared.scoring.comparison import MEAN, VALUE_ADDED
from shared.scoring.levels import LEVEL_KEYS
from shared.scoring.plan import AnalysisPlan
from shared.scoring.statistics.base import Z_95, Column
from shared.scoring.summaries.mark_histogram import MarkHistogram
from shared.scoring.summaries.mark_view import MarkView
from shared.scoring.value_added.models import FittedModel, schools_of
from shared.terms.organization import OrgLevel

Z_998 = 3.090232306167813
"""99.9 % point of the normal distribution: two-sided limits of 99.8 %."""
_SCHOOL = LEVEL_KEYS[OrgLevel.SCHOOL]


def mean_points(histogram: MarkHistogram, flags: pl.DataFrame) -> pl.DataFrame:
    """One point per school for the mean of a subject.

    Center = mean of all candidates, ``se = s/√n`` with s the standard deviation within schools, pooled. ``precision =
    1/se``; limits are center ± 1.96 se and ± 3.09 se. Where nothing varies within schools there is no funnel and no points.

    Args:
        histogram: the subject's merged histogram by school.
        flags: the summary, for what is withheld.
    """
    schools = MarkView(histogram)
    n = schools.sat_count
    freedom = int(n.sum()) - int((n > 0).sum())
    spread = float(schools.centered_squares.sum())
    subject = histogram.subject
    sat = np.flatnonzero(n) if freedom > 0 and spread > 0 else np.zeros(0, np.int64)
    center = float(subject.marks(schools.unit_sum.sum(), max(int(n.sum()), 1)))
    deviation = np.sqrt(spread / max(freedom, 1)) * float(subject.unit)
    points = _points(
        schools.keys.select(_SCHOOL)[sat],
        value=subject.marks(schools.unit_sum[sat], n[sat]),
        center=center,
        se=deviation / np.sqrt(n[sat]),
    ).with_columns(
        pl.lit(MEAN).alias("metric"),
        pl.lit(subject.code).alias("subject"),
        pl.lit(None, pl.String).alias("model"),
        pl.Series("n", n[sat]),
    )
    shown = flags.filter((pl.col("level") == "school") & (pl.col("subject") == subject.code))
    return points.join(shown.select(*_SCHOOL, "suppressed"), on=list(_SCHOOL), how="left")


def effect_points(fitted: FittedModel, plan: AnalysisPlan) -> pl.DataFrame:
    """One point per school for the value added by a model: the unshrunken mean residual, center 0, ``se = σ/√n``.

    Limits as in :func:`mean_points`; no points where the model could not be fitted.
    """
    fit, schools = fitted.fit, schools_of(fitted, plan)
    if fit is None:
        return pl.DataFrame()
    se = np.sqrt(fit.sigma2 / schools["n"].to_numpy())
    points = _points(schools.select(_SCHOOL), value=fit.mean_residuals, center=0.0, se=se)
    return points.with_columns(
        pl.lit(VALUE_ADDED).alias("metric"),
        pl.lit(None, pl.String).alias("subject"),
        pl.lit(fitted.model.code).alias("model"),
        schools["n"],
        schools["suppressed"],
    )


def _points(keys: pl.DataFrame, *, value: Column, center: float, se: Column) -> pl.DataFrame:
    distance = np.abs(value - center)
    return keys.with_columns(
        pl.Series("value", value),
        pl.lit(center).alias("center"),
        pl.Series("se", se),
        pl.Series("precision", 1 / se),
        pl.Series("lower_95", center - Z_95 * se),
        pl.Series("upper_95", center + Z_95 * se),
        pl.Series("lower_998", center - Z_998 * se),
        pl.Series("upper_998", center + Z_998 * se),
        pl.Series("is_outside_95", distance > Z_95 * se),
        pl.Series("is_outside_998", distance > Z_998 * se),
    )
