"""Asking for signatures, signing, declining; a changed content begins anew."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kits.sign_offs.tables import Decision, Signature, SignOff
from shared.kits.subject import Subject, row_for_update, rows_about, rows_of, tell_change
from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError
from shared.workflow.calendar import WorkingCalendar
from shared.workflow.clocks import window
from shared.workflow.sign_offs import (
    SIGN_OFF_LIFE,
    STANDING,
    Signer,
    SignOffState,
    next_signer,
    require_same_content,
    require_turn,
)


@dataclass(frozen=True, slots=True)
class SignOffs:
    """A service's sign-offs: its tables, and how many working days each signer has."""

    table: type[SignOff]
    signatures: type[Signature]
    working_days: int = 5


async def request(
    session: AsyncSession,
    *,
    on: SignOffs,
    subject: Subject,
    content_sha256: str,
    signers: Sequence[Signer],
    calendar: WorkingCalendar,
) -> SignOff:
    """Puts a content before its signers; what was asked or signed for an earlier content is reset.

    Raises:
        DomainError: ``sign_off.standing`` for the same content; ``sign_off.no_signers``.
    """
    if not signers:
        raise DomainError("sign_off.no_signers")
    await reset_changed(session, on=on, subject=subject, content_sha256=content_sha256)
    if await standing(session, on, subject) is not None:
        raise DomainError("sign_off.standing")
    at, table = clock.now(), _maker(on.table)
    row: SignOff = table(
        subject_type=subject.type,
        subject_key=subject.key,
        org_path=subject.org_path,
        content_sha256=content_sha256,
        signers=[asdict(signer) for signer in signers],
        state=SignOffState.REQUESTED,
        requested_by=subject.actor.subject,
        requested_at=at,
        version=0,
        unverified_years=[],
    )
    session.add(row)
    _start_clock(row, on, calendar, at)
    await _record(session, row, subject.actor, "sign_off.requested")
    return row


async def sign(
    session: AsyncSession,
    *,
    on: SignOffs,
    subject: Subject,
    sign_off_id: uuid.UUID,
    decision: Decision,
    seen_sha256: str,
    current_sha256: str,
    calendar: WorkingCalendar,
    reason: str | None = None,
) -> SignOff:
    """Signs or declines in one's turn, for the very content that was seen and still is.

    Args:
        session: the transaction.
        on: the service's sign-offs.
        subject: what is signed, and who signs.
        sign_off_id: which sign-off.
        decision: signed or declined.
        seen_sha256: the content as the signer names it.
        current_sha256: the content as it is now.
        calendar: for the next signer's deadline.
        reason: why it is declined.

    Raises:
        DomainError: ``resource.not_found``, ``workflow.not_allowed``, ``sign_off.not_your_turn``,
            ``sign_off.signed_already``, ``sign_off.content_changed``.
    """
    row = await row_for_update(session, on.table, subject, sign_off_id, what="sign-off")
    declined = SIGN_OFF_LIFE.target("decline", SignOffState(row.state))
    signers, given = signers_of(row), await signatures_of(session, on, subject.actor, row.id)
    signer = require_turn(signers, [signature.signed_by for signature in given], subject.actor)
    require_same_content(seen_sha256, row.content_sha256)
    require_same_content(current_sha256, row.content_sha256)
    at = clock.now()
    session.add(_signature(on, row, subject.actor, signer.position, decision, reason, at))
    if decision is Decision.DECLINED:
        _end(row, declined, at, reason)
    elif next_signer(signers, len(given) + 1) is None:
        _end(row, SIGN_OFF_LIFE.target("complete", SignOffState(row.state)), at, None)
    else:
        _start_clock(row, on, calendar, at)
    await _record(session, row, subject.actor, f"sign_off.{decision.value}", position=signer.position)
    return row


async def cancel(
    session: AsyncSession, *, on: SignOffs, subject: Subject, sign_off_id: uuid.UUID, reason: str
) -> SignOff:
    """Takes a request back; what was signed is kept. Raises ``workflow.not_allowed``."""
    row = await row_for_update(session, on.table, subject, sign_off_id, what="sign-off")
    _end(row, SIGN_OFF_LIFE.target("cancel", SignOffState(row.state)), clock.now(), reason)
    await _record(session, row, subject.actor, "sign_off.cancelled")
    return row


async def reset_changed(session: AsyncSession, *, on: SignOffs, subject: Subject, content_sha256: str) -> bool:
    """Resets the standing sign-off when the content is no longer what was put before its signers; whether it was.

    A service calls this wherever it changes what can be signed.
    """
    row = await standing(session, on, subject)
    if row is None or row.content_sha256 == content_sha256:
        return False
    reason = "内容已更改 / the content has changed"
    _end(row, SIGN_OFF_LIFE.target("reset", SignOffState(row.state)), clock.now(), reason)
    await _record(session, row, subject.actor, "sign_off.reset")
    return True


async def standing(session: AsyncSession, on: SignOffs, subject: Subject) -> SignOff | None:
    """The sign-off about a thing that is asked for or complete, locked; at most one."""
    statement = rows_about(on.table, subject).where(on.table.state.in_(sorted(STANDING))).with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def signatures_of(
    session: AsyncSession, on: SignOffs, actor: Actor, sign_off_id: uuid.UUID
) -> Sequence[Signature]:
    """What signers did, in their order."""
    table = on.signatures
    statement = rows_of(table, actor).where(_maker(table).sign_off_id == sign_off_id).order_by(table.at, table.id)
    return (await session.scalars(statement)).all()


def signers_of(row: SignOff) -> tuple[Signer, ...]:
    """The positions of a sign-off, in order."""
    return tuple(Signer(s["position"], Role(s["role"]), s["org_path"], s["subject"]) for s in row.signers)


def _signature(
    on: SignOffs, row: SignOff, actor: Actor, position: str, decision: Decision, reason: str | None, at: dt.datetime
) -> Signature:
    made: Signature = _maker(on.signatures)(
        sign_off_id=row.id,
        org_path=row.org_path,
        position=position,
        decision=decision,
        reason=reason,
        content_sha256=row.content_sha256,
        signed_by=actor.subject,
        signer_org=actor.org,
        at=at,
    )
    return made


def _maker(table: Any) -> Any:
    """A mixin's table takes its columns only where a service has made it a table."""
    return table


def _start_clock(row: SignOff, on: SignOffs, calendar: WorkingCalendar, at: dt.datetime) -> None:
    span = window(at, working_days=on.working_days, calendar=calendar, zone=clock.CHINA)
    row.due_at, row.unverified_years = span.ends_at, list(span.unverified_years)


def _end(row: SignOff, state: SignOffState, at: dt.datetime, reason: str | None) -> None:
    row.state, row.ended_at, row.ended_reason, row.due_at = state, at, reason, None


async def _record(session: AsyncSession, row: SignOff, actor: Actor, action: str, **more: object) -> None:
    row.version += 1
    await session.flush()
    detail = {"subject_type": row.subject_type, "subject_key": row.subject_key, "sha256": row.content_sha256}
    note(session, actor, action, str(row.id), {**detail, **more})
    await tell_change(session, row)
