"""Clients and accounts from a file: made when absent, brought in line when the file says otherwise."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity import principals
from gateway.identity.accounts.schemas import Username
from gateway.identity.accounts.tables import Account
from gateway.identity.authentication import Kind, find_principal
from gateway.identity.clients.schemas import ClientId, Scopes
from gateway.identity.clients.tables import Client
from gateway.identity.credentials.hashing import SecretHasher
from gateway.identity.credentials.passwords import password_faults
from gateway.identity.principals import OrgPath, Roles, ShownName
from gateway.identity.rules import principal_faults, scope_faults
from gateway.identity.tokens.revocations import revocation_moment
from shared.kernel.audit.log import note
from shared.kernel.ids import new_id
from shared.terms.actor import Actor

MIN_SECRET_LENGTH = 16
#: On whose behalf the command line acts.
OPERATOR = Actor("operator", "command-line", frozenset(), frozenset(), "")


class AccountsFileError(Exception):
    """The file cannot be applied; the text names every fault and no secret."""


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < MIN_SECRET_LENGTH:
        raise ValueError(f"a client's secret has at least {MIN_SECRET_LENGTH} characters")
    return secret


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    roles: Roles
    org: OrgPath


class ClientEntry(_Entry):
    """A client of the file."""

    client_id: ClientId
    secret: Annotated[SecretStr, AfterValidator(_long_enough)]
    name: ShownName
    scopes: Scopes = Field(default_factory=list)
    source_system: ShownName | None = None


class AccountEntry(_Entry):
    """An account of the file."""

    username: Username
    password: SecretStr
    display_name: ShownName


class AccountsFile(BaseModel):
    """The file: ``{"clients": [...], "accounts": [...]}``."""

    model_config = ConfigDict(extra="forbid")

    clients: list[ClientEntry] = Field(default_factory=list)
    accounts: list[AccountEntry] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Ensured:
    """How many entries were made, changed, and found in order."""

    created: int
    changed: int
    unchanged: int


def read_accounts_file(path: Path) -> AccountsFile:
    """Reads and checks the file.

    Raises:
        AccountsFileError: it cannot be read, or an entry breaks a rule.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
        file = AccountsFile.model_validate(document)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise AccountsFileError(f"{path} cannot be read: {type(error).__name__}") from None
    except ValidationError as error:
        # Without the input, which holds secrets.
        found = error.errors(include_input=False, include_url=False)
        sentences = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in found]
        raise AccountsFileError(f"{path}: " + "; ".join(sentences)) from None
    faults = [*_faults(file), *_doubles(file)]
    if faults:
        raise AccountsFileError(f"{path}: " + "; ".join(faults))
    return file


async def ensure_principals(
    session: AsyncSession, hasher: SecretHasher, file: AccountsFile, *, at: dt.datetime
) -> Ensured:
    """Applies the file in one transaction; applying it again changes nothing.

    What the file does not name is left alone, and so is whether somebody is disabled. A secret changed here since the
    file last changed it stays as it is; roles, scopes and organizations are always those of the file.
    """
    await session.execute(text("select pg_advisory_xact_lock(hashtextextended(current_schema() || '.accounts', 0))"))
    outcomes: Counter[str] = Counter()
    for client in file.clients:
        outcomes[await _ensure_client(session, hasher, client, at=at)] += 1
    for account in file.accounts:
        outcomes[await _ensure_account(session, hasher, account, at=at)] += 1
    return Ensured(outcomes["created"], outcomes["changed"], outcomes["unchanged"])


async def _ensure_client(session: AsyncSession, hasher: SecretHasher, entry: ClientEntry, *, at: dt.datetime) -> str:
    found = await find_principal(session, Kind.CLIENT, entry.client_id)
    client = found if isinstance(found, Client) else Client(client_id=entry.client_id, name="", scopes=[])
    before = None if found is None else _state(client)
    principals.place(client, roles=entry.roles, org_path=entry.org, at=at)
    scopes = sorted(set(entry.scopes))
    if client.scopes != scopes:
        client.scopes, client.revoked_before = scopes, revocation_moment(at)
    client.name = entry.name
    client.source_system = entry.source_system or client.source_system
    _ensure_secret(client, hasher, entry.secret, at=at)
    return _finish(session, client, before, action="client", detail={"roles": client.roles, "scopes": client.scopes})


async def _ensure_account(session: AsyncSession, hasher: SecretHasher, entry: AccountEntry, *, at: dt.datetime) -> str:
    found = await find_principal(session, Kind.ACCOUNT, entry.username)
    account = (
        found
        if isinstance(found, Account)
        else Account(id=new_id(), username=entry.username, must_change_password=False)
    )
    before = None if found is None else _state(account)
    principals.place(account, roles=entry.roles, org_path=entry.org, at=at)
    account.display_name = entry.display_name
    if _ensure_secret(account, hasher, entry.password, at=at):
        account.must_change_password = False
    return _finish(session, account, before, action="account", detail={"roles": account.roles})


def _ensure_secret(principal: Client | Account, hasher: SecretHasher, secret: SecretStr, *, at: dt.datetime) -> bool:
    given = secret.get_secret_value()
    if principal.provisioned_hash is not None and hasher.verify(principal.provisioned_hash, given):
        return False
    principal.provisioned_hash = hasher.hash(given)
    principals.replace_secret(principal, principal.provisioned_hash, at=at)
    return True


def _finish(
    session: AsyncSession,
    principal: Client | Account,
    before: object,
    *,
    action: str,
    detail: dict[str, object],
) -> str:
    if before == _state(principal):
        return "unchanged"
    if before is None:
        principal.revoked_before = None
        session.add(principal)
    else:
        principal.version += 1
    outcome = "created" if before is None else "changed"
    note(session, OPERATOR, f"{action}.{outcome}", principal.subject, {**detail, "org": principal.org_path})
    return outcome


def _state(principal: Client | Account) -> object:
    own = (
        (principal.name, tuple(principal.scopes), principal.source_system)
        if isinstance(principal, Client)
        else (principal.display_name,)
    )
    return principal.secret_hash, tuple(principal.roles), principal.org_path, *own


def _faults(file: AccountsFile) -> list[str]:
    sentences = []
    for client in file.clients:
        faults = principal_faults(client.roles, client.org, for_machine=True) + scope_faults(client.scopes)
        sentences += [f"{client.client_id}: {fault.code} {fault.value or ''}".rstrip() for fault in faults]
    for account in file.accounts:
        faults = principal_faults(account.roles, account.org, for_machine=False)
        faults += password_faults(account.password.get_secret_value(), username=account.username)
        sentences += [f"{account.username}: {fault.code} {fault.value or ''}".rstrip() for fault in faults]
    return sentences


def _doubles(file: AccountsFile) -> list[str]:
    names = Counter([client.client_id for client in file.clients] + [account.username for account in file.accounts])
    return [f"{name} is named twice" for name, count in names.items() if count > 1]
