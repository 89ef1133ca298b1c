"""One request, one transaction, committed before the response is sent.

Order of a request: query parameters known → token → body spooled (uploads) → transaction opened at first use →
Idempotency-Key looked up → endpoint → answer stored under the key → audit chained → commit → response. A failing commit
therefore never answers 2xx, and a stored answer exists exactly when its effect does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.responses import Response
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.context import Kernel, kernel_of
from shared.kernel.web import idempotency
from shared.kernel.web.permissions import PublicRoute, RequiredPermission
from shared.kernel.web.problems import EXPECTED, on_unexpected
from shared.kernel.web.upload import any_file_of, spooled_request
from shared.terms.errors import DomainError, Fault


class Unit:
    """The transaction of one request, opened when first needed."""

    def __init__(self, kernel: Kernel, org: str | None) -> None:
        self._kernel = kernel
        self._org = org
        self._stack = AsyncExitStack()
        self._session: AsyncSession | None = None

    async def session(self) -> AsyncSession:
        """The session of this request."""
        if self._session is None:
            self._session = await self._stack.enter_async_context(self._kernel.database.transaction(self._org))
        return self._session

    @asynccontextmanager
    async def closing(self) -> AsyncIterator[Unit]:
        """Commits on leaving, or rolls back when an error passes."""
        async with self._stack:
            yield self


class TransactionalRoute(APIRoute):
    """The route class of every service router."""

    #: Whether ``Idempotency-Key`` keeps an answer, and a fingerprint of what was asked, beside who asked.
    keeps_answers = True

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self._any_file = any_file_of(self.dependant)
        requirement = declared_permission(self.dependant)
        self._required = requirement if isinstance(requirement, RequiredPermission) else None
        if isinstance(requirement, RequiredPermission):
            roles = sorted(requirement.grant.roles)
            declared = {"action": requirement.action, "scope": requirement.grant.scope, "roles": roles}
            self.openapi_extra = {**(self.openapi_extra or {}), "x-permission": declared}

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await in_transaction(request)
            except EXPECTED:
                raise
            except Exception as error:  # answered here, or the server would log its text
                return await on_unexpected(request, error)

        async def in_transaction(request: Request) -> Response:
            kernel = kernel_of(request)
            refuse_unknown_parameters(request)
            request.state.actor = await kernel.authenticate(request)
            if self._required is not None:  # before a body is read or a transaction begins
                await self._required(request)
            async with spooled_request(request, kernel.settings, self._any_file):
                unit = Unit(kernel, request.state.actor.org if request.state.actor else None)
                request.state.unit = unit
                async with unit.closing():
                    if not self.keeps_answers:
                        return await endpoint(request)
                    return await idempotency.once(request, unit.session, lambda: endpoint(request))

        return answered


class ForgettingRoute(TransactionalRoute):
    """Of what nobody may be led back to, or guess at: ``Idempotency-Key`` has no effect. Repeating must be harmless here."""

    keeps_answers = False


def declared_permission(dependant: Dependant) -> RequiredPermission | PublicRoute | None:
    """The permission a route declares, searched through its dependencies."""
    if isinstance(dependant.call, RequiredPermission | PublicRoute):
        return dependant.call
    for inner in dependant.dependencies:
        found = declared_permission(inner)
        if found is not None:
            return found
    return None


def refuse_unknown_parameters(request: Request) -> None:
    """A misspelt filter is refused, not ignored into a longer list than was asked for.

    Raises:
        DomainError: ``request.invalid`` with every query parameter that the route does not take.
    """
    known = _query_names(request.scope["route"].dependant)
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        allowed = ", ".join(sorted(known)) or None
        faults = [Fault("field.unknown", pointer=f"query:{name}", allowed=allowed) for name in unknown]
        raise DomainError("request.invalid", faults=faults)


def _query_names(dependant: Dependant) -> set[str]:
    own = {field.alias for field in dependant.query_params}
    return own.union(*(_query_names(inner) for inner in dependant.dependencies))


async def _session_of(request: Request) -> AsyncSession:
    unit: Unit = request.state.unit
    return await unit.session()


#: An endpoint's transaction.
Session = Annotated[AsyncSession, Depends(_session_of)]
