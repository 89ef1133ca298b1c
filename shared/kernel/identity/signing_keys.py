"""The issuer's folder of private keys.

``current.json`` signs. Every key of the folder is published, so a rotation loses nobody: ``prepare_rotation`` publishes
``next.json``; when verifiers have had time to read it (their cache lives five minutes) ``rotate`` lets it sign and
keeps the former as ``previous.json`` until the tokens it signed have expired.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.kernel.identity.jwks import KeySource
from shared.kernel.identity.keys import PublicKeys, SigningKey

CURRENT, NEXT, PREVIOUS = "current.json", "next.json", "previous.json"
_READABLE_BY_OTHERS = 0o007


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The keys of a folder as they were when it was read."""

    current: SigningKey
    others: tuple[SigningKey, ...]

    @property
    def public(self) -> PublicKeys:
        """Every key's public half."""
        return PublicKeys.of((self.current, *self.others))

    def jwks(self) -> dict[str, Any]:
        """The document to publish at ``/.well-known/jwks.json``."""
        keys = sorted((self.current, *self.others), key=lambda key: key.kid)
        return {"keys": [key.public_jwk() for key in keys]}


def open_signing_keys(folder: Path) -> SigningKeys:
    """Reads the folder, making it and a first key when there is none.

    Raises:
        ValueError: a key file is readable by other users of the machine, or is not a private Ed25519 JWK.
    """
    if not (folder / CURRENT).exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _create(folder / CURRENT, SigningKey.generate())
    return read_signing_keys(folder)


def read_signing_keys(folder: Path) -> SigningKeys:
    """Reads the folder as it stands; raises ``FileNotFoundError`` without ``current.json``."""
    current = _read(folder / CURRENT)
    # Dot files are another process's half-written keys.
    others = (
        _read(file) for file in sorted(folder.glob("*.json")) if file.name != CURRENT and not file.name.startswith(".")
    )
    distinct = {key.kid: key for key in others if key.kid != current.kid}
    return SigningKeys(current, tuple(distinct.values()))


def key_source_of(folder: Path) -> KeySource:
    """A key source over the issuer's own folder, for the process that issues."""

    async def load() -> PublicKeys:
        return (await asyncio.to_thread(read_signing_keys, folder)).public

    return KeySource(load)


def prepare_rotation(folder: Path) -> SigningKeys:
    """Publishes a successor of the signing key; does nothing when one is waiting already."""
    if not (folder / NEXT).exists():
        _create(folder / NEXT, SigningKey.generate())
    return read_signing_keys(folder)


def rotate(folder: Path) -> SigningKeys:
    """Lets the waiting successor sign; a crash at any point leaves a folder that works.

    Raises:
        FileNotFoundError: ``prepare_rotation`` has not been called.
    """
    successor = _read(folder / NEXT)
    _replace(folder / PREVIOUS, _read(folder / CURRENT))
    _replace(folder / CURRENT, successor)
    (folder / NEXT).unlink()
    return read_signing_keys(folder)


def _read(file: Path) -> SigningKey:
    if file.stat().st_mode & _READABLE_BY_OTHERS:
        raise ValueError(f"{file} can be read by every user of this machine: chmod 600 it")
    try:
        return SigningKey.from_json(file.read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None


def _create(file: Path, key: SigningKey) -> None:
    temporary = _written(file, key)
    try:
        # link refuses to overwrite: of two processes starting at once the first wins, and both then read its key.
        os.link(temporary, file)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def _replace(file: Path, key: SigningKey) -> None:
    _written(file, key).replace(file)


def _written(file: Path, key: SigningKey) -> Path:
    temporary = file.with_name(f".{secrets.token_hex(8)}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(key.to_json())
        stream.flush()
        os.fsync(stream.fileno())
    return temporary
