"""Pure decisions about students."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

MALE, FEMALE = "1", "2"


def birth_date_in(student_number: str) -> dt.date | None:
    """Birth date inside a sound pupil number (characters 8 to 15); ``None`` when a temporary number holds none."""
    try:
        return dt.date(int(student_number[7:11]), int(student_number[11:13]), int(student_number[13:15]))
    except ValueError:
        return None


def sex_in(student_number: str) -> str | None:
    """Sex code inside a number made from a citizen number (odd serial = male); ``None`` for the other kinds."""
    if not student_number.startswith("G"):
        return None
    return MALE if int(student_number[17]) % 2 else FEMALE


def number_fault(student_number: str, *, sex: str, birth_date: dt.date | None) -> tuple[str, str] | None:
    """Column and fault code when a pupil's number contradicts the rest of the row."""
    inside = birth_date_in(student_number)
    if inside is None:
        return "student_number", "identity.birth_date"
    if birth_date is not None and birth_date != inside:
        return "birth_date", "roster.identity_birth_date_differs"
    expected = sex_in(student_number)
    if expected is not None and sex in (MALE, FEMALE) and sex != expected:
        return "sex", "roster.identity_sex_differs"
    return None


@dataclass(frozen=True, slots=True)
class Stay:
    """A pupil's time at a school in a school year, as far as letting go matters."""

    school_year: str
    is_open: bool


def is_held(stays: Iterable[Stay]) -> bool:
    """Whether a school still holds a pupil: some stay of the pupil's last school year is open."""
    known = list(stays)
    last = max((stay.school_year for stay in known), default=None)
    return any(stay.is_open for stay in known if stay.school_year == last)
