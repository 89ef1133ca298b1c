from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from shared.kernel.identity.signing_keys import open_signing_keys
from shared.kernel.identity.tokens import sign_access_token
from shared.terms.actor import Actor, Role
from tests.gateway.support.edge_process import AUDIENCE, ISSUER
from tests.gateway.support.running import Server, free_port, running

SETTINGS: dict[str, Any] = {
    "connect_seconds": 0.5,
    "default_deadline": {"pattern": "", "headers_seconds": 1.0, "idle_seconds": 1.0},
    "deadlines": [{"pattern": "/imports", "headers_seconds": 5, "idle_seconds": 5}],
    "body_idle_seconds": 0.7,
    "body_grace_seconds": 1.0,
    "body_min_bytes_per_second": 1024,
    "body_limits": [{"pattern": "/imports", "max_bytes": 256 << 20}],
    "breaker_failures": 3,
    "breaker_open_seconds": 1.0,
    "anonymous_rate": {"per_second": 1000, "burst": 10000},
    "client_rate": {"per_second": 1000, "burst": 10000},
}

RunEdge = Callable[..., AbstractContextManager[Server]]
MakeToken = Callable[..., str]


@pytest.fixture(scope="session")
def keys_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("secrets") / "signing"
    open_signing_keys(folder)
    return folder


@pytest.fixture(scope="session")
def make_token(keys_folder: Path) -> MakeToken:
    """Signs a token for a client of the city."""

    def make(client: str = "vendor-1", *, audience: str = AUDIENCE, age: int = 0) -> str:
        actor = Actor(client, client, frozenset({Role.INTEGRATION}), frozenset({"*"}), "52/5205/")
        now = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=age)
        key = open_signing_keys(keys_folder).current
        return sign_access_token(
            actor, key=key, issuer=ISSUER, audience=audience, lifetime=dt.timedelta(minutes=10), now=now
        )

    return make


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The sample service under uvicorn, as in the split topology."""
    port = free_port()
    command = ["uvicorn", "--factory", "sample_service:create_app"]
    options = ["--port", str(port), "--log-level", "warning", "--no-proxy-headers"]
    with running(command + options, port=port, log=tmp_path_factory.mktemp("sample") / "log") as server:
        yield server


@pytest.fixture(scope="session")
def run_edge(keys_folder: Path, make_token: MakeToken, tmp_path_factory: pytest.TempPathFactory) -> RunEdge:
    """Runs the edge under granian with given upstreams and changed settings."""

    @contextmanager
    def run(upstreams: dict[str, str], **changes: Any) -> Iterator[Server]:
        port = free_port()
        plan = {"upstreams": upstreams, "settings": {**SETTINGS, **changes}, "keys": str(keys_folder)}
        environment = {"EDGE_UNDER_TEST": json.dumps(plan), "EDGE_PORT": str(port)}
        log = tmp_path_factory.mktemp("edge") / "log"
        with running(["edge_process"], port=port, log=log, environment=environment) as server:
            server.token = make_token()
            yield server

    return run


@pytest.fixture(scope="session")
def proxying(run_edge: RunEdge, sample: Server) -> Iterator[Server]:
    with run_edge({"sample": f"http://127.0.0.1:{sample.port}"}) as server:
        yield server


@pytest.fixture(scope="session")
def dispatching(run_edge: RunEdge) -> Iterator[Server]:
    with run_edge({"sample": "memory"}) as server:
        yield server


@pytest.fixture(params=["proxying", "dispatching"])
def edge(request: pytest.FixtureRequest) -> Server:
    """The edge in either topology."""
    server: Server = request.getfixturevalue(request.param)
    return server
