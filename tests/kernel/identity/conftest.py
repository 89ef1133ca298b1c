import datetime as dt

import pytest

from shared.kernel.identity.keys import PublicKeys, SigningKey
from shared.terms.actor import Actor, Role

NOW = dt.datetime(2026, 11, 23, 6, 0, tzinfo=dt.UTC)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def signing_key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture(scope="session")
def public_keys(signing_key: SigningKey) -> PublicKeys:
    return PublicKeys.of([signing_key])


@pytest.fixture
def actor() -> Actor:
    return Actor(
        subject="client-1",
        client="client-1",
        roles=frozenset({Role.INTEGRATION, Role.CITY_ANALYST}),
        scopes=frozenset({"roster.write", "marks.write"}),
        org="52/5205/",
    )


@pytest.fixture
def moment() -> dt.datetime:
    return NOW
