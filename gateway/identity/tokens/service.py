"""Issuing and revoking tokens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.accounts.tables import Account
from gateway.identity.clients.tables import Client
from gateway.identity.issuer import Issuer
from gateway.identity.rules import SELF_SCOPE, is_scope
from gateway.identity.tokens.errors import OAuthError
from gateway.identity.tokens.tables import RevokedToken
from shared.kernel.audit.log import note
from shared.kernel.identity.tokens import LEEWAY_SECONDS, AccessToken, sign_access_token
from shared.terms.actor import Actor, Role

#: The client through which people log in; it has no secret and nobody can register it.
CONSOLE = "console"
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A signed token and what it allows."""

    text: str
    scopes: frozenset[str]
    seconds: int


def granted_scopes(principal: Client | Account, asked: str | None) -> frozenset[str]:
    """Scopes of a token: all that the principal holds, or fewer when fewer were asked for.

    Raises:
        OAuthError: ``invalid_scope`` when more was asked for than is held, or something that is no scope.
    """
    held = held_scopes(principal)
    if asked is None:
        return held
    wanted = frozenset(asked.split())
    malformed = not all(is_scope(scope) or scope == EVERYTHING for scope in wanted)
    if not wanted or malformed or not (wanted <= held or EVERYTHING in held):
        raise OAuthError("invalid_scope")
    return wanted


def held_scopes(principal: Client | Account) -> frozenset[str]:
    """Scopes a principal holds: machines those given to them, people everything their roles allow."""
    if isinstance(principal, Client):
        return frozenset(principal.scopes)
    return frozenset({SELF_SCOPE if principal.must_change_password else EVERYTHING})


def actor_of(principal: Client | Account, scopes: Collection[str]) -> Actor:
    """The actor a token speaks for."""
    roles = frozenset(Role(role) for role in principal.roles)
    client = principal.client_id if isinstance(principal, Client) else CONSOLE
    person = principal.person_key if isinstance(principal, Account) else None
    return Actor(principal.subject, client, roles, frozenset(scopes), principal.org_path, person)


async def issue_token(
    session: AsyncSession, issuer: Issuer, principal: Client | Account, *, asked: str | None, address: str
) -> IssuedToken:
    """Signs a token for a principal who has just been authenticated, and audits it.

    Raises:
        OAuthError: ``invalid_scope``, or ``invalid_grant`` when the principal was changed meanwhile.
    """
    principal = await _unchanged(session, principal)
    scopes = granted_scopes(principal, asked)
    actor = actor_of(principal, scopes)
    at = issuer.now()
    if principal.revoked_before is not None:
        # Within the second of a revocation the token is dated to its end, or it would count as issued before.
        at = max(at, min(principal.revoked_before, at + dt.timedelta(seconds=LEEWAY_SECONDS)))
    seconds = issuer.settings.token_seconds
    text = sign_access_token(
        actor,
        key=(await issuer.keyring.keys()).current,
        issuer=issuer.name,
        audience=issuer.audience,
        lifetime=dt.timedelta(seconds=seconds),
        now=at,
    )
    note(session, actor, "token.issued", actor.subject, {"scopes": sorted(scopes), "address": address})
    return IssuedToken(text, scopes, seconds)


async def _unchanged(session: AsyncSession, principal: Client | Account) -> Client | Account:
    """The principal as it is now, held until the token is issued: none may carry roles just taken away."""
    kind: type[Client] | type[Account] = Client if isinstance(principal, Client) else Account
    found: Client | Account | None = await session.get(kind, principal.id, with_for_update={"read": True})
    if found is None or found.disabled_at is not None or found.secret_hash != principal.secret_hash:
        raise OAuthError("invalid_client" if isinstance(principal, Client) else "invalid_grant")
    return found


async def revoke_token(session: AsyncSession, token: AccessToken) -> None:
    """Takes one token back; again changes nothing."""
    if token.token_id is None:
        return
    row = {"token_id": token.token_id, "expires_at": token.expires_at + dt.timedelta(seconds=LEEWAY_SECONDS)}
    await session.execute(insert(RevokedToken).values(**row).on_conflict_do_nothing())
    note(session, token.actor, "token.revoked", token.actor.subject, {"token_id": token.token_id})


async def forget_expired_tokens(session: AsyncSession, at: dt.datetime) -> None:
    """Deletes revocations of tokens that have expired by themselves."""
    await session.execute(delete(RevokedToken).where(RevokedToken.expires_at < at))
