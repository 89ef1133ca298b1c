"""Marks piled up at a line, and subjects that stand apart (docs/scoring.md §7b.3, §7b.4)."""

import math

import numpy as np
import polars as pl
import pytest
from scipy.special import ndtr, ndtri
from scipy.stats import binom

from shared.scoring.anomalies.base import robust_sd, share_of_looks
from shared.scoring.anomalies.mark_inflation import line_heaping, subject_outliers
from shared.scoring.levels import index_groups
from shared.scoring.summaries.mark_histogram import gather_histogram
from tests.scoring.builders import HUNDRED


def histogram(**schools):
    """Marks in grid units by school; −1 is absent."""
    codes = pl.Series([code for marks in schools.values() for code in marks], dtype=pl.Int32)
    names = [name for name, marks in schools.items() for _ in marks]
    keys = pl.DataFrame(
        {"county_code": "k1", "school_code": names, "class_code": pl.Series([None] * len(names), dtype=pl.String)}
    )
    return gather_histogram(*index_groups(keys), codes, subject=HUNDRED)


def test_share_expected_beyond_the_line_is_that_of_the_schools_own_normal_shape():
    marks = [55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 50, 69, -1]
    found = line_heaping(histogram(a=marks), line=60, width=5).row(0, named=True)
    assert (found["n_near"], found["n_at_or_above"]) == (10, 5)
    # A single school is its own city: the share is moved to what it shows itself.
    assert found["expected_share"] == pytest.approx(0.5)
    assert found["p_value"] == pytest.approx(binom.sf(4, 10, 0.5))
    assert found["threshold"] == 0.01
    assert not found["is_flagged"]


def test_log_odds_are_moved_by_what_all_groups_show():
    low, high = [55] * 8 + [60] * 4 + [40, 70], [55] * 6 + [60] * 6 + [50, 90]
    found = line_heaping(histogram(a=low, b=high), line=60, width=5)
    shares = []
    for marks in (low, high):
        mean, sd = np.mean(marks), np.std(marks)
        edges = [ndtr((edge - 0.5 - mean) / sd) for edge in (55, 60, 65)]
        shares.append((edges[2] - edges[1]) / (edges[2] - edges[0]))
    odds = [share / (1 - share) for share in shares]
    mean_share, seen = sum(shares) / 2, 10 / 24
    moved = [o * (seen / (1 - seen)) / (mean_share / (1 - mean_share)) for o in odds]
    assert found["expected_share"].to_list() == pytest.approx([o / (1 + o) for o in moved])


def test_a_school_without_marks_just_below_the_line_is_flagged():
    spread = list(range(40, 81)) * 4
    lifted = [60 if 55 <= mark < 60 else mark for mark in spread]
    schools = {f"s{number}": spread for number in range(20)} | {"x": lifted}
    found = line_heaping(histogram(**schools), line=60, width=5)
    assert found.filter("is_flagged")["school_code"].to_list() == ["x"]
    assert found["threshold"][0] == 0.01 / 21


def test_few_marks_near_the_line_or_equal_marks_are_not_looked_at():
    found = line_heaping(histogram(few=[60] * 9 + [10], same=[60] * 30, none=[-1, -1]), line=60, width=5)
    assert found["p_value"].null_count() == found["expected_share"].null_count() == 3
    assert not found["is_flagged"].any()


def outliers(rows, sigma2=1.0):
    schools = pl.DataFrame(rows, schema=["model", "school_code", "mean_residual", "n"], orient="row")
    schools = schools.with_columns(county_code=pl.lit("k1"))
    models = pl.DataFrame({"model": ["m", "c"], "sigma2": [sigma2, sigma2]})
    return subject_outliers(schools, models)


def test_contrast_is_a_subject_against_the_schools_other_subjects():
    rows = [(model, f"s{j}", float(value), 10) for j in range(3) for model, value in (("m", j), ("c", 0))]
    found = outliers(rows).filter(pl.col("model") == "m")
    # Contrasts 0, 1, 2, less their median 1; both noises count once: 1/10 + 1/10 in each.
    assert found["contrast"].to_list() == [-1.0, 0.0, 1.0]
    omega2 = robust_sd(np.array([-1.0, 0, 1, 1, 0, -1])) ** 2 - 0.2
    assert found["statistic"].to_list() == pytest.approx([value / math.sqrt(omega2 + 0.2) for value in (-1, 0, 1)])
    assert found["threshold"][0] == pytest.approx(-ndtri(0.01 / 6))


def test_the_one_subject_that_stands_apart_is_flagged():
    rows = [(model, f"s{j:02d}", j % 5 - 2.0, 1000) for j in range(40) for model in ("m", "c")]
    rows = [(m, s, r + 8 * (m == "m" and s == "s07"), n) for m, s, r, n in rows]
    found = outliers(rows).filter("is_flagged")
    assert found.select("model", "school_code").rows() == [("m", "s07")]


def test_a_single_model_is_judged_by_itself_and_no_school_by_nothing():
    found = outliers([("m", "a", 1.0, 4), ("m", "b", 3.0, 4)], sigma2=4.0)
    assert found["contrast"].to_list() == [-1.0, 1.0]
    assert outliers([("m", "a", 1.0, 4)]).clear().is_empty()
    empty = pl.DataFrame(
        schema={"model": pl.String, "county_code": pl.String, "school_code": pl.String}
        | {"n": pl.Int64, "mean_residual": pl.Float64}
    )
    assert subject_outliers(empty, pl.DataFrame({"model": ["m"], "sigma2": [1.0]})).is_empty()


def test_robust_sd_of_normal_scale():
    assert robust_sd(np.array([])) == 0.0
    assert robust_sd(np.array([1.0, 1.0, 1.0, 9.0])) == 0.0
    assert robust_sd(np.array([-1.0, 0.0, 1.0])) == pytest.approx(1 / ndtri(0.75))


def test_looks_share_the_false_alarm_rate():
    assert share_of_looks(4, false_alarm_rate=0.02) == 0.005
    assert share_of_looks(0, false_alarm_rate=0.02) == 0.02
