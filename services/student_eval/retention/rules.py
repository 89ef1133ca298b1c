"""What may become of data past their time. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol

from shared.policy.retention import Method, retention_policy
from shared.terms.errors import DomainError
from shared.terms.organization import is_within


class ItemState(StrEnum):
    """What was decided."""

    LISTED = "listed"
    KEPT = "kept"
    CARRIED_OUT = "carried_out"


class Item(Protocol):
    """Something past its time."""

    kind: str
    org_path: str
    student_key: str | None
    state: str


class Hold(Protocol):
    """A standing order to keep."""

    org_path: str
    student_key: str | None


def is_held(item: Item, holds: Iterable[Hold]) -> bool:
    """Whether a standing order keeps it. What is of many is kept for any one of them."""
    return any(
        is_within(item.org_path, hold.org_path)
        and (hold.student_key is None or item.student_key in (None, hold.student_key))
        for hold in holds
    )


def require_erasable(item: Item, holds: Iterable[Hold]) -> None:
    """Whether it may be erased now.

    Raises:
        DomainError: ``retention.done``, ``retention.held``, ``retention.law_keeps``.
    """
    if item.state == ItemState.CARRIED_OUT:
        raise DomainError("retention.done")
    if retention_policy()[item.kind].method is Method.KEEP:
        raise DomainError("retention.law_keeps", params={"document": retention_policy()[item.kind].document})
    if is_held(item, holds):
        raise DomainError("retention.held")


def require_later(until: dt.date, today: dt.date) -> None:
    """Raises ``retention.day_past`` for a day to keep until that is not to come."""
    if until <= today:
        raise DomainError("retention.day_past")
