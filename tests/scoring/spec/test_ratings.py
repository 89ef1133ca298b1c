"""One figure per person out of many ratings: plain, trimmed, and allowing for severe raters."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from shared.scoring.ratings import FIGURE_SCHEMA, MOST_RATERS, rating_figures

FIVE = {"q": 5}


def sheets(scores: dict[str, list[int | None]]) -> pl.DataFrame:
    rows = [(rated, f"r{place}", score) for rated, given in scores.items() for place, score in enumerate(given)]
    return pl.DataFrame(rows, schema={"rated": pl.String, "rater": pl.String, "q": pl.Int64}, orient="row")


def invited(**counts: int) -> pl.DataFrame:
    return pl.DataFrame(list(counts.items()), schema={"rated": pl.String, "invited_count": pl.Int64}, orient="row")


def test_without_trimming_it_is_the_mean_and_its_error() -> None:
    found = rating_figures(sheets({"a": [5, 4, 4, 3, 1]}), invited(a=10, b=3), points=FIVE)
    assert found.schema == FIGURE_SCHEMA
    a, b = found.iter_rows(named=True)
    scores = np.array([100, 75, 75, 50, 0])
    error = (0.5 * scores.var(ddof=1) / 5) ** 0.5
    half = stats.t.ppf(0.975, 4) * error
    assert (a["n"], a["raw"], a["value"]) == (5, 60, 60)
    assert (a["se"], a["ci_low"]) == (pytest.approx(error), pytest.approx(60 - half))
    assert (b["n"], b["value"], b["se"]) == (0, None, None)


def test_a_trimmed_mean_leaves_out_both_ends() -> None:
    given_scores = [5, 5, 4, 4, 3, 3, 3, 2, 2, 1]
    found = rating_figures(sheets({"a": given_scores}), invited(a=10_000_000), points=FIVE, trim=0.2)
    scores = np.sort([25 * (score - 1) for score in given_scores])
    winsorized = np.clip(scores, scores[2], scores[7])
    expected = (((winsorized - winsorized.mean()) ** 2).sum() / (6 * 5)) ** 0.5
    row = found.row(0, named=True)
    assert row["value"] == pytest.approx(stats.trim_mean(scores, 0.2))
    assert row["raw"] == pytest.approx(scores.mean())
    assert row["se"] == pytest.approx(expected, rel=1e-6)


def test_severe_raters_are_allowed_for_where_people_are_rated_in_part() -> None:
    # r0 to r2 are two points more severe; "a" is rated by them alone, "e" by the mild ones alone.
    rows = []
    for rated, base in zip("abcdefgh", (4, 4, 4, 4, 4, 3, 4, 3), strict=True):
        for rater in range(6):
            if (rated == "a" and rater > 2) or (rated == "e" and rater < 3):
                continue
            rows.append((rated, f"r{rater}", base - (2 if rater < 3 else 0)))
    table = pl.DataFrame(rows, schema={"rated": pl.String, "rater": pl.String, "q": pl.Int64}, orient="row")
    asked = invited(**dict.fromkeys("abcdefgh", 6))
    plain = dict(rating_figures(table, asked, points=FIVE).select("rated", "value").iter_rows())
    found = rating_figures(table, asked, points=FIVE, adjust=True)
    adjusted = dict(found.select("rated", "value").iter_rows())
    assert plain["e"] - plain["a"] == 50
    assert adjusted["e"] - adjusted["a"] == pytest.approx(0, abs=1)
    assert set(found["adjusted_count"]) == {3, 6}


def test_many_raters_are_not_adjusted() -> None:
    count = MOST_RATERS + 1
    many = sheets({"a": [1 + n % 5 for n in range(count)], "b": [5] * count})
    found = rating_figures(many, invited(a=count, b=count), points=FIVE, adjust=True)
    assert found["adjusted_count"].to_list() == [0, 0]
    assert found["value"].to_list() == found["raw"].to_list()


def test_items_left_out_count_for_nothing_and_scales_are_alike() -> None:
    table = pl.DataFrame({"rated": ["a", "a", "a"], "rater": ["x", "y", "z"], "q": [5, None, None], "w": [1, 2, None]})
    found = rating_figures(table, invited(a=9), points={"q": 5, "w": 2})
    assert found.row(0, named=True)["raw"] == pytest.approx((50 + 100) / 2)
    assert found.row(0, named=True)["n"] == 2


def test_what_is_refused() -> None:
    table = sheets({"a": [1]})
    with pytest.raises(ValueError, match="trim"):
        rating_figures(table, invited(a=1), points=FIVE, trim=0.5)
    with pytest.raises(ValueError, match="twice"):
        rating_figures(pl.concat([table, table]), invited(a=1), points=FIVE)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=30), st.sampled_from([0.0, 0.1, 0.25, 0.49]))
def test_figures_stay_on_the_scale_and_within_their_interval(given_scores: list[int], trim: float) -> None:
    row = rating_figures(sheets({"a": given_scores}), invited(a=40), points=FIVE, trim=trim).row(0, named=True)
    assert 0 <= row["value"] <= 100
    if row["se"] is not None:
        assert 0 <= row["ci_low"] <= row["value"] <= row["ci_high"] <= 100
