"""Values of law that change with time: each in force from a day until the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from shared.terms.errors import DomainError


def last_in_force(values: Sequence[Mapping[str, Any]], day: dt.date) -> Mapping[str, Any] | None:
    """The value in force on a day, if there is one yet.

    Args:
        values: entries with the day each came into force as ``from``.
        day: the day it is asked for.
    """
    begun = [value for value in values if value["from"] <= day]
    return max(begun, key=lambda value: value["from"]) if begun else None


def in_force_on(values: Sequence[Mapping[str, Any]], day: dt.date, *, code: str) -> Mapping[str, Any]:
    """The value in force on a day; raises ``policy.not_in_force`` for a day before the first."""
    found = last_in_force(values, day)
    if found is None:
        raise DomainError("policy.not_in_force", params={"code": code, "day": day})
    return found
