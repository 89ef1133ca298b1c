"""Makes the database, and one schema with two roles per service; run at every start, changes nothing when all is there.

For a service ``roster``: the role ``roster_owner`` owns the schema ``roster`` and runs migrations; ``roster_app`` may
read and write rows of tables the owner makes and nothing else. Neither sees another service's schema. What a migration
takes back from the app role afterwards (UPDATE on an audit log) stays taken back: what exists is not granted again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

import asyncpg

MAINTENANCE_DATABASE = "postgres"
# Any fixed number; two provisioning runs on one server take turns through it.
PROVISIONING_LOCK = 0x65647563
SCRAM_ITERATIONS = 4096
OLDEST_VERSION = 16
BUILTIN_LOCALE_SINCE = 17
SERVICE_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")

# The maintenance database is absent, or closed to the given role.
_NOT_LET_IN = (
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InsufficientPrivilegeError,
)

# A request that needs longer is wrong; a job that rightly needs longer says SET LOCAL.
APP_LIMITS = {
    "statement_timeout": "30s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
}


@dataclass(frozen=True, slots=True)
class ServiceDatabase:
    """Where one service finds its schema, as SQLAlchemy addresses (``postgresql+asyncpg://``).

    Args:
        app_url: as the role that serves requests and jobs.
        owner_url: as the role that migrates.
    """

    app_url: str
    owner_url: str


async def provision(
    admin_url: str, *, database: str, services: Sequence[str], passwords: Mapping[str, str] | None = None
) -> dict[str, ServiceDatabase]:
    """Makes database, roles, schemas and grants as needed, and returns the addresses by service.

    Safe to repeat and to run several times at once: runs on one server take turns.

    Args:
        admin_url: a role that may create databases and roles (superuser, or CREATEDB and CREATEROLE), in any database.
        database: name of the database to have.
        services: names of the services, each the name of its schema too.
        passwords: password by role (``roster_app``, ``roster_owner``); ``None`` where the server trusts the connection.

    Raises:
        ValueError: a service's name cannot be a schema's name, a role is missing from ``passwords``, or the server is
            older than PostgreSQL 16.
    """
    for service in services:
        if SERVICE_NAME.fullmatch(service) is None:
            raise ValueError(f"{service!r} cannot be the name of a schema and its roles")
    _require_passwords(services, passwords)
    turn = await _connect_anywhere(admin_url)
    try:
        await _refuse_old(turn)
        await turn.execute("SELECT pg_advisory_lock($1)", PROVISIONING_LOCK)
        await _ensure_database(turn, database)
        for service in services:
            await _ensure_roles(turn, service, passwords)
        inside = await asyncpg.connect(_with_database(_plain(admin_url), database))
        try:
            await _ensure_schemas(inside, database, services)
        finally:
            await inside.close()
    finally:
        await turn.close()
    return {service: _addresses(admin_url, database, service, passwords) for service in services}


async def _connect_anywhere(admin_url: str) -> asyncpg.Connection:
    """Connects to the maintenance database, which all runs share, or failing that to the one in the address."""
    address = _plain(admin_url)
    try:
        return await asyncpg.connect(_with_database(address, MAINTENANCE_DATABASE))
    except _NOT_LET_IN:
        return await asyncpg.connect(address)


async def _refuse_old(turn: asyncpg.Connection) -> None:
    version = turn.get_server_version()
    if version.major < OLDEST_VERSION:
        raise ValueError(f"the server is PostgreSQL {version.major}; {OLDEST_VERSION} or newer is needed")


async def _ensure_database(turn: asyncpg.Connection, database: str) -> None:
    if await turn.fetchval("SELECT true FROM pg_database WHERE datname = $1", database):
        return
    # Code point order on every server: sorting by language is done with stored keys, and an operating system's
    # update of its collations must not break an index.
    builtin = turn.get_server_version().major >= BUILTIN_LOCALE_SINCE
    locale = "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'" if builtin else "LOCALE_PROVIDER libc"
    await turn.execute(
        f"CREATE DATABASE {_name(database)} TEMPLATE template0 ENCODING 'UTF8' {locale} LC_COLLATE 'C' LC_CTYPE 'C'"
    )


async def _ensure_roles(turn: asyncpg.Connection, service: str, passwords: Mapping[str, str] | None) -> None:
    owner, app = role_names(service)
    for role in (owner, app):
        if not await turn.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
            await turn.execute(f"CREATE ROLE {_name(role)} LOGIN")
        if passwords is not None:
            await turn.execute(f"ALTER ROLE {_name(role)} LOGIN PASSWORD {_text(scram_verifier(passwords[role]))}")
        # The temporary schema last, or a temporary table could stand in for a real one.
        await turn.execute(f"ALTER ROLE {_name(role)} SET search_path = {_name(service)}, pg_temp")
    for setting, value in APP_LIMITS.items():
        await turn.execute(f"ALTER ROLE {_name(app)} SET {setting} = {_text(value)}")
    if not await turn.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        # Without superuser one must be a member of a role to make something that it owns.
        await turn.execute(f"GRANT {_name(owner)} TO CURRENT_USER")


async def _ensure_schemas(inside: asyncpg.Connection, database: str, services: Sequence[str]) -> None:
    async with inside.transaction():
        await inside.execute(f"REVOKE ALL ON DATABASE {_name(database)} FROM PUBLIC")
        await inside.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        for service in services:
            for statement in _schema_statements(database, service):
                await inside.execute(statement)


def _schema_statements(database: str, service: str) -> list[str]:
    owner, app = (_name(role) for role in role_names(service))
    schema = _name(service)
    defaults = f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner}"
    return [
        f"CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {owner}",
        f"GRANT CONNECT, TEMPORARY ON DATABASE {_name(database)} TO {owner}, {app}",
        f"GRANT USAGE ON SCHEMA {schema} TO {app}",
        f"{defaults} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
        f"{defaults} IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
        f"{defaults} IN SCHEMA {schema} GRANT USAGE ON SEQUENCES TO {app}",
        f"{defaults} IN SCHEMA {schema} GRANT EXECUTE ON FUNCTIONS TO {app}",
    ]


def role_names(service: str) -> tuple[str, str]:
    """Owner role and app role of a service."""
    return f"{service}_owner", f"{service}_app"


def scram_verifier(password: str) -> str:
    """What PostgreSQL stores for a password (RFC 5803), made here so that the password never reaches its log.

    The salt comes from the password itself under a fixed key, so that provisioning again stores the same text. Meant
    for generated passwords of full strength, where a salt guards against nothing.
    """
    salt = hmac.digest(b"provisioning", password.encode(), "sha256")[:16]
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, SCRAM_ITERATIONS)
    stored_key = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    encoded = (base64.b64encode(part).decode() for part in (salt, stored_key, server_key))
    return "SCRAM-SHA-256${}:{}${}:{}".format(SCRAM_ITERATIONS, *encoded)


def new_password() -> str:
    """A password no one needs to type: 256 random bits, ASCII."""
    return secrets.token_urlsafe(32)


def _require_passwords(services: Sequence[str], passwords: Mapping[str, str] | None) -> None:
    if passwords is None:
        return
    missing = [role for service in services for role in role_names(service) if not passwords.get(role)]
    if missing:
        raise ValueError(f"no password was given for {', '.join(missing)}")


def _addresses(admin_url: str, database: str, service: str, passwords: Mapping[str, str] | None) -> ServiceDatabase:
    def address(role: str) -> str:
        parts = urlsplit(_with_database(_plain(admin_url), database))
        login = quote(role, safe="")
        if passwords is not None:
            login += f":{quote(passwords[role], safe='')}"
        place = parts.netloc.rpartition("@")[2]
        # asyncpg's own addresses say sslmode as libpq does; SQLAlchemy passes arguments, where it is ssl.
        query = [("ssl" if name == "sslmode" else name, value) for name, value in parse_qsl(parts.query)]
        parts = parts._replace(scheme="postgresql+asyncpg", netloc=f"{login}@{place}", query=_query(query))
        return urlunsplit(parts)

    owner, app = role_names(service)
    return ServiceDatabase(app_url=address(app), owner_url=address(owner))


def _plain(url: str) -> str:
    """The address without SQLAlchemy's driver name, as asyncpg reads it."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.partition("+")[0] not in ("postgresql", "postgres"):
        raise ValueError("the database address does not start with postgresql://")
    return f"postgresql://{rest}"


def database_of(url: str) -> str | None:
    """Name of the database in an address, or ``None`` when it names none."""
    return unquote(urlsplit(_plain(url)).path.removeprefix("/")) or None


def _with_database(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(database, safe='')}"))


def _query(pairs: list[tuple[str, str]]) -> str:
    return urlencode(pairs, safe="/", quote_via=quote)


def _name(identifier: str) -> str:
    """An identifier as it may stand in a statement."""
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: str) -> str:
    """A literal as it may stand in a statement that takes no parameters."""
    return "'" + value.replace("'", "''") + "'"
