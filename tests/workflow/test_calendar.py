"""The working calendar: held against an independent one, by examples and by what must always hold."""

from __future__ import annotations

import datetime as dt

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.workflow.calendar import national_calendar, read_calendar
from shared.workflow.clocks import deadline_rules, window

CHINA = dt.timezone(dt.timedelta(hours=8))
CALENDAR = national_calendar()
DAYS = st.dates(dt.date(2023, 1, 1), dt.date(2027, 6, 30))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_every_day_is_as_an_independent_calendar_has_it(year: int) -> None:
    days = [dt.date(year, 1, 1) + dt.timedelta(days=n) for n in range(365 + (year % 4 == 0))]
    assert [d for d in days if CALENDAR.is_working(d) != chinese_calendar.is_workday(d)] == []
    assert CALENDAR.unverified_years(days[0], days[-1]) == ()


def test_a_year_without_a_notice_has_its_statutory_days_and_says_so() -> None:
    off = [dt.date(2027, 1, 1) + dt.timedelta(days=n) for n in range(365)]
    holidays = [d for d in off if not CALENDAR.is_working(d) and d.weekday() < 5]
    # Those of the statutory days that are no weekend anyway.
    expected = ["2027-01-01", "2027-02-05", "2027-02-08", "2027-04-05", "2027-06-09", "2027-09-15", "2027-10-01"]
    assert [d.isoformat() for d in holidays] == expected
    assert CALENDAR.unverified_years(day("2026-12-31"), day("2028-01-02")) == (2027, 2028)
    assert not CALENDAR.is_working(day("2031-10-01"))
    assert CALENDAR.is_working(day("2031-10-08"))


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-11-25", 5, "2026-12-02"),  # Thursday, Friday, Monday, Tuesday, Wednesday
        ("2026-02-13", 1, "2026-02-14"),  # the Saturday before Spring Festival is worked
        ("2026-02-14", 5, "2026-02-28"),  # 24 to 27 February and the worked Saturday
        ("2026-09-30", 5, "2026-10-13"),  # 8, 9, 10 (worked Saturday), 12, 13 October
    ],
)
def test_deadlines_step_over_holidays_and_count_make_up_days(start: str, count: int, end: str) -> None:
    assert CALENDAR.add_working_days(day(start), count) == day(end)
    assert CALENDAR.working_days_between(day(start), day(end)) == count


@given(DAYS, st.integers(1, 60))
def test_adding_and_counting_are_each_others_inverse(start: dt.date, count: int) -> None:
    end = CALENDAR.add_working_days(start, count)
    assert CALENDAR.is_working(end)
    assert CALENDAR.working_days_between(start, end) == count
    assert CALENDAR.working_days_between(end, start) == -count
    if count > 1:
        assert CALENDAR.add_working_days(start, count - 1) < end


@given(DAYS, DAYS, DAYS)
def test_counts_add_up(a: dt.date, b: dt.date, c: dt.date) -> None:
    between = CALENDAR.working_days_between
    assert between(a, b) + between(b, c) == between(a, c)


def test_a_bureau_adds_its_closures_and_next_years_notice() -> None:
    text = """
years:
  2027: {source: 通知, verified: true, holidays: [{first: 2027-01-01, last: 2027-01-03}], working_weekends: [2027-01-09]}
closures:
  - {org_path: 99/9900/, day: 2026-12-01, reason: 暴雪停课}
  - {org_path: 99/9900/990001/, day: 2026-12-01, reason: 该县照常, is_working: true}
"""
    calendar = read_calendar(text, CALENDAR)
    assert calendar.unverified_years(day("2026-12-01"), day("2027-12-01")) == ()
    assert calendar.is_working(day("2027-01-09"))
    assert calendar.is_working(day("2026-12-01"))
    assert not calendar.for_organization("99/9900/990002/").is_working(day("2026-12-01"))
    assert calendar.for_organization("99/9900/990001/2199000001/").is_working(day("2026-12-01"))
    assert calendar.for_organization("98/").is_working(day("2026-12-01"))


@pytest.mark.parametrize(
    "text",
    [
        "holidays: []",
        "years: {2027: {source: x, verified: 1, holidays: [{first: 2027-01-03, last: 2027-01-01}], working_weekends: []}}",
        "years: {2027: {source: x, verified: 1, holidays: [{first: 2026-01-01, last: 2026-01-01}], working_weekends: []}}",
        "years: {2027: {source: x, verified: true, holidays: [], working_weekends: [2027-01-04]}}",
        "closures: [{day: 2027-01-04, reason: x}]",
        "closures: [{org_path: 99/, day: tomorrow, reason: x}]",
    ],
)
def test_a_calendar_with_faults_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="calendar"):
        read_calendar(text, CALENDAR)


def test_a_calendar_without_working_days_is_not_walked_for_ever() -> None:
    every = "\n".join(
        f"  - {{org_path: 99/, day: {dt.date(2026, 1, 1) + dt.timedelta(n)}, reason: x}}" for n in range(3_700)
    )
    closed = read_calendar(f"closures:\n{every}", CALENDAR).for_organization("99/")
    with pytest.raises(ValueError, match="no working days"):
        closed.add_working_days(day("2026-01-01"), 1)
    with pytest.raises(ValueError, match="from 1"):
        CALENDAR.add_working_days(day("2026-01-01"), 0)


def test_a_window_ends_with_its_last_day_in_the_civil_time_of_the_place() -> None:
    # 23:30 in China is still the 25th, though it is past 15:30 in UTC.
    at = dt.datetime(2026, 11, 25, 15, 30, tzinfo=dt.UTC)
    opened = window(at, working_days=5, calendar=CALENDAR, zone=CHINA)
    assert (opened.first_on, opened.last_on) == (day("2026-11-26"), day("2026-12-02"))
    assert opened.ends_at == dt.datetime(2026, 12, 3, 0, 0, tzinfo=CHINA)
    assert not opened.is_over(opened.ends_at - dt.timedelta(seconds=1))
    assert opened.is_over(opened.ends_at)
    later = window(at + dt.timedelta(hours=1), working_days=5, calendar=CALENDAR, zone=CHINA)
    assert later.first_on == day("2026-11-27")
    assert window(at, working_days=40, calendar=CALENDAR, zone=CHINA).unverified_years == (2027,)


def test_every_rule_of_deadlines_lies_within_its_bounds_and_names_its_source() -> None:
    rules = deadline_rules()
    assert {"publicity.default", "appeals.admit", "appeals.rule", "sign_offs.sign"} <= set(rules)
    for name, rule in rules.items():
        assert rule.least <= rule.working_days <= rule.most, name
        assert rule.source, name
        assert (rule.chosen(None), rule.chosen(rule.least), rule.chosen(rule.most + 1)) == (
            rule.working_days,
            rule.least,
            None,
        )
