"""An exam's figures for the population its sample stands for, as tables (SCORING §8b.12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from shared.scoring.disclosure import SUPPRESSION_COLUMNS, mark_suppressed
from shared.scoring.levels import KEY_COLUMNS
from shared.scoring.plan import AnalysisPlan, Direction
from shared.scoring.sampling.draws import SampleDraw
from shared.scoring.sampling.estimates import estimated
from shared.scoring.sampling.estimators import Estimator, mean, quantiles, rate, spread
from shared.scoring.sampling.participation import participation, subject_weights
from shared.scoring.sampling.weights import Participation, weight_check
from shared.scoring.sampling.zones import variance_zones
from shared.scoring.subjects import Subject
from shared.terms.organization import OrgLevel

QUANTILES = (0.10, 0.25, 0.50, 0.75, 0.90)
SCORE_RATE = "score_rate"
STRATUM = "stratum"
_CITY, _COUNTY, _PART = OrgLevel.CITY.value, OrgLevel.COUNTY.value, OrgLevel.SCHOOL.value

_FIGURES: dict[str, pl.DataType] = {
    **SUPPRESSION_COLUMNS,
    "n": pl.Int64(),
    "schools": pl.Int64(),
    "population": pl.Float64(),
    "estimate": pl.Float64(),
    "se": pl.Float64(),
    "ci_low": pl.Float64(),
    "ci_high": pl.Float64(),
    "df": pl.Float64(),
    "design_effect": pl.Float64(),
    "empty_replicates": pl.Int64(),
    "variance_method": pl.String(),
    "status": pl.String(),
    "reason": pl.String(),
}
ESTIMATES_SCHEMA: dict[str, pl.DataType] = {
    **dict.fromkeys(("level", *KEY_COLUMNS, "subject", "role", "metric"), pl.String()),
    **_FIGURES,
}
DOMAINS_SCHEMA: dict[str, pl.DataType] = {
    **dict.fromkeys(("level", "county_code", "attribute", "group_value", "subject", "role", "metric"), pl.String()),
    **_FIGURES,
}
CHECK_SCHEMA: dict[str, pl.DataType] = {
    **dict.fromkeys(("level", "county_code", "subject", STRATUM), pl.String()),
    **dict.fromkeys(
        ("schools_drawn", "schools_present", "pupils_drawn", "pupils_eligible", "pupils_present", "population"),
        pl.Int64(),
    ),
    **dict.fromkeys(
        ("weight_sum", "ratio", "weights_design_effect", "school_response_rate", "pupil_response_rate"), pl.Float64()
    ),
    "is_near": pl.Boolean(),
}
ESTIMATES_KEYS = ("level", *KEY_COLUMNS, "subject", "metric")
DOMAINS_KEYS = ("level", "county_code", "attribute", "group_value", "subject", "metric")
CHECK_KEYS = ("level", "county_code", "subject", STRATUM)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ExamSample:
    """A draw with what became of it.

    Args:
        draw: the drawn schools.
        pupils: drawn pupils of the schools that were to take part: ``school_code, county_code, class_code, student_id,
            pupil_probability, is_enrolled``, a column of codes per reported subject (marks in grid units from 0, statuses
            below, null without a row), and a text column per domain.
        counties: county of every stratum that lies in one (``stratum, county_code``); null for others.
        domains: names of the domain columns.
        has_strata: whether strata are domains of their own.
    """

    draw: SampleDraw
    pupils: pl.DataFrame
    counties: pl.DataFrame
    domains: Sequence[str]
    has_strata: bool


@dataclass(frozen=True, slots=True, eq=False)
class SampleFigures:
    """Tables of a sample: population and counties, domains, weights held against the frame."""

    estimates: pl.DataFrame
    domains: pl.DataFrame
    check: pl.DataFrame


def sample_figures(sample: ExamSample, plan: AnalysisPlan) -> SampleFigures:
    """Every figure of every subject that somebody sat, with standard errors from replicates.

    ``mean``, ``score_rate`` (mean / full mark), ``sd``, ``coefficient_of_variation``, the plan's rates and the quantiles of
    :data:`QUANTILES`. A subject has weights of its own, for its participants are its own.
    """
    parts: dict[str, list[pl.DataFrame]] = {"estimates": [], "domains": [], "check": []}
    for subject in plan.reported:
        if not (sample.pupils[subject.code] >= 0).any():
            continue
        zoned = _zoned(sample, subject)
        for name, frame in _subject_tables(sample, zoned, subject, plan):
            parts[name].append(frame)
        parts["check"].append(_check(sample, zoned, subject))
    return SampleFigures(
        _table(parts["estimates"], ESTIMATES_SCHEMA, ESTIMATES_KEYS),
        _table(parts["domains"], DOMAINS_SCHEMA, DOMAINS_KEYS),
        _table(parts["check"], CHECK_SCHEMA, CHECK_KEYS),
    )


def _table(parts: Sequence[pl.DataFrame], schema: Mapping[str, pl.DataType], keys: Sequence[str]) -> pl.DataFrame:
    empty = pl.DataFrame(schema=schema)
    return pl.concat([empty, *(part.select(list(schema)) for part in parts)]).sort(keys)


def _zoned(sample: ExamSample, subject: Subject) -> pl.DataFrame:
    """Pupils present, weighted and in zones, with their mark and groups."""
    weighted = subject_weights(sample.draw, sample.pupils, subject.code)
    columns = ["student_id", "county_code", subject.code, *sample.domains]
    rows = variance_zones(weighted).join(
        sample.pupils.select(columns), on="student_id", how="left", maintain_order="left"
    )
    return rows.with_columns(pl.Series("mark", subject.marks(rows[subject.code].cast(pl.Int64).to_numpy())))


def _subject_tables(
    sample: ExamSample, zoned: pl.DataFrame, subject: Subject, plan: AnalysisPlan
) -> Iterator[tuple[str, pl.DataFrame]]:
    city = _figures(zoned, subject, plan, by=()).with_columns(
        pl.lit(_CITY).alias("level"), pl.lit(None, pl.String).alias("county_code")
    )
    county = _figures(zoned, subject, plan, by=("county_code",)).with_columns(pl.lit(_COUNTY).alias("level"))
    named = {"subject": subject.code, "role": plan.role(subject)}
    labels = [pl.lit(value).alias(name) for name, value in named.items()]
    counted = _counted(sample, subject, ("county_code",))
    flags = _flags(counted, min_n=plan.min_n)
    both = pl.concat([city, county.select(city.columns)]).join(
        flags.select("level", "county_code", *SUPPRESSION_COLUMNS),
        on=["level", "county_code"],
        nulls_equal=True,
        how="left",
    )
    below = [pl.lit(None, pl.String).alias(name) for name in KEY_COLUMNS if name != "county_code"]
    yield "estimates", both.with_columns(*labels, *below)
    for domain in [*([STRATUM] if sample.has_strata else []), *sample.domains]:
        yield "domains", _domain(sample, zoned, subject, plan, domain).with_columns(labels)


def _domain(sample: ExamSample, zoned: pl.DataFrame, subject: Subject, plan: AnalysisPlan, domain: str) -> pl.DataFrame:
    """Figures of the groups of one attribute; strata of one county belong to it."""
    figures = _figures(zoned, subject, plan, by=(domain,)).with_columns(pl.col(domain).alias("group_value"))
    placed = domain == STRATUM and sample.counties["county_code"].null_count() == 0
    if placed:
        figures = figures.join(sample.counties.rename({STRATUM: "group_value"}), on="group_value", how="left")
        keys: tuple[str, ...] = ("county_code", STRATUM)
    else:
        figures = figures.with_columns(pl.lit(None, pl.String).alias("county_code"))
        keys = (domain,)
    flags = _flags(_counted(sample, subject, keys), min_n=plan.min_n)
    lowest = flags.filter(pl.col("level") == (_PART if placed else _COUNTY))
    lowest = lowest.select(
        pl.col("school_code" if placed else "county_code").alias("group_value"), *SUPPRESSION_COLUMNS
    )
    return figures.join(lowest, on="group_value", how="left").with_columns(
        pl.lit(_COUNTY if placed else _CITY).alias("level"), pl.lit(domain).alias("attribute")
    )


def _counted(sample: ExamSample, subject: Subject, keys: Sequence[str]) -> pl.DataFrame:
    """Drawn and present pupils of the subject at the city, and below it by each of ``keys`` in turn."""
    strata = sample.draw.schools.select("school_code", STRATUM)
    state = sample.pupils.join(strata, on="school_code", how="left").with_columns(participation(subject.code))
    eligible = state.filter(pl.col("participation") != Participation.INELIGIBLE.value)
    counts = [
        pl.len().cast(pl.Int64).alias("n_registered"),
        (pl.col("participation") == Participation.PARTICIPATED.value).sum().cast(pl.Int64).alias("n_sat"),
    ]
    levels, parts = (_CITY, _COUNTY, _PART), []
    for depth in range(len(keys) + 1):
        by = list(keys[:depth])
        part = eligible.group_by(by).agg(counts) if by else eligible.select(counts)
        place = [
            (pl.col(by[number]) if number < depth else pl.lit(None, pl.String)).alias(column)
            for number, column in enumerate(KEY_COLUMNS)
        ]
        parts.append(part.select(pl.lit(levels[depth]).alias("level"), *place, "n_registered", "n_sat"))
    return pl.concat(parts)


def _flags(groups: pl.DataFrame, *, min_n: int) -> pl.DataFrame:
    """Small groups, and so many beside them that weighted sums do not give them back (SCORING §9)."""
    return mark_suppressed(groups.with_columns(pl.lit("").alias("subject")), min_n=min_n, by=["subject"])


def _figures(zoned: pl.DataFrame, subject: Subject, plan: AnalysisPlan, *, by: Sequence[str]) -> pl.DataFrame:
    """Every figure of one subject for the groups of ``by``."""
    needed = ["school_code", "student_id", "weight", "zone", "unit", "mark", *by]
    rows = zoned.select(needed)
    parts = [estimated(rows, "mark", estimator, by=by, min_n=plan.min_n) for estimator in _estimators(subject, plan)]
    found = pl.concat(parts).rename({"term": "metric", "method": "variance_method"}).drop("suppressed")
    full = float(subject.full_mark)
    share = found.filter(pl.col("metric") == "mean").with_columns(
        pl.lit(SCORE_RATE).alias("metric"), *(pl.col(name) / full for name in ("estimate", "se", "ci_low", "ci_high"))
    )
    groups = _group_facts(rows, by)
    both = pl.concat([found, share])
    joined = both.join(groups, on=list(by), how="left") if by else both.join(groups, how="cross")
    return joined.with_columns(_design_effect(full).alias("design_effect"))


def _estimators(subject: Subject, plan: AnalysisPlan) -> Iterator[Estimator]:
    yield mean()
    yield spread()
    for each in plan.rates:
        # The threshold as the double that the mark on the grid is, so that equal is equal.
        line = float(subject.marks(np.array([subject.units_reaching(each.threshold)]))[0])
        is_least = each.direction is Direction.AT_LEAST
        yield rate(each.code, at_least=line if is_least else None, below=None if is_least else line)
    yield quantiles(QUANTILES, width=float(subject.unit))


def _group_facts(rows: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Schools of a group, and its weighted variance as that of a simple random sample."""
    weight, mark = pl.col("weight"), pl.col("mark")
    center = (weight * mark).sum() / weight.sum()
    facts = [
        pl.col("school_code").n_unique().cast(pl.Int64).alias("schools"),
        ((weight * (mark - center).pow(2)).sum() / weight.sum()).alias("__variance"),
    ]
    return rows.group_by(list(by), maintain_order=True).agg(facts) if by else rows.select(facts)


def _design_effect(full_mark: float) -> pl.Expr:
    """Variance of the estimate over that of a simple random sample of as many pupils, S² / n with S² = n σ² / (n − 1)."""
    metric, p = pl.col("metric"), pl.col("estimate")
    variance = (
        pl.when(metric == "mean")
        .then(pl.col("__variance"))
        .when(metric == SCORE_RATE)
        .then(pl.col("__variance") / full_mark**2)
        .when(pl.col("estimator") == "rate")
        .then(p * (1 - p))
    )
    simple = variance / (pl.col("n") - 1)
    return pl.when((simple > 0) & (pl.col("n") > 1)).then(pl.col("se").pow(2) / simple)


def _check(sample: ExamSample, zoned: pl.DataFrame, subject: Subject) -> pl.DataFrame:
    """Weights held against the frame, and response, per stratum and over all."""
    strata = sample.draw.schools.select("school_code", STRATUM)
    state = sample.pupils.join(strata, on="school_code", how="left").with_columns(participation(subject.code))
    took_part = pl.col("participation") == Participation.PARTICIPATED.value
    counts = state.group_by(STRATUM).agg(
        pl.len().alias("pupils_drawn"),
        (pl.col("participation") != Participation.INELIGIBLE.value).sum().alias("pupils_eligible"),
        took_part.sum().alias("pupils_present"),
        pl.col("school_code").filter(took_part).n_unique().alias("schools_present"),
    )
    sampled = sample.draw.strata.select(STRATUM, pl.col("drawn").alias("schools_drawn"))
    whole_of = sampled.join(counts, on=STRATUM, how="left").with_columns(
        pl.exclude(STRATUM).fill_null(0).cast(pl.Int64)
    )
    whole = whole_of.select(pl.lit(None, pl.String).alias(STRATUM), pl.exclude(STRATUM).sum())
    responses = pl.concat([whole_of, whole]).with_columns(
        (pl.col("schools_present") / pl.col("schools_drawn")).alias("school_response_rate"),
        pl.when(pl.col("pupils_eligible") > 0)
        .then(pl.col("pupils_present") / pl.col("pupils_eligible"))
        .alias("pupil_response_rate"),
    )
    checked = weight_check(sample.draw, zoned).join(responses, on=STRATUM, how="left", nulls_equal=True)
    placed = checked.join(sample.counties, on=STRATUM, how="left")
    level = pl.when(pl.col("county_code").is_null()).then(pl.lit(_CITY)).otherwise(pl.lit(_COUNTY))
    return placed.with_columns(level.alias("level"), pl.lit(subject.code).alias("subject"))
