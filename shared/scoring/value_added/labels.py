"""The five-step label of a school's effect (SCORING §8.2, §8.9)."""

from __future__ import annotations

from enum import StrEnum

import polars as pl


class ValueAddedLabel(StrEnum):
    """Steps of the label, best first."""

    WELL_ABOVE = "well_above"
    ABOVE = "above"
    AS_EXPECTED = "as_expected"
    BELOW = "below"
    WELL_BELOW = "well_below"


def label_expr(*, tau: float, min_n: int) -> pl.Expr:
    """Label of every school from ``n, effect, ci_low, ci_high``.

    An interval clear of 0 makes a school ``above`` or ``below``; more than half a τ away from 0, ``well`` so. Where a
    bound is exactly 0 or an effect exactly half a τ, the better label is given. Fewer than ``min_n`` candidates: null.

    Args:
        tau: standard deviation between schools, √τ²; with 0 nobody differs from expectation.
        min_n: smallest number of candidates that is labeled.
    """
    effect, half = pl.col("effect"), tau / 2
    labels = (
        pl.when(pl.lit(tau == 0))
        .then(pl.lit(ValueAddedLabel.AS_EXPECTED.value))
        .when((pl.col("ci_low") >= 0) & (effect >= half))
        .then(pl.lit(ValueAddedLabel.WELL_ABOVE.value))
        .when(pl.col("ci_low") >= 0)
        .then(pl.lit(ValueAddedLabel.ABOVE.value))
        .when((pl.col("ci_high") < 0) & (effect < -half))
        .then(pl.lit(ValueAddedLabel.WELL_BELOW.value))
        .when(pl.col("ci_high") < 0)
        .then(pl.lit(ValueAddedLabel.BELOW.value))
        .otherwise(pl.lit(ValueAddedLabel.AS_EXPECTED.value))
    )
    return pl.when(pl.col("n") >= min_n).then(labels)
