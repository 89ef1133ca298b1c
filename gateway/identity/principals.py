"""What is done to clients and accounts alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Annotated

from fastapi import Request
from pydantic import AfterValidator, Field, StringConstraints

from gateway.identity.credentials.hashing import TooBusyError
from gateway.identity.database import Principal
from gateway.identity.issuer import issuer_of
from gateway.identity.tokens.revocations import revocation_moment
from shared.kernel.context import kernel_of
from shared.kernel.logging import logger
from shared.terms.actor import Role
from shared.terms.errors import DomainError

#: A name people read: no control characters, which databases and terminals choke on.
ShownName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Roles = Annotated[
    list[Role], Field(min_length=1, max_length=len(Role)), AfterValidator(lambda roles: sorted(set(roles)))
]
OrgPath = Annotated[str, StringConstraints(max_length=220, pattern=r"^([0-9A-Za-z_.-]{1,40}/){1,5}$")]


def roles_of(principal: Principal) -> frozenset[Role]:
    """The roles as terms."""
    return frozenset(Role(role) for role in principal.roles)


def place(principal: Principal, *, roles: Iterable[Role], org_path: str, at: dt.datetime) -> None:
    """Gives roles at an organization; when anything changes, tokens that say otherwise end."""
    wanted = sorted(role.value for role in roles)
    if principal.roles != wanted or principal.org_path != org_path:
        principal.roles, principal.org_path = wanted, org_path
        principal.revoked_before = revocation_moment(at)


def replace_secret(principal: Principal, secret_hash: str, *, at: dt.datetime) -> None:
    """Replaces the secret and ends every token got with the old one."""
    principal.secret_hash, principal.secret_changed_at = secret_hash, at
    principal.revoked_before = revocation_moment(at)


def disable(principal: Principal, *, at: dt.datetime) -> None:
    """Lets the principal in no more and ends its tokens."""
    principal.disabled_at = principal.disabled_at or at
    principal.revoked_before = revocation_moment(at)


async def hashed_secret(request: Request, secret: str) -> str:
    """The hash of a new secret.

    Raises:
        DomainError: ``identity.busy`` when too many checks are waiting already.
    """
    try:
        return await issuer_of(request).hasher.hashed(secret)
    except TooBusyError:
        raise DomainError("identity.busy") from None


class FreshSecret:
    """A new secret and its hash; both are made before the request's transaction opens (see ``SecretHasher.slot``)."""

    __slots__ = ("hash", "text")

    def __init__(self, text: str, secret_hash: str) -> None:
        self.text = text
        self.hash = secret_hash


async def refresh_revocations(request: Request) -> None:
    """Makes this process refuse at once what a request has just revoked; when that fails, in a moment."""
    try:
        await issuer_of(request).revocations.refresh(kernel_of(request).database)
    except Exception as error:  # what was committed stays committed, whatever happens here
        logger.warning("revocations.unreadable", error=type(error).__name__)
