"""What changed since a cursor: gap-free, at least once."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.roster.changes.schemas import ChangeOut, ChangesOut
from services.roster.collections import COLLECTIONS
from services.roster.permissions import PERMISSIONS
from shared.kernel.changes.feed import Operation, changes_after
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor
from shared.terms.errors import DomainError, Fault

router = APIRouter(route_class=TransactionalRoute, prefix="/changes", tags=["changes"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("changes.read"))]
NAMES = tuple(collection.name for collection in COLLECTIONS)


@router.get("", summary="变更流 / Changes since a cursor")
async def list_changes(
    session: Session,
    actor: Reader,
    after: Annotated[str | None, Query(max_length=60, description="上次返回的 next_after")] = None,
    resources: Annotated[str | None, Query(max_length=200, description="逗号分隔 / comma-separated")] = None,
    limit: Annotated[int, Query(ge=1, le=5_000)] = 1_000,
) -> ChangesOut:
    wanted = [name for name in (resources or "").split(",") if name]
    if unknown := [name for name in wanted if name not in NAMES]:
        fault = Fault("field.invalid", pointer="query:resources", allowed=", ".join(NAMES), value=unknown[0][:60])
        raise DomainError("request.invalid", faults=[fault])
    rows, cursor = await changes_after(session, actor, after, resources=wanted, limit=limit)
    items = [
        ChangeOut(
            resource=row.resource, operation=Operation(row.operation), key=row.key, old_key=row.old_key, at=row.at
        )
        for row in rows
    ]
    return ChangesOut(items=items, next_after=cursor, has_more=len(rows) == limit)
