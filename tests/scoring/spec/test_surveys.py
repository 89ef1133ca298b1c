"""Scores out of anonymous answers, as arithmetic."""

from math import sqrt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.scoring.disclosure import withheld
from shared.scoring.surveys import respondent_scores, school_scores, together

INVITED = pl.DataFrame({"unit_code": ["a", "b", "c"], "invited_count": [10, 4, 5]})


def scores(**schools: list[float]) -> pl.DataFrame:
    rows = [(unit, value) for unit, values in schools.items() for value in values]
    return pl.DataFrame(rows, schema={"unit_code": pl.String, "score": pl.Float64}, orient="row")


def test_an_answer_is_read_on_its_own_scale() -> None:
    answers = pl.DataFrame({"unit_code": ["a", "a", "a"], "five": [5, 2, None], "two": [1, None, None]})
    found = respondent_scores(answers, points={"five": 5, "two": 2})
    # 100·4/4 and 100·0/1 make 50; 100·1/4 stands alone; no answer, no score.
    assert found.rows() == [("a", (100 + 0) / 2), ("a", 25.0)]


def test_a_school_has_the_error_of_a_sample_without_replacement() -> None:
    row = school_scores(scores(a=[50, 70, 90]), INVITED).row(0, named=True)
    se = sqrt((1 - 3 / 10) * 400 / 3)
    assert (row["n"], row["response_rate"], row["score"]) == (3, 0.3, pytest.approx(70))
    assert row["se"] == pytest.approx(se)
    assert row["ci_low"] == pytest.approx(70 - 1.959963984540054 * se)
    assert row["ci_high"] == pytest.approx(min(70 + 1.959963984540054 * se, 100))


def test_where_everybody_answered_nothing_is_left_to_chance() -> None:
    row = school_scores(scores(b=[0, 100, 50, 50]), INVITED).row(1, named=True)
    assert (row["score"], row["se"], row["ci_low"]) == (50, 0, 50)


def test_one_answer_has_no_error_and_none_has_no_score() -> None:
    found = school_scores(scores(a=[80]), INVITED)
    assert found.select("n", "score", "se").rows() == [(1, 80.0, None), (0, None, None), (0, None, None)]
    assert found["response_rate"].to_list() == [0.1, 0.0, 0.0]


def test_schools_count_by_whom_they_should_have_asked() -> None:
    schools = school_scores(scores(a=[60, 80], b=[20, 40, 30]), INVITED)
    found = together(schools)
    assert (found.invited_count, found.n, found.response_rate) == (19, 5, pytest.approx(5 / 19))
    assert found.score == pytest.approx((10 * 70 + 4 * 30) / 14)
    se_a, se_b = sqrt((1 - 0.2) * 200 / 2), sqrt((1 - 0.75) * 100 / 3)
    assert found.se == pytest.approx(sqrt((10 * se_a) ** 2 + (4 * se_b) ** 2) / 14)


def test_a_school_without_an_error_leaves_the_whole_without_one() -> None:
    found = together(school_scores(scores(a=[60], b=[20, 40]), INVITED))
    assert (found.score, found.se, found.ci) == (pytest.approx((10 * 60 + 4 * 30) / 14), None, None)


def test_nobody_answered() -> None:
    found = together(school_scores(scores(), INVITED))
    assert (found.n, found.response_rate, found.score) == (0, 0.0, None)


def test_the_order_of_answers_does_not_matter() -> None:
    one = scores(a=[60, 80, 75], b=[20, 40])
    assert school_scores(one, INVITED).equals(school_scores(one.reverse(), INVITED.reverse()))


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"a": 12, "b": 30}, set()),
        # Alone, it would follow from the rest.
        ({"a": 3, "b": 20, "c": 30}, {"a", "b"}),
        # A school nobody answered in hides nobody.
        ({"a": 0, "b": 3, "c": 20, "d": 30}, {"a", "b", "c"}),
        # Two, but three answers between them.
        ({"a": 2, "b": 1, "c": 20, "d": 30}, {"a", "b", "c"}),
        ({"a": 6, "b": 7, "c": 20}, {"a", "b"}),
        ({"a": 0, "b": 20}, {"a"}),
        ({"a": 4}, {"a"}),
    ],
)
def test_what_is_withheld_cannot_be_worked_out(counts: dict[str, int], expected: set[str]) -> None:
    assert withheld(counts, min_n=10) == expected


def test_parts_of_a_whole_that_is_withheld_do_not_tell_it() -> None:
    assert withheld({"a": 20, "b": 30, "c": 40}, min_n=10, must_hide=True) == {"a", "b"}


@given(st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), st.integers(0, 40), min_size=1), st.integers(2, 20))
def test_the_rest_is_never_few(counts: dict[str, int], min_n: int) -> None:
    hidden = withheld(counts, min_n=min_n)
    answered = [counts[unit] for unit in hidden if counts[unit]]
    assert {unit for unit, n in counts.items() if n < min_n} <= hidden
    assert not answered or hidden == counts.keys() or (len(answered) >= 2 and sum(answered) >= min_n)
