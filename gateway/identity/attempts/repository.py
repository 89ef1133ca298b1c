"""Counts of failed attempts in the database, so that they hold over restarts and over several gateways."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.attempts.rules import AttemptPolicy, Failures, after_failure, wait_seconds
from gateway.identity.attempts.tables import LoginAttempts
from gateway.identity.settings import IdentitySettings

#: An address that succeeded with a name within this time is not shut out when others guess at that name.
KNOWN_FOR = dt.timedelta(days=30)
_FAILURES_KEPT = dt.timedelta(days=2)


@dataclass(frozen=True, slots=True)
class AttemptKeys:
    """The three keys under which one attempt counts."""

    pair: str
    name: str
    address: str

    @classmethod
    def of(cls, key: bytes, *, kind: str, name: str, address: str) -> AttemptKeys:
        """Keys of an attempt; hashed under ``key``, since people type passwords into the wrong field."""
        place = _place(address)
        return cls(
            pair=_hashed(key, "pair", kind, name, place),
            name=_hashed(key, "name", kind, name),
            address=_hashed(key, "address", place),
        )


async def seconds_to_wait(session: AsyncSession, keys: AttemptKeys, at: dt.datetime) -> int:
    """Seconds until an attempt under these keys is looked at; 0 when it may be made now."""
    statement = select(LoginAttempts).where(LoginAttempts.key.in_((keys.pair, keys.name, keys.address)))
    rows = {row.key: row for row in (await session.scalars(statement)).all()}
    pair = rows.get(keys.pair)
    if pair is not None and pair.succeeded_at is not None and at - pair.succeeded_at < KNOWN_FOR:
        rows.pop(keys.name, None)
    return max((wait_seconds(_failures(row), at) for row in rows.values()), default=0)


async def record_failure(
    session: AsyncSession, keys: AttemptKeys, settings: IdentitySettings, *, at: dt.datetime
) -> None:
    """Counts one failure under each key."""
    policies: dict[str, AttemptPolicy] = {
        keys.pair: settings.pair,
        keys.name: settings.name,
        keys.address: settings.address,
    }
    # In one order, or two transactions counting the same name could wait for each other.
    for key in sorted(policies):
        name_key = None if key == keys.address else keys.name
        row = await _locked(session, key, name_key=name_key, at=at)
        failures = after_failure(_failures(row), policies[key], at)
        row.level, row.last_at, row.blocked_until = failures.level, failures.last_at, failures.blocked_until


async def record_success(session: AsyncSession, keys: AttemptKeys, *, at: dt.datetime) -> None:
    """Forgives the pair its failures and remembers that it succeeded; what others did to the name stays counted."""
    values = {"level": 0.0, "last_at": at, "blocked_until": None, "succeeded_at": at}
    statement = insert(LoginAttempts).values(key=keys.pair, name_key=keys.name, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=[LoginAttempts.key], set_=values))


async def forget_name(session: AsyncSession, keys: AttemptKeys) -> None:
    """Unlocks a name everywhere."""
    await session.execute(delete(LoginAttempts).where(LoginAttempts.name_key == keys.name))


async def _locked(session: AsyncSession, key: str, *, name_key: str | None, at: dt.datetime) -> LoginAttempts:
    blank = {"key": key, "name_key": name_key, "level": 0.0, "last_at": at}
    await session.execute(insert(LoginAttempts).values(**blank).on_conflict_do_nothing())
    statement = select(LoginAttempts).where(LoginAttempts.key == key).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).one()


async def forget_old_attempts(session: AsyncSession, at: dt.datetime) -> None:
    """Deletes failures long leaked away, and successes too old to count as known."""
    never_succeeded = and_(LoginAttempts.succeeded_at.is_(None), LoginAttempts.last_at < at - _FAILURES_KEPT)
    await session.execute(delete(LoginAttempts).where(or_(never_succeeded, LoginAttempts.last_at < at - KNOWN_FOR)))


def _failures(row: LoginAttempts) -> Failures:
    return Failures(row.level, row.last_at, row.blocked_until)


def _hashed(key: bytes, *parts: str) -> str:
    return hmac.new(key, "\n".join(parts).encode(), hashlib.sha256).hexdigest()


def _place(address: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 address: whoever has one address there has all of them."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(IPv6Address(int(parsed) >> 64 << 64))
    return str(parsed)
