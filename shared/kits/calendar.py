"""The working calendar of a service: the one as shipped, and a bureau's own days over it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from shared.kernel.settings import ConfigurationError, ServiceSettings
from shared.workflow.calendar import WorkingCalendar, national_calendar, read_calendar


def calendar_for(settings: ServiceSettings, org_path: str) -> WorkingCalendar:
    """The calendar that binds an organization; raises ``ConfigurationError`` when the bureau's file is not one."""
    return _calendar(settings.calendar_file).for_organization(org_path)


@cache
def _calendar(path: Path | None) -> WorkingCalendar:
    if path is None:
        return national_calendar()
    try:
        return read_calendar(path.read_text("utf-8"), national_calendar())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"the calendar {path} cannot be read: {error}") from error
