"""Whether methods agree: rank correlations, and a label only where all of them say the same (SCORING §8.8)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from itertools import combinations

import polars as pl

from shared.scoring.summaries.growth_cells import SCHOOL_KEYS
from shared.scoring.value_added.correlation import spearman
from shared.scoring.value_added.labels import ValueAddedLabel
from shared.scoring.value_added.school_measures import direction_expr

NOT_CLASSIFIABLE = "not_classifiable"
_KEYS = list(SCHOOL_KEYS)
_DIRECTIONS = {
    ValueAddedLabel.WELL_ABOVE.value: ValueAddedLabel.ABOVE.value,
    ValueAddedLabel.WELL_BELOW.value: ValueAddedLabel.BELOW.value,
}


def effect_measure(schools: pl.DataFrame) -> pl.DataFrame:
    """The schools of a random-intercept model in the form of a measure, its five-step ``label`` kept.

    Args:
        schools: ``school_table`` of one model, or the result frame ``value_added_schools`` filtered to it.
    """
    value = pl.col("effect").alias("value")
    reference = pl.lit(0.0).alias("reference")
    return schools.select(*_KEYS, "n", value, "se", "ci_low", "ci_high", reference, "label")


def rank_agreement(measures: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Spearman's rank correlation of every two methods over the schools that both have.

    Args:
        measures: ``measure_frame`` per method name.

    Returns:
        ``method, other, n_schools, rank_correlation, ci_low, ci_high``; null below 4 schools or without variation.
    """
    rows = []
    for (method, left), (other, right) in combinations(measures.items(), 2):
        both = left.select(*_KEYS, "value").join(right.select(*_KEYS, pl.col("value").alias("other")), on=_KEYS)
        both = both.drop_nulls()
        r, low, high = spearman(both["value"].to_numpy(), both["other"].to_numpy())
        rows.append((method, other, both.height, r, low, high))
    figures = dict.fromkeys(("rank_correlation", "ci_low", "ci_high"), pl.Float64())
    schema = {"method": pl.String(), "other": pl.String(), "n_schools": pl.Int64(), **figures}
    return pl.DataFrame(rows, schema=schema, orient="row")


def label_agreement(measures: Mapping[str, pl.DataFrame], *, min_n: int) -> pl.DataFrame:
    """Each method's verdict on every school, and the one that may be published.

    A verdict is the direction of the method's own ``label``, where it gives one, else where its interval lies. Where all
    say the same, ``label`` is the finest that was given (a method's own label first); where two differ, or a method has
    no verdict, it is ``not_classifiable``; where no method has one (too few candidates), null.

    Args:
        measures: ``measure_frame`` per method name, with or without ``label``.
        min_n: smallest number of candidates that is labeled.

    Returns:
        ``county_code, school_code``, ``<method>_label`` each, ``methods`` (verdicts given), ``agrees``, ``label``; sorted
        by key.
    """
    verdicts = [_verdict(name, frame, min_n) for name, frame in measures.items()]
    joined = reduce(lambda left, right: left.join(right, on=_KEYS, how="full", coalesce=True), verdicts)
    columns = [pl.col(f"{name}_label") for name in measures]
    directions = [column.replace(_DIRECTIONS) for column in columns]
    given = pl.sum_horizontal(column.is_not_null().cast(pl.Int64) for column in columns)
    same = pl.all_horizontal((direction == directions[0]).fill_null(value=False) for direction in directions)
    own = [pl.col(f"{name}_label") for name, frame in measures.items() if "label" in frame.columns]
    return (
        joined.with_columns(given.alias("methods"), pl.when(given > 0).then(same).alias("agrees"))
        .with_columns(
            pl.when(pl.col("agrees"))
            .then(pl.coalesce(*own, columns[0]))
            .when(pl.col("methods") > 0)
            .then(pl.lit(NOT_CLASSIFIABLE))
            .alias("label")
        )
        .sort(_KEYS)
    )


def _verdict(name: str, frame: pl.DataFrame, min_n: int) -> pl.DataFrame:
    by_interval = direction_expr(min_n)
    if "label" in frame.columns:
        by_interval = pl.when(pl.col("n") >= min_n).then(pl.col("label"))
    return frame.select(*_KEYS, by_interval.cast(pl.String).alias(f"{name}_label"))
