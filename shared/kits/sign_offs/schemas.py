"""Sign-offs as callers ask for, give and read them."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from shared.kits.fields import Reason, Strict
from shared.kits.sign_offs.service import signers_of
from shared.kits.sign_offs.tables import Decision, Signature, SignOff
from shared.terms.actor import Actor, Role
from shared.workflow.sign_offs import SignOffState, next_signer

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class SignIn(Strict):
    """A signature for the very content that was seen."""

    content_sha256: Sha256 = Field(description="所见内容的哈希 / hash of what was seen")


class DeclineIn(SignIn):
    """Declining to sign."""

    reason: Reason


class SignatureOut(BaseModel):
    """What one signer did."""

    position: str
    decision: Decision
    reason: str | None
    content_sha256: str
    signed_by: str
    signer_org: str
    at: dt.datetime


class SignerOut(BaseModel):
    """A position that has to sign."""

    position: str
    role: Role
    org_path: str


class SignOffOut(BaseModel):
    """A sign-off: what is signed, by whom in which order, and how far it is."""

    id: uuid.UUID
    subject_type: str
    subject_key: str
    content_sha256: str
    state: SignOffState
    signers: list[SignerOut]
    requested_at: dt.datetime
    due_at: dt.datetime | None
    unverified_years: list[int]
    ended_at: dt.datetime | None
    ended_reason: str | None


class SignOffDetail(SignOffOut):
    """A sign-off with its signatures, whose turn it is, and whether it is the caller's."""

    signatures: list[SignatureOut]
    next_position: str | None
    is_your_turn: bool


def sign_off_out(row: SignOff) -> SignOffOut:
    """A sign-off in a list."""
    return SignOffOut(**_members(row))


def sign_off_detail(row: SignOff, signatures: Sequence[Signature], actor: Actor) -> SignOffDetail:
    """A sign-off with its signatures."""
    due = next_signer(signers_of(row), len(signatures)) if row.state == SignOffState.REQUESTED else None
    given = [
        SignatureOut(**{name: getattr(signature, name) for name in SignatureOut.model_fields})
        for signature in signatures
    ]
    yours = due is not None and due.is_filled_by(actor) and all(s.signed_by != actor.subject for s in signatures)
    return SignOffDetail(
        **_members(row), signatures=given, next_position=due.position if due else None, is_your_turn=yours
    )


def _members(row: SignOff) -> dict[str, object]:
    plain = {name: getattr(row, name) for name in SignOffOut.model_fields if name != "signers"}
    signers = [SignerOut(position=s.position, role=s.role, org_path=s.org_path) for s in signers_of(row)]
    return {**plain, "signers": signers}
