"""What the issuer holds in memory besides its database: one object per application, never global."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request

from gateway.identity.attempts.repository import AttemptKeys
from gateway.identity.credentials.hashing import SecretHasher
from gateway.identity.credentials.known import KnownSecrets
from gateway.identity.settings import IdentitySettings
from gateway.identity.tokens.keyring import Keyring
from gateway.identity.tokens.revocations import Revocations
from gateway.settings import GatewaySettings


@dataclass(frozen=True, slots=True)
class Issuer:
    """Settings, keys, hasher, and what is remembered between requests."""

    name: str
    audience: str
    settings: IdentitySettings
    keyring: Keyring
    hasher: SecretHasher
    known: KnownSecrets
    revocations: Revocations
    now: Callable[[], dt.datetime]
    attempts_key: bytes

    @property
    def url(self) -> str:
        """The issuer's address, to which paths are appended."""
        return self.name.rstrip("/")

    def attempt_keys(self, kind: str, name: str, address: str) -> AttemptKeys:
        """Keys under which an attempt with this name from this address counts."""
        return AttemptKeys.of(self.attempts_key, kind=kind, name=name, address=address)


def open_issuer(settings: GatewaySettings, identity: IdentitySettings, now: Callable[[], dt.datetime]) -> Issuer:
    """Opens the issuer of a configured gateway.

    Raises:
        ConfigurationError: a key file is missing.
        ValueError: a signing key is readable by others, or is none.
    """
    return Issuer(
        name=settings.issuer,
        audience=settings.audience,
        settings=identity,
        keyring=Keyring(settings.signing_folder),
        hasher=SecretHasher(identity),
        known=KnownSecrets(identity.remember_seconds),
        revocations=Revocations(now),
        now=now,
        attempts_key=attempts_key(settings),
    )


def attempts_key(settings: GatewaySettings) -> bytes:
    """The key of the hashes in ``login_attempts``; raises ConfigurationError when the field key is missing."""
    return hmac.new(settings.key("field_key"), b"login attempts", hashlib.sha256).digest()


def issuer_of(request: Request) -> Issuer:
    """The issuer of the application that serves this request."""
    issuer: Issuer = request.app.state.issuer
    return issuer
