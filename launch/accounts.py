"""The first clients and accounts, as a file that the gateway reads and makes exist.

Secrets are drawn once. A later version of the platform may add entries here; the file then gains them and keeps the
secrets it had.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from launch.secret_files import CLIENT_SECRET, private_folder, write_private
from shared.terms.actor import Role

PROVINCE = "52/"
CITY = "52/5205/"
#: Services that show people under their names, to themselves and their schools.
NAMING_PEOPLE = frozenset({"teacher_eval", "student_eval"})
# No look-alikes (0 O, 1 l I), because people copy these from a screen.
LETTERS = "abcdefghijkmnpqrstuvwxyzACDEFGHJKLMNPQRSTUVWXYZ23456789"


def first_clients(services: Sequence[str]) -> list[dict[str, Any]]:
    """Machines that may ask for tokens: a vendor, the province, and the services themselves."""
    reading = [f"{service}.read" for service in services]
    writing = [f"{service}.write" for service in services]
    results = [f"{service}.results" for service in services if service != "roster"]
    internal = [
        _client(
            f"service-{service}",
            f"服务 {service}",
            Role.INTEGRATION,
            org=CITY,
            scopes=reading + results + (["roster.personal"] if service in NAMING_PEOPLE else []),
        )
        for service in services
    ]
    return [
        _client("sample-vendor", "示例厂商", Role.INTEGRATION, org=CITY, scopes=reading + writing),
        _client("province", "省级平台", Role.PROVINCE_READER, org=PROVINCE, scopes=reading + results),
        *internal,
    ]


def first_accounts() -> list[dict[str, Any]]:
    """People who may log in on a new installation."""
    return [
        {"username": "city-admin", "display_name": "市级管理员", "roles": [Role.CITY_ADMIN.value], "org": CITY},
        {"username": "city-analyst", "display_name": "市级分析员", "roles": [Role.CITY_ANALYST.value], "org": CITY},
    ]


def ensure_accounts_file(path: Path, services: Sequence[str], *, secrets_dir: Path) -> bool:
    """Writes the file, or adds to it what is missing; returns whether it was new.

    Args:
        path: the file.
        services: names of the services, each of which is a client too.
        secrets_dir: where each service keeps the ``client_secret`` that its client must have.
    """
    is_new = not path.exists()
    known: dict[str, list[dict[str, Any]]] = {"clients": [], "accounts": []}
    if not is_new:
        known |= json.loads(path.read_text("utf-8"))
    own = {
        f"service-{service}": (secrets_dir / service / CLIENT_SECRET).read_text("utf-8").strip() for service in services
    }
    clients = _completed(known["clients"], first_clients(services), ("client_id", "secret"), given=own)
    accounts = _completed(known["accounts"], first_accounts(), ("username", "password"), given={})
    complete = {"clients": clients, "accounts": accounts}
    if complete != known:
        private_folder(path.parent)
        write_private(path, json.dumps(complete, ensure_ascii=False, indent=1) + "\n")
    return is_new


def new_secret(length: int = 20) -> str:
    """A secret a person can copy by hand: ``length`` letters and digits, 5.8 bits each."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def _completed(
    known: Sequence[dict[str, Any]],
    wanted: Sequence[dict[str, Any]],
    fields: tuple[str, str],
    *,
    given: Mapping[str, str],
) -> list[dict[str, Any]]:
    key, secret = fields
    names = {entry[key] for entry in known}
    added = [entry | {secret: given.get(entry[key]) or new_secret()} for entry in wanted if entry[key] not in names]
    return [*known, *added]


def _client(client_id: str, name: str, role: Role, *, org: str, scopes: Sequence[str]) -> dict[str, Any]:
    return {"client_id": client_id, "name": name, "roles": [role.value], "scopes": list(scopes), "org": org}
