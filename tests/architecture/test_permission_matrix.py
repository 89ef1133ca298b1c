"""Every operation, asked by every role at every level that its permission does not name, and by nobody: refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import httpx
import pytest

from shared.kernel.app import Service
from shared.kernel.settings import ServiceSettings
from shared.kernel.web.permissions import Grant, RequiredPermission
from shared.kernel.web.route import declared_permission
from shared.terms.actor import Actor, Role
from tests.architecture.test_routes import IDENTITY, ROSTER, SERVICES, routes
from tests.support.client import running
from tests.support.databases import TestDatabases
from tests.support.settings import actor, bearer

pytestmark = pytest.mark.anyio
PLACES = ("99/", "99/9900/", "99/9900/990001/", "99/9900/990001/2199000001/", "99/9900/990001/2199000001/0901/")
PARAMETER = re.compile(r"\{[^}]+\}")


@pytest.fixture(params=SERVICES, ids=lambda service: service.name)
def service(request: pytest.FixtureRequest) -> Service:
    found: Service = request.param
    return found


@pytest.fixture
def settings(service: Service, databases: TestDatabases) -> Iterator[ServiceSettings]:
    values = {"gateway_url": "http://127.0.0.1:9", "client_id": "x"} if service not in (ROSTER, IDENTITY) else {}
    with databases.of(service, **values) as found:
        yield found


async def test_nobody_gets_past_a_permission(service: Service, settings: ServiceSettings) -> None:
    people = [actor(role, place) for role in Role for place in PLACES]
    headers = {person: bearer(person) for person in people}
    tried = 0
    async with running(service, settings) as (app, client):
        for path, route in routes(app):
            required = declared_permission(route.dependant)
            if not isinstance(required, RequiredPermission):
                continue
            address = f"http://service{PARAMETER.sub('x', path)}"
            for method in sorted(route.methods or ()):
                nobody = await client.request(method, address)
                assert (nobody.status_code, nobody.json()["code"]) == (401, "auth.token_missing"), (method, path)
                for person in strangers(required.grant, people, turn=tried):
                    answer = await client.request(method, address, headers=headers[person])
                    assert is_refused(answer), (method, path, person.roles, person.org, answer.text[:200])
                    tried += 1
    assert tried > 150


def strangers(grant: Grant, people: Sequence[Actor], *, turn: int) -> list[Actor]:
    """Whom a grant does not name: roles it knows at every other level, all other roles at one level, by turns."""
    place = PLACES[turn % len(PLACES)]
    return [each for each in people if not grant.allows(each) and (each.roles & grant.roles or each.org == place)]


def is_refused(answer: httpx.Response) -> bool:
    return answer.status_code == 403 and answer.json()["code"] == "auth.forbidden"
