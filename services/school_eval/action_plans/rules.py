"""Pure decisions about milestones: their life, and who takes which step."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any, Protocol

from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel
from shared.workflow.transitions import Transition, TransitionTable


class MilestoneState(StrEnum):
    """States of a milestone."""

    PLANNED = "planned"
    REPORTED = "reported"
    RETURNED = "returned"
    REACHED = "reached"
    CANCELLED = "cancelled"


_S = MilestoneState
OPEN = frozenset({_S.PLANNED, _S.REPORTED, _S.RETURNED})
LIFE = TransitionTable[MilestoneState](
    (
        Transition("report", frozenset({_S.PLANNED, _S.RETURNED}), _S.REPORTED),
        Transition("confirm", frozenset({_S.REPORTED}), _S.REACHED),
        Transition("return", frozenset({_S.REPORTED}), _S.RETURNED),
        Transition("cancel", OPEN, _S.CANCELLED),
        Transition("reopen", frozenset({_S.REACHED, _S.CANCELLED}), _S.RETURNED),
    )
)
#: Permission of each step.
STEPS = {
    "report": "milestones.report",
    "confirm": "milestones.confirm",
    "return": "milestones.confirm",
    "cancel": "milestones.confirm",
    "reopen": "milestones.confirm",
}


class Owned(Protocol):
    """A milestone, as stored."""

    org_path: Any
    state: Any
    due_on: Any
    reported_by: Any


def require_step_allowed(action: str, milestone: Owned, actor: Actor) -> MilestoneState:
    """The state a step leads to.

    Nobody confirms a report of their own: those above do, at the city another person of the city.

    Raises:
        DomainError: ``workflow.not_allowed``; ``milestone.own_report``.
    """
    target = LIFE.target(action, MilestoneState(milestone.state))
    if action in ("confirm", "return") and not _may_judge(milestone, actor):
        raise DomainError("milestone.own_report")
    return target


def possible_steps(milestone: Owned, actor: Actor) -> list[str]:
    """Steps that are open to this person as far as the turn goes; permissions come on top."""
    actions = LIFE.actions(MilestoneState(milestone.state))
    return [action for action in actions if action not in ("confirm", "return") or _may_judge(milestone, actor)]


def is_overdue(milestone: Owned, today: dt.date) -> bool:
    """Whether its day has passed without its having been reached."""
    return bool(milestone.state in OPEN and milestone.due_on < today)


def _may_judge(milestone: Owned, actor: Actor) -> bool:
    if actor.org == milestone.org_path:
        return bool(actor.level is OrgLevel.CITY and actor.subject != milestone.reported_by)
    return actor.covers(milestone.org_path)
