"""The change feed as readers get it: gap-free, in order, at least once."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from shared.kernel.changes.feed import Operation, changes_after
from shared.kernel.web.permissions import Permissions
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor
from shared.terms.errors import DomainError, Fault


class ChangeOut(BaseModel):
    """One change: which resource, by natural key; read the resource for its content."""

    resource: str
    operation: Operation
    key: dict[str, str]
    old_key: dict[str, str] | None
    at: dt.datetime


class ChangesOut(BaseModel):
    """Changes in order, and the cursor to go on from."""

    items: list[ChangeOut]
    next_after: str
    has_more: bool


def changes_router(permissions: Permissions, resources: Sequence[str]) -> APIRouter:
    """Route ``/changes``; the service's table must grant ``changes.read``.

    Args:
        permissions: the service's permissions.
        resources: names of the resources whose changes the service records.
    """
    router = APIRouter(route_class=TransactionalRoute, prefix="/changes", tags=["changes"])
    reader = permissions.requires("changes.read")
    names = tuple(resources)

    @router.get("", response_model=ChangesOut, summary="变更流 / Changes since a cursor")
    async def list_changes(
        session: Session,
        actor: Annotated[Actor, Depends(reader)],
        after: Annotated[str | None, Query(max_length=60, description="上次返回的 next_after")] = None,
        resources: Annotated[str | None, Query(max_length=200, description="逗号分隔 / comma-separated")] = None,
        limit: Annotated[int, Query(ge=1, le=5_000)] = 1_000,
    ) -> ChangesOut:
        wanted = [name for name in (resources or "").split(",") if name]
        if unknown := [name for name in wanted if name not in names]:
            listed = ", ".join(names)
            fault = Fault(
                "field.not_allowed",
                pointer="query:resources",
                allowed=listed,
                value=unknown[0][:60],
                params={"allowed": listed},
            )
            raise DomainError("request.invalid", faults=[fault])
        rows, cursor = await changes_after(session, actor, after, resources=wanted, limit=limit)
        items = [
            ChangeOut(
                resource=row.resource, operation=Operation(row.operation), key=row.key, old_key=row.old_key, at=row.at
            )
            for row in rows
        ]
        return ChangesOut(items=items, next_after=cursor, has_more=len(rows) == limit)

    return router
