"""The life of a class's term of development: recorded, judged, reported. Pure."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from shared.policy.student_development import development_policy
from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError
from shared.workflow.transitions import Transition, TransitionTable


class DevelopmentState(StrEnum):
    """States of a class's term."""

    RECORDING = "recording"
    JUDGING = "judging"
    REPORTED = "reported"


_D = DevelopmentState
DEVELOPMENT_LIFE = TransitionTable[DevelopmentState](
    (
        Transition("begin_judging", frozenset({_D.RECORDING}), _D.JUDGING),
        Transition("return_to_recording", frozenset({_D.JUDGING}), _D.RECORDING),
        Transition("report", frozenset({_D.JUDGING}), _D.REPORTED),
        Transition("reopen", frozenset({_D.REPORTED}), _D.JUDGING),
    )
)


def require_state(state: DevelopmentState, *allowed: DevelopmentState) -> None:
    """Raises ``development.not_now``."""
    if state not in allowed:
        raise DomainError("development.not_now", params={"state": state, "allowed": ", ".join(allowed)})


def require_grade(grade_level: int) -> None:
    """Compulsory education alone: raises ``development.not_this_grade``."""
    if grade_level not in development_policy().grades:
        raise DomainError("development.not_this_grade", params={"grade_level": grade_level})


def may_teach(actor: Actor, teachers: Collection[str]) -> bool:
    """Whether somebody is one of the class's teachers."""
    return Role.TEACHER in actor.roles and actor.person is not None and actor.person in teachers


def require_teacher(actor: Actor, teachers: Collection[str]) -> None:
    """Pupils are judged by those who know them: raises ``development.not_your_class``."""
    if not may_teach(actor, teachers):
        raise DomainError("development.not_your_class")


def require_near(actor: Actor, teachers: Collection[str]) -> None:
    """What is written of pupils is read by the class's teachers and those who answer for the school.

    Raises:
        DomainError: ``development.not_your_class``.
    """
    if not (Role.SCHOOL_ADMIN in actor.roles or may_teach(actor, teachers)):
        raise DomainError("development.not_your_class")
