"""What records are worth: windows, tables by date, highest levels, co-authors, bounds, loads and caps."""

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from shared.scoring.records.rules import POINTS_SCHEMA, Figure, KindRule, Measure, RecordRules
from shared.scoring.records.scores import impossible_amounts, score_records
from shared.terms.errors import DomainError
from tests.scoring.record_builders import DAY, RULES, YEAR, record, records

WANG = pl.Series(["wang"])


def figures(*rows: dict[str, Any], person: str = "wang") -> dict[str, float]:
    scored = score_records(records(*rows), pl.Series([person]), RULES, YEAR).figures
    return dict(scored.select("figure", "value").iter_rows())


def standings(*rows: dict[str, Any]) -> dict[str, str]:
    lines = score_records(records(*rows), WANG, RULES, YEAR).lines
    return dict(lines.select("record", "standing").iter_rows())


def test_someone_without_records_has_nothing_but_no_known_workload() -> None:
    assert figures() == {
        "home_visits.count": 0,
        "honors.points": 0,
        "papers.records": 0,
        "posts.class_teacher_rate": 0,
        "research.points": 0,
    }


def paper(name: str, level: str = "city", grade: str = "first", **given: Any) -> dict[str, Any]:
    return record(name, "papers", level=level, grade=grade, **given)


@pytest.mark.parametrize(
    ("day", "points"),
    [
        (dt.date(2024, 8, 31), 0),  # one day before the window of three years
        (dt.date(2024, 9, 1), 6),
        (dt.date(2026, 12, 31), 6),
        (dt.date(2027, 1, 1), 8),  # the table of 2027
        (dt.date(2027, 8, 31), 8),
        (dt.date(2027, 9, 1), 0),
    ],
)
def test_the_window_and_the_table_of_the_day(day: dt.date, points: float) -> None:
    assert figures(paper("a", happened_on=day))["research.points"] == points


def test_a_kind_without_a_window_counts_in_the_period_alone() -> None:
    before = record("a", "honors", level="county", happened_on=dt.date(2026, 8, 31))
    assert figures(before)["honors.points"] == 0
    assert figures(before | {"happened_on": YEAR.first})["honors.points"] == 5


def test_an_achievement_counts_once_at_its_highest_level() -> None:
    rows = paper("county", "county", work="w"), paper("city", work="w"), paper("other", "county", "second", work="v")
    assert figures(*rows)["research.points"] == 6 + 2
    assert standings(*rows) == {"county": "lower", "city": "counted", "other": "counted"}


def test_what_no_table_values_is_told_and_not_guessed() -> None:
    row = paper("a", "province")
    assert standings(row) == {"a": "no_value"}
    assert figures(row)["research.points"] == 0


@pytest.mark.parametrize(
    ("rank", "count", "points"), [(1, 1, 6), (1, 2, 3.6), (2, 2, 2.4), (3, 3, 1.2), (4, 4, 1.5), (5, 7, 0.8568)]
)
def test_co_authors_share_by_rank_and_evenly_beyond_the_table(rank: int, count: int, points: float) -> None:
    assert figures(paper("a", author_rank=rank, author_count=count))["research.points"] == points


def test_shares_that_do_not_sum_to_one_are_refused() -> None:
    for shares in ({2: [6000, 5000]}, {2: [4000, 6000]}, {2: [10_000]}):
        with pytest.raises(ValueError, match="co-authors"):
            RecordRules(kinds={}, points=pl.DataFrame(schema=POINTS_SCHEMA), shares=shares, figures={})


def test_the_cap_of_a_kind_then_that_of_the_figure() -> None:
    papers = [paper(f"p{n}") for n in range(4)]  # 24, capped at 15
    project = record("p", "projects", level="city", author_rank=1, author_count=1)  # 10
    scored = score_records(records(*papers, project), WANG, RULES, YEAR).figures
    (research,) = scored.filter(pl.col("figure") == "research.points").to_dicts()
    assert (research["uncapped"], research["value"], research["records"]) == (34, 20, 5)
    assert figures(*papers)["research.points"] == 15


def visits(name: str, day: dt.date, count: str) -> dict[str, Any]:
    return record(name, "home_visits", happened_on=day, amount=Decimal(count))


def test_no_more_visits_in_a_month_than_are_possible() -> None:
    rows = visits("a", dt.date(2026, 10, 1), "50"), visits("b", dt.date(2026, 10, 31), "20.5")
    rows += (visits("c", dt.date(2026, 11, 1), "7"),)
    assert figures(*rows)["home_visits.count"] == 60 + 7
    over = impossible_amounts(records(*rows), RULES, YEAR)
    assert over.rows() == [("a", "wang", "home_visits", 70.5, 60), ("b", "wang", "home_visits", 70.5, 60)]


def lessons(
    name: str, count: int, first: dt.date, last: dt.date | None, stage: str = "junior_secondary"
) -> dict[str, Any]:
    return record(name, "workload", amount=Decimal(count), happened_on=first, ends_on=last, category=stage)


def test_lessons_over_the_standard_of_the_stage_and_half_a_load_for_a_class() -> None:
    first, last = YEAR.first, YEAR.last
    post = record("post", "posts", category="class_teacher", happened_on=first)
    assert figures(lessons("a", 12, first, last))["workload.hours_ratio"] == 1
    assert figures(lessons("a", 12, first, None), post)["workload.hours_ratio"] == 1.5
    both = lessons("a", 6, first, last), lessons("b", 8, first, last, "primary")
    assert figures(*both)["workload.hours_ratio"] == 1
    half = lessons("a", 12, first, first + dt.timedelta(days=72))  # 73 of 365 days
    assert figures(half)["workload.hours_ratio"] == pytest.approx(0.2)
    assert figures(half, post)["posts.class_teacher_rate"] == 1


def test_lessons_at_the_same_time_beyond_a_week_are_told() -> None:
    def day(number: int) -> dt.date:
        return YEAR.first + dt.timedelta(days=number)

    rows = lessons("a", 30, day(0), day(99)), lessons("b", 15, day(100), day(199)), lessons("c", 12, day(90), day(110))
    assert impossible_amounts(records(*rows), RULES, YEAR)["record"].to_list() == ["a", "c"]
    assert impossible_amounts(records(*rows[:2]), RULES, YEAR).is_empty()


@pytest.mark.parametrize(
    "row",
    [
        paper("a", author_rank=3, author_count=2),
        paper("a", author_rank=0, author_count=2),
        paper("a", author_rank=1),
        record("a", "unheard_of"),
    ],
)
def test_records_that_cannot_be_are_refused(row: dict[str, Any]) -> None:
    with pytest.raises(DomainError, match="records_invalid"):
        score_records(records(row), WANG, RULES, YEAR)
    with pytest.raises(DomainError, match="records_invalid"):
        score_records(records(paper("a"), paper("a")), WANG, RULES, YEAR)


def test_a_figure_of_a_kind_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kinds"):
        RecordRules(
            kinds={"a": KindRule()},
            points=pl.DataFrame(schema=POINTS_SCHEMA),
            shares={},
            figures={"b.count": Figure(measure=Measure.RECORDS, kinds=["b"])},
        )


def test_others_records_are_not_looked_at() -> None:
    assert figures(paper("a", happened_on=DAY), person="li")["research.points"] == 0
