"""Pure decisions about findings: their life, whose step it is, by when."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any, Protocol

from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel
from shared.workflow.transitions import Transition, TransitionTable


class FindingState(StrEnum):
    """States of a finding."""

    RAISED = "raised"
    PLANNED = "planned"
    """The school has said how and by when it will mend it."""
    REPORTED = "reported"
    """The school says it is mended; somebody has to look."""
    RETURNED = "returned"
    ESCALATED = "escalated"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Severity(StrEnum):
    """How grave a finding is."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


_S = FindingState
#: The school owes a plan, or what its plan promised.
AWAITING_SCHOOL = frozenset({_S.RAISED, _S.RETURNED, _S.ESCALATED, _S.PLANNED})
OPEN = AWAITING_SCHOOL | {_S.REPORTED}
LIFE = TransitionTable[FindingState](
    (
        Transition("plan", frozenset({_S.RAISED, _S.RETURNED, _S.ESCALATED}), _S.PLANNED),
        Transition("report", frozenset({_S.PLANNED}), _S.REPORTED),
        Transition("return", frozenset({_S.PLANNED, _S.REPORTED}), _S.RETURNED),
        Transition("close", frozenset({_S.REPORTED}), _S.CLOSED),
        Transition("escalate", frozenset({_S.RAISED, _S.RETURNED, _S.PLANNED, _S.REPORTED}), _S.ESCALATED),
        Transition("withdraw", frozenset({_S.RAISED}), _S.WITHDRAWN),
    )
)
#: Permission of each step.
STEPS = {
    "plan": "findings.mend",
    "report": "findings.mend",
    "return": "findings.judge",
    "close": "findings.judge",
    "escalate": "findings.judge",
    "withdraw": "findings.judge",
}
#: Deadline that begins with each state, by its name among the rules of deadlines.
DEADLINES = {
    _S.RAISED: "inspections.plan_rectification",
    _S.RETURNED: "inspections.plan_rectification",
    _S.ESCALATED: "inspections.plan_rectification",
    _S.PLANNED: "inspections.rectify",
    _S.REPORTED: "inspections.revisit",
}
_OFFICE_LEVELS = (OrgLevel.CITY, OrgLevel.COUNTY)


class Found(Protocol):
    """A finding, as stored."""

    org_path: Any
    state: Any
    owner_level: Any
    severity: Any
    due_on: Any


def require_step_allowed(action: str, finding: Found, actor: Actor) -> FindingState:
    """The state a step leads to.

    The school mends; the office that owns the finding, or one above it, judges.

    Raises:
        DomainError: ``workflow.not_allowed``; ``finding.not_yours``.
    """
    target = LIFE.target(action, FindingState(finding.state))
    if not _is_turn_of(action, finding, actor):
        raise DomainError("finding.not_yours", params={"owner": finding.owner_level})
    return target


def possible_steps(finding: Found, actor: Actor) -> list[str]:
    """Steps that are open to this person as far as the turn goes; permissions come on top."""
    actions = LIFE.actions(FindingState(finding.state))
    return [action for action in actions if _is_turn_of(action, finding, actor)]


def _is_turn_of(action: str, finding: Found, actor: Actor) -> bool:
    if STEPS[action] == "findings.mend":
        return bool(actor.org == finding.org_path)
    if actor.level not in _OFFICE_LEVELS or not actor.covers(finding.org_path):
        return False
    return _OFFICE_LEVELS.index(actor.level) <= _OFFICE_LEVELS.index(OrgLevel(finding.owner_level))


def require_seen_on_the_spot(finding: Found, *, has_revisit: bool) -> None:
    """What is more than minor is closed after somebody went to look.

    Raises:
        DomainError: ``finding.revisit_missing``.
    """
    if finding.severity != Severity.MINOR and not has_revisit:
        raise DomainError("finding.revisit_missing", params={"severity": finding.severity})


def owner_above(level: OrgLevel) -> OrgLevel:
    """Who owns a finding that was not mended in time; the city is the last."""
    return OrgLevel.CITY if level in _OFFICE_LEVELS else OrgLevel.COUNTY


def is_overdue(finding: Found, today: dt.date) -> bool:
    """Whether its day has passed while something is owed."""
    return bool(finding.state in OPEN and finding.due_on < today)
