"""State machines as tables: what can be read can be checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from shared.terms.errors import DomainError

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Transition(Generic[S]):
    """An action, the states it may be taken in, and the state it leads to."""

    action: str
    sources: frozenset[S]
    target: S


class TransitionTable(Generic[S]):
    """All transitions of one kind of thing.

    Args:
        transitions: one per action; raises ``ValueError`` on two with one name.
    """

    def __init__(self, transitions: Sequence[Transition[S]]) -> None:
        self._by_action: Mapping[str, Transition[S]] = {entry.action: entry for entry in transitions}
        if len(self._by_action) != len(transitions):
            raise ValueError("two transitions have the same action")

    def target(self, action: str, state: S) -> S:
        """Where an action leads from a state.

        Raises:
            DomainError: ``workflow.not_allowed`` naming the state, the action and what is possible instead.
        """
        transition = self._by_action[action]
        if state not in transition.sources:
            raise DomainError(
                "workflow.not_allowed",
                params={"action": action, "state": state, "possible": ", ".join(self.actions(state)) or "-"},
            )
        return transition.target

    def actions(self, state: S) -> tuple[str, ...]:
        """Actions possible in a state, in the table's order."""
        return tuple(action for action, entry in self._by_action.items() if state in entry.sources)

    @property
    def transitions(self) -> tuple[Transition[S], ...]:
        """Every transition, in the table's order."""
        return tuple(self._by_action.values())
