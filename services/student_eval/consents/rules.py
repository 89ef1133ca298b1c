"""What follows from what people said. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from shared.policy.student_consents import Asked, Basis, Purpose
from shared.terms.errors import DomainError


class Action(StrEnum):
    """What somebody says."""

    GIVEN = "given"
    REFUSED = "refused"
    """No, without having said yes before."""
    WITHDRAWN = "withdrawn"
    ACKNOWLEDGED = "acknowledged"
    """Read, of a use that is a duty and asks nobody."""


class ConsentState(StrEnum):
    """Whether a use may be."""

    NOT_NEEDED = "not_needed"
    GIVEN = "given"
    REFUSED = "refused"
    MISSING = "missing"


class Said(Protocol):
    """A word, as stored."""

    purpose: str
    action: str
    person_key: str
    wording_version: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a use stands: its state, and who has not answered yet (``guardian``, ``pupil``, ``no_guardian``)."""

    state: ConsentState
    missing: tuple[str, ...] = ()


def standing_of(
    purpose: Purpose, asked: Asked, said: Iterable[Said], *, student_key: str, guardians: Collection[str]
) -> Standing:
    """How a use of a pupil's data stands. One no of somebody who is asked outweighs every yes.

    Args:
        purpose: the use.
        asked: whose yes it needs.
        said: everything said about the pupil, oldest first.
        student_key: the pupil.
        guardians: those who are guardians now; what former ones said counts no more.
    """
    if purpose.basis is Basis.STATUTORY:
        return Standing(ConsentState.NOT_NEEDED)
    latest = {each.person_key: each for each in said if each.purpose == purpose.code}
    heard = (set(guardians) if asked.guardian else set()) | ({student_key} if asked.pupil else set())
    words = {person: latest[person] for person in heard if person in latest}
    if any(word.action in (Action.REFUSED, Action.WITHDRAWN) for word in words.values()):
        return Standing(ConsentState.REFUSED)
    agreed = {person for person, word in words.items() if word.wording_version >= purpose.wording.counts_from}
    missing = []
    if asked.guardian and not agreed & set(guardians):
        missing.append("guardian" if guardians else "no_guardian")
    if asked.pupil and student_key not in agreed:
        missing.append("pupil")
    return Standing(ConsentState.MISSING if missing else ConsentState.GIVEN, tuple(missing))


def negation(said: Iterable[Said], purpose: str, person_key: str) -> Action:
    """What a no is: taken back, if there was a yes."""
    own = [each for each in said if each.purpose == purpose and each.person_key == person_key]
    return Action.WITHDRAWN if own and own[-1].action == Action.GIVEN else Action.REFUSED


def require_askable(purpose: Purpose, action: Action, *, is_asked: bool) -> None:
    """Whether somebody may say this.

    Raises:
        DomainError: ``consent.statutory`` for yes and no to a duty; ``consent.not_statutory``; ``consent.not_asked`` for
            a pupil too young to be asked, or a guardian of somebody of age.
    """
    is_duty = purpose.basis is Basis.STATUTORY
    if action is Action.ACKNOWLEDGED:
        if not is_duty:
            raise DomainError("consent.not_statutory")
    elif is_duty:
        raise DomainError("consent.statutory", params={"document": purpose.document})
    elif not is_asked:
        raise DomainError("consent.not_asked")
