"""Routes of inspectors."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from services.school_eval.inspectors import repository
from services.school_eval.inspectors.schemas import Account, InspectorIn, InspectorOut, inspector_out
from services.school_eval.inspectors.tables import Inspector
from services.school_eval.permissions import PERMISSIONS
from shared.kernel.records import keep
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.organizations import code_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/inspectors", tags=["inspection"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("visits.plan"))]


@router.get("", summary="视导人员列表 / List inspectors of the own office and those below it")
async def list_inspectors(session: Session, actor: Reader, page: Paging) -> Page[InspectorOut]:
    statement = repository.inspectors_of(actor)
    return Page(**await fetch_page(session, statement, page, key=[Inspector.id], present=inspector_out))


@router.put("/{account}", summary="登记视导人员及回避学校 / Register an inspector (If-Match on a known one)")
async def put_inspector(
    account: Annotated[Account, Path()],
    body: InspectorIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Reader,
) -> InspectorOut:
    row = await repository.own_inspector_for_update(session, actor, account)
    if row is not None:
        require_match(request, row.version)
    response.status_code = 201 if row is None else 200
    row = row or Inspector(account=account, org_path=actor.org)
    for name, value in body.model_dump().items():
        setattr(row, name, value)
    key = {"organization": code_of(row.org_path), "staff": row.staff_code}
    await keep(session, row, resource="inspectors", action="inspector.set", key=key, actor=actor)
    response.headers["ETag"] = etag(row.version)
    return inspector_out(row)
