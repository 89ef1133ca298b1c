"""Refusals of the OAuth endpoints, in the form of RFC 6749 section 5.2."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel

from gateway.identity.issuer import issuer_of
from shared.kernel.web.problems import EXPECTED, KIND_STATUS, on_unexpected
from shared.terms.problem_catalogue import catalogue

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
# error_description is limited to printable ASCII without quotes and backslash.
_NOT_PLAIN = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


class OAuthErrorOut(BaseModel):
    """A refusal in the form of RFC 6749."""

    error: str
    error_description: str
    error_uri: str


REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": OAuthErrorOut, "description": "请求不成立 / the request is refused"},
    401: {"model": OAuthErrorOut, "description": "客户端未通过认证 / the client did not show who it is"},
    429: {"model": OAuthErrorOut, "description": "请求过于频繁 / too many attempts"},
}
"""How the OAuth endpoints refuse, for the documentation."""


class OAuthError(Exception):
    """A refusal by its OAuth name; sentence and status stand in the catalogue as ``oauth.<error>``.

    Args:
        error: e.g. ``invalid_client``.
        retry_after: seconds, for ``slow_down``.
        params: values for the sentence.
    """

    def __init__(self, error: str, *, retry_after: int | None = None, **params: object) -> None:
        super().__init__(error)
        self.error = error
        self.retry_after = retry_after
        self.params: Mapping[str, object] = params


class OAuthRoute(APIRoute):
    """Route class of the OAuth endpoints: answers their refusals, and keeps unexpected failures from the server's log."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint: Callable[[Request], Awaitable[Response]] = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await endpoint(request)
            except OAuthError as error:
                return oauth_response(error, issuer_of(request).url)
            except EXPECTED:
                raise
            except Exception as error:  # answered here, or the server would log its text
                return await on_unexpected(request, error)

        return answered


def oauth_response(error: OAuthError, issuer: str) -> JSONResponse:
    """The refusal as a response."""
    problem = catalogue()[f"oauth.{error.error}"]
    body = {
        "error": error.error,
        "error_description": _NOT_PLAIN.sub("'", problem.sentence("en", error.params)),
        "error_uri": f"{issuer}/problems/{problem.code}",
    }
    headers = dict(NO_STORE)
    if error.error == "invalid_client":
        headers["WWW-Authenticate"] = 'Basic realm="token", charset="UTF-8"'
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return JSONResponse(body, KIND_STATUS[problem.kind], headers)
