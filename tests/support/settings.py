"""Settings and tokens for tests: throw-away keys, a fixed issuer."""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
from pathlib import Path
from typing import Any, TypeVar

from shared.kernel import clock
from shared.kernel.identity.keys import SigningKey
from shared.kernel.identity.tokens import MAX_LIFETIME, sign_access_token
from shared.kernel.settings import ServiceSettings
from shared.terms.actor import Actor, Role

ISSUER = "https://issuer.test"
AUDIENCE = "education-quality-platform"
SIGNING_KEY = SigningKey.generate()

S = TypeVar("S", bound=ServiceSettings)


def settings_for(cls: type[S], folder: Path, **values: Any) -> S:
    """Settings of a service in a throw-away folder with fresh secrets."""
    secrets = folder / "secrets"
    secrets.mkdir(parents=True)
    for name in ("field_key", "person_key", "receipt_key"):
        (secrets / name).write_text(base64.b64encode(os.urandom(32)).decode())
    (secrets / "client_secret").write_text("secret of a test")
    jwks = folder / "jwks.json"
    jwks.write_text(json.dumps({"keys": [SIGNING_KEY.public_jwk()]}))
    defaults = {"secrets_dir": secrets, "jwks": str(jwks), "issuer": ISSUER, "store_url": str(folder / "store")}
    return cls(**{**defaults, **values})


def actor(
    role: Role | str,
    org: str,
    *,
    subject: str | None = None,
    scopes: tuple[str, ...] = ("*",),
    person: str | None = None,
) -> Actor:
    """An actor with one role at one organization; ``person`` is the key of the one the account stands for."""
    role = Role(role)
    name = subject or f"{role.value}@{org}"
    return Actor(name, f"client-of-{name}", frozenset({role}), frozenset(scopes), org, person)


def token(who: Actor, *, lifetime: dt.timedelta = MAX_LIFETIME) -> str:
    """An access token for an actor, as the issuer of the tests signs it; one made at import lasts as long as can be."""
    return sign_access_token(who, key=SIGNING_KEY, issuer=ISSUER, audience=AUDIENCE, lifetime=lifetime, now=clock.now())


def bearer(who: Actor) -> dict[str, str]:
    """The Authorization header of an actor."""
    return {"Authorization": f"Bearer {token(who)}"}
