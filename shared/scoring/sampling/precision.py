"""What precision a design may be expected to give (SCORING §8b.5)."""

from __future__ import annotations

import polars as pl

from shared.scoring.sampling.draws import SampleDraw
from shared.scoring.statistics.base import Z_95


def design_effect(icc: float, pupils: float, *, pupils_cv: float = 0.0, weights_cv: float = 0.0) -> float:
    """Variance of a mean against that of a simple random sample of as many pupils (Kish 1965).

    ``(1 + cv_w²) (1 + (b (1 + cv_b²) − 1) ρ)``.

    Args:
        icc: ρ, share of the variance that lies between schools, 0 to 1.
        pupils: b, mean number of pupils per school.
        pupils_cv: coefficient of variation of that number.
        weights_cv: coefficient of variation of the weights.
    """
    return (1 + weights_cv**2) * (1 + (pupils * (1 + pupils_cv**2) - 1) * icc)


def design_summary(draw: SampleDraw, *, icc: float, sd: float = 1.0, class_size: float | None = None) -> pl.DataFrame:
    """Expected precision of a mean, per stratum and over all (``stratum`` null).

    ``se = sd √(deff / pupils)``; over all strata ``se² = Σ (M_h / M)² se_h²``; ``margin`` is half of the 95 % interval.
    The finite number of schools is not credited, so small strata do better than stated.

    Args:
        draw: the drawn schools.
        icc: share of variance between schools inside strata.
        sd: standard deviation of pupils inside strata; 1 gives everything in standard deviations, and for a rate p take
            √(p (1 − p)).
        class_size: pupils per class where whole classes are drawn; ``take`` then counts classes.
    """
    take = draw.design.take * (class_size or 1.0)
    sampled = draw.schools.filter(pl.col("role") == "sampled")
    pupils = pl.min_horizontal(pl.col("size").cast(pl.Float64), pl.lit(take, pl.Float64))
    strata = (
        sampled.with_columns(pupils.alias("pupils"))
        .group_by("stratum")
        .agg(
            pl.len().cast(pl.Int64).alias("schools"),
            pl.col("pupils").sum(),
            pl.col("pupils").pow(2).sum().alias("__squares"),
        )
        .join(draw.strata.select("stratum", pl.col("pupils").alias("population")), on="stratum")
        .sort("stratum")
        # b (1 + cv²) is Σ b² / Σ b.
        .with_columns((1 + (pl.col("__squares") / pl.col("pupils") - 1) * icc).alias("design_effect"))
        .with_columns((sd * (pl.col("design_effect") / pl.col("pupils")).sqrt()).alias("se"))
    )
    share = pl.col("population") / pl.col("population").sum()
    whole = strata.select(
        pl.lit(None, pl.String).alias("stratum"),
        pl.col("schools").sum(),
        pl.col("pupils").sum(),
        pl.col("population").sum(),
        (share * pl.col("se")).pow(2).sum().sqrt().alias("se"),
    ).with_columns((pl.col("se").pow(2) * pl.col("pupils") / sd**2).alias("design_effect"))
    columns = ["stratum", "schools", "pupils", "population", "design_effect", "se"]
    return pl.concat([strata.select(columns), whole.select(columns)]).with_columns(
        (pl.col("pupils") / pl.col("design_effect")).alias("effective_pupils"), (Z_95 * pl.col("se")).alias("margin")
    )
