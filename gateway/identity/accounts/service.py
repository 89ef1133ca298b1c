"""Use cases of accounts."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity import principals
from gateway.identity.accounts.schemas import AccountChange, AccountIn
from gateway.identity.accounts.tables import Account
from gateway.identity.principals import roles_of
from gateway.identity.rules import check_management, principal_faults
from gateway.identity.tokens.revocations import revocation_moment
from shared.kernel.audit.log import note
from shared.kernel.database.repository import one_visible, one_visible_for_update
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def create_account(
    session: AsyncSession, actor: Actor, *, wanted: AccountIn, secret_hash: str, at: dt.datetime
) -> Account:
    """Creates an account whose password must be changed at the first login.

    Raises:
        DomainError: see ``check_management``; ``identity.name_taken``; ``request.invalid`` with every fault.
    """
    check_management(actor, roles=wanted.roles, org=wanted.org_path)
    _check(wanted)
    account = Account(username=wanted.username, secret_hash=secret_hash, secret_changed_at=at, created_at=at)
    account.must_change_password = True
    _fill(account, wanted, at=at)
    account.revoked_before = None
    if not await _is_free(session, wanted.username):
        raise DomainError("identity.name_taken", params={"name": wanted.username})
    await _check_person(session, wanted, account)
    session.add(account)
    await session.flush()
    note(session, actor, "account.created", account.subject, _detail(account))
    return account


async def change_account(
    session: AsyncSession, actor: Actor, account: Account, *, wanted: AccountChange, at: dt.datetime
) -> None:
    """Changes a locked account; raises as ``create_account`` does, and ``identity.own_account`` for one's own."""
    _check_not_own(actor, account)
    check_management(actor, roles={*wanted.roles, *roles_of(account)}, org=wanted.org_path)
    _check(wanted)
    await _check_person(session, wanted, account)
    _fill(account, wanted, at=at)
    account.version += 1
    note(session, actor, "account.changed", account.subject, _detail(account))


async def reset_password(
    session: AsyncSession, actor: Actor, account: Account, *, secret_hash: str, at: dt.datetime
) -> None:
    """Replaces the password of a locked account by one for the next login only."""
    _check_not_own(actor, account)
    check_management(actor, roles=roles_of(account), org=account.org_path)
    principals.replace_secret(account, secret_hash, at=at)
    account.must_change_password = True
    account.version += 1
    note(session, actor, "account.password_reset", account.subject)


async def set_account_disabled(
    session: AsyncSession, actor: Actor, account: Account, *, disabled: bool, at: dt.datetime
) -> None:
    """Disables or enables a locked account; again changes nothing."""
    _check_not_own(actor, account)
    check_management(actor, roles=roles_of(account), org=account.org_path)
    if disabled == (account.disabled_at is not None):
        return
    if disabled:
        principals.disable(account, at=at)
    else:
        account.disabled_at = None
    account.version += 1
    note(session, actor, "account.disabled" if disabled else "account.enabled", account.subject)


async def account_named(session: AsyncSession, actor: Actor, username: str, *, lock: bool = False) -> Account:
    """A visible account; raises DomainError ``resource.not_found``."""
    find = one_visible_for_update if lock else one_visible
    return await find(session, Account, actor, Account.username == username, what="account")


async def _is_free(session: AsyncSession, username: str) -> bool:
    """Whether nobody in the actor's organization has the name; what others have, the unique index refuses."""
    return await session.scalar(select(Account.id).where(Account.username == username)) is None


async def _check_person(session: AsyncSession, wanted: AccountChange, account: Account) -> None:
    """Two accounts never stand for one person; those the actor cannot see, the unique index refuses."""
    if wanted.person_key is None:
        return
    holder = await session.scalar(select(Account.username).where(Account.person_key == wanted.person_key))
    if holder not in (None, account.username):
        raise DomainError("identity.person_taken", params={"name": holder})


def _check_not_own(actor: Actor, account: Account) -> None:
    # Nobody can lock the last administrator out by mistake, or widen the own authority.
    if actor.subject == account.subject:
        raise DomainError("identity.own_account")


def _check(wanted: AccountChange) -> None:
    faults = principal_faults(wanted.roles, wanted.org_path, for_machine=False)
    if faults:
        raise DomainError("request.invalid", faults=faults)


def _fill(account: Account, wanted: AccountChange, *, at: dt.datetime) -> None:
    principals.place(account, roles=wanted.roles, org_path=wanted.org_path, at=at)
    if account.person_key != wanted.person_key:
        account.person_key, account.revoked_before = wanted.person_key, revocation_moment(at)
    account.display_name = wanted.display_name


def _detail(account: Account) -> dict[str, object]:
    return {"roles": account.roles, "org": account.org_path}
