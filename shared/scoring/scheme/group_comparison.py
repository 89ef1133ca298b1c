"""Units beside their like: totals and nodes compared inside groups (分组比较, SCORING §8.6, §10.4)."""

from __future__ import annotations

import polars as pl

from shared.scoring.scheme.evaluation import Evaluation
from shared.scoring.scheme.unit_values import GROUP, UNIT

TOTAL = "total"
"""Name of the total among the nodes; no node of a scheme may be called so."""
MIN_UNITS = 5
_Z = 1.959963984540054
_FAMILY = [GROUP, "node"]


def group_comparison(
    evaluation: Evaluation, *, deepest: int = 2, min_units: int = MIN_UNITS, errors: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Total and nodes of every unit beside those of its group.

    Args:
        evaluation: what was found.
        deepest: depth of the deepest nodes compared; 1 dimensions, 2 indicators.
        min_units: a group of fewer units with a value is not compared.
        errors: standard errors of values: ``unit_code, node, se``; of the total under the node ``total``.

    Returns:
        ``unit_code, group, node, value`` (total, or percent of full marks), ``se, ci_low, ci_high`` (95 %; where there is an
        error), ``group_units, group_mean, group_sd`` (n − 1, units counting once), ``standardized_difference``
        (null where the sd is 0), ``rank_in_group`` (1224, highest first), ``status`` and ``reason`` (``no_value`` or
        ``few_units``).
    """
    groups = evaluation.totals.select(UNIT, GROUP)
    totals = evaluation.totals.select(UNIT, pl.lit(TOTAL).alias("node"), pl.col("total").alias("value"))
    nodes = evaluation.scores.filter((pl.col("depth") <= deepest) & pl.col("points_possible").is_not_null())
    parts = nodes.select(UNIT, "node", (100 * pl.col("share")).alias("value"))
    rows = pl.concat([totals, parts]).join(groups, on=UNIT, how="left", maintain_order="left")
    se = pl.DataFrame(schema={UNIT: pl.String, "node": pl.String, "se": pl.Float64}) if errors is None else errors
    rows = rows.join(se.select(UNIT, "node", "se"), on=[UNIT, "node"], how="left", maintain_order="left")
    value = pl.col("value")
    # In the order of the units' codes, which is the order of the totals: a mean is a sum of floats.
    placed = rows.sort(*_FAMILY, UNIT).with_columns(
        (value - _Z * pl.col("se")).alias("ci_low"),
        (value + _Z * pl.col("se")).alias("ci_high"),
        value.count().over(_FAMILY).cast(pl.Int64).alias("group_units"),
        value.mean().over(_FAMILY).alias("group_mean"),
        value.std(ddof=1).over(_FAMILY).alias("group_sd"),
        value.rank("min", descending=True).over(_FAMILY).cast(pl.Int64).alias("rank_in_group"),
    )
    spread = pl.col("group_sd")
    # Equal values leave a standard deviation of rounding errors.
    difference = pl.when(spread > 1e-9).then((value - pl.col("group_mean")) / spread)
    reason = (
        pl.when(value.is_null())
        .then(pl.lit("no_value"))
        .when(pl.col("group_units") < min_units)
        .then(pl.lit("few_units"))
    )
    held = ("group_mean", "group_sd", "standardized_difference", "rank_in_group")
    return (
        placed.with_columns(difference.alias("standardized_difference"), reason.alias("reason"))
        .with_columns(pl.when(pl.col("reason").is_null()).then(pl.col(name)).alias(name) for name in held)
        .with_columns(
            pl.when(pl.col("reason").is_null())
            .then(pl.lit("computed"))
            .otherwise(pl.lit("not_computed"))
            .alias("status")
        )
        .select(COLUMNS)
        .sort(UNIT, "node")
    )


COLUMNS = (
    UNIT,
    GROUP,
    "node",
    "value",
    "se",
    "ci_low",
    "ci_high",
    "group_units",
    "group_mean",
    "group_sd",
    "standardized_difference",
    "rank_in_group",
    "status",
    "reason",
)
