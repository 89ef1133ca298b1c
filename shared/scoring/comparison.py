"""Schools compared inside groups of their like (分组比较, SCORING §8.6)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

import polars as pl

from shared.scoring.levels import LEVEL_KEYS
from shared.scoring.plan import AnalysisPlan, ComparisonAttribute, Grouping
from shared.scoring.summaries.attribute_counts import AttributeCounts
from shared.scoring.summaries.mark_histogram import MarkHistogram
from shared.scoring.summaries.mark_view import MarkView
from shared.terms.organization import OrgLevel

MEAN = "mean"
VALUE_ADDED = "value_added"
_SCHOOL = list(LEVEL_KEYS[OrgLevel.SCHOOL])
_VALUES = ("value", "se", "ci_low", "ci_high")


def school_groups(
    plan: AnalysisPlan, *, attributes: AttributeCounts, histograms: Mapping[str, MarkHistogram]
) -> pl.DataFrame:
    """Comparison group of every school for every attribute of the plan.

    By ``value``: the one value all its candidates carry; by ``quartile``: the quarter (1 lowest, 4 highest) of the mean
    over its candidates, cut at the type-7 quartiles of the schools' means; a school on a cut belongs to the lower
    quarter. A school without a value, or with several where one is needed, has no group and a reason.

    Args:
        plan: the attributes.
        attributes: values of those that stand in the sheets.
        histograms: merged histograms of the intake subjects among them.

    Returns:
        ``county_code, school_code, attribute, grouping, group_value, reason``.
    """
    parts = []
    for attribute in plan.comparisons:
        if attribute in plan.attributes:
            schools = _declared(attributes, attribute)
        else:
            schools = _intake_means(histograms[attribute.code])
        if attribute.grouping is Grouping.QUARTILE:
            schools = _quartiles(schools)
        parts.append(
            schools.select(
                *_SCHOOL,
                pl.lit(attribute.code).alias("attribute"),
                pl.lit(attribute.grouping.value).alias("grouping"),
                pl.col("value").cast(pl.String).alias("group_value"),
                "reason",
            )
        )
    return pl.concat(parts)


def summary_columns(plan: AnalysisPlan) -> list[str]:
    """Columns of the summary that are compared, or say what of."""
    return [*_SCHOOL, "level", "role", "subject", "n_sat", "suppressed", *chain(*_metrics(plan).values())]


def _metrics(plan: AnalysisPlan) -> dict[str, tuple[str, str, str, str]]:
    """Columns of the summary by metric, in the order of ``_VALUES``."""
    rates = [f"{rate.code}_rate" for rate in plan.rates]
    columns = {rate: (rate, f"{rate}_se", f"{rate}_ci_low", f"{rate}_ci_high") for rate in rates}
    return {MEAN: ("mean", "se_mean", "mean_ci_low", "mean_ci_high")} | columns


def school_metrics(summary_table: pl.DataFrame, value_added: pl.DataFrame, plan: AnalysisPlan) -> pl.DataFrame:
    """What is compared: means and rates of outcome subjects and total, and value added.

    Returns:
        ``county_code, school_code, metric, subject, model, n, value, se, ci_low, ci_high, suppressed``.
    """
    schools = summary_table.filter((pl.col("level") == "school") & (pl.col("role") != "intake"))
    parts = [
        schools.select(
            *_SCHOOL,
            pl.lit(metric).alias("metric"),
            "subject",
            pl.lit(None, pl.String).alias("model"),
            pl.col("n_sat").alias("n"),
            *(pl.col(column).alias(name) for column, name in zip(columns, _VALUES, strict=True)),
            "suppressed",
        )
        for metric, columns in _metrics(plan).items()
    ]
    effects = value_added.select(
        *_SCHOOL,
        pl.lit(VALUE_ADDED).alias("metric"),
        pl.lit(None, pl.String).alias("subject"),
        "model",
        "n",
        pl.col("effect").alias("value"),
        "se",
        "ci_low",
        "ci_high",
        "suppressed",
    )
    return pl.concat([*parts, effects])


def comparison_table(groups: pl.DataFrame, metrics: pl.DataFrame, plan: AnalysisPlan) -> pl.DataFrame:
    """Every school beside its group.

    Group mean and sd (n − 1) are over schools, each counting once, without those withheld from others: a withheld
    school must not come back out of a group's mean. ``standardized_difference = (value − group mean) / group sd``;
    ``rank_in_group`` is 1224, highest first. Groups of fewer than ``comparison_min_schools`` shown schools are not
    compared (status ``not_computed``, reason ``few_schools``).
    """
    grouped = _numbered(groups, ["attribute", "group_value"], "__group")
    measured = _numbered(metrics, ["metric", "subject", "model"], "__metric")
    family = ["__group", "__metric"]
    shown = pl.col("group_value").is_not_null() & ~pl.col("suppressed") & pl.col("value").is_not_null()
    # Sorted first: the mean is a sum of floats, and its order must be the same in every run.
    joined = grouped.join(measured, on=_SCHOOL, how="inner", maintain_order="left").sort(family, maintain_order=True)
    counted = joined.with_columns(pl.when(shown).then(pl.col("value")).alias("__shown"))
    figures = counted.with_columns(
        pl.col("__shown").count().over(family).cast(pl.Int64).alias("group_schools"),
        pl.col("__shown").mean().over(family).alias("group_mean"),
        pl.col("__shown").std(ddof=1).over(family).alias("group_sd"),
        pl.col("__shown").rank("min", descending=True).over(family).cast(pl.Int64).alias("rank_in_group"),
    )
    few = pl.col("group_schools") < plan.comparison_min_schools
    reason = (
        pl.when(pl.col("reason").is_not_null())
        .then(pl.col("reason"))
        .when(pl.col("value").is_null())
        .then(pl.lit("no_value"))
        .when(few)
        .then(pl.lit("few_schools"))
    )
    figures = figures.with_columns(reason.alias("reason"))
    computed = pl.col("reason").is_null()
    difference = pl.when(pl.col("group_sd") > 0).then((pl.col("value") - pl.col("group_mean")) / pl.col("group_sd"))
    return figures.with_columns(difference.alias("standardized_difference")).with_columns(
        pl.when(computed).then(pl.lit("computed")).otherwise(pl.lit("not_computed")).alias("status"),
        *(
            pl.when(computed).then(pl.col(name)).alias(name)
            for name in ("group_mean", "group_sd", "rank_in_group", "standardized_difference")
        ),
    )


def _numbered(schools: pl.DataFrame, names: list[str], number: str) -> pl.DataFrame:
    """Schools in the order of some names, whose combination is given a number: numbers are sorted faster than names."""
    changes = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in names)
    return schools.sort([*names, *_SCHOOL]).with_columns(changes.cum_sum().alias(number))


def _declared(attributes: AttributeCounts, attribute: ComparisonAttribute) -> pl.DataFrame:
    cells = attributes.cells.filter(pl.col("attribute") == attribute.code)
    known = pl.col("value").is_not_null()
    if attribute.grouping is Grouping.VALUE:
        schools = cells.group_by(_SCHOOL).agg(
            pl.col("value").filter(known).first(), pl.col("value").filter(known).n_unique().alias("__distinct")
        )
    else:
        number, count = pl.col("value").cast(pl.Float64), pl.col("count")
        ordered = cells.with_columns(number).sort(*_SCHOOL, "value")
        weighted = (pl.col("value") * count).filter(known).sum() / count.filter(known).sum()
        schools = ordered.group_by(_SCHOOL, maintain_order=True).agg(
            pl.when(known.any()).then(weighted).alias("value"), pl.lit(1, pl.UInt32).alias("__distinct")
        )
    return schools.with_columns(
        pl.when(pl.col("__distinct") > 1)
        .then(pl.lit("attribute_varies"))
        .when(pl.col("value").is_null())
        .then(pl.lit("attribute_missing"))
        .alias("reason")
    ).with_columns(pl.when(pl.col("reason").is_null()).then(pl.col("value")).alias("value"))


def _intake_means(histogram: MarkHistogram) -> pl.DataFrame:
    view = MarkView(histogram.at_level(OrgLevel.SCHOOL))
    mean = view.subject.marks(view.unit_sum, view.sat_count.clip(min=1))
    value = pl.Series("value", mean).set(pl.Series(view.sat_count == 0), None)
    missing = pl.when(pl.col("value").is_null()).then(pl.lit("attribute_missing")).alias("reason")
    return view.keys.select(*_SCHOOL, value).with_columns(missing)


def _quartiles(schools: pl.DataFrame) -> pl.DataFrame:
    value = pl.col("value")
    cuts = [value.quantile(share, interpolation="linear") for share in (0.25, 0.5, 0.75)]
    quarter = 1 + sum(((value > cut).cast(pl.Int64) for cut in cuts), start=pl.lit(0))
    return schools.with_columns(quarter.alias("value"))
