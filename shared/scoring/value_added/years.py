"""Several years of a school's value added as one figure (SCORING §8.8).

Precision-weighted mean: ``Σ w v / Σ w`` with w = 1/se². Its internal standard error 1/√Σw holds if the years differ by
chance only; the external one is that times √(Q/(k − 1)), Q = Σ w (v − mean)². The larger is reported (Birge 1932, Physical
Review 40, 207–227; Cochran 1954, Biometrics 10, 101–129): a school whose years contradict one another gets a wide interval.
"""

from __future__ import annotations

import polars as pl
from scipy.stats import chi2

from shared.scoring.statistics.base import Z_95
from shared.scoring.summaries.growth_cells import SCHOOL_KEYS
from shared.scoring.value_added.value_checks import require_finite

ONE_YEAR = "one_year"
AVERAGED = "averaged"


def year_average(years: pl.DataFrame) -> pl.DataFrame:
    """Averages the years of every school.

    A year without a standard error, or with 0 (a model that found no differences), carries no known precision: it is left
    out and counted. Give unshrunken values (mean residuals with σ/√n): shrinking twice would hide real effects.

    Args:
        years: ``county_code, school_code, year, value, se``: one row per school and year, all on one scale.

    Returns:
        Per school with at least one usable year: ``first_year, last_year, year_count, years_left_out``, ``status``
        (``one_year`` or ``averaged``), ``value, se, ci_low, ci_high``, and ``heterogeneity`` (Q) with its
        ``heterogeneity_p`` (χ², k − 1; both null for one year).

    Raises:
        DomainError: ``scoring.model_input_invalid``: column missing, not a number, a year of a school given twice.
    """
    keys = list(SCHOOL_KEYS)
    require_finite(years, numeric=["value", "se"], others=[*keys, "year"], unique=[*keys, "year"])
    weight = 1 / pl.col("se") ** 2
    usable = (pl.col("se") > 0) & pl.col("value").is_not_null()
    left_out = years.group_by(keys).agg((~usable.fill_null(value=False)).sum().cast(pl.Int64).alias("years_left_out"))
    known = years.filter(usable).sort(*keys, "year").with_columns(weight.alias("w"))
    mean = (pl.col("w") * pl.col("value")).sum() / pl.col("w").sum()
    averaged = known.group_by(keys, maintain_order=True).agg(
        pl.col("year").first().alias("first_year"),
        pl.col("year").last().alias("last_year"),
        pl.len().cast(pl.Int64).alias("year_count"),
        mean.alias("mean"),
        (1 / pl.col("w").sum().sqrt()).alias("internal"),
        (pl.col("w") * (pl.col("value") - mean) ** 2).sum().alias("heterogeneity"),
    )
    freedom = pl.col("year_count") - 1
    several = pl.col("year_count") > 1
    excess = pl.when(several).then((pl.col("heterogeneity") / freedom).sqrt()).otherwise(1.0)
    p_value = chi2.sf(averaged["heterogeneity"].to_numpy(), (averaged["year_count"] - 1).to_numpy())
    se = pl.col("internal") * pl.max_horizontal(excess, pl.lit(1.0))
    return (
        averaged.join(left_out, on=keys, how="left", maintain_order="left")
        .with_columns(se.alias("se"), pl.Series("heterogeneity_p", p_value))
        .select(
            *keys,
            "first_year",
            "last_year",
            "year_count",
            "years_left_out",
            pl.when(several).then(pl.lit(AVERAGED)).otherwise(pl.lit(ONE_YEAR)).alias("status"),
            pl.col("mean").alias("value"),
            "se",
            (pl.col("mean") - Z_95 * pl.col("se")).alias("ci_low"),
            (pl.col("mean") + Z_95 * pl.col("se")).alias("ci_high"),
            pl.when(several).then("heterogeneity"),
            pl.when(several).then("heterogeneity_p"),
        )
    )
