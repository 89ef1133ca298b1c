"""Is it really them? One way in for machines and people, built so that guessing gets nowhere and learns nothing.

Unknown name, wrong secret and disabled account get the same answer after the same work. Failures count per name and
address, per name, and per address; too many of them and attempts are not looked at for a growing time. That holds for
names nobody has, too, or waiting would tell which names exist.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from prometheus_client import Counter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.accounts.tables import Account
from gateway.identity.attempts.repository import AttemptKeys, record_failure, record_success, seconds_to_wait
from gateway.identity.clients.tables import Client
from gateway.identity.credentials.hashing import TooBusyError
from gateway.identity.issuer import Issuer
from shared.kernel.audit.log import note
from shared.kernel.database.engine import Database
from shared.terms.actor import Actor

LOGINS = Counter("identity_logins", "Attempts to get in, by kind and outcome", ["kind", "outcome"])
BUSY_SECONDS = 2
#: On whose behalf failed attempts are audited.
NOBODY = Actor("anonymous", "anonymous", frozenset(), frozenset(), "")


class Kind(StrEnum):
    """What sort of principal."""

    CLIENT = "client"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody claims to be ``name``; the secret shows in no log because it is not shown at all."""

    kind: Kind
    name: str
    secret: str
    address: str

    def __repr__(self) -> str:
        return f"Attempt({self.kind})"


class NotAuthenticatedError(Exception):
    """The name is unknown, the secret wrong or the principal disabled; which of them is nobody's business."""


class SlowDownError(Exception):
    """The attempt was not looked at."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


async def authenticate(issuer: Issuer, database: Database, attempt: Attempt) -> Client | Account:
    """The principal whose secret was given.

    Call it holding no transaction; it opens its own, so that a failure stays counted when the request is refused.

    Raises:
        NotAuthenticatedError: see there.
        SlowDownError: too many failures, or too many attempts at once.
    """
    keys = issuer.attempt_keys(attempt.kind, attempt.name, attempt.address)
    principal, wait = await _look_up(database, attempt, keys, issuer.now())
    if _is_known(issuer, attempt, principal):
        return _counted(attempt, principal, "known")
    if wait:
        raise _slow_down(attempt, wait)
    try:
        async with issuer.hasher.slot():
            return await _checked(issuer, database, attempt, keys)
    except TooBusyError:
        raise _slow_down(attempt, BUSY_SECONDS) from None


async def _checked(issuer: Issuer, database: Database, attempt: Attempt, keys: AttemptKeys) -> Client | Account:
    """Looks again, since others may have failed or succeeded while this attempt waited for its slot; then checks."""
    principal, wait = await _look_up(database, attempt, keys, issuer.now())
    if _is_known(issuer, attempt, principal):
        return _counted(attempt, principal, "known")
    if wait:
        raise _slow_down(attempt, wait)
    is_right = await issuer.hasher.matches(principal.secret_hash if principal else None, attempt.secret)
    at = issuer.now()
    async with database.transaction("") as session:
        if principal is None or not is_right or principal.disabled_at is not None:
            await record_failure(session, keys, issuer.settings, at=at)
            _note_failure(session, attempt, principal, is_right)
        else:
            await record_success(session, keys, at=at)
    if principal is None or not is_right or principal.disabled_at is not None:
        LOGINS.labels(attempt.kind, "failed").inc()
        raise NotAuthenticatedError
    issuer.known.remember(_place(attempt), attempt.secret, stored=principal.secret_hash, at=at)
    return _counted(attempt, principal, "checked")


async def _look_up(
    database: Database, attempt: Attempt, keys: AttemptKeys, at: dt.datetime
) -> tuple[Client | Account | None, int]:
    # The service's own scope: where somebody belongs is known only after finding them.
    async with database.transaction("") as session:
        principal = await find_principal(session, attempt.kind, attempt.name)
        return principal, await seconds_to_wait(session, keys, at)


async def find_principal(session: AsyncSession, kind: Kind, name: str) -> Client | Account | None:
    """The client or account of a name, wherever it belongs."""
    if kind is Kind.CLIENT:
        return (await session.scalars(select(Client).where(Client.client_id == name))).one_or_none()
    return (await session.scalars(select(Account).where(Account.username == name))).one_or_none()


def _is_known(issuer: Issuer, attempt: Attempt, principal: Client | Account | None) -> bool:
    return (
        principal is not None
        and principal.disabled_at is None
        and issuer.known.knows(_place(attempt), attempt.secret, stored=principal.secret_hash, at=issuer.now())
    )


def _place(attempt: Attempt) -> str:
    return f"{attempt.kind} {attempt.name}"


def _counted(attempt: Attempt, principal: Client | Account | None, outcome: str) -> Client | Account:
    assert principal is not None  # noqa: S101 - only called for one that was found
    LOGINS.labels(attempt.kind, outcome).inc()
    return principal


def _slow_down(attempt: Attempt, seconds: int) -> SlowDownError:
    LOGINS.labels(attempt.kind, "slowed").inc()
    return SlowDownError(seconds)


def _note_failure(session: AsyncSession, attempt: Attempt, principal: Client | Account | None, is_right: bool) -> None:
    """Audits a failure. A name that nobody has is not written down: it may be a password in the wrong field."""
    reason = "unknown" if principal is None else "disabled" if is_right else "secret"
    subject = principal.subject if principal else "unknown"
    detail = {"kind": attempt.kind.value, "reason": reason, "address": attempt.address}
    note(session, NOBODY, "login.failed", subject, detail)
