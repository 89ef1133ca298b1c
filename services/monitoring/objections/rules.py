"""Pure decisions about objections: until when one may be raised, and what a ruling may order."""

from __future__ import annotations

import datetime as dt

from shared.terms.errors import DomainError
from shared.workflow.calendar import WorkingCalendar
from shared.workflow.clocks import deadline_rules, window

RULE = "appeals.exam_results"


def require_in_window(
    published_at: dt.datetime, at: dt.datetime, *, calendar: WorkingCalendar, zone: dt.tzinfo
) -> None:
    """An objection is raised within so many working days of the version in force: ``objection.too_late``."""
    span = window(published_at, working_days=deadline_rules()[RULE].working_days, calendar=calendar, zone=zone)
    if span.is_over(at):
        params = {"last_on": span.last_on, "working_days": span.working_days}
        raise DomainError("objection.too_late", params=params)
