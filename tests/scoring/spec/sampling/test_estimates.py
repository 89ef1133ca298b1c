"""Estimates by group (docs/scoring.md §8b.9–8b.10)."""

from math import sqrt

import polars as pl
import pytest

from shared.scoring.sampling.estimates import estimated
from shared.scoring.sampling.estimators import mean, regression, total
from shared.scoring.sampling.inference import Imputation
from shared.scoring.sampling.replicates import ReplicateMethod
from shared.terms.errors import DomainError
from tests.scoring.sampling_builders import sample

ROWS = sample((0, 0, 2, 10), (0, 1, 2, 20), (1, 0, 4, 30), (1, 1, 2, 50), sex=["g", "g", "g", "b"])


def test_a_mean_with_its_jackknife_by_hand():
    found = estimated(ROWS, "y", mean()).row(0, named=True)
    center = (20 + 40 + 120 + 100) / 10
    replicated = [
        (0 + 80 + 120 + 100) / (0 + 4 + 4 + 2),
        (40 + 0 + 120 + 100) / (4 + 0 + 4 + 2),
        (20 + 40 + 0 + 200) / (2 + 2 + 0 + 4),
        (20 + 40 + 240 + 0) / (2 + 2 + 8 + 0),
    ]
    variance = sum((value - center) ** 2 for value in replicated) / 2
    assert found["estimate"] == pytest.approx(center)
    assert found["se"] == pytest.approx(sqrt(variance))
    assert found["sampling_variance"] == pytest.approx(variance)
    assert (found["n"], found["population"], found["df"], found["status"]) == (4, 10, 2, "computed")
    assert (found["estimator"], found["method"], found["term"]) == ("mean", "jk2_full", "mean")
    assert found["suppressed"]


def test_groups_are_domains_of_the_whole_sample():
    found = estimated(ROWS, "y", mean(), by=["sex"], min_n=2)
    boy, girl = found.iter_rows(named=True)
    assert (boy["sex"], boy["estimate"], boy["n"], boy["suppressed"]) == ("b", 50, 1, True)
    assert (girl["estimate"], girl["n"], girl["suppressed"]) == ((20 + 40 + 120) / 8, 3, False)
    # Girls are in both units of zone 0 and one of zone 1: 3 units less 2 zones.
    assert girl["df"] == 1
    assert girl["se"] > 0


def test_a_group_inside_one_unit_has_no_standard_error():
    boy = estimated(ROWS, "y", mean(), by=["sex"]).row(0, named=True)
    assert (boy["status"], boy["reason"], boy["empty_replicates"]) == ("not_computed", "few_units", 1)
    assert (boy["se"], boy["ci_low"], boy["df"]) == (None, None, None)


def test_fay_leaves_no_replicate_empty():
    found = estimated(ROWS, "y", mean(), by=["sex"], method=ReplicateMethod.FAY_BRR)
    assert found["empty_replicates"].to_list() == [0, 0]


def test_plausible_values():
    rows = ROWS.with_columns(pv1=pl.col("y"), pv2=pl.col("y") + 6)
    single = estimated(rows, "pv1", mean()).row(0, named=True)
    both = estimated(rows, ["pv1", "pv2"], mean()).row(0, named=True)
    assert both["estimate"] == pytest.approx(single["estimate"] + 3)
    assert both["imputation_variance"] == pytest.approx(6**2 / 2)
    assert both["se"] == pytest.approx(sqrt(single["sampling_variance"] + 1.5 * 18))
    other = rows.with_columns(pv2=3.0)
    first = estimated(other, ["pv1", "pv2"], mean(), imputation=Imputation.FIRST_ONLY).row(0, named=True)
    assert (single["imputation"], both["imputation"], first["imputation"]) == (None, "all_values", "first_only")
    assert first["sampling_variance"] == pytest.approx(single["sampling_variance"])
    every = estimated(other, ["pv1", "pv2"], mean()).row(0, named=True)
    assert every["sampling_variance"] == pytest.approx(single["sampling_variance"] / 2)


def test_pupils_without_a_value_are_left_out():
    found = estimated(ROWS.with_columns(y=pl.Series([10, 20, 30, None])), "y", total()).row(0, named=True)
    assert (found["n"], found["population"], found["estimate"]) == (3, 8, 20 + 40 + 120)


def test_a_regression_that_cannot_be_solved_says_so():
    found = estimated(ROWS.with_columns(x=1.0), "y", regression(["x"]))
    assert found["reason"].to_list() == ["singular_design"] * 2
    assert found["term"].to_list() == ["intercept", "x"]
    assert found["estimate"].null_count() == 2


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (ROWS.drop("y"), ("column_missing", "y")),
        (ROWS.with_columns(y=pl.lit("5")), ("sample_not_a_number", "y")),
        (ROWS.with_columns(y=pl.lit(float("nan"))), ("sample_not_a_number", "y")),
        (ROWS.with_columns(weight=pl.lit(0.0)), ("sample_number", "weight")),
        (ROWS.with_columns(weight=pl.lit(None, pl.Float64)), ("sample_number", "weight")),
    ],
)
def test_what_cannot_be_estimated_from_is_refused(rows, expected):
    with pytest.raises(DomainError, match=r"scoring\.sample_rows_invalid") as refused:
        estimated(rows, "y", mean())
    assert [(fault.code.split(".")[1], fault.column) for fault in refused.value.faults] == [expected]


@pytest.mark.parametrize("rows", [ROWS.clear(), ROWS.with_columns(y=pl.lit(None, pl.Float64))])
def test_nobody_is_refused(rows):
    with pytest.raises(DomainError, match=r"scoring\.sample_frame_empty"):
        estimated(rows, "y", mean())
