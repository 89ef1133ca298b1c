"""Secrets of links: told once, kept as fingerprints."""

import hashlib
import secrets
from typing import Annotated

from fastapi import Path

from shared.terms.actor import Actor

#: A secret in an address.
Secret = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{22}$")]


def new_secret() -> str:
    """A secret of 128 bits that fits into an address."""
    return secrets.token_urlsafe(16)


def fingerprint(secret: str) -> str:
    """What is kept of a link's secret: its SHA-256."""
    return hashlib.sha256(secret.encode()).hexdigest()


def respondent(org_path: str) -> Actor:
    """Whoever holds a link: sees the organization's own rows and nothing else, and has no role."""
    return Actor("respondent", "survey", frozenset(), frozenset(), org_path)
