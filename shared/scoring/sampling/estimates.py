"""Estimates for a population and its groups, each with its standard error (SCORING §8b.9–8b.10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from shared.scoring.sampling.estimators.base import Estimator, Floats, SampleRows
from shared.scoring.sampling.inference import Imputation, Inference, combined, replicate_variance
from shared.scoring.sampling.replicates import ReplicateMethod, Replicates, replicates
from shared.terms.errors import DomainError, Fault

_FIGURES = ("estimate", "se", "ci_low", "ci_high", "df", "sampling_variance", "imputation_variance")


def estimated(
    zoned: pl.DataFrame,
    outcome: str | Sequence[str],
    estimator: Estimator,
    *,
    by: Sequence[str] = (),
    method: ReplicateMethod = ReplicateMethod.JK2_FULL,
    imputation: Imputation = Imputation.ALL_VALUES,
    seed: int = 0,
    min_n: int = 10,
) -> pl.DataFrame:
    """One kind of figure, for every group.

    Groups are domains of the whole sample: zones are not renumbered inside a group, and the degrees of freedom are the
    group's variance units less its zones. A group inside one unit has an estimate and no standard error.

    Args:
        zoned: pupils with ``weight, zone, unit`` (:func:`~shared.scoring.sampling.zones.variance_zones`), ``school_code``,
            ``student_id``, outcomes, covariates and group columns. Pupils without an outcome, covariate or group are left
            out of this figure; their weight is not given to others.
        outcome: a column, or the columns of the plausible values of one outcome.
        estimator: what is estimated.
        by: group columns; none for the whole population.
        method: how the sampling variance is estimated.
        imputation: whose sampling variance counts, of plausible values.
        seed: of the lot for ``jk2_half``.
        min_n: groups of fewer pupils in the sample are marked ``suppressed`` (SCORING §9).

    Returns:
        ``<by>, estimator, method, imputation`` (null for one value), ``term, n, population`` (Σ w), ``estimate, se, ci_low,
        ci_high, df, sampling_variance, imputation_variance, empty_replicates, suppressed, reason, status``; one row per
        group and term, sorted. Figures that do not exist are null. ``not_computed`` has a reason: ``singular_design``
        (no estimate), ``few_units`` (no standard error).

    Raises:
        DomainError: ``scoring.sample_rows_invalid`` for missing columns, weights not above 0, values that are no numbers;
            ``scoring.sample_frame_empty`` for no pupils at all.
    """
    outcomes = (outcome,) if isinstance(outcome, str) else tuple(outcome)
    needed = [*outcomes, *estimator.covariates]
    _require(zoned, [*needed, *by, "weight", "zone", "unit", "school_code", "student_id"], numeric=[*needed, "weight"])
    zones = int(zoned["zone"].max()) + 1  # type: ignore[arg-type]
    # In a fixed order, so that sums of floats are the same in every run.
    kept = zoned.drop_nulls([*needed, *by]).sort(*by, "school_code", "student_id")
    if kept.is_empty():
        raise DomainError("scoring.sample_frame_empty")
    made = replicates(method, zones, seed=seed)
    groups = _groups(kept, by)
    samples = [_sample_rows(kept, column, estimator, by=by, units=2 * zones) for column in outcomes]
    found, empty = _inference(samples, estimator, made, df=groups["__df"].to_numpy(), imputation=imputation)
    variants = {"method": method.value, "imputation": imputation.value if len(outcomes) > 1 else None}
    return _table(groups, found, estimator, empty=empty, variants=variants, by=by, min_n=min_n)


def _require(zoned: pl.DataFrame, columns: Sequence[str], *, numeric: Sequence[str]) -> None:
    faults = [Fault("scoring.column_missing", column=column) for column in columns if column not in zoned.columns]
    if not faults:
        for column in numeric:
            values = zoned[column]
            if not values.dtype.is_numeric() or not values.cast(pl.Float64).is_finite().all():
                faults.append(Fault("scoring.sample_not_a_number", column=column))
            elif column == "weight" and (values.null_count() or not (values > 0).all()):
                faults.append(Fault("scoring.sample_number", column=column, allowed="> 0"))
    if faults:
        raise DomainError("scoring.sample_rows_invalid", params={"count": len(faults)}, faults=faults)
    if zoned.is_empty():
        raise DomainError("scoring.sample_frame_empty")


def _groups(kept: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    unit, zone = (2 * pl.col("zone") + pl.col("unit")).n_unique(), pl.col("zone").n_unique()
    figures = [
        pl.len().cast(pl.Int64).alias("n"),
        pl.col("weight").sum().alias("population"),
        (unit.cast(pl.Int64) - zone.cast(pl.Int64)).cast(pl.Float64).alias("__df"),
    ]
    return kept.group_by(by, maintain_order=True).agg(figures) if by else kept.select(figures)


def _sample_rows(
    kept: pl.DataFrame, outcome: str, estimator: Estimator, *, by: Sequence[str], units: int
) -> SampleRows:
    # Rows are sorted by group, so a new run of equal keys is a new group.
    group = (
        kept.select(pl.struct(by).rle_id().cast(pl.Int64)).to_series().to_numpy() if by else np.zeros(kept.height, int)
    )
    return SampleRows(
        outcome=kept[outcome].cast(pl.Float64).to_numpy(),
        covariates=kept.select(pl.col(estimator.covariates).cast(pl.Float64)).to_numpy().reshape(kept.height, -1)
        if estimator.covariates
        else np.zeros((kept.height, 0)),
        weight=kept["weight"].cast(pl.Float64).to_numpy(),
        group=group,
        unit=kept.select(2 * pl.col("zone") + pl.col("unit")).to_series().to_numpy(),
        groups=int(group[-1]) + 1,
        units=units,
    )


def _inference(
    samples: Sequence[SampleRows], estimator: Estimator, made: Replicates, *, df: Floats, imputation: Imputation
) -> tuple[Inference, Floats]:
    factors = np.concatenate([np.ones((1, made.factors.shape[1])), made.factors])
    estimates, variances, empty = [], [], []
    for rows in samples:
        values = estimator.values(rows, factors)
        variance, missing = replicate_variance(values[0], values[1:], made.scale)
        estimates.append(values[0])
        variances.append(variance)
        empty.append(missing)
    wide = np.broadcast_to(df[:, None], estimates[0].shape)
    found = combined(estimates, variances, df=wide, imputation=imputation, is_share=estimator.is_share)
    return found, np.max(empty, axis=0)


def _table(
    groups: pl.DataFrame,
    found: Inference,
    estimator: Estimator,
    *,
    empty: Floats,
    variants: Mapping[str, str | None],
    by: Sequence[str],
    min_n: int,
) -> pl.DataFrame:
    terms = len(estimator.terms)
    rows = groups.select(pl.all().repeat_by(terms)).explode(groups.columns) if terms > 1 else groups
    reason = (
        pl.when(pl.col("estimate").is_null())
        .then(pl.lit("singular_design"))
        .when(pl.col("se").is_null())
        .then(pl.lit("few_units"))
    )
    return (
        rows.select(
            *by,
            pl.lit(estimator.name).alias("estimator"),
            *(pl.lit(value, pl.String).alias(name) for name, value in variants.items()),
            pl.Series("term", list(estimator.terms) * groups.height, pl.String),
            "n",
            "population",
        )
        .with_columns(pl.Series(name, getattr(found, name).ravel()) for name in _FIGURES)
        .with_columns(pl.col(_FIGURES).fill_nan(None))
        .with_columns(
            pl.Series("empty_replicates", empty.ravel(), pl.Int64),
            (pl.col("n") < min_n).alias("suppressed"),
            reason.alias("reason"),
        )
        .with_columns(
            pl.when(pl.col("reason").is_null())
            .then(pl.lit("computed"))
            .otherwise(pl.lit("not_computed"))
            .alias("status")
        )
    )
