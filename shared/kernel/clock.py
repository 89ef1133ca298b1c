"""The one place that reads the time."""

from __future__ import annotations

import datetime as dt

#: China has one civil time and no summer time; a fixed offset needs no zone database.
CHINA = dt.timezone(dt.timedelta(hours=8), "UTC+08:00")


def now() -> dt.datetime:
    """The current moment, aware, in UTC."""
    return dt.datetime.now(dt.UTC)
