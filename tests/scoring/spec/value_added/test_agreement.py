"""Agreement of methods, composition check, several years (docs/scoring.md §8.8)."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.stats import chi2, norm
from scipy.stats import spearmanr as scipy_spearman

from shared.scoring.value_added.agreement import effect_measure, label_agreement, rank_agreement
from shared.scoring.value_added.composition import composition_check
from shared.scoring.value_added.correlation import pearson, spearman
from shared.scoring.value_added.years import year_average
from shared.terms.errors import DomainError

Z = norm.ppf(0.975)


def measure(values, *, half=1.0, n=20, **columns):
    """A measure of schools s0, s1 … around 0; ``half`` is half the width of the interval."""
    schools = [f"s{j}" for j in range(len(values))]
    frame = pl.DataFrame({"county_code": "k", "school_code": schools, "n": n, "value": values}, strict=False)
    low, high = pl.col("value") - half, pl.col("value") + half
    return frame.with_columns(se=half / Z, ci_low=low, ci_high=high, reference=0.0, **columns)


def test_rank_correlation_with_ties_and_its_interval():
    x, y = np.array([1.0, 2, 2, 4, 7, 6]), np.array([2.0, 1, 3, 3, 9, 4])
    r, low, high = spearman(x, y)
    assert r == pytest.approx(scipy_spearman(x, y).statistic)
    half = Z * np.sqrt((1 + r * r / 2) / (6 - 3))
    assert (low, high) == pytest.approx((np.tanh(np.arctanh(r) - half), np.tanh(np.arctanh(r) + half)))


def test_product_moment_correlation_and_its_interval():
    x, y = np.array([1.0, 2, 3, 4, 5]), np.array([2.0, 1, 4, 3, 5])
    r, low, high = pearson(x, y)
    # Σ(x − 3)(y − 3) = 8, Σ(x − 3)² = Σ(y − 3)² = 10.
    assert r == pytest.approx(8 / 10)
    assert (low, high) == pytest.approx(tuple(np.tanh(np.arctanh(0.8) + sign * Z / np.sqrt(2)) for sign in (-1, 1)))


def test_correlations_that_do_not_exist_or_are_perfect():
    assert pearson(np.arange(3.0), np.arange(3.0)) == (None, None, None)
    assert pearson(np.arange(5.0), np.full(5, 0.1)) == (None, None, None)
    assert spearman(np.arange(5.0), np.exp(np.arange(5.0))) == (1, 1, 1)
    assert spearman(np.arange(5.0), -np.arange(5.0)) == (-1, -1, -1)


def test_every_two_methods_over_the_schools_both_have():
    first, second = measure([1.0, 2.0, 3.0, 4.0, 5.0]), measure([2.0, 1.0, 4.0, 3.0])
    third = measure([1.0, None, 3.0])
    found = rank_agreement({"model": first, "growth": second, "gain": third})
    assert found.select("method", "other", "n_schools").rows() == [
        ("model", "growth", 4),
        ("model", "gain", 2),
        ("growth", "gain", 2),
    ]
    assert found["rank_correlation"].to_list() == [pytest.approx(0.6), None, None]


def test_a_label_stands_only_where_all_methods_say_the_same():
    """s0 above in both, s1 contradicted, s2 as expected, s3 below in both."""
    first, second = measure([3.0, 3.0, 0.0, -3.0]), measure([2.0, 0.5, 0.2, -1.5])
    found = label_agreement({"residual": first, "growth": second}, min_n=10)
    assert found["label"].to_list() == ["above", "not_classifiable", "as_expected", "below"]
    assert found["agrees"].to_list() == [True, False, True, True]
    assert found["growth_label"].to_list() == ["above", "as_expected", "as_expected", "below"]


def test_the_finest_label_given_is_kept():
    fine = measure([3.0, -3.0, 3.0], label=pl.Series(["well_above", "well_below", "well_above"]))
    found = label_agreement({"residual": measure([3.0, -3.0, -3.0]), "model": fine}, min_n=10)
    assert found["label"].to_list() == ["well_above", "well_below", "not_classifiable"]


def test_a_school_that_one_method_cannot_judge_is_not_classifiable_and_one_that_none_can_has_no_label():
    first = measure([3.0, 3.0], n=20).with_columns(n=pl.Series([20, 9]))
    second = measure([3.0, 3.0, 3.0], n=20).with_columns(n=pl.Series([20, 9, 20]))
    found = label_agreement({"a": first, "b": second}, min_n=10)
    assert found["label"].to_list() == ["above", None, "not_classifiable"]
    assert found["methods"].to_list() == [2, 0, 1]
    assert found["agrees"].to_list() == [True, None, False]


def test_effects_of_a_model_are_a_measure():
    schools = measure([3.0]).rename({"value": "effect"}).with_columns(label=pl.lit("well_above"), model=pl.lit("m"))
    assert effect_measure(schools).row(0, named=True) == {
        "county_code": "k",
        "school_code": "s0",
        "n": 20,
        "value": 3.0,
        "se": 1 / Z,
        "ci_low": 2.0,
        "ci_high": 4.0,
        "reference": 0.0,
        "label": "well_above",
    }


def attributes(**columns):
    size = len(next(iter(columns.values())))
    return pl.DataFrame({"county_code": ["k"] * size, "school_code": [f"s{j}" for j in range(size)], **columns})


def test_effects_that_follow_intake_are_flagged():
    effects = measure([1.0, 2.0, 3.0, 4.0, 5.0])
    table = attributes(intake=[2, 1, 4, 3, 5], poverty=[0.1, 0.2, 0.1, 0.2, None], flat=[1, 1, 1, 1, 1])
    found = composition_check(effects, table, ["intake", "poverty", "flat"])
    assert found["n_schools"].to_list() == [5, 4, 5]
    # Poverty: effects 1, 2, 3, 4 with 0.1, 0.2, 0.1, 0.2 correlate at 1/√5.
    assert found["correlation"].to_list() == [pytest.approx(0.8), pytest.approx(1 / np.sqrt(5)), None]
    assert found["flagged"].to_list() == [True, True, False]
    assert composition_check(effects, table, ["poverty"], limit=0.5)["flagged"].to_list() == [False]
    assert found["ci_low"][1] < 0 < found["ci_high"][1]


def test_an_attribute_that_is_missing_or_no_number_is_refused():
    with pytest.raises(DomainError) as refused:
        composition_check(measure([1.0]), attributes(place=["town"]), ["place", "poverty"])
    assert {fault.code for fault in refused.value.faults} == {"scoring.column_missing", "scoring.value_not_finite"}


def years(*rows):
    table = [("k", *row) for row in rows]
    return pl.DataFrame(table, schema=["county_code", "school_code", "year", "value", "se"], orient="row")


def test_years_are_weighted_by_precision():
    """Weights 1/1² = 1 and 1/0.5² = 4: mean (1·3 + 4·4)/5, Q = 0.8 < 1, so the internal error 1/√5 stands."""
    row = year_average(years(("s", 2024, 3.0, 1.0), ("s", 2025, 4.0, 0.5))).row(0, named=True)
    assert row["value"] == pytest.approx((1 * 3 + 4 * 4) / 5)
    assert row["heterogeneity"] == pytest.approx(1 * 0.8**2 + 4 * 0.2**2)
    assert row["heterogeneity_p"] == pytest.approx(chi2.sf(0.8, 1))
    assert row["se"] == pytest.approx(1 / np.sqrt(5))
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((3.8 - Z / np.sqrt(5), 3.8 + Z / np.sqrt(5)))
    assert (row["first_year"], row["last_year"], row["year_count"], row["status"]) == (2024, 2025, 2, "averaged")


def test_years_that_contradict_one_another_widen_the_interval():
    """Equal weights, values ±4: Q = 32, se = √(32/1)/√2 = 4, the scatter of the two years itself."""
    row = year_average(years(("s", 2024, -4.0, 1.0), ("s", 2025, 4.0, 1.0))).row(0, named=True)
    assert (row["value"], row["se"]) == pytest.approx((0, np.sqrt(32) / np.sqrt(2)))


def test_one_year_alone_is_shown_as_such():
    row = year_average(years(("s", 2025, 3.0, 1.0), ("s", 2024, 9.0, 0.0), ("s", 2023, 9.0, None))).row(0, named=True)
    assert (row["status"], row["year_count"], row["years_left_out"]) == ("one_year", 1, 2)
    assert (row["value"], row["se"], row["heterogeneity"], row["heterogeneity_p"]) == (3.0, 1.0, None, None)


def test_a_school_without_a_usable_year_has_no_row_and_a_year_given_twice_is_refused():
    assert year_average(years(("s", 2024, 9.0, 0.0))).height == 0
    with pytest.raises(DomainError) as refused:
        year_average(years(("s", 2024, 9.0, 1.0), ("s", 2024, 8.0, 1.0)))
    assert [fault.code for fault in refused.value.faults] == ["scoring.rows_doubled"]
