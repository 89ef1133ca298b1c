"""Pure decisions about plans: their life."""

from __future__ import annotations

from enum import StrEnum

from shared.terms.errors import DomainError
from shared.workflow.transitions import Transition, TransitionTable


class PlanState(StrEnum):
    """States of a version of a plan."""

    DRAFTED = "drafted"
    CHECKED = "checked"
    SIMULATED = "simulated"
    PASSED = "passed"
    FILED = "filed"
    IN_USE = "in_use"
    SUPERSEDED = "superseded"
    DROPPED = "dropped"


_S = PlanState
LIFE = TransitionTable[PlanState](
    (
        # The law is asked; what was checked is never changed.
        Transition("check", frozenset({_S.DRAFTED}), _S.CHECKED),
        # Run on the school's own people at least once, so that the congress knows what it votes on.
        Transition("simulate", frozenset({_S.CHECKED, _S.SIMULATED}), _S.SIMULATED),
        Transition("pass", frozenset({_S.SIMULATED}), _S.PASSED),
        Transition("file", frozenset({_S.PASSED}), _S.FILED),
        Transition("use", frozenset({_S.FILED, _S.IN_USE}), _S.IN_USE),
        Transition("supersede", frozenset({_S.FILED, _S.IN_USE}), _S.SUPERSEDED),
        # The congress did not pass it, or the county did not file it: another version is drafted.
        Transition("drop", frozenset({_S.DRAFTED, _S.CHECKED, _S.SIMULATED, _S.PASSED}), _S.DROPPED),
    )
)
EDITABLE = frozenset({_S.DRAFTED})
#: A run pays by a plan in one of these; a scenario may be run by any.
PAYABLE = frozenset({_S.FILED, _S.IN_USE})
OPEN = frozenset({_S.DRAFTED, _S.CHECKED, _S.SIMULATED, _S.PASSED})


def require_payable(state: PlanState) -> None:
    """Raises ``pay_plan.not_filed`` for a plan that was not passed and filed."""
    if state not in PAYABLE:
        raise DomainError("pay_plan.not_filed", params={"state": state})
