"""Records scored against a plain reading of the rules, in any order, over hundreds of random sets."""

import random
from collections import defaultdict
from fractions import Fraction
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from shared.scoring.records.scores import RecordScores, score_records
from tests.scoring.record_builders import RULES, YEAR, record, records

PEOPLE = ("li", "wang", "zhao")
WORTH = {("city", "first"): 600, ("county", "first"): 300, ("county", "second"): 200}

achievements = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.sampled_from([*WORTH, ("province", "first")]),
        st.sampled_from(["w1", "w2", None]),
        st.integers(1, 4).flatmap(lambda count: st.tuples(st.integers(1, count), st.just(count))),
    ),
    max_size=30,
)


def rows_of(drawn: list[Any]) -> list[dict[str, Any]]:
    return [
        record(f"r{n}", "papers", person=who, level=level, grade=grade, work=work, author_rank=rank, author_count=count)
        for n, (who, (level, grade), work, (rank, count)) in enumerate(drawn)
    ]


def scored(rows: list[dict[str, Any]]) -> RecordScores:
    return score_records(records(*rows), pl.Series(PEOPLE), RULES, YEAR)


def plainly(rows: list[dict[str, Any]]) -> dict[str, Fraction]:
    best: dict[tuple[str, Any], Fraction] = defaultdict(Fraction)
    for row in rows:
        share = Fraction(RULES.share_of(row["author_rank"], row["author_count"]), 10_000)
        points = Fraction(WORTH.get((row["level"], row["grade"]), 0), 100) * share
        key = row["person"], row["work"] or row["record"]
        best[key] = max(best[key], points)
    return {who: min(sum((p for (w, _), p in best.items() if w == who), Fraction(0)), Fraction(15)) for who in PEOPLE}


@given(achievements, st.randoms(use_true_random=False))
def test_points_are_those_of_a_plain_reading_in_any_order(drawn: list[Any], chance: random.Random) -> None:
    rows = rows_of(drawn)
    first = scored(rows)
    points = first.figures.filter(pl.col("figure") == "research.points")
    assert dict(points.select("person", "value").iter_rows()) == {
        who: float(value) for who, value in plainly(rows).items()
    }
    chance.shuffle(rows)
    again = scored(rows)
    assert again.figures.equals(first.figures)
    assert again.lines.sort("record").equals(first.lines.sort("record"))


@given(achievements)
def test_one_more_record_never_takes_points_and_no_share_is_counted_twice(drawn: list[Any]) -> None:
    rows = rows_of(drawn)
    lines = scored(rows).lines
    counted = lines.filter(pl.col("standing") == "counted")
    assert (counted["points"] <= counted["base"] * 10_000).all()
    assert lines.height == len(rows)
    if rows:
        less = dict(scored(rows[:-1]).figures.filter(pl.col("figure") == "research.points")["person", "value"].rows())
        more = dict(scored(rows).figures.filter(pl.col("figure") == "research.points")["person", "value"].rows())
        assert all(more[who] >= less[who] for who in PEOPLE)


@given(st.lists(st.tuples(st.integers(1, 300), st.integers(0, 300), st.integers(1, 30)), max_size=8))
def test_loads_add_up_in_any_order(drawn: list[tuple[int, int, int]]) -> None:
    rows = [
        record(
            f"r{n}",
            "workload",
            amount=count,
            category="primary" if n % 2 else "junior_secondary",
            happened_on=YEAR.first.replace(month=9, day=1 + start % 28),
            ends_on=YEAR.last.replace(month=8, day=1 + end % 28),
        )
        for n, (start, end, count) in enumerate(drawn)
    ]
    assert scored(rows).figures.equals(scored(rows[::-1]).figures)
