"""A worker killed in the middle of an analysis: another ends it, with the bytes an undisturbed run publishes."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from shared.kernel.settings import ServiceSettings
from tests.services.monitoring.factories import SchoolOfTest, make_exam
from tests.services.monitoring.office import Office, open_office, worker

pytestmark = pytest.mark.anyio
SCHOOLS = {
    code: SchoolOfTest(code, f"99000{1 + number % 3}", 100 + number % 50)
    for number, code in enumerate(f"2199{n:06d}" for n in range(1, 181))
}


def start_worker(settings: ServiceSettings) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "POLARS_MAX_THREADS": "1",
        "MONITORING_DATABASE_URL": settings.database_url.get_secret_value(),
        "MONITORING_SECRETS_DIR": str(settings.secrets_dir),
        "MONITORING_STORE_URL": str(settings.store_url),
        "MONITORING_JWKS": settings.jwks,
        "MONITORING_ISSUER": settings.issuer,
        "MONITORING_GATEWAY_URL": str(settings.gateway_url),
        "MONITORING_CLIENT_ID": str(settings.client_id),
    }
    return subprocess.Popen([sys.executable, "-m", "services.monitoring", "worker"], env=environment)


async def kill_in_the_middle(office: Office, location: str) -> dict[str, Any]:
    victim = start_worker(office.kernel.settings)
    try:
        deadline = time.monotonic() + 20
        while (await office.job(location))["progress"]["done"] < 1:
            assert time.monotonic() < deadline, "the worker did not start"
            await asyncio.sleep(0.01)
        victim.send_signal(signal.SIGKILL)
    finally:
        victim.kill()
        victim.wait()
    return await office.job(location)


async def test_a_killed_workers_analysis_is_finished_by_another_with_the_same_bytes(
    monitoring_settings: ServiceSettings,
) -> None:
    async with open_office(monitoring_settings) as office:
        await make_exam(office.kernel, SCHOOLS)
        location = (await office.post("analyze")).headers["location"]
        killed = await kill_in_the_middle(office, location)
        assert killed["state"] == "running"
        assert 0 < killed["progress"]["done"] < killed["progress"]["total"]
        assert (await office.post("publish", {})).status_code == 409
        async with worker(monitoring_settings):
            job = await office.finished(location, 40)
        assert (job["state"], job["attempts"]) == ("succeeded", 2)
        disturbed = (await office.post("publish", {})).json()["manifest"]

        await make_exam(office.kernel, SCHOOLS, code="calm")
        asked = await office.post("analyze", exam="calm")
        async with worker(monitoring_settings):
            await office.finished(asked.headers["location"])
        calm = (await office.post("publish", {}, exam="calm")).json()["manifest"]
        assert disturbed["frames"] == calm["frames"]
        assert disturbed["inputs_sha256"] == calm["inputs_sha256"]
        own = {"exam", "published_at"}
        assert {k: v for k, v in disturbed.items() if k not in own} == {k: v for k, v in calm.items() if k not in own}
