"""Ages in whole years."""

from __future__ import annotations

import datetime as dt


def age_on(born_on: dt.date, day: dt.date) -> int:
    """Whole years on a day; born on 29 February one is a year older on 1 March."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))
