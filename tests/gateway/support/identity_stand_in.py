"""A stand-in for the issuer's own application: what it must answer to be mounted, and an echo."""

from __future__ import annotations

import json

from starlette.types import Receive, Scope, Send


async def identity_app(scope: Scope, receive: Receive, send: Send) -> None:
    """Ready, without an OpenAPI document, echoing every other path."""
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": message["type"] + ".complete"})
        return
    status = 404 if scope["path"] == "/openapi.json" else 200
    body = json.dumps({"identity": scope["path"], "method": scope["method"]}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
