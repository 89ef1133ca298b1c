"""The life of a public notice: what is shown is frozen, for so many working days, and ends by itself."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from shared.terms.errors import DomainError
from shared.workflow.transitions import Transition, TransitionTable


class NoticeState(StrEnum):
    """States of a notice."""

    DRAFTED = "drafted"
    OPEN = "open"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


_S = NoticeState
NOTICE_LIFE = TransitionTable[NoticeState](
    (
        Transition("open", frozenset({_S.DRAFTED}), _S.OPEN),
        # The window is over; nobody closes a notice before.
        Transition("close", frozenset({_S.OPEN}), _S.CLOSED),
        Transition("withdraw", frozenset({_S.DRAFTED, _S.OPEN}), _S.WITHDRAWN),
    )
)
#: While a notice stands in these, what it shows may not be changed.
FREEZING = frozenset({NoticeState.OPEN})


def require_over(at: dt.datetime, ends_at: dt.datetime) -> None:
    """A notice stands for its whole window: ``publicity.not_over``."""
    if at < ends_at:
        raise DomainError("publicity.not_over", params={"ends_at": ends_at.isoformat()})


def require_not_frozen(state: NoticeState | None) -> None:
    """What is being shown may not be changed: ``publicity.frozen``; ``None`` is no notice at all."""
    if state in FREEZING:
        raise DomainError("publicity.frozen")
