"""Use cases of clients."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity import principals
from gateway.identity.clients.schemas import ClientChange, ClientIn
from gateway.identity.clients.tables import Client
from gateway.identity.principals import roles_of
from gateway.identity.rules import check_management, principal_faults, scope_faults
from gateway.identity.tokens.revocations import revocation_moment
from gateway.identity.tokens.service import CONSOLE
from shared.kernel.audit.log import note
from shared.kernel.database.repository import one_visible, one_visible_for_update
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def create_client(
    session: AsyncSession, actor: Actor, *, wanted: ClientIn, secret_hash: str, at: dt.datetime
) -> Client:
    """Creates a client.

    Raises:
        DomainError: see ``check_management``; ``identity.name_taken``; ``request.invalid`` with every fault.
    """
    check_management(actor, roles=wanted.roles, org=wanted.org_path)
    _check(wanted)
    taken = await session.scalar(select(Client.id).where(Client.client_id == wanted.client_id))
    if taken is not None or wanted.client_id == CONSOLE:
        raise DomainError("identity.name_taken", params={"name": wanted.client_id})
    client = Client(client_id=wanted.client_id, secret_hash=secret_hash, secret_changed_at=at, created_at=at)
    _fill(client, wanted, at=at)
    client.revoked_before = None
    session.add(client)
    await session.flush()
    note(session, actor, "client.created", client.client_id, _detail(client))
    return client


async def change_client(
    session: AsyncSession, actor: Actor, client: Client, *, wanted: ClientChange, at: dt.datetime
) -> None:
    """Changes a locked client; raises as ``create_client`` does."""
    check_management(actor, roles={*wanted.roles, *roles_of(client)}, org=wanted.org_path)
    _check(wanted)
    _fill(client, wanted, at=at)
    client.version += 1
    note(session, actor, "client.changed", client.client_id, _detail(client))


async def rotate_client_secret(
    session: AsyncSession, actor: Actor, client: Client, *, secret_hash: str, at: dt.datetime
) -> None:
    """Replaces the secret of a locked client."""
    check_management(actor, roles=roles_of(client), org=client.org_path)
    principals.replace_secret(client, secret_hash, at=at)
    client.version += 1
    note(session, actor, "client.secret_rotated", client.client_id)


async def set_client_disabled(
    session: AsyncSession, actor: Actor, client: Client, *, disabled: bool, at: dt.datetime
) -> None:
    """Disables or enables a locked client; again changes nothing."""
    check_management(actor, roles=roles_of(client), org=client.org_path)
    if disabled == (client.disabled_at is not None):
        return
    if disabled:
        principals.disable(client, at=at)
    else:
        client.disabled_at = None
    client.version += 1
    note(session, actor, "client.disabled" if disabled else "client.enabled", client.client_id)


async def client_named(session: AsyncSession, actor: Actor, client_id: str, *, lock: bool = False) -> Client:
    """A visible client; raises DomainError ``resource.not_found``."""
    find = one_visible_for_update if lock else one_visible
    return await find(session, Client, actor, Client.client_id == client_id, what=f"client {client_id[:40]}")


def _check(wanted: ClientChange) -> None:
    faults = principal_faults(wanted.roles, wanted.org_path, for_machine=True) + scope_faults(wanted.scopes)
    if faults:
        raise DomainError("request.invalid", faults=faults)


def _fill(client: Client, wanted: ClientChange, *, at: dt.datetime) -> None:
    scopes = sorted(set(wanted.scopes))
    principals.place(client, roles=wanted.roles, org_path=wanted.org_path, at=at)
    if client.scopes is not None and client.scopes != scopes:
        client.revoked_before = revocation_moment(at)
    client.name, client.scopes, client.source_system = wanted.name, scopes, wanted.source_system


def _detail(client: Client) -> dict[str, object]:
    return {"roles": client.roles, "scopes": client.scopes, "org": client.org_path}
