"""The load on archives in short: sixteen clients, impatient ones among them, a service that is killed half-way."""

from __future__ import annotations

from bench.archives import run
from services.student_eval.app import SERVICE
from tests.support.databases import TestDatabases


def test_nothing_is_lost_or_doubled(databases: TestDatabases) -> None:
    with databases.of(SERVICE, gateway_url="http://127.0.0.1:9", client_id="service-student_eval") as settings:
        assert run(settings, records=240, classes=3, size=8) == []
