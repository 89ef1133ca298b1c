import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.roster.teaching_assignments.rules import Span, dates_fault, last_day, overfull, post_fault

SEPTEMBER, MARCH, AUGUST = dt.date(2026, 9, 1), dt.date(2027, 3, 1), dt.date(2027, 8, 31)
YEAR = "2026-2027"
HALF, WHOLE = Decimal("0.5"), Decimal(1)


def test_a_school_year_ends_in_august() -> None:
    assert last_day(YEAR) == AUGUST


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "found"),
    [
        (SEPTEMBER, AUGUST, None),
        (MARCH, MARCH, None),
        (MARCH, SEPTEMBER, ("ends_on", "roster.assignment_ends_before_start")),
        (dt.date(2026, 8, 31), MARCH, ("starts_on", "roster.assignment_outside_year")),
        (MARCH, dt.date(2027, 9, 1), ("ends_on", "roster.assignment_outside_year")),
    ],
)
def test_dates(starts_on: dt.date, ends_on: dt.date, found: tuple[str, str] | None) -> None:
    assert dates_fault(YEAR, starts_on, ends_on) == found


@pytest.mark.parametrize(
    ("kind", "subject", "share", "found"),
    [
        ("teaching", "14", HALF, None),
        ("teaching", None, WHOLE, ("subject", "roster.assignment_subject_missing")),
        ("homeroom_teacher", None, WHOLE, None),
        ("homeroom_teacher", "14", WHOLE, ("subject", "roster.assignment_post_has_subject")),
        ("deputy_homeroom_teacher", None, HALF, ("share", "roster.assignment_post_shared")),
    ],
)
def test_teaching_has_a_subject_and_posts_have_none(
    kind: str, subject: str | None, share: Decimal, found: tuple[str, str] | None
) -> None:
    assert post_fault(kind, subject, share) == found


def test_who_follows_whom_is_no_overlap_and_a_common_day_is() -> None:
    first, second = Span(SEPTEMBER, MARCH, WHOLE), Span(MARCH + dt.timedelta(days=1), AUGUST, WHOLE)
    assert overfull([first, second]) == [False, False]
    assert overfull([first, Span(MARCH, AUGUST, WHOLE)]) == [True, True]
    assert overfull([Span(SEPTEMBER, AUGUST, HALF)] * 2) == [False, False]
    assert (
        overfull([Span(SEPTEMBER, AUGUST, HALF), Span(SEPTEMBER, MARCH, HALF), Span(AUGUST, AUGUST, HALF)])
        == [False] * 3
    )
    assert overfull([]) == []


_DAYS = st.integers(0, 12).map(lambda day: SEPTEMBER + dt.timedelta(days=day))
_SPANS = st.lists(
    st.builds(lambda a, b, share: Span(min(a, b), max(a, b), Decimal(share) / 10), _DAYS, _DAYS, st.integers(1, 10)),
    max_size=8,
)


@given(_SPANS)
def test_overfull_is_what_counting_every_day_says(spans: list[Span]) -> None:
    days = [SEPTEMBER + dt.timedelta(days=day) for day in range(13)]
    bad = {day for day in days if sum(s.share for s in spans if s.starts_on <= day <= s.ends_on) > 1}
    expected = [any(span.starts_on <= day <= span.ends_on for day in bad) for span in spans]
    assert overfull(spans) == expected
