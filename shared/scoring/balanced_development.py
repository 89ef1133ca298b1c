"""Quality balanced development: what schools have per pupil, and how far schools of a county differ (SCORING §10.9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from shared.scoring.rounding import without_noise_expr
from shared.terms.errors import DomainError, Fault

SCHOOL, COUNTY, STAGE, PUPILS = "school_code", "county_code", "stage", "student_count"
_SCHOOL_STAGE = [SCHOOL, STAGE]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceStandard:
    """What the schools of one stage are held against.

    Args:
        stage: name of the stage in the table of schools.
        indicators: least value by column.
        required: how many indicators a school meets at least.
        least_share: what its others reach at least, as a share of the standard.
        variation_limit: largest coefficient of variation between the schools of a county.
    """

    stage: str
    indicators: Mapping[str, Decimal]
    required: int
    least_share: Decimal
    variation_limit: Decimal


@dataclass(frozen=True, slots=True, eq=False)
class BalancedDevelopment:
    """Figures of schools and counties.

    Args:
        indicators: ``school_code, county_code, stage, indicator, value, standard, ratio, is_met``; null where no value is.
        schools: ``school_code, county_code, stage, met_count, missing_count, lowest_ratio, is_met``; the last is null
            where missing values decide.
        variation: ``county_code, stage, indicator, school_count, student_count, mean, sd, coefficient_of_variation, limit,
            is_within, covered_rate``; pupils of the schools with a value over all pupils of the stage.
        counties: ``county_code, stage, school_count, met_school_count, unknown_school_count, within_count, is_met``: all
            schools and all indicators; null where missing values decide.
    """

    indicators: pl.DataFrame
    schools: pl.DataFrame
    variation: pl.DataFrame
    counties: pl.DataFrame


def balanced_development(schools: pl.DataFrame, standards: Sequence[ResourceStandard]) -> BalancedDevelopment:
    """Holds schools and counties against the standards.

    A school with several stages has a row for each, with that stage's pupils and resources.

    Args:
        schools: ``school_code, county_code, stage, student_count`` and the indicators, per pupil or per hundred, null where
            unknown; stages without a standard are left out.
        standards: of each stage.

    Raises:
        DomainError: ``scoring.resources_invalid``: column missing, school and stage doubled, pupils missing or not above 0,
            value not finite or below 0.
    """
    _require_sound(schools, standards)
    indicators = pl.concat([_indicators(schools, standard) for standard in standards]).sort(
        COUNTY, *_SCHOOL_STAGE, "indicator"
    )
    judged = pl.concat([_schools(indicators, standard) for standard in standards]).sort(COUNTY, *_SCHOOL_STAGE)
    variation = pl.concat([_variation(indicators, standard) for standard in standards]).sort(COUNTY, STAGE, "indicator")
    return BalancedDevelopment(
        indicators.drop(PUPILS), judged, variation, _counties(judged, variation).sort(COUNTY, STAGE)
    )


def _require_sound(schools: pl.DataFrame, standards: Sequence[ResourceStandard]) -> None:
    columns = dict.fromkeys(code for standard in standards for code in standard.indicators)
    needed = [SCHOOL, COUNTY, STAGE, PUPILS, *columns]
    faults = [Fault("scoring.column_missing", column=column) for column in needed if column not in schools.columns]
    if not faults:
        faults = list(_row_faults(schools, list(columns)))
    if faults:
        raise DomainError("scoring.resources_invalid", params={"count": len(faults)}, faults=faults)


def _row_faults(schools: pl.DataFrame, columns: Sequence[str]) -> Iterator[Fault]:
    rules = [(SCHOOL, pl.struct(_SCHOOL_STAGE).is_duplicated(), "scoring.school_stage_twice")]
    rules += [(column, pl.col(column).is_null(), "scoring.resource_key_missing") for column in (SCHOOL, COUNTY, STAGE)]
    rules += [(PUPILS, (pl.col(PUPILS) > 0).fill_null(value=False).not_(), "scoring.resource_out_of_range")]
    for column in columns:
        value = pl.col(column).cast(pl.Float64)
        rules.append((column, ~value.is_finite() | (value < 0), "scoring.resource_out_of_range"))
    for column, broken, code in rules:
        for (school,) in schools.filter(broken).select(SCHOOL).iter_rows():
            yield Fault(code, column=column, source_id=school)


def _indicators(schools: pl.DataFrame, standard: ResourceStandard) -> pl.DataFrame:
    least = {code: float(value) for code, value in standard.indicators.items()}
    own = schools.filter(pl.col(STAGE) == standard.stage)
    long = own.unpivot(
        on=list(least), index=[*_SCHOOL_STAGE, COUNTY, PUPILS], variable_name="indicator", value_name="value"
    ).with_columns(pl.col("value").cast(pl.Float64), pl.col(PUPILS).cast(pl.Float64))
    level = pl.col("indicator").replace_strict(least, return_dtype=pl.Float64)
    with_ratio = long.with_columns(
        level.alias("standard"), without_noise_expr(pl.col("value") / level).alias("ratio")
    ).with_columns((pl.col("ratio") >= 1).alias("is_met"))
    return with_ratio.select(SCHOOL, COUNTY, STAGE, PUPILS, "indicator", "value", "standard", "ratio", "is_met")


def _schools(indicators: pl.DataFrame, standard: ResourceStandard) -> pl.DataFrame:
    met, ratio = pl.col("is_met"), pl.col("ratio")
    own = indicators.filter(pl.col(STAGE) == standard.stage)
    counted = own.group_by(SCHOOL, COUNTY, STAGE, maintain_order=True).agg(
        met.sum().cast(pl.Int64).alias("met_count"),
        met.is_null().sum().cast(pl.Int64).alias("missing_count"),
        ratio.min().alias("lowest_ratio"),
    )
    # What is known may decide already: too many fall short, or one falls too far short.
    most_possible = pl.col("met_count") + pl.col("missing_count")
    too_low = (pl.col("lowest_ratio") < float(standard.least_share)).fill_null(value=False)
    fails = (most_possible < standard.required) | too_low
    holds = (pl.col("met_count") >= standard.required) & (pl.col("missing_count") == 0)
    verdict = pl.when(fails).then(pl.lit(value=False)).when(holds).then(pl.lit(value=True))
    return counted.with_columns(verdict.alias("is_met"))


def _variation(indicators: pl.DataFrame, standard: ResourceStandard) -> pl.DataFrame:
    """CV = S / X̄, X̄ = Σ PᵢXᵢ / Σ Pᵢ, S = √(Σ (Pᵢ / Σ P)(Xᵢ − X̄)²) over the schools with a value."""
    own = indicators.filter(pl.col(STAGE) == standard.stage)
    has, value, pupils = pl.col("value").is_not_null(), pl.col("value"), pl.col(PUPILS)
    weight = pl.when(has).then(pupils)
    mean = (value * weight).sum() / weight.sum()
    family = [COUNTY, STAGE, "indicator"]
    spread = own.with_columns(mean.over(family).alias("mean"))
    figures = spread.group_by(family, maintain_order=True).agg(
        has.sum().cast(pl.Int64).alias("school_count"),
        weight.sum().cast(pl.Int64).alias(PUPILS),
        pl.when(has.any()).then(pl.col("mean").first()).alias("mean"),
        pl.when(has.any()).then(((value - pl.col("mean")).pow(2) * weight).sum() / weight.sum()).sqrt().alias("sd"),
        (weight.sum() / pupils.sum()).alias("covered_rate"),
    )
    ratio = pl.when(pl.col("mean") > 0).then(without_noise_expr(pl.col("sd") / pl.col("mean")))
    limit = float(standard.variation_limit)
    return figures.with_columns(ratio.alias("coefficient_of_variation"), pl.lit(limit).alias("limit")).select(
        *family,
        "school_count",
        PUPILS,
        "mean",
        "sd",
        "coefficient_of_variation",
        "limit",
        (pl.col("coefficient_of_variation") <= limit).alias("is_within"),
        "covered_rate",
    )


def _counties(schools: pl.DataFrame, variation: pl.DataFrame) -> pl.DataFrame:
    key = [COUNTY, STAGE]
    of_schools = schools.group_by(key, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("school_count"),
        pl.col("is_met").sum().cast(pl.Int64).alias("met_school_count"),
        pl.col("is_met").is_null().sum().cast(pl.Int64).alias("unknown_school_count"),
        pl.col("is_met").all(ignore_nulls=False).alias("__schools"),
    )
    # A variation over some of the schools says nothing about that over all of them.
    settled = pl.when(pl.col("covered_rate") == 1).then(pl.col("is_within"))
    of_indicators = variation.group_by(key, maintain_order=True).agg(
        pl.col("is_within").sum().cast(pl.Int64).alias("within_count"),
        settled.all(ignore_nulls=False).alias("__within"),
    )
    return of_schools.join(of_indicators, on=key, how="left", maintain_order="left").select(
        *key,
        "school_count",
        "met_school_count",
        "unknown_school_count",
        "within_count",
        (pl.col("__schools") & pl.col("__within")).alias("is_met"),
    )
