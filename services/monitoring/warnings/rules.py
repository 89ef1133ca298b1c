"""Pure decisions about early warnings: their life, and who takes which step of it."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any, Protocol

from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.identity_number import holds_identity_number
from shared.terms.organization import OrgLevel
from shared.workflow.calendar import national_calendar
from shared.workflow.transitions import Transition, TransitionTable


class WarningState(StrEnum):
    """States of a warning."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    RESPONDED = "responded"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    ESCALATED = "escalated"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """What a warning turned out to be, decided by a person."""

    CONFIRMED = "confirmed"
    EXPLAINED = "explained"
    FALSE_ALARM = "false_alarm"
    DATA_ERROR = "data_error"


_S = WarningState
#: States in which the owner owes an answer.
AWAITING = frozenset({_S.RAISED, _S.ACKNOWLEDGED, _S.RETURNED, _S.ESCALATED})
OPEN = AWAITING | {_S.RESPONDED, _S.ACCEPTED}
LIFE = TransitionTable[WarningState](
    (
        Transition("acknowledge", frozenset({_S.RAISED, _S.ESCALATED}), _S.ACKNOWLEDGED),
        Transition("respond", AWAITING - {_S.RAISED}, _S.RESPONDED),
        Transition("accept", frozenset({_S.RESPONDED}), _S.ACCEPTED),
        Transition("return", frozenset({_S.RESPONDED}), _S.RETURNED),
        Transition("close", frozenset({_S.ACCEPTED}), _S.CLOSED),
        Transition("escalate", AWAITING, _S.ESCALATED),
        Transition("withdraw", OPEN, _S.WITHDRAWN),
        Transition("raise_again", frozenset({_S.WITHDRAWN}), _S.RAISED),
    )
)
#: Steps nobody takes by hand: the deadline and the figures do.
AUTOMATIC = frozenset({"escalate", "withdraw", "raise_again"})
#: Permission of each step that people take.
STEPS = {
    "acknowledge": "warnings.respond",
    "respond": "warnings.respond",
    "accept": "warnings.review",
    "return": "warnings.review",
    "close": "warnings.review",
}
_LEVELS = tuple(OrgLevel)


class Warned(Protocol):
    """A warning, as stored."""

    org_path: Any
    state: Any
    owner_level: Any
    responded_level: Any
    responded_by: Any


def require_step_allowed(action: str, warning: Warned, actor: Actor) -> WarningState:
    """The state a person's step leads to.

    The owner acknowledges; the owner, or one below it that the warning concerns, answers; whoever stands above the one who
    answered reviews and closes, at the city another person of the city.

    Raises:
        DomainError: ``workflow.not_allowed``; ``warning.not_yours`` for someone whose step it is not.
    """
    target = LIFE.target(action, WarningState(warning.state))
    if not _is_turn_of(action, warning, actor):
        raise DomainError("warning.not_yours", params={"action": action, "owner": warning.owner_level})
    return target


def possible_steps(warning: Warned, actor: Actor) -> list[str]:
    """Steps that this person may take now, as far as the turn goes."""
    actions = LIFE.actions(WarningState(warning.state))
    return [action for action in actions if action in STEPS and _is_turn_of(action, warning, actor)]


def _is_turn_of(action: str, warning: Warned, actor: Actor) -> bool:
    if not actor.covers(warning.org_path):
        return False
    level, owner = _LEVELS.index(actor.level), _LEVELS.index(OrgLevel(warning.owner_level))
    if action == "acknowledge":
        return level == owner
    if action == "respond":
        return level >= owner
    responded = OrgLevel(warning.responded_level)
    if responded is OrgLevel.CITY and actor.level is OrgLevel.CITY:
        return bool(actor.subject != warning.responded_by)
    return level < _LEVELS.index(responded)


def owner_above(level: OrgLevel) -> OrgLevel | None:
    """Who answers when a level did not in time; nobody above the city."""
    above = {OrgLevel.SCHOOL: OrgLevel.COUNTY, OrgLevel.COUNTY: OrgLevel.CITY}
    return above.get(level)


def due_on(today: dt.date, *, working_days: int) -> dt.date:
    """The last day for an answer: so many working days after today, by the national calendar."""
    return national_calendar().add_working_days(today, working_days)


def unverified_years(raised_on: dt.date, last_on: dt.date) -> tuple[int, ...]:
    """Years a deadline touches whose holidays rest on no notice yet: it may still move then."""
    return national_calendar().unverified_years(raised_on, last_on)


def require_no_identity_number(text: str) -> None:
    """Refuses words with an identity or pupil number in them: a warning is about a school, and others read it.

    Raises:
        DomainError: ``warning.identity_number``.
    """
    if holds_identity_number(text):
        raise DomainError("warning.identity_number")
