"""Signing off: required signers in their order, each for the very content that was put before them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError
from shared.workflow.transitions import Transition, TransitionTable


class SignOffState(StrEnum):
    """States of a sign-off."""

    REQUESTED = "requested"
    SIGNED = "signed"
    DECLINED = "declined"
    #: The content changed: what was signed counts no more.
    RESET = "reset"
    CANCELLED = "cancelled"


_S = SignOffState
SIGN_OFF_LIFE = TransitionTable[SignOffState](
    (
        Transition("complete", frozenset({_S.REQUESTED}), _S.SIGNED),
        Transition("decline", frozenset({_S.REQUESTED}), _S.DECLINED),
        Transition("reset", frozenset({_S.REQUESTED, _S.SIGNED, _S.DECLINED}), _S.RESET),
        Transition("cancel", frozenset({_S.REQUESTED}), _S.CANCELLED),
    )
)
#: A thing has one sign-off at a time in these.
STANDING = frozenset({SignOffState.REQUESTED, SignOffState.SIGNED})


@dataclass(frozen=True, slots=True)
class Signer:
    """Who has to sign: a position by name, the role and organization that fill it, one person where only that one may."""

    position: str
    role: Role
    org_path: str
    subject: str | None = None

    def is_filled_by(self, actor: Actor) -> bool:
        """Whether an actor holds this position."""
        return (
            self.role in actor.roles
            and actor.org == self.org_path
            and (self.subject is None or self.subject == actor.subject)
        )


def next_signer(signers: Sequence[Signer], signed_count: int) -> Signer | None:
    """Whose turn it is; ``None`` when all have signed."""
    return signers[signed_count] if signed_count < len(signers) else None


def require_turn(signers: Sequence[Signer], signed_by: Sequence[str], actor: Actor) -> Signer:
    """The position that an actor signs for now.

    Args:
        signers: the positions, in order.
        signed_by: who has signed so far, in order.
        actor: the one who would sign.

    Raises:
        DomainError: ``sign_off.not_your_turn``; ``sign_off.signed_already`` for one person in two positions.
    """
    due = next_signer(signers, len(signed_by))
    if due is None or not due.is_filled_by(actor):
        raise DomainError("sign_off.not_your_turn", params={"position": due.position if due else "-"})
    if actor.subject in signed_by:
        raise DomainError("sign_off.signed_already")
    return due


def require_same_content(signed_sha256: str, shown_sha256: str) -> None:
    """Whoever signs names what was seen: ``sign_off.content_changed`` when that is not what is to be signed."""
    if signed_sha256 != shown_sha256:
        raise DomainError("sign_off.content_changed")
