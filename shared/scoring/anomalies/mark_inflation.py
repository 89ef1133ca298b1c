"""Schools whose marks pile up at a line, or stand out in one subject alone (SCORING §7b.3, §7b.4)."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.special import expit, logit, ndtr, ndtri
from scipy.stats import binom

from shared.scoring.anomalies.base import FALSE_ALARM_RATE, Floats, robust_sd, share_of_looks
from shared.scoring.levels import KEY_COLUMNS
from shared.scoring.statistics.base import Column, ratio
from shared.scoring.summaries.mark_histogram import MarkHistogram

MIN_NEAR_LINE = 10
_CERTAIN = (1e-6, 1 - 1e-6)


def line_heaping(
    histogram: MarkHistogram, *, line: int, width: int, false_alarm_rate: float = FALSE_ALARM_RATE
) -> pl.DataFrame:
    """One row per group: are too many of the marks near a line on its upper side?

    Of the N marks in ``[line − width, line + width)``, A are on the line or above. A normal distribution with the group's
    own mean and sd puts a share p there; the log odds of p are moved by what all groups together show beyond their own
    p (a paper may be generous to everyone). ``p_value`` = P(Binomial(N, p) ≥ A), exact; flagged below
    ``false_alarm_rate`` / number of groups looked at.

    Args:
        histogram: one subject, by school or class.
        line: in grid units.
        width: in grid units, above 0; about 5 % of the full mark.
        false_alarm_rate: for the whole exam.

    Returns:
        Key columns, ``n_near, n_at_or_above, expected_share, p_value, threshold, is_flagged``. Groups with fewer than 10
        marks near the line, or all marks equal, have no share and no value and count as not looked at.
    """
    counts = histogram.counts
    present = counts.cell >= 0
    group, unit, count = counts.group[present].astype(np.int64), counts.cell[present], counts.count[present]
    groups = counts.keys.height
    n, total, squares, below, above = (
        np.bincount(group, weights=weights, minlength=groups)
        for weights in (
            count,
            count * unit.astype(np.float64),
            count * unit.astype(np.float64) ** 2,
            count * ((unit >= line - width) & (unit < line)),
            count * ((unit >= line) & (unit < line + width)),
        )
    )
    mean = ratio(total, n)
    sd = np.sqrt(np.maximum(ratio(squares, n) - mean**2, 0.0))
    near = below + above
    looked = (near >= MIN_NEAR_LINE) & (sd > 0)
    # Marks are whole: the line's own unit begins half a unit below it.
    edges = [ndtr(ratio(line + step - 0.5 - mean, sd)) for step in (-width, 0, width)]
    share = np.where(looked, ratio(edges[2] - edges[1], edges[2] - edges[0]), np.nan)
    share = _moved(share, near=near, above=above, looked=looked)
    p_value = np.where(looked, binom.sf(above - 1, near, np.where(looked, share, 0.5)), np.nan)
    threshold = share_of_looks(int(looked.sum()), false_alarm_rate=false_alarm_rate)
    return counts.keys.select(KEY_COLUMNS).with_columns(
        pl.Series("n_near", near.astype(np.int64)),
        pl.Series("n_at_or_above", above.astype(np.int64)),
        pl.Series("expected_share", share).fill_nan(None),
        pl.Series("p_value", p_value).fill_nan(None),
        pl.lit(threshold).alias("threshold"),
        pl.Series("is_flagged", looked & (p_value < threshold)),
    )


def _moved(share: Floats, *, near: Column, above: Column, looked: Column) -> Floats:
    """Shares with their log odds moved so that their sum is near that of all groups."""
    if not looked.any():
        return share
    weights = near[looked]
    shares = np.clip([np.average(share[looked], weights=weights), above[looked].sum() / weights.sum()], *_CERTAIN)
    expected, seen = logit(shares)
    moved: Floats = expit(logit(np.clip(share, *_CERTAIN)) + seen - expected)
    return moved


def subject_outliers(
    schools: pl.DataFrame, models: pl.DataFrame, *, false_alarm_rate: float = FALSE_ALARM_RATE
) -> pl.DataFrame:
    """One row per school and model: does one subject's progress stand apart from the school's other subjects?

    A good school is good in most subjects, an inflated paper is not. With r the mean residual of a school (§8.2, before
    shrinking), ``contrast`` = r − mean of the school's r in the other models, less its median over schools;
    ``statistic`` = contrast / √(ω² + v), v = σ²/n of this model plus the mean of the others' divided by their number, ω =
    robust sd of the contrasts beyond the median v. Residuals of one pupil in different subjects go together, which makes
    v too large and the alarm the quieter. Flagged above the normal point of ``false_alarm_rate`` / number of looks.

    Args:
        schools: ``value_added_schools`` of models on one scale (T), one per subject.
        models: ``value_added_models`` of the same run.
        false_alarm_rate: for the whole exam.

    Returns:
        ``model, county_code, school_code, n, contrast, statistic, threshold, is_flagged``. With a single model the
        contrast is r itself, and a very good school cannot be told from an inflated one.
    """
    noise = pl.col("sigma2") / pl.col("n")
    rows = schools.join(models.select("model", "sigma2"), on="model", maintain_order="left").with_columns(
        noise.alias("noise")
    )
    others = pl.len().over("school_code") - 1
    summed, noises = pl.col("mean_residual").sum().over("school_code"), pl.col("noise").sum().over("school_code")
    residual, own = pl.col("mean_residual"), pl.col("noise")
    rows = rows.with_columns(
        pl.when(others > 0).then(residual - (summed - residual) / others).otherwise(residual).alias("contrast"),
        pl.when(others > 0).then(own + (noises - own) / others**2).otherwise(own).alias("v"),
    ).with_columns(pl.col("contrast") - pl.col("contrast").median().over("model"))
    contrast, v = rows["contrast"].to_numpy(), rows["v"].to_numpy()
    omega2 = max(robust_sd(contrast) ** 2 - (float(np.median(v)) if len(v) else 0.0), 0.0)
    statistic = ratio(contrast, np.sqrt(omega2 + v))
    threshold = float(-ndtri(share_of_looks(rows.height, false_alarm_rate=false_alarm_rate)))
    return rows.select("model", "county_code", "school_code", "n", "contrast").with_columns(
        pl.Series("statistic", statistic).fill_nan(None),
        pl.lit(threshold).alias("threshold"),
        pl.Series("is_flagged", statistic > threshold),
    )
