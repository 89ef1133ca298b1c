"""The one place that reads the time."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

#: China has one civil time and no summer time; a fixed offset needs no zone database.
CHINA = dt.timezone(dt.timedelta(hours=8), "UTC+08:00")
OFFSET_FILE_VARIABLE = "CLOCK_OFFSET_FILE"
"""Names a file with seconds to add to the time, so that a test of a window of working days does not last one. Refused in
production, where nobody may move a deadline."""


def _offset_file() -> Path | None:
    name = os.environ.get(OFFSET_FILE_VARIABLE)
    if name and os.environ.get("ENV") == "production":
        raise RuntimeError(f"{OFFSET_FILE_VARIABLE} has no place in production")
    return Path(name) if name else None


_OFFSET_FILE = _offset_file()


def now() -> dt.datetime:
    """The current moment, aware, in UTC."""
    moment = dt.datetime.now(dt.UTC)
    return moment if _OFFSET_FILE is None else moment + _offset(_OFFSET_FILE)


def today() -> dt.date:
    """The day it is where the schools are."""
    return now().astimezone(CHINA).date()


def _offset(path: Path) -> dt.timedelta:
    return dt.timedelta(seconds=float(path.read_text("ascii"))) if path.exists() else dt.timedelta()
