"""The route class of what changes clients and accounts."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from gateway.identity.principals import refresh_revocations
from shared.kernel.web.route import ForgettingRoute


class ManagementRoute(ForgettingRoute):
    """Makes revocations felt at once, and keeps no answers.

    The kept answer would be a secret in plain text, and the kept fingerprint of a request with a password could be guessed
    at without the cost of Argon2. Repeating is harmless: names are unique, and a repeated rotation gives another secret.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint = super().get_route_handler()

        async def answered(request: Request) -> Response:
            response = await endpoint(request)
            if request.method not in ("GET", "HEAD") and response.status_code < 400:
                await refresh_revocations(request)
            return response

        return answered
