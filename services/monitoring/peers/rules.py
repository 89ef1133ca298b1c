"""Where a school stands among comparable schools that stay unnamed: bands, never values of others (DOMAIN H5)."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from shared.scoring.rounding import half_away_from_zero_expr

BAND_EDGES = (-1.5, -0.5, 0.5, 1.5)
"""Edges of the five bands, in standard deviations of the group; a value on an edge belongs to the higher band."""
BAND_CODES = ("well_below", "below", "middle", "above", "well_above")
LEAST_SCHOOLS = 8
"""Smallest group that is shown to one of its schools: in a smaller one the bands would be other schools' figures."""
GROUP_DIGITS = 2
"""Decimals of a group's mean and spread towards a school: the last digits would let two overlapping groups be subtracted."""
FAMILY = ("attribute", "group_value", "metric", "subject", "model")
"""Columns that name one comparison."""


def peer_rows(comparison: pl.DataFrame, *, school_code: str) -> pl.DataFrame:
    """A school's place in each of its comparison groups.

    Args:
        comparison: the result frame of that name, with all schools.
        school_code: the school.

    Returns:
        Per group and metric in which the school has a figure: ``attribute, grouping, group_value, metric, subject,
        model, n, value, se, ci_low, ci_high, group_schools, group_mean, group_sd`` (rounded), ``band`` of the school,
        and the number of schools in each band (one column per band, the school itself counted); null, with ``reason``
        ``few_peers``, where the group is too small.
    """
    computed = comparison.filter(pl.col("status") == "computed")
    banded = computed.with_columns(_band().alias("band"))
    counts = banded.group_by(FAMILY).agg(
        (pl.col("band") == code).sum().cast(pl.Int64).alias(code) for code in BAND_CODES
    )
    own = banded.filter(pl.col("school_code") == school_code).join(counts, on=list(FAMILY), nulls_equal=True)
    many = pl.col("group_schools") >= LEAST_SCHOOLS
    hidden = ("band", *BAND_CODES)
    return own.select(
        "attribute", "grouping", "group_value", "metric", "subject", "model",
        "n", "value", "se", "ci_low", "ci_high", "group_schools",
        *(pl.when(many).then(half_away_from_zero_expr(pl.col(name), GROUP_DIGITS)).alias(name)
          for name in ("group_mean", "group_sd")),
        *(pl.when(many).then(pl.col(name)).alias(name) for name in hidden),
        pl.when(~many).then(pl.lit("few_peers")).alias("reason"),
    ).sort(FAMILY)  # fmt: skip


def band_edges() -> list[Mapping[str, float | str | None]]:
    """The bands with their limits, for whoever draws them."""
    edges = (None, *BAND_EDGES, None)
    return [{"band": code, "from": edges[n], "to": edges[n + 1]} for n, code in enumerate(BAND_CODES)]


def _band() -> pl.Expr:
    difference = pl.col("standardized_difference").fill_null(0.0)
    place = sum(((difference >= edge).cast(pl.Int8) for edge in BAND_EDGES), start=pl.lit(0, pl.Int8))
    return place.replace_strict(dict(enumerate(BAND_CODES)), return_dtype=pl.String)
