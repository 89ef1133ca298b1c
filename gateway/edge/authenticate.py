"""The token check at the edge: cheap, cached, and never the only one, since every service verifies again."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable

from shared.kernel.clock import now
from shared.kernel.identity.jwks import TokenVerifier
from shared.kernel.identity.tokens import AccessToken
from shared.terms.errors import DomainError

IsRevoked = Callable[[AccessToken], bool]


def _seconds() -> float:
    return now().timestamp()


class TokenCheck:
    """Verifies Bearer tokens and remembers the verified ones until they expire.

    Args:
        verifier: verifies one token against the published keys.
        size: tokens remembered at most; the longest unused goes first.
        is_revoked: asked at every request, so that a revocation works at once.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        verifier: TokenVerifier,
        size: int,
        *,
        is_revoked: IsRevoked | None = None,
        clock: Callable[[], float] = _seconds,
    ) -> None:
        self._verifier = verifier
        self._size = size
        self._is_revoked = is_revoked
        self._clock = clock
        self._known: OrderedDict[bytes, AccessToken] = OrderedDict()
        self._generation = verifier.source.generation

    def remembered(self, authorization: bytes | None) -> AccessToken | None:
        """The token if it was verified before and is still good; costs a hash.

        Raises:
            DomainError: ``auth.token_missing`` or ``auth.token_invalid``.
        """
        key = _digest(_bearer(authorization))
        self._forget_after_key_change()
        token = self._known.get(key)
        if token is None:
            return None
        if token.expires_at.timestamp() <= self._clock():
            del self._known[key]
            raise DomainError("auth.token_invalid", params={"reason": "expired"})
        self._known.move_to_end(key)
        self._refuse_revoked(token)
        return token

    async def verify(self, authorization: bytes | None) -> AccessToken:
        """Verifies a token not remembered; raises DomainError when it does not hold."""
        text = _bearer(authorization)
        token = await self._verifier.verify(text.decode("latin-1"))
        self._refuse_revoked(token)
        self._forget_after_key_change()
        self._known[_digest(text)] = token
        if len(self._known) > self._size:
            self._known.popitem(last=False)
        return token

    def _forget_after_key_change(self) -> None:
        """A key may have been withdrawn: whatever it signed has to be verified anew."""
        if self._generation != self._verifier.source.generation:
            self._known.clear()
            self._generation = self._verifier.source.generation

    def _refuse_revoked(self, token: AccessToken) -> None:
        if self._is_revoked is not None and self._is_revoked(token):
            raise DomainError("auth.token_invalid", params={"reason": "revoked"})


def _digest(token: bytes) -> bytes:
    # Only hashes are kept: a memory dump must not hold tokens that still work.
    return hashlib.sha256(token).digest()


def _bearer(authorization: bytes | None) -> bytes:
    if not authorization:
        raise DomainError("auth.token_missing")
    scheme, _, token = authorization.partition(b" ")
    if scheme.lower() != b"bearer" or not token.strip():
        raise DomainError("auth.token_invalid", params={"reason": "scheme"})
    return token.strip()
