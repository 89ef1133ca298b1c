"""Pure decisions about appeals: who is which side, and whose step it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel
from shared.workflow.appeals import (
    APPEAL_LIFE,
    APPELLANT_STEPS,
    HANDLER_STEPS,
    REVIEWER_STEPS,
    AppealState,
    Outcome,
    require_in_time,
)


class Appealed(Protocol):
    """An appeal, as stored."""

    org_path: Any
    appellant: Any
    appellant_org: Any
    state: Any
    due_at: Any
    decided_by: Any
    decided_org: Any


@dataclass(frozen=True, slots=True)
class Parties:
    """How a service tells the sides apart.

    Args:
        by_person: whether the appellant is the person (teachers, pupils) rather than the organization (schools).
        is_shown_to_respondents: whether readers who are neither side see appeals at all, without whose they are.
    """

    by_person: bool = False
    is_shown_to_respondents: bool = False

    def is_appellant(self, appeal: Appealed, actor: Actor) -> bool:
        """Whether an appeal is the actor's own."""
        if self.by_person:
            return bool(actor.subject == appeal.appellant)
        return bool(actor.org == appeal.appellant_org)

    def is_handler(self, appeal: Appealed, actor: Actor) -> bool:
        """Whether an actor who may handle appeals may handle this one: it lies below, and is not the actor's own."""
        return actor.covers(appeal.org_path) and not self.is_appellant(appeal, actor)

    def is_reviewer(self, appeal: Appealed, actor: Actor) -> bool:
        """Whether an actor may review what was decided: from above; where nobody is above, another person."""
        if not self.is_handler(appeal, actor) or actor.subject == appeal.decided_by:
            return False
        is_above = actor.org != appeal.decided_org and str(appeal.decided_org).startswith(actor.org)
        return is_above or self.by_person or actor.level is OrgLevel.CITY


def require_step(parties: Parties, appeal: Appealed, action: str, actor: Actor, at: dt.datetime) -> AppealState:
    """The state a step leads to.

    Raises:
        DomainError: ``workflow.not_allowed``, ``appeal.not_yours``, ``appeal.too_late``.
    """
    target = APPEAL_LIFE.target(action, AppealState(appeal.state))
    if not _is_turn(parties, appeal, action, actor):
        raise DomainError("appeal.not_yours", params={"action": action})
    require_in_time(action, at, appeal.due_at)
    return target


def possible_steps(parties: Parties, appeal: Appealed, actor: Actor, *, may_handle: bool) -> list[str]:
    """Steps that this person may take now, as far as the turn goes."""
    steps = APPEAL_LIFE.actions(AppealState(appeal.state))
    own = [step for step in steps if may_handle or step in APPELLANT_STEPS]
    return [step for step in own if _is_turn(parties, appeal, step, actor)]


def _is_turn(parties: Parties, appeal: Appealed, action: str, actor: Actor) -> bool:
    if action in APPELLANT_STEPS:
        return parties.is_appellant(appeal, actor)
    if action in HANDLER_STEPS:
        return parties.is_handler(appeal, actor)
    return action in REVIEWER_STEPS and parties.is_reviewer(appeal, actor)


def require_lawful_effect(outcome: Outcome, effect: Mapping[str, Any] | None, *, can_apply: bool) -> None:
    """An effect needs a ground that was upheld and a service that applies it: ``appeal.effect_refused``."""
    if effect is not None and (outcome is Outcome.REJECTED or not can_apply):
        raise DomainError("appeal.effect_refused", params={"outcome": outcome})
