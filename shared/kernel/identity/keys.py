"""Keys as the rest of the platform sees them: one that signs, a set that verifies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, KeySet, OKPKey, RSAKey

#: Key types and curves an allowed algorithm can use; anything else in a published set is ignored.
_USABLE = {("OKP", "Ed25519"), ("EC", "P-256"), ("RSA", None)}
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
VerificationKey = OKPKey | ECKey | RSAKey


class SigningKey:
    """A private Ed25519 key; its id is the RFC 7638 thumbprint."""

    algorithm = "EdDSA"

    def __init__(self, jose: OKPKey) -> None:
        if jose.curve_name != "Ed25519" or not jose.is_private:
            raise ValueError("a signing key must be a private Ed25519 key")
        self.jose = jose
        self.kid: str = jose.thumbprint()

    @classmethod
    def generate(cls) -> SigningKey:
        """A new random key."""
        return cls(OKPKey.generate_key("Ed25519"))

    @classmethod
    def from_json(cls, text: str) -> SigningKey:
        """Reads a private JWK; raises ``ValueError`` when it is none."""
        try:
            return cls(OKPKey.import_key(json.loads(text)))
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise ValueError("not a private Ed25519 JWK") from error

    def to_json(self) -> str:
        """The private JWK as text; belongs in a file of mode 0600 and nowhere else."""
        return json.dumps({**self.jose.as_dict(private=True), "kid": self.kid, "use": "sig", "alg": "EdDSA"})

    def public_jwk(self) -> dict[str, Any]:
        """The public half as a JWK, ready to publish."""
        public = self.jose.as_dict(private=False)
        return {**public, "kid": self.kid, "use": "sig", "alg": "EdDSA"}


class PublicKeys:
    """An immutable set of verification keys by key id."""

    def __init__(self, by_kid: Mapping[str, VerificationKey]) -> None:
        self._by_kid = dict(by_kid)

    @classmethod
    def from_jwks(cls, document: object) -> PublicKeys:
        """Reads a JWKS document; keys without an id, of other types, or symmetric are ignored.

        Raises:
            ValueError: the document is not a key set or holds no usable key.
        """
        entries = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(entries, list):
            raise ValueError("not a JWKS document")
        by_kid = {entry["kid"]: key for entry in entries if (key := _usable_key(entry)) is not None}
        if not by_kid:
            raise ValueError("the JWKS document holds no usable key")
        return cls(by_kid)

    @classmethod
    def of(cls, keys: Iterable[SigningKey]) -> PublicKeys:
        """The public halves of signing keys."""
        return cls.from_jwks({"keys": [key.public_jwk() for key in keys]})

    def __contains__(self, kid: object) -> bool:
        return kid in self._by_kid

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKeys) and self.to_jwks() == other.to_jwks()

    __hash__ = None  # type: ignore[assignment]

    def get(self, kid: str) -> VerificationKey | None:
        """The key with this id, or ``None``."""
        return self._by_kid.get(kid)

    def to_jwks(self) -> dict[str, Any]:
        """The set as a JWKS document, sorted by key id."""
        keys = [self._by_kid[kid] for kid in sorted(self._by_kid)]
        return dict(KeySet(list(keys)).as_dict(private=False))


def _usable_key(entry: object) -> VerificationKey | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str):
        return None
    if entry.get("use", "sig") != "sig" or (entry.get("kty"), entry.get("crv")) not in _USABLE:
        return None
    dropped = _PRIVATE_MEMBERS
    if entry["kty"] == "OKP":
        # One algorithm under two names (RFC 9864): a key labelled with one must verify tokens labelled with the other.
        dropped |= {"alg"}
    public = {name: value for name, value in entry.items() if name not in dropped}
    try:
        key = JWKRegistry.import_key(public)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if isinstance(key, OKPKey | ECKey | RSAKey) else None
