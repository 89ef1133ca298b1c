"""Where the gateway is, and the secrets of the three who act: a vendor, the city's administrator, the province."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.errors import DemoError

ADDRESS, FILE = "DEMO_GATEWAY_URL", "DEMO_ACCOUNTS_FILE"
VENDOR, ADMIN, PROVINCE = "sample-vendor", "city-admin", "province"


@dataclass(frozen=True, slots=True)
class Credentials:
    """How someone asks for a token: a machine by its client secret, a person by a password."""

    name: str
    secret: str = field(repr=False)
    is_person: bool

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Access:
    """The gateway's address and who may do what there."""

    address: str
    vendor: Credentials
    admin: Credentials
    province: Credentials


def read_access(environment: Mapping[str, str]) -> Access:
    """Reads ``DEMO_GATEWAY_URL`` and the accounts file ``DEMO_ACCOUNTS_FILE``.

    Raises:
        DemoError: the file is absent, or lacks one of the three.
    """
    path = Path(environment.get(FILE) or "var/secrets/gateway/accounts.json")
    try:
        entries = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DemoError(
            f"无法读取账号文件 {path}；请用 {FILE} 指定，或先运行 make run。",
            f"The accounts file {path} cannot be read; name it in {FILE}, or start the platform with make run.",
        ) from error
    return Access(
        (environment.get(ADDRESS) or "http://127.0.0.1:8000").rstrip("/"),
        _client(entries, VENDOR, path),
        _person(entries, ADMIN, path),
        _client(entries, PROVINCE, path),
    )


def _client(entries: Mapping[str, Any], name: str, path: Path) -> Credentials:
    for entry in entries.get("clients", ()):
        if entry["client_id"] == name:
            return Credentials(name, entry["secret"], is_person=False)
    raise _missing(name, path)


def _person(entries: Mapping[str, Any], name: str, path: Path) -> Credentials:
    for entry in entries.get("accounts", ()):
        if entry["username"] == name:
            return Credentials(name, entry["password"], is_person=True)
    raise _missing(name, path)


def _missing(name: str, path: Path) -> DemoError:
    return DemoError(f"账号文件 {path} 中没有 {name}。", f"The accounts file {path} has no entry {name}.")
