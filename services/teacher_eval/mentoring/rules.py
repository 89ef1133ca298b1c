"""Pure decisions about pairs of mentor and mentee (青蓝结对)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from enum import StrEnum

from shared.terms.errors import DomainError
from shared.workflow.transitions import Transition, TransitionTable


class PairState(StrEnum):
    """States of a pair."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    DECLINED = "declined"
    COMPLETED = "completed"
    ENDED = "ended"


class Side(StrEnum):
    """The two of a pair."""

    MENTOR = "mentor"
    MENTEE = "mentee"

    @property
    def other(self) -> Side:
        """The other one."""
        return Side.MENTEE if self is Side.MENTOR else Side.MENTOR


_S = PairState
LIFE = TransitionTable[PairState](
    (
        # Carried out when the second of both has agreed.
        Transition("begin", frozenset({_S.PROPOSED}), _S.AGREED),
        Transition("decline", frozenset({_S.PROPOSED}), _S.DECLINED),
        Transition("complete", frozenset({_S.AGREED}), _S.COMPLETED),
        Transition("end", frozenset({_S.PROPOSED, _S.AGREED}), _S.ENDED),
    )
)


def side_of(mentor: str, mentee: str, person: str) -> Side:
    """Which of both somebody is; raises ``ValueError`` for neither."""
    if person == mentor:
        return Side.MENTOR
    if person == mentee:
        return Side.MENTEE
    raise ValueError("neither of both")


def require_within(first: dt.date, last: dt.date, day: dt.date, today: dt.date) -> None:
    """What was done lies in the pair's time and not in the future: ``mentoring.day_outside``."""
    if not first <= day <= min(last, today):
        raise DomainError("mentoring.day_outside", params={"first": str(first), "last": str(min(last, today))})


def require_finished(*, lessons: int, needed: int, reviewed: Collection[str]) -> None:
    """A pair is completed when enough lessons were confirmed and both have reviewed it.

    Raises:
        DomainError: ``mentoring.unfinished`` with what is missing.
    """
    missing = sorted(side for side in Side if side not in reviewed)
    if lessons < needed or missing:
        params = {"lessons": lessons, "needed": needed, "sides": ", ".join(missing) or "-"}
        raise DomainError("mentoring.unfinished", params=params)
