"""Personal identifiers at rest: encrypted for showing, keyed-hashed for finding, never plain."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import unicodedata

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class FieldCipher:
    """AES-256-GCM for single fields, bound to where they stand.

    Args:
        key: 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def encrypt(self, text: str, *, place: str) -> bytes:
        """Encrypts; ``place`` (e.g. ``students.student_number``) must be given again to decrypt."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, text.encode(), place.encode())

    def decrypt(self, stored: bytes, *, place: str) -> str:
        """Decrypts; raises ``cryptography.exceptions.InvalidTag`` when altered or moved."""
        return self._aead.decrypt(stored[:_NONCE_BYTES], stored[_NONCE_BYTES:], place.encode()).decode()


def person_key(number: str, key: bytes) -> str:
    """A pseudonym of a person's number: HMAC-SHA-256, 26 characters of base32.

    Services that share ``key`` find the same person under the same pseudonym without holding the number.
    """
    # Full-width digits and letters come from Chinese keyboards and are the same number.
    plain = unicodedata.normalize("NFKC", number).strip().upper()
    digest = hmac.new(key, plain.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:16]).decode().rstrip("=").lower()
