"""Routes of partnerships."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.school_eval.partnerships import repository, service
from services.school_eval.partnerships.rules import ActivityKind, PartnershipKind
from services.school_eval.partnerships.schemas import (
    ActivityIn,
    ActivityOut,
    ActivityTotals,
    PartnershipIn,
    PartnershipOut,
    TotalsOut,
    activity_out,
    partnership_out,
)
from services.school_eval.partnerships.tables import Partnership, PartnershipActivity
from services.school_eval.permissions import PERMISSIONS
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.organizations import OrgCode, path_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/partnerships", tags=["partnerships"])
totals = APIRouter(route_class=TransactionalRoute, tags=["partnerships"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("partnerships.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("partnerships.write"))]


@router.get("", summary="协作关系列表 / List partnerships")
async def list_partnerships(
    session: Session, actor: Reader, page: Paging, kind: Annotated[PartnershipKind | None, Query()] = None
) -> Page[PartnershipOut]:
    statement = repository.partnerships_of(actor)
    if kind is not None:
        statement = statement.where(Partnership.kind == kind)
    return Page(**await fetch_page(session, statement, page, key=[Partnership.id], present=partnership_out))


@router.get("/{org}/{code}", summary="协作关系 / Read a partnership")
async def read_partnership(
    org: OrgCode, code: OwnCode, response: Response, session: Session, actor: Reader
) -> PartnershipOut:
    row = await repository.partnership_by_code(session, actor, path_of(org), code)
    response.headers["ETag"] = etag(row.version)
    return partnership_out(row)


@router.put("/{org}/{code}", summary="写入协作关系 / Write a partnership (If-Match on a known one)")
async def put_partnership(
    org: OrgCode,
    code: OwnCode,
    body: PartnershipIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Writer,
) -> PartnershipOut:
    row = await repository.partnership_for_update(session, actor, path_of(org), code)
    if row is not None:
        require_match(request, row.version)
    row, is_new = await service.put_partnership(
        session, org_path=path_of(org), code=code, body=body, row=row, actor=actor
    )
    response.status_code = 201 if is_new else 200
    response.headers["ETag"] = etag(row.version)
    return partnership_out(row)


@router.get("/{org}/{code}/activities", summary="协作活动列表 / List what was done in a partnership")
async def list_activities(
    org: OrgCode, code: OwnCode, session: Session, actor: Reader, page: Paging
) -> Page[ActivityOut]:
    partnership = await repository.partnership_by_code(session, actor, path_of(org), code)

    def present(row: PartnershipActivity) -> ActivityOut:
        return activity_out(row, partnership)

    statement = repository.activities_of(actor, partnership)
    return Page(**await fetch_page(session, statement, page, key=[PartnershipActivity.id], present=present))


@router.put("/{org}/{code}/activities/{activity}", summary="写入协作活动 / Write something that was done")
async def put_activity(
    org: OrgCode,
    code: OwnCode,
    activity: OwnCode,
    body: ActivityIn,
    response: Response,
    session: Session,
    actor: Writer,
) -> ActivityOut:
    partnership = await repository.partnership_by_code(session, actor, path_of(org), code)
    row, is_new = await service.put_activity(session, partnership=partnership, code=activity, body=body, actor=actor)
    response.status_code = 201 if is_new else 200
    return activity_out(row, partnership)


@totals.get("/partnership-totals", summary="协作与培训汇总 / Partnerships, activities and person hours of a period")
async def read_totals(
    session: Session, actor: Reader, first: Annotated[dt.date, Query()], last: Annotated[dt.date, Query()]
) -> TotalsOut:
    counts = await repository.partnership_counts(session, actor, first, last)
    rows = await repository.activity_totals(session, actor, first, last)
    return TotalsOut(
        first=first,
        last=last,
        partnerships={PartnershipKind(kind): count for kind, count in counts.items()},
        activities=[
            ActivityTotals(kind=ActivityKind(kind), count=count, participant_count=people, person_hours=str(hours))
            for kind, count, people, hours in rows
        ],
    )
