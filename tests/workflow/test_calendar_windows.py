"""Windows in which every day counts end with a working day."""

import datetime as dt

import pytest

from shared.workflow.appeals import AppealDeadlines, AppealState
from shared.workflow.calendar import national_calendar
from shared.workflow.clocks import calendar_window, deadline_rules

CHINA = dt.timezone(dt.timedelta(hours=8))


@pytest.mark.parametrize(
    ("begins", "days", "last"),
    [
        (dt.date(2026, 11, 2), 30, dt.date(2026, 12, 2)),
        # The thirtieth day is a Saturday: the window lasts until Monday.
        (dt.date(2026, 11, 5), 30, dt.date(2026, 12, 7)),
    ],
)
def test_the_last_day_is_a_working_day(begins: dt.date, days: int, last: dt.date) -> None:
    at = dt.datetime.combine(begins, dt.time(10), CHINA)
    span = calendar_window(at, days=days, calendar=national_calendar(), zone=CHINA)
    assert (span.first_on, span.last_on) == (begins + dt.timedelta(days=1), last)
    assert span.ends_at == dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), CHINA)


def test_a_mounting_may_count_every_day_of_a_step() -> None:
    usual = {name: rule.working_days for name, rule in deadline_rules().items()}
    at = dt.datetime(2026, 11, 2, 10, tzinfo=CHINA)
    deadlines = AppealDeadlines(usual, national_calendar(), CHINA, {"appeals.request_review": 30})
    ruled, admitted = deadlines.after(AppealState.RULED, at), deadlines.after(AppealState.ACCEPTED, at)
    assert ruled is not None
    assert ruled.last_on == dt.date(2026, 12, 2)
    assert admitted is not None
    assert admitted.working_days == usual["appeals.rule"]
