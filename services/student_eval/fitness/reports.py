"""Counts and rates of fitness, body mass and sight: of classes, schools, counties and the city. Pure.

Myopia is what a screening finds: uncorrected sight below 5.0 and a spherical equivalent below −0.50 D in the same eye.
Poor sight is uncorrected sight below 5.0 in either eye. Both limits are parameters (WS/T 663—2020; not verified).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from shared.scoring.disclosure import withheld
from shared.scoring.fitness.standard import BodyMass, FitnessStandard

SIGHT_BELOW, REFRACTION_BELOW = 5.0, -0.5
FIRST, RETEST = "first", "retest"
#: Columns of counts. A rate is one of the first over its denominator.
COUNTED = (
    "n_students",
    "n_exempt",
    "n_complete",
    "n_excellent",
    "n_good",
    "n_passed",
    "n_failed",
    "n_measured",
    "n_underweight",
    "n_overweight",
    "n_obese",
    "n_sighted",
    "n_poor_sight",
    "n_refracted",
    "n_myopic",
)
#: Rates and what they are out of.
RATES = {
    "excellent_rate": (("n_excellent",), "n_complete"),
    "excellent_or_good_rate": (("n_excellent", "n_good"), "n_complete"),
    "pass_rate": (("n_excellent", "n_good", "n_passed"), "n_complete"),
    "underweight_rate": (("n_underweight",), "n_measured"),
    "overweight_rate": (("n_overweight",), "n_measured"),
    "obesity_rate": (("n_obese",), "n_measured"),
    "poor_sight_rate": (("n_poor_sight",), "n_sighted"),
    "myopia_rate": (("n_myopic",), "n_refracted"),
}


def latest_attempts(scored: pl.DataFrame) -> pl.DataFrame:
    """One row per pupil: the second test where there is one."""
    return scored.sort("student_key", "attempt").unique("student_key", keep="last", maintain_order=True)


def counts_of(scored: pl.DataFrame, standard: FitnessStandard, *, by: Sequence[str]) -> pl.DataFrame:
    """Counts of groups.

    Args:
        scored: one row per pupil, with the columns of :func:`shared.scoring.fitness.scores.fitness_scores` and of sight.
        standard: whose grades are counted.
        by: columns that make the groups.

    Returns:
        ``by`` and :data:`COUNTED`, by group.
    """
    left, right = (_poor(f"vision_{eye}") for eye in ("left", "right"))
    shortsighted = [
        _poor(f"vision_{eye}") & (pl.col(f"refraction_{eye}") < REFRACTION_BELOW) for eye in ("left", "right")
    ]
    sighted = pl.col("vision_left").is_not_null() & pl.col("vision_right").is_not_null()
    refracted = sighted & pl.col("refraction_left").is_not_null() & pl.col("refraction_right").is_not_null()
    counted = {
        "n_students": pl.len(),
        "n_exempt": pl.col("is_exempt").sum(),
        "n_complete": pl.col("grade").count(),
        **{f"n_{grade.code}": (pl.col("grade") == grade.code).sum() for grade in standard.grades},
        "n_measured": pl.col("body_mass").count(),
        **{
            f"n_{band}": (pl.col("body_mass") == band).sum()
            for band in (BodyMass.UNDERWEIGHT, BodyMass.OVERWEIGHT, BodyMass.OBESE)
        },
        "n_sighted": sighted.sum(),
        "n_poor_sight": (sighted & (left | right)).sum(),
        "n_refracted": refracted.sum(),
        "n_myopic": (refracted & (shortsighted[0] | shortsighted[1])).sum(),
    }
    columns = [counted[name].cast(pl.Int64).alias(name) for name in COUNTED]
    return scored.group_by(*by).agg(columns).sort(*by)


def added_up(counts: pl.DataFrame, *, by: Sequence[str]) -> pl.DataFrame:
    """Counts of larger groups out of those of smaller ones; without ``by`` of everybody."""
    totals = [pl.col(name).sum() for name in COUNTED]
    return counts.group_by(*by).agg(totals).sort(*by) if by else counts.select(totals)


def shown_groups(counts: pl.DataFrame, *, key: str, min_n: int) -> pl.DataFrame:
    """Adds the rates; empties the counts of small groups, and of so many beside them that no subtraction brings them back.

    Args:
        counts: ``key`` and :data:`COUNTED`, one row per group of a whole whose figures are told too.
        key: column that names the group.
        min_n: fewest pupils whose figures may be shown.
    """
    sizes = {str(group): n for group, n in counts.select(key, "n_students").iter_rows()}
    is_small = counts["n_students"].sum() < min_n
    hidden = withheld(sizes, min_n=min_n, must_hide=is_small)
    return with_rates(counts.with_columns(is_withheld=pl.col(key).cast(pl.String).is_in(sorted(hidden))), min_n=min_n)


def with_rates(counts: pl.DataFrame, *, min_n: int) -> pl.DataFrame:
    """Adds the rates, null where nobody counts; empties what ``is_withheld``, or a denominator below ``min_n``, hides."""
    is_shown = ~pl.col("is_withheld")
    told = counts.with_columns(pl.when(is_shown).then(name).alias(name) for name in COUNTED if name != "n_students")
    rates = [
        pl.when(is_shown & (pl.col(base) >= min_n)).then(pl.sum_horizontal(parts) / pl.col(base)).alias(name)
        for name, (parts, base) in RATES.items()
    ]
    return told.with_columns(rates)


def _poor(sight: str) -> pl.Expr:
    return pl.col(sight) < SIGHT_BELOW
