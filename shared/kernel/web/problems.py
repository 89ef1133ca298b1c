"""Problem details (RFC 9457): every refusal in the caller's language, with every fault at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from shared.kernel.logging import logger
from shared.kernel.web.database_problems import database_problem
from shared.kernel.web.request_id import request_id_of
from shared.kernel.web.validation import validation_problem
from shared.terms.errors import DomainError, Fault
from shared.terms.problem_catalogue import Problem, ProblemKind, catalogue

Language = Literal["zh", "en"]
#: Not a registered status: nobody receives it, the access log counts it apart from our own faults.
_CLIENT_CLOSED_REQUEST = 499

KIND_STATUS: Mapping[ProblemKind, int] = {
    ProblemKind.INVALID: 422,
    ProblemKind.MALFORMED: 400,
    ProblemKind.UNAUTHENTICATED: 401,
    ProblemKind.FORBIDDEN: 403,
    ProblemKind.NOT_FOUND: 404,
    ProblemKind.METHOD_NOT_ALLOWED: 405,
    ProblemKind.NOT_ACCEPTABLE: 406,
    ProblemKind.TIMEOUT: 408,
    ProblemKind.CONFLICT: 409,
    ProblemKind.GONE: 410,
    ProblemKind.PRECONDITION_FAILED: 412,
    ProblemKind.TOO_LARGE: 413,
    ProblemKind.UNSUPPORTED_MEDIA: 415,
    ProblemKind.PRECONDITION_REQUIRED: 428,
    ProblemKind.TOO_MANY: 429,
    ProblemKind.HEADERS_TOO_LARGE: 431,
    ProblemKind.INTERNAL: 500,
    ProblemKind.BAD_GATEWAY: 502,
    ProblemKind.UNAVAILABLE: 503,
    ProblemKind.GATEWAY_TIMEOUT: 504,
    ProblemKind.STORAGE_FULL: 507,
    ProblemKind.FAULT: 422,
}

MEDIA_TYPE = "application/problem+json"
MAX_FAULTS = 1_000
_HTTP_CODES = {404: "resource.not_found", 405: "request.method_not_allowed", 413: "request.too_large"}
_TAGS: Mapping[Language, str] = {"zh": "zh-CN", "en": "en"}


def language_of(accept_language: str | None) -> Language:
    """Chinese unless the caller prefers English over it."""
    best, language = 0.0, "zh"
    for part in (accept_language or "").split(","):
        tag, _, parameters = part.strip().partition(";")
        primary = tag.split("-")[0].lower()
        try:
            quality = float(parameters.strip().removeprefix("q=")) if parameters else 1.0
        except ValueError:
            continue
        if primary in ("zh", "en") and quality > best:
            best, language = quality, primary
    return "en" if language == "en" else "zh"


def problem_document(
    error: DomainError, *, language: Language, trace_id: str | None = None
) -> tuple[int, dict[str, Any]]:
    """Status and body of a refusal.

    Raises:
        KeyError: the code is not in the catalogue, which is a mistake of ours and tested against.
    """
    problem = catalogue()[error.code]
    status = KIND_STATUS[problem.kind]
    params = {"count": error.fault_count, **error.params}
    document: dict[str, Any] = {
        "type": f"/problems/{problem.code}",
        "title": problem.title[language],
        "status": status,
        "detail": problem.sentence(language, params),
        "code": problem.code,
        "actor": problem.actor.value,
        "remedy": problem.remedy[language],
        "trace_id": trace_id,
        **error.links,
    }
    if error.faults:
        document["error_count"] = error.fault_count
        document["errors"] = [fault_document(fault, language) for fault in error.faults[:MAX_FAULTS]]
    return status, document


def fault_document(fault: Fault, language: Language) -> dict[str, Any]:
    """One entry of ``errors``: only the members that apply."""
    problem: Problem = catalogue()[fault.code]
    members = {
        "pointer": fault.pointer,
        "row": fault.row,
        "column": fault.column,
        "source_id": fault.source_id,
        "code": fault.code,
        "detail": problem.sentence(language, fault.params),
        "value": fault.value,
        "allowed": fault.allowed,
        "remedy": problem.remedy[language],
    }
    return {name: member for name, member in members.items() if member is not None}


def problem_response(request: Request, error: DomainError, *, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The refusal as a response to this request."""
    language = language_of(request.headers.get("accept-language"))
    status, document = problem_document(error, language=language, trace_id=request_id_of(request.scope))
    extra = {"Content-Language": _TAGS[language], "Vary": "Accept-Language", **(headers or {})}
    if status == 503:
        extra.setdefault("Retry-After", "5")
    if status == 401:
        extra["WWW-Authenticate"] = 'Bearer error="invalid_token"' if "invalid" in error.code else "Bearer"
    return JSONResponse(document, status, extra, media_type=MEDIA_TYPE)


#: Failures that have a handler of their own.
EXPECTED = (DomainError, RequestValidationError, HTTPException, DBAPIError, ConnectionError, ClientDisconnect)


def install_problem_handlers(app: FastAPI) -> None:
    """Makes every failure of the application a problem document."""
    app.add_exception_handler(DomainError, _on_domain_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(DBAPIError, _on_database_error)
    app.add_exception_handler(ConnectionError, _on_database_error)
    app.add_exception_handler(ClientDisconnect, _on_client_gone)
    app.add_exception_handler(Exception, on_unexpected)


async def _on_domain_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DomainError)  # noqa: S101 - registered for this type only
    return problem_response(request, error)


async def _on_validation_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type only
    return problem_response(request, validation_problem(error.errors(), body=error.body))


async def _on_http_exception(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type only
    code = _HTTP_CODES.get(error.status_code, "request.malformed")
    return problem_response(
        request, DomainError(code, params={"what": request.url.path, "format": "HTTP"}), headers=error.headers
    )


async def _on_database_error(request: Request, error: Exception) -> JSONResponse:
    problem = database_problem(error) if isinstance(error, DBAPIError) else None
    if problem is None and isinstance(error, OSError):  # the server does not accept connections at all
        problem = DomainError("server.unavailable", params={"what": "PostgreSQL"})
    return problem_response(request, problem) if problem else await on_unexpected(request, error)


async def _on_client_gone(request: Request, error: Exception) -> Response:
    """Whoever sent a body went away before it was read: nothing was done, nobody is there to be told."""
    del request, error
    logger.info("request.abandoned")
    return Response(status_code=_CLIENT_CLOSED_REQUEST)


async def on_unexpected(request: Request, error: Exception) -> JSONResponse:
    """A mistake of ours: logged by type and place, answered without our insides."""
    # The exception's text can quote row values, so only its type and place are logged.
    logger.error("request.failed", error=type(error).__name__, place=_place(error))
    return problem_response(request, DomainError("server.internal"))


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "?"
