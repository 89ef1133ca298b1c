"""The client that other services use for published results, against the real service; and the fake beside it."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from services.monitoring.app import SERVICE
from shared.contracts.monitoring import FakeMonitoring, MonitoringClient
from shared.kernel.client import RemoteRefusalError
from shared.kernel.settings import ServiceSettings
from tests.services.monitoring.office import Office
from tests.support.client import running
from tests.support.settings import actor, token

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client(corrected: Office, corrected_settings: ServiceSettings) -> AsyncIterator[MonitoringClient]:
    caller = actor("integration", "99/9900/", scopes=("monitoring.read", "monitoring.results"))

    async def grant(_: Request) -> JSONResponse:
        return JSONResponse({"access_token": token(caller), "token_type": "Bearer", "expires_in": 600})

    async with running(SERVICE, corrected_settings) as (app, _):
        gateway = Starlette(routes=[Route("/oauth/token", grant, methods=["POST"]), Mount("/", app)])
        transport = httpx.ASGITransport(app=gateway)
        async with MonitoringClient("http://gateway", client_id="s", client_secret="s", transport=transport) as opened:
            yield opened


async def test_the_client_reads_the_version_it_asks_for(client: MonitoringClient) -> None:
    now = await client.results("exam")
    before = await client.results("exam", version="1.0.0")
    assert now is not None
    assert before is not None
    assert (now.version, before.version) == ("1.1.0", "1.0.0")
    assert now.manifest_sha256 != before.manifest_sha256
    outcome = next(iter(now.models))
    effects, earlier = [await client.value_added(each, outcome=outcome) for each in (now, before)]
    assert effects["school_code"].to_list() == earlier["school_code"].to_list()
    means = [await client.school_summary(each, subject=outcome) for each in (now, before)]
    assert not means[0].equals(means[1])
    # Two schools are too small for their figures to leave them.
    assert effects.select("effect", "se").null_count().row(0) == (2, 2)
    assert (await client.value_added(now, outcome="nothing")).is_empty()


async def test_the_fake_answers_as_the_service_does(client: MonitoringClient) -> None:
    now = await client.results("exam")
    assert now is not None
    outcome = next(iter(now.models))
    effects, summary = await client.value_added(now, outcome=outcome), await client.school_summary(now, subject=outcome)
    assert {"pass_rate", "pass_rate_se"} <= set(summary.columns)
    of_classes = await client.class_effects(now, outcome=outcome)
    assert of_classes.height > effects.height
    assert set(of_classes["scale"]) == {"t"}
    assert of_classes.drop_nulls().height > 0
    assert (await client.class_effects(now, outcome="nothing")).schema == of_classes.schema
    fake = FakeMonitoring(
        [now],
        value_added={"exam": effects},
        summaries={"exam": summary},
        class_effects={("exam", outcome): of_classes},
    )
    assert (await fake.class_effects(now, outcome=outcome)).equals(of_classes)
    assert (await fake.class_effects(now, outcome="nothing")).is_empty()
    assert await fake.results("exam") == now
    assert (await fake.value_added(now, outcome=outcome)).equals(effects)
    assert (await fake.school_summary(now, subject=outcome)).equals(summary)
    assert (await fake.value_added(now, outcome="nothing")).schema == effects.schema


async def test_an_exam_there_is_not(client: MonitoringClient) -> None:
    with pytest.raises(RemoteRefusalError) as caught:
        await client.results("other")
    assert caught.value.status == 404
