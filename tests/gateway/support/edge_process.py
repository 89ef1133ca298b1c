"""The edge under granian in a process of its own.

Such a process cannot import ``tests``: an installed package may bear that name. It has this folder on its path instead.
"""

from __future__ import annotations

import importlib
import json
import os
from pathlib import Path

from starlette.types import ASGIApp

from gateway.edge.application import Edge, build_edge
from gateway.edge.settings import EdgeSettings
from gateway.server import serve
from shared.kernel.identity.jwks import TokenVerifier
from shared.kernel.identity.signing_keys import key_source_of
from shared.kernel.logging import configure_logging

ISSUER, AUDIENCE = "http://issuer.test", "platform"


def create_app() -> Edge:
    """The edge as the environment variable EDGE_UNDER_TEST describes it; upstream ``memory`` lives in this process."""
    plan = json.loads(os.environ["EDGE_UNDER_TEST"])
    configure_logging("gateway", "info")
    sample = importlib.import_module("sample_service")
    identity = importlib.import_module("identity_stand_in")
    upstreams: dict[str, ASGIApp | str] = {
        name: sample.create_app() if target == "memory" else target for name, target in plan["upstreams"].items()
    }
    return build_edge(
        EdgeSettings.model_validate(plan["settings"]),
        upstreams=upstreams,
        identity_app=identity.identity_app,
        verifier=TokenVerifier(key_source_of(Path(plan["keys"])), issuer=ISSUER, audience=AUDIENCE),
    )


if __name__ == "__main__":
    serve("edge_process:create_app", host="127.0.0.1", port=int(os.environ["EDGE_PORT"]))
