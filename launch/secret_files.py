"""Secret files: made once with strong randomness, readable by their owner only, never changed afterwards."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from launch.errors import LaunchError

KEY_BYTES = 32
OWN_KEYS = ("field_key", "receipt_key")
# One and the same in every service, so that all know a person by the same pseudonym.
SHARED_KEY = "person_key"
CLIENT_SECRET = "client_secret"  # noqa: S105 - the name of a file


def ensure_secrets(folder: Path, owners: Sequence[str], *, has_database: bool) -> None:
    """Makes the secret files that are absent, one folder for each owner (the services and the gateway).

    Args:
        folder: parent of the owners' folders.
        owners: who has secrets.
        has_database: whether a database made with earlier secrets exists; then losing them all is refused, because new
            keys could not read what the old ones encrypted.

    Raises:
        LaunchError: the whole folder is gone but the database is not.
    """
    if has_database and not folder.exists():
        raise LaunchError(
            f"数据库已存在，但密钥目录 {folder} 不见了；没有原密钥就读不出加密的身份信息。"
            "请从备份恢复该目录；若数据可以丢弃，运行 make reset。",
            f"The database exists but the secrets folder {folder} is gone; without its keys the encrypted identities "
            "cannot be read. Restore it from a backup, or run `make reset` if the data may be lost.",
        )
    private_folder(folder)
    shared = _existing_shared_key(folder, owners) or new_key()
    for owner in owners:
        own = private_folder(folder / owner)
        for name in OWN_KEYS:
            read_or_make(own / name, new_key())
        read_or_make(own / SHARED_KEY, shared)
        read_or_make(own / CLIENT_SECRET, secrets.token_urlsafe(32))


def ensure_passwords(folder: Path, roles: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Passwords of database roles, kept beside each service's other secrets.

    Args:
        folder: parent of the owners' folders.
        roles: role names by service.

    Returns:
        Password by role.
    """
    return {
        role: read_or_make(private_folder(folder / service) / f"database_password_{role}", secrets.token_urlsafe(32))
        for service, names in roles.items()
        for role in names
    }


def new_key() -> str:
    """32 random bytes in base64."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def private_folder(folder: Path) -> Path:
    """The folder, made if absent, closed to everybody else."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def read_or_make(path: Path, fresh: str) -> str:
    """Text of the file, which is written with ``fresh`` first when absent."""
    if not path.exists():
        write_private(path, fresh)
    return path.read_text("utf-8").strip()


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner can read; after a power cut it holds all of the old or all of the new text."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _existing_shared_key(folder: Path, owners: Sequence[str]) -> str | None:
    for owner in owners:
        path = folder / owner / SHARED_KEY
        if path.exists():
            return path.read_text("utf-8").strip()
    return None
