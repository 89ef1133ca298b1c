"""Pure decisions about surveys: who is asked, and when."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from shared.terms.errors import DomainError


class Audience(StrEnum):
    """Who is asked."""

    STUDENTS = "students"
    GUARDIANS = "guardians"
    TEACHERS = "teachers"


def require_open(opens_on: dt.date, closes_on: dt.date, today: dt.date) -> None:
    """Answers are taken from the first day to the last.

    Raises:
        DomainError: ``survey.closed``.
    """
    if not opens_on <= today <= closes_on:
        raise DomainError("survey.closed", params={"first": opens_on.isoformat(), "last": closes_on.isoformat()})
