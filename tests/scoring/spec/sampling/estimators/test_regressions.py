"""Regressions (docs/scoring.md §8b.9)."""

import polars as pl
import pytest

from shared.scoring.sampling.estimates import estimated
from shared.scoring.sampling.estimators import mean, regression
from tests.scoring.sampling_builders import sample

CELLS = [(0, 0, 2, 1.0), (0, 1, 1, 2.0), (1, 0, 1, 4.0), (1, 1, 3, 3.0), (2, 0, 1, 6.0), (2, 1, 2, 9.0)]
ROWS = sample(*CELLS, x=[0.0, 1.0, 2.0, 2.0, 4.0, 5.0], sex=["g", "g", "b", "b", "g", "g"])


def test_slope_and_intercept_by_hand():
    weights, x, y = [row[2] for row in CELLS], ROWS["x"].to_list(), [row[3] for row in CELLS]
    total = sum(weights)
    mean_x = sum(w * a for w, a in zip(weights, x, strict=True)) / total
    mean_y = sum(w * b for w, b in zip(weights, y, strict=True)) / total
    cross = sum(w * (a - mean_x) * (b - mean_y) for w, a, b in zip(weights, x, y, strict=True))
    slope = cross / sum(w * (a - mean_x) ** 2 for w, a in zip(weights, x, strict=True))
    found = estimated(ROWS, "y", regression(["x"]))
    assert found["term"].to_list() == ["intercept", "x"]
    assert found["estimate"].to_list() == pytest.approx([mean_y - slope * mean_x, slope])
    assert found["se"].min() > 0


def test_an_exact_relation_has_no_error_wherever_its_columns_lie():
    rows = ROWS.with_columns(far=1e6 + pl.col("x"), z=pl.col("x") ** 2)
    rows = rows.with_columns(y=3 + 2 * pl.col("far") - pl.col("z"))
    found = estimated(rows, "y", regression(["far", "z"]))
    assert found["estimate"].to_list() == pytest.approx([3, 2, -1], rel=1e-6, abs=1e-3)
    assert found["se"].to_list() == pytest.approx([0, 0, 0], abs=1e-3)


def test_without_covariates_it_is_the_mean():
    left, right = estimated(ROWS, "y", regression([])), estimated(ROWS, "y", mean())
    assert left["estimate"][0] == pytest.approx(right["estimate"][0])
    assert left["se"][0] == pytest.approx(right["se"][0])


def test_a_covariate_that_follows_from_others_has_no_figures():
    rows = ROWS.with_columns(twice=2 * pl.col("x") + 1)
    assert estimated(rows, "y", regression(["x", "twice"]))["estimate"].null_count() == 3


def test_only_the_group_with_a_constant_covariate_goes_without():
    found = estimated(ROWS, "y", regression(["x"]), by=["sex"])
    assert found["reason"].to_list() == ["singular_design", "singular_design", None, None]
