"""Secrets found right a moment ago, so that a machine asking for its tokens does not cost a check each time."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections import OrderedDict

_SIZE = 10_000


class KnownSecrets:
    """Remembers, for some seconds, keyed hashes of secrets that were right; nothing of it can be read back.

    Args:
        seconds: how long.
    """

    def __init__(self, seconds: float) -> None:
        self._kept = dt.timedelta(seconds=seconds)
        self._key = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, tuple[str, dt.datetime]] = OrderedDict()

    def remember(self, name: str, secret: str, *, stored: str, at: dt.datetime) -> None:
        """Remembers that ``secret`` belongs to the stored hash; a new hash makes it forgotten."""
        self._known[self._digest(name, secret)] = (stored, at + self._kept)
        if len(self._known) > _SIZE:
            self._known.popitem(last=False)

    def knows(self, name: str, secret: str, *, stored: str, at: dt.datetime) -> bool:
        """Whether this secret was right for this stored hash a moment ago."""
        digest = self._digest(name, secret)
        known, until = self._known.get(digest, ("", at))
        if until <= at:
            self._known.pop(digest, None)
            return False
        return hmac.compare_digest(known.encode(), stored.encode())

    def _digest(self, name: str, secret: str) -> bytes:
        length = len(name).to_bytes(4, "big")
        return hmac.new(self._key, length + name.encode() + secret.encode(), hashlib.sha256).digest()
