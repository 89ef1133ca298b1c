"""One's own account: who am I, and a new password."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity import principals
from gateway.identity.accounts.schemas import MeOut, PasswordChange
from gateway.identity.accounts.tables import Account
from gateway.identity.authentication import (
    Attempt,
    Kind,
    NotAuthenticatedError,
    SlowDownError,
    authenticate,
)
from gateway.identity.clients.tables import Client
from gateway.identity.credentials.passwords import normalized, password_faults
from gateway.identity.issuer import issuer_of
from gateway.identity.permissions import PERMISSIONS
from gateway.identity.principals import hashed_secret
from gateway.identity.route import ManagementRoute
from gateway.identity.rules import grantable_roles
from gateway.identity.tokens.service import CONSOLE
from shared.kernel.audit.log import note
from shared.kernel.context import kernel_of
from shared.kernel.database.repository import one_visible, one_visible_for_update
from shared.kernel.web.problems import problem_response
from shared.kernel.web.route import Session
from shared.terms.actor import Actor
from shared.terms.errors import DomainError, Fault

router = APIRouter(route_class=ManagementRoute, tags=["own account"])
Anybody = Annotated[Actor, Depends(PERMISSIONS.requires("own.read"))]
Person = Annotated[Actor, Depends(PERMISSIONS.requires("own.write"))]


@router.get("/me", summary="当前身份 / Who am I")
async def read_me(session: Session, actor: Anybody) -> MeOut:
    own = await _own(session, actor)
    is_account = isinstance(own, Account)
    return MeOut(
        kind="account" if isinstance(own, Account) else "client",
        name=own.username if isinstance(own, Account) else own.client_id,
        display_name=own.display_name if isinstance(own, Account) else own.name,
        subject=actor.subject,
        roles=sorted(actor.roles),
        scopes=sorted(actor.scopes),
        org_path=actor.org,
        person_key=actor.person,
        level=actor.level,
        permissions=sorted(action for action, grant in PERMISSIONS.grants.items() if grant.allows(actor)),
        grantable_roles=sorted(grantable_roles(actor)) if is_account else [],
        must_change_password=isinstance(own, Account) and own.must_change_password,
    )


@router.post("/accounts/me/password", status_code=204, summary="修改自己的密码 / Change one's own password")
async def change_own_password(body: PasswordChange, actor: Person, request: Request) -> Response:
    """Ends every token of the account, this one included: log in again with the new password."""
    if actor.client != CONSOLE:
        raise DomainError("auth.forbidden", params={"action": "own.write"})
    # No transaction is held while the secrets are checked and hashed.
    database = kernel_of(request).database
    async with database.transaction(actor.org) as session:
        account = await _own_account(session, actor)
    try:
        await _check_current(request, account.username, body.current_password.get_secret_value())
    except SlowDownError as error:
        refusal = DomainError("identity.slow_down", params={"seconds": error.seconds})
        return problem_response(request, refusal, headers={"Retry-After": str(error.seconds)})
    new = body.new_password.get_secret_value()
    _check_new(new, body.current_password.get_secret_value(), username=account.username)
    secret_hash = await hashed_secret(request, new)
    async with database.transaction(actor.org) as session:
        locked = await one_visible_for_update(session, Account, actor, Account.id == account.id, what="account")
        if locked.secret_hash != account.secret_hash:
            raise DomainError("server.busy")
        principals.replace_secret(locked, secret_hash, at=issuer_of(request).now())
        locked.must_change_password = False
        locked.version += 1
        note(session, actor, "account.password_changed", locked.subject)
    return Response(status_code=204)


def _check_new(new: str, current: str, *, username: str) -> None:
    faults = password_faults(new, username=username)
    if normalized(new) == normalized(current):
        faults.append(Fault("password.unchanged", pointer="/new_password"))
    if faults:
        raise DomainError("identity.password_rules", faults=faults)


async def _check_current(request: Request, username: str, password: str) -> None:
    """A stolen token alone must not be enough to take an account over, nor to guess its password."""
    address = request.client.host if request.client else "unknown"
    try:
        await authenticate(
            issuer_of(request), kernel_of(request).database, Attempt(Kind.ACCOUNT, username, password, address)
        )
    except NotAuthenticatedError:
        raise DomainError("identity.current_password_wrong") from None


async def _own_account(session: AsyncSession, actor: Actor) -> Account:
    try:
        own_id = uuid.UUID(actor.subject)
    except ValueError:
        raise DomainError("resource.not_found", params={"what": "account"}) from None
    return await one_visible(session, Account, actor, Account.id == own_id, what="account")


async def _own(session: AsyncSession, actor: Actor) -> Account | Client:
    if actor.client == CONSOLE:
        return await _own_account(session, actor)
    return await one_visible(session, Client, actor, Client.client_id == actor.subject, what="client")
