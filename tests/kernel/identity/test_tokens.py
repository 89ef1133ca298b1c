import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from shared.kernel.identity.keys import PublicKeys, SigningKey
from shared.kernel.identity.tokens import (
    EXTERNAL_ALGORITHMS,
    read_access_token,
    sign_access_token,
    verify_access_token,
)
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

ISSUER, AUDIENCE = "https://issuer.example", "platform"
MINUTES = dt.timedelta(minutes=10)


def encode(part: object) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed_by(key: SigningKey, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """Signed without the library, which would refuse to write some of what an attacker writes."""
    text = f"{encode(header)}.{encode(claims)}"
    private = key.jose.private_key
    assert isinstance(private, Ed25519PrivateKey)
    return f"{text}.{encode(private.sign(text.encode()))}"


@pytest.fixture
def token(actor: Actor, signing_key: SigningKey, moment: dt.datetime) -> str:
    return sign_access_token(actor, key=signing_key, issuer=ISSUER, audience=AUDIENCE, lifetime=MINUTES, now=moment)


@pytest.fixture
def claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


@pytest.fixture
def signed(signing_key: SigningKey) -> Callable[..., str]:
    """A token with any claims and extra header members, properly signed with our key."""

    def sign(claims: dict[str, Any], **header: Any) -> str:
        members = {"alg": "EdDSA", "kid": signing_key.kid, "typ": "at+jwt", **header}
        present = {name: value for name, value in members.items() if value is not None}
        return signed_by(signing_key, present, claims)

    return sign


@pytest.fixture
def reason(public_keys: PublicKeys, moment: dt.datetime) -> Callable[..., str]:
    """The reason for which a token is refused; fails when it is believed."""

    def ask(token: str, **changes: Any) -> str:
        arguments = {"keys": public_keys, "issuer": ISSUER, "audience": AUDIENCE, "now": moment, **changes}
        with pytest.raises(DomainError) as caught:
            verify_access_token(token, **arguments)
        assert caught.value.code == "auth.token_invalid"
        return str(caught.value.params["reason"])

    return ask


def test_a_signed_token_gives_back_the_actor(
    actor: Actor, token: str, public_keys: PublicKeys, moment: dt.datetime
) -> None:
    read = read_access_token(token, keys=public_keys, issuer=ISSUER, audience=AUDIENCE, now=moment)
    assert read.actor == actor
    assert read.issued_at == moment
    assert read.expires_at == moment + MINUTES
    assert read.token_id


def test_lifetime_is_bounded(actor: Actor, signing_key: SigningKey, moment: dt.datetime) -> None:
    for lifetime in (dt.timedelta(minutes=31), dt.timedelta(0)):
        with pytest.raises(ValueError, match="thirty minutes"):
            sign_access_token(actor, key=signing_key, issuer=ISSUER, audience=AUDIENCE, lifetime=lifetime, now=moment)


# The seven forgeries.


@pytest.mark.parametrize("algorithm", ["none", "NoNe"])
def test_unsigned(algorithm: str, claims: dict[str, Any], signing_key: SigningKey, reason: Callable[..., str]) -> None:
    header = {"alg": algorithm, "kid": signing_key.kid, "typ": "at+jwt"}
    assert reason(f"{encode(header)}.{encode(claims)}.") == "algorithm"


def test_hmac_keyed_with_the_public_key(
    claims: dict[str, Any], signing_key: SigningKey, reason: Callable[..., str]
) -> None:
    header = {"alg": "HS256", "kid": signing_key.kid, "typ": "at+jwt"}
    text = f"{encode(header)}.{encode(claims)}"
    for public in (
        json.dumps(signing_key.public_jwk()).encode(),
        OKPKey.import_key(signing_key.public_jwk()).as_pem(private=False),
    ):
        forged = f"{text}.{encode(hmac.new(public, text.encode(), hashlib.sha256).digest())}"
        assert reason(forged) == "algorithm"
        assert reason(forged, algorithms=EXTERNAL_ALGORITHMS) == "algorithm"


def test_stripped_signature(token: str, reason: Callable[..., str]) -> None:
    header, payload, _ = token.split(".")
    assert reason(f"{header}.{payload}.") == "signature"
    assert reason(f"{header}.{payload}") == "malformed"


def test_swapped_payload(token: str, claims: dict[str, Any], reason: Callable[..., str]) -> None:
    header, _, signature = token.split(".")
    assert reason(f"{header}.{encode({**claims, 'org': '52/'})}.{signature}") == "signature"


def test_key_brought_along_in_the_header(
    claims: dict[str, Any], signing_key: SigningKey, reason: Callable[..., str]
) -> None:
    attacker = SigningKey.generate()
    header = {"alg": "EdDSA", "kid": signing_key.kid, "typ": "at+jwt", "jwk": attacker.public_jwk()}
    assert reason(signed_by(attacker, header, claims)) == "signature"
    assert reason(signed_by(attacker, {**header, "kid": attacker.kid}, claims)) == "key_unknown"


def test_critical_extension_we_do_not_know(
    claims: dict[str, Any], signing_key: SigningKey, reason: Callable[..., str]
) -> None:
    header = {"alg": "EdDSA", "kid": signing_key.kid, "typ": "at+jwt", "crit": ["exempt"], "exempt": True}
    assert reason(signed_by(signing_key, header, claims)) == "malformed"


# Genuine signatures on tokens that do not apply.


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"exp": -3600}, "expired"),
        ({"nbf": 3600}, "not_yet_valid"),
        ({"iat": 3600}, "not_yet_valid"),
    ],
)
def test_times(
    changes: dict[str, int],
    expected: str,
    *,
    claims: dict[str, Any],
    signed: Callable[..., str],
    reason: Callable[..., str],
    moment: dt.datetime,
) -> None:
    moved = {name: int(moment.timestamp()) + seconds for name, seconds in changes.items()}
    assert reason(signed({**claims, **moved})) == expected


def test_expiry_is_the_moment_itself(
    token: str, public_keys: PublicKeys, moment: dt.datetime, reason: Callable[..., str]
) -> None:
    late = moment + MINUTES + dt.timedelta(seconds=4)
    verify_access_token(token, keys=public_keys, issuer=ISSUER, audience=AUDIENCE, now=late)
    assert reason(token, now=moment + MINUTES + dt.timedelta(seconds=5)) == "expired"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"aud": "another"}, "audience"),
        ({"aud": ["another", "third"]}, "audience"),
        ({"iss": "https://elsewhere.example"}, "issuer"),
        ({"roles": ["headmaster_of_everything"]}, "role"),
        ({"roles": "city_admin"}, "claims"),
        ({"roles": [["city_admin"]]}, "role"),
        ({"org": ""}, "organization"),
        ({"org": "52//5205/"}, "organization"),
        ({"org": "52"}, "organization"),
        ({"org": 52}, "organization"),
        ({"scope": ["a"]}, "claims"),
        ({"client_id": None}, "claims"),
        ({"sub": 7}, "claims"),
        ({"exp": "tomorrow"}, "claims"),
        ({"exp": float("nan")}, "claims"),
        ({"exp": 1e300}, "claims"),
    ],
)
def test_claims(
    changes: dict[str, Any],
    expected: str,
    *,
    claims: dict[str, Any],
    signed: Callable[..., str],
    reason: Callable[..., str],
) -> None:
    assert reason(signed({**claims, **changes})) == expected


@pytest.mark.parametrize("name", ["exp", "nbf", "iat", "iss", "aud", "sub", "client_id", "roles", "scope", "org"])
def test_every_claim_is_required(
    name: str, claims: dict[str, Any], signed: Callable[..., str], reason: Callable[..., str]
) -> None:
    del claims[name]
    assert reason(signed(claims)) in ("claims", "organization")


def test_key_ids(claims: dict[str, Any], signed: Callable[..., str], reason: Callable[..., str]) -> None:
    assert reason(signed(claims, kid=None)) == "key_id_missing"
    assert reason(signed(claims, kid="")) == "key_id_missing"
    assert reason(signed(claims, kid="another")) == "key_unknown"


def test_an_identity_token_is_not_an_access_token(
    claims: dict[str, Any], signed: Callable[..., str], reason: Callable[..., str]
) -> None:
    assert reason(signed(claims, typ="JWT")) == "type"
    assert reason(signed(claims, typ=None)) in ("type", "malformed")


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "a.b.c.d.e", "é.b.c", "x" * 9000, "bnVsbA.e30.", "e30.e30."])
def test_rubbish(text: str, reason: Callable[..., str]) -> None:
    assert reason(text) in ("malformed", "key_id_missing")


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_external_issuers_by_allow_list(
    algorithm: str,
    claims: dict[str, Any],
    *,
    actor: Actor,
    moment: dt.datetime,
    reason: Callable[..., str],
) -> None:
    key = ECKey.generate_key("P-256") if algorithm == "ES256" else RSAKey.generate_key(2048)
    jwk = {**key.as_dict(private=False), "kid": "external"}
    header = {"alg": algorithm, "kid": "external", "typ": "at+jwt"}
    token = jwt.encode(header, claims, key, algorithms=[algorithm])
    keys = PublicKeys.from_jwks({"keys": [jwk]})
    assert reason(token, keys=keys) == "algorithm"
    found = verify_access_token(
        token, keys=keys, issuer=ISSUER, audience=AUDIENCE, now=moment, algorithms=EXTERNAL_ALGORITHMS
    )
    assert found == actor
