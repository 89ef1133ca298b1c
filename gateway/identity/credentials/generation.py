"""Secrets drawn here."""

from __future__ import annotations

import secrets

# No look-alikes (0 O, 1 l I), because people copy these from a screen or a sheet of paper.
_LETTERS = "abcdefghijkmnpqrstuvwxyzACDEFGHJKLMNPQRSTUVWXYZ23456789"
_PASSWORD_LENGTH = 16


def new_client_secret() -> str:
    """256 random bits; only characters that need no encoding anywhere."""
    return secrets.token_urlsafe(32)


def new_initial_password() -> str:
    """A password for the first login, 5.8 bits a character."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_PASSWORD_LENGTH))
