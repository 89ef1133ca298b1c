"""Pure decisions about staff."""

from __future__ import annotations

MALE, FEMALE = "1", "2"


def number_fault(citizen_number: str, *, sex: str) -> tuple[str, str] | None:
    """Column and fault code when a sound citizen number contradicts the sex given (odd serial = male)."""
    expected = MALE if int(citizen_number[16]) % 2 else FEMALE
    return ("sex", "roster.identity_sex_differs") if sex in (MALE, FEMALE) and sex != expected else None
