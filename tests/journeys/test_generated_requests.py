"""Requests generated from the joined OpenAPI, sent through the gateway: every answer is one the documentation names.

No 5xx, no undocumented status or media type, no body that its schema does not allow. On a platform of its own, for what
is generated is also carried out. The ordinary run tries every operation; ``make test-slow`` tries each more often.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup

from tests.journeys.platform import Platform

CALLERS = ("city-admin", "city-admin", "sample-vendor", "province")
CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
#: These end the caller's own rights, and nothing would be tried after them.
ENDING = ("/oauth/revoke",)


@pytest.fixture(scope="module")
def own_platform() -> Iterator[Platform]:
    with tempfile.TemporaryDirectory(prefix="edu-", ignore_cleanup_errors=True) as folder:
        running = Platform(Path(folder) / "var")
        try:
            running.start()
            yield running
        finally:
            assert running.stop() == 0


def test_every_operation_answers_as_documented(own_platform: Platform) -> None:
    assert faults_of(own_platform, examples=2) == []


@pytest.mark.slow
def test_every_operation_answers_as_documented_whatever_is_sent(own_platform: Platform) -> None:
    assert faults_of(own_platform, examples=40) == []


def faults_of(platform: Platform, *, examples: int) -> list[str]:
    """What answers do not keep of the documentation, one line each."""
    load_all_checks()
    schema: Any = schemathesis.openapi.from_url(f"{platform.address}/api/openapi.json")
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > 800
    with requests.Session() as session:
        tried = [
            faults_of_operation(platform, session, operation, examples)
            for operation in operations
            if operation.path not in ENDING
        ]
    return [fault for faults in tried for fault in faults]


def faults_of_operation(platform: Platform, session: requests.Session, operation: Any, examples: int) -> list[str]:
    """The same of one operation, asked by several callers in turn."""
    checks, callers = [CHECKS.get_one(name) for name in CHECKED], itertools.cycle(CALLERS)

    @seed(20261125)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy())
    def sent(case: Any) -> None:
        headers = {"Authorization": f"Bearer {platform.token(next(callers))}"}
        case.call_and_validate(base_url=platform.address, session=session, headers=headers, checks=checks, timeout=60)

    try:
        sent()
    except FailureGroup as group:
        return [f"{operation.label}: {failure.title}: {failure.message[:300]}" for failure in group.exceptions]
    return []
