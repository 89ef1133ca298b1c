"""Balance of a candidate's subjects: each T against the mean of the candidate's own Ts (SCORING §6.1)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.scoring.disclosure import mark_suppressed
from shared.scoring.frame import MarkSheet
from shared.scoring.levels import KEY_COLUMNS, keys_at, locate
from shared.scoring.standing_table import standing_table
from shared.scoring.statistics.base import ratio
from shared.scoring.statistics.rates import wilson_interval
from shared.scoring.summaries.mark_histogram import MarkHistogram
from shared.terms.organization import OrgLevel

WEAK_AT = -7.5
_OF_THE_WEAKEST = ("subject", "deviation", "deviation_se")


def subject_balance(
    sheet: MarkSheet,
    histograms: Mapping[str, MarkHistogram],
    *,
    level: OrgLevel = OrgLevel.CITY,
    weak_at: float = WEAK_AT,
    reliability: Mapping[str, float] | None = None,
) -> pl.DataFrame:
    """Every candidate's subjects against each other.

    ``deviation = T − mean of the candidate's Ts``, T over the reference group (§3.3); ``is_weak`` where it is at most
    ``weak_at``. With k subjects and reliabilities αₛ the standard error from measurement alone is
    ``10 √((1 − 1/k)² (1 − αₛ) + Σ_{j≠s} (1 − αⱼ) / k²)``: errors of different papers are taken as independent.

    Args:
        sheet: candidates; codes of the subjects.
        histograms: the reference group's merged histograms of the subjects compared (no total among them).
        level: reference group.
        weak_at: threshold of the deviation, in T.
        reliability: α of subjects, 0 to 1; the standard error is null unless all of a candidate's are known.

    Returns:
        One row per candidate and subject sat: ``candidate_id``, keys, ``subject, t_score, deviation, deviation_se,
        is_weak``, by candidate in the order of the sheet. A candidate with one subject has a T and no deviation.
    """
    t = np.column_stack([_t_scores(sheet, code, histogram, level) for code, histogram in histograms.items()])
    sat = ~np.isnan(t)
    k = sat.sum(axis=1, keepdims=True)
    mean = ratio(np.where(sat, t, 0.0).sum(axis=1, keepdims=True), np.where(k > 1, k, 0))
    known = reliability or {}
    error = np.array([1 - known.get(code, np.nan) for code in histograms])
    errors = np.where(sat, error, 0.0)
    own = np.where(sat, (1 - ratio(np.full_like(k, 2), k)) * error, np.nan)
    se = 10 * np.sqrt(own + ratio(errors.sum(axis=1, keepdims=True), np.where(k > 1, k**2, 0)))
    row, column = np.nonzero(sat)
    deviation = pl.Series("deviation", (t - mean)[row, column]).fill_nan(None)
    codes = pl.Series("subject", list(histograms), dtype=pl.String)
    return sheet.frame.select("candidate_id", *KEY_COLUMNS)[row].with_columns(
        codes.gather(column),
        pl.Series("t_score", t[row, column]),
        deviation,
        pl.Series("deviation_se", se[row, column]).fill_nan(None),
        (deviation <= weak_at).alias("is_weak"),
    )


def candidate_balance(balance: pl.DataFrame) -> pl.DataFrame:
    """One row per candidate: how far the subjects spread, and the weakest of them.

    Args:
        balance: as from :func:`subject_balance`.

    Returns:
        ``candidate_id``, keys, ``n_subjects, mean_t, sd_t`` (n − 1), ``range_t, weak_count, weakest_subject,
        weakest_deviation, weakest_deviation_se``; of equally weak subjects the first in the order compared. With one
        subject there is no spread and no weakest.
    """
    ordered = balance.with_row_index("__row").group_by("candidate_id", *KEY_COLUMNS, maintain_order=True)
    several = pl.col("deviation").is_not_null().any()
    found = ordered.agg(
        pl.len().cast(pl.Int64).alias("n_subjects"),
        pl.col("t_score").mean().alias("mean_t"),
        pl.col("t_score").std().alias("sd_t"),
        pl.when(several).then(pl.col("t_score").max() - pl.col("t_score").min()).alias("range_t"),
        pl.col("is_weak").sum().cast(pl.Int64).alias("weak_count"),
        pl.col("__row").get(pl.col("deviation").arg_min(), null_on_oob=True),
    )
    weakest = [balance[name].gather(found["__row"]).alias(f"weakest_{name}") for name in _OF_THE_WEAKEST]
    return found.drop("__row").with_columns(weakest)


def weak_counts(balance: pl.DataFrame) -> pl.DataFrame:
    """How many candidates of every class have a deviation in a subject, and are weak in it: counted once for all levels.

    Args:
        balance: as from :func:`subject_balance`; partitions may be concatenated.

    Returns:
        Keys, ``subject, n, weak_count``, in no order; counts of partitions may be concatenated too.
    """
    known = balance.lazy().filter(pl.col("is_weak").is_not_null())
    counted = known.group_by(*KEY_COLUMNS, "subject").agg(
        pl.len().cast(pl.Int64).alias("n"), pl.col("is_weak").sum().cast(pl.Int64).alias("weak_count")
    )
    return counted.collect()


def weak_rates(counts: pl.DataFrame, *, level: OrgLevel, min_n: int = 10) -> pl.DataFrame:
    """Share of candidates weak in a subject, per group, with Wilson's 95 % interval.

    Args:
        counts: as from :func:`weak_counts`.
        level: level of the groups.
        min_n: smallest group shown outside its school.

    Returns:
        ``level``, keys, ``subject, n`` (candidates with a deviation), ``weak_count, weak_rate, weak_rate_se,
        weak_rate_ci_low, weak_rate_ci_high, suppressed, suppression``, sorted by key.
    """
    by = [*KEY_COLUMNS, "subject"]
    rolled = (
        keys_at(counts.select(KEY_COLUMNS), level)
        .with_columns(counts["subject"], counts["n"], counts["weak_count"])
        .group_by(by)
        .agg(pl.col("n", "weak_count").sum())
        .sort(by)
    )
    weak, n = rolled["weak_count"].to_numpy(), rolled["n"].to_numpy()
    share = ratio(weak, n)
    low, high = wilson_interval(weak, n)
    table = rolled.select(pl.lit(level.value).alias("level"), pl.all()).with_columns(
        pl.Series("weak_rate", share),
        pl.Series("weak_rate_se", np.sqrt(ratio(share * (1 - share), n))),
        pl.Series("weak_rate_ci_low", low),
        pl.Series("weak_rate_ci_high", high),
        pl.col("n").alias("n_registered"),
        pl.col("n").alias("n_sat"),
    )
    return mark_suppressed(table, min_n=min_n, by=["subject"]).drop("n_registered", "n_sat")


def _t_scores(sheet: MarkSheet, code: str, histogram: MarkHistogram, level: OrgLevel) -> NDArray[np.float64]:
    """T of every candidate; NaN for those not present."""
    table = standing_table(histogram.at_level(level))
    units = sheet.frame[code].to_numpy().astype(np.int64)
    if level is OrgLevel.CITY:
        # One group: nobody's has to be looked for.
        group = np.zeros(len(units), np.int64) - (not table.keys.height)
    else:
        group = locate(keys_at(sheet.keys, level), table.keys)
    return table.standings(group, units)["t_score"].fill_null(np.nan).to_numpy()
