"""Access tokens (RFC 9068): the one function that signs them and the one that believes them.

The library's ``decode`` checks the signature only; expiry, audience and issuer are a second call that is easy to
forget. Both stand behind ``read_access_token``, and no other module may import the library.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from joserfc import jws, jwt
from joserfc.errors import (
    BadSignatureError,
    ExpiredTokenError,
    InvalidClaimError,
    JoseError,
    MissingClaimError,
    UnsupportedAlgorithmError,
)

from shared.kernel.identity.keys import PublicKeys, SigningKey
from shared.kernel.ids import new_id
from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError
from shared.terms.organization import org_path, path_level, path_segments

OWN_ALGORITHMS: Collection[str] = ("EdDSA",)
#: What a configured external issuer may use; RS256 because provincial platforms expect it.
EXTERNAL_ALGORITHMS: Collection[str] = ("EdDSA", "Ed25519", "ES256", "RS256")
TOKEN_TYPES: Collection[str] = ("at+jwt", "application/at+jwt")
MAX_LIFETIME = dt.timedelta(minutes=30)
#: Clocks of two machines differ by this much at most.
LEEWAY_SECONDS = 5
_KEY_TYPES = {"EdDSA": "OKP", "Ed25519": "OKP", "ES256": "EC", "RS256": "RSA"}
_MAX_TOKEN_LENGTH = 8_192


class _AllowList(jws.JWSRegistry):
    """Allows exactly the algorithms named; the library's own list warns at each use of the name EdDSA.

    RFC 9864 would have us write Ed25519, but outer gateways and vendors' libraries of today know only the older name.
    """

    def get_alg(self, name: str) -> Any:
        if name not in (self.allowed or ()):
            raise UnsupportedAlgorithmError(f"{name} is not allowed")
        return self.algorithms[name]


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token that was found genuine, unexpired and meant for us."""

    actor: Actor
    token_id: str | None
    issued_at: dt.datetime
    expires_at: dt.datetime


def sign_access_token(
    actor: Actor,
    *,
    key: SigningKey,
    issuer: str,
    audience: str,
    lifetime: dt.timedelta,
    now: dt.datetime,
) -> str:
    """Signs a token for an actor.

    Args:
        actor: who the token speaks for; its roles, scopes and organization become claims.
        key: the private key; its id goes into the header.
        issuer: ``iss``.
        audience: ``aud``.
        lifetime: at most thirty minutes, because a token cannot be recalled everywhere at once.
        now: the moment of issue, aware.
    """
    if not dt.timedelta(0) < lifetime <= MAX_LIFETIME:
        raise ValueError("an access token lives between one second and thirty minutes")
    issued = int(now.timestamp())
    claims = {
        "iss": issuer,
        "aud": audience,
        "sub": actor.subject,
        "client_id": actor.client,
        "roles": sorted(role.value for role in actor.roles),
        "scope": " ".join(sorted(actor.scopes)),
        "org": actor.org,
        "iat": issued,
        "nbf": issued,
        "exp": issued + int(lifetime.total_seconds()),
        "jti": str(new_id()),
    }
    if actor.person is not None:
        claims["person"] = actor.person
    header = {"alg": key.algorithm, "kid": key.kid, "typ": "at+jwt"}
    return jwt.encode(header, claims, key.jose, registry=_AllowList(algorithms=[key.algorithm]))


def verify_access_token(
    token: str,
    *,
    keys: PublicKeys,
    issuer: str,
    audience: str,
    now: dt.datetime,
    algorithms: Collection[str] = OWN_ALGORITHMS,
) -> Actor:
    """The actor a token speaks for; see ``read_access_token``."""
    return read_access_token(token, keys=keys, issuer=issuer, audience=audience, now=now, algorithms=algorithms).actor


def read_access_token(
    token: str,
    *,
    keys: PublicKeys,
    issuer: str,
    audience: str,
    now: dt.datetime,
    algorithms: Collection[str] = OWN_ALGORITHMS,
    token_types: Collection[str] = TOKEN_TYPES,
) -> AccessToken:
    """Verifies a token completely.

    Args:
        token: compact serialization.
        keys: published keys; the token's ``kid`` must name one of them.
        issuer: the only accepted ``iss``.
        audience: must be, or be among, ``aud``.
        now: the moment of checking, aware.
        algorithms: allow-list; ``EXTERNAL_ALGORITHMS`` for a configured external issuer.
        token_types: accepted ``typ`` headers, so that an ID token is never taken for an access token.

    Raises:
        DomainError: ``auth.token_invalid`` with ``reason`` one of malformed, key_id_missing, key_unknown, algorithm,
            type, signature, expired, not_yet_valid, issuer, audience, claims, role, organization.
    """
    header = unverified_header(token)
    key = keys.get(header["kid"])
    if key is None:
        refuse("key_unknown")
    algorithm = header.get("alg")
    if algorithm not in algorithms or key.key_type != _KEY_TYPES.get(str(algorithm)):
        refuse("algorithm")
    if str(header.get("typ", "")).lower() not in token_types:
        refuse("type")
    try:
        claims = jwt.decode(token, key, registry=_AllowList(algorithms=algorithms)).claims
    except BadSignatureError:
        refuse("signature")
    except UnsupportedAlgorithmError:
        refuse("algorithm")
    except (JoseError, ValueError):
        refuse("malformed")
    _check_claims(claims, issuer=issuer, audience=audience, now=now)
    return AccessToken(
        actor=_actor_of(claims),
        token_id=claims.get("jti"),
        issued_at=_moment(claims["iat"]),
        expires_at=_moment(claims["exp"]),
    )


def unverified_header(token: str) -> Mapping[str, Any]:
    """The header of a token not yet believed: enough to look up its key, good for nothing else."""
    if len(token) > _MAX_TOKEN_LENGTH:
        refuse("malformed")
    try:
        header = jws.extract_compact(token.encode("ascii")).headers()
    except (JoseError, ValueError):
        refuse("malformed")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        refuse("key_id_missing")
    return header


def refuse(reason: str) -> NoReturn:
    """Refuses a token with a reason code that a caller may see."""
    raise DomainError("auth.token_invalid", params={"reason": reason}) from None


def _moment(seconds: float) -> dt.datetime:
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (ValueError, OverflowError, OSError):
        refuse("claims")


_CLAIM_REASONS = {"nbf": "not_yet_valid", "iat": "not_yet_valid", "iss": "issuer", "aud": "audience"}


def _check_claims(claims: dict[str, Any], *, issuer: str, audience: str, now: dt.datetime) -> None:
    registry = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        exp={"essential": True},
        nbf={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
    )
    try:
        registry.validate(claims)
    except ExpiredTokenError:
        refuse("expired")
    except MissingClaimError:
        refuse("claims")
    except InvalidClaimError as error:
        refuse(_CLAIM_REASONS.get(error.claim, "claims"))
    except (JoseError, ValueError, TypeError):
        refuse("claims")


def _actor_of(claims: Mapping[str, Any]) -> Actor:
    subject, client, org = claims["sub"], claims.get("client_id"), claims.get("org")
    roles, scope, person = claims.get("roles"), claims.get("scope"), claims.get("person")
    if not (isinstance(client, str) and client and subject and isinstance(scope, str)):
        refuse("claims")
    if not isinstance(roles, list) or not (person is None or isinstance(person, str)):
        refuse("claims")
    try:
        held = frozenset(Role(role) for role in roles)
    except ValueError:
        refuse("role")
    if not isinstance(org, str) or not _is_org_path(org):
        refuse("organization")
    scopes = frozenset(scope.split())
    return Actor(subject=subject, client=client, roles=held, scopes=scopes, org=org, person=person or None)


def _is_org_path(path: str) -> bool:
    try:
        path_level(path)
        return org_path(*path_segments(path)) == path
    except ValueError:
        return False
