"""Routes of visits: made by the office, rated from phones, signed by the school."""

import datetime as dt
import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.school_eval.checklists.schemas import VersionOut, version_out
from services.school_eval.permissions import PERMISSIONS
from services.school_eval.visit_plans.rules import school_year_of
from services.school_eval.visits import repository
from services.school_eval.visits.rules import VisitState
from services.school_eval.visits.schemas import (
    ItemKey,
    KeyedRatingIn,
    RatersOut,
    RatingIn,
    RatingOut,
    RatingsIn,
    RatingsOut,
    SignIn,
    VisitIn,
    VisitOut,
    VisitRatingsOut,
    VisitSummary,
    raters_out,
    visit_out,
    visit_summary,
)
from services.school_eval.visits.service import closing, planning, rating
from services.school_eval.visits.service.items import checklists_of
from services.school_eval.visits.service.severity import severity_report
from services.school_eval.visits.severity_schemas import RaterSeverityOut
from services.school_eval.visits.tables import Visit
from shared.kernel import clock
from shared.kernel.context import kernel_of
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.fields import OwnCode, SchoolYear
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kits.calendar import calendar_for
from shared.kits.fields import ReasonIn
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/visits", tags=["inspection"])
severity_router = APIRouter(route_class=TransactionalRoute, prefix="/rater-severity", tags=["inspection"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("visits.read"))]
Planner = Annotated[Actor, Depends(PERMISSIONS.requires("visits.plan"))]
Rater = Annotated[Actor, Depends(PERMISSIONS.requires("visits.rate"))]
Signer = Annotated[Actor, Depends(PERMISSIONS.requires("visits.sign"))]
VisitId = Annotated[uuid.UUID, Path()]


@router.get("", summary="视导列表 / List visits")
async def list_visits(
    session: Session,
    actor: Reader,
    page: Paging,
    mine: Annotated[bool, Query(description="只看派给我的 / only those I am sent on")] = False,
    state: Annotated[VisitState | None, Query()] = None,
    school_code: Annotated[str | None, Query(max_length=12)] = None,
    planned_from: Annotated[dt.date | None, Query()] = None,
) -> Page[VisitSummary]:
    statement = repository.visits_for_rater(actor) if mine else repository.visits_of(actor)
    conditions = [
        Visit.state == state if state else None,
        Visit.school_code == school_code if school_code else None,
        Visit.planned_on >= planned_from if planned_from else None,
    ]
    found = repository.without_outcomes(statement.where(*(each for each in conditions if each is not None)))
    return Page(**await fetch_page(session, found, page, key=[Visit.id], present=visit_summary))


@router.get("/{visit}", summary="视导 / Read a visit")
async def read_visit(visit: VisitId, response: Response, session: Session, actor: Reader) -> VisitOut:
    return _shown(await repository.visit_by_id(session, actor, visit), response)


@router.put(
    "/{visit}",
    summary="安排视导，编号由客户端生成 / Plan a visit under an id of the client's (If-Match on a known one)",
)
async def put_visit(
    visit: VisitId, body: VisitIn, request: Request, response: Response, session: Session, actor: Planner
) -> VisitOut:
    row = await repository.visit_or_none(session, actor, visit)
    if row is not None:
        if await planning.is_same(session, row, body, actor):
            return _shown(row, response)
        require_match(request, row.version)
    row, is_new = await planning.put_visit(session, visit_id=visit, body=body, row=row, actor=actor)
    response.status_code = 201 if is_new else 200
    return _shown(row, response)


@router.get("/{visit}/raters", summary="评分人员 / Those sent on a visit, for the office")
async def list_raters(visit: VisitId, session: Session, actor: Planner) -> RatersOut:
    row = await repository.visit_by_id(session, actor, visit)
    return raters_out(await repository.raters_of(session, actor, row))


@router.get("/{visit}/checklists", summary="视导清单 / The checklists of a visit: all that a phone needs on the spot")
async def read_visit_checklists(
    visit: VisitId, session: Session, actor: Reader
) -> dict[Literal["items"], list[VersionOut]]:
    row = await repository.visit_by_id(session, actor, visit)
    return {"items": [version_out(version) for version in await checklists_of(session, row, actor=actor)]}


@router.get("/{visit}/ratings", summary="评分 / Ratings; until everybody has submitted, one's own only")
async def read_ratings(visit: VisitId, session: Session, actor: Rater) -> VisitRatingsOut:
    row = await repository.visit_by_id(session, actor, visit)
    return await rating.ratings_seen(session, row=row, actor=actor)


@router.put("/{visit}/ratings/{item}", summary="保存一项评分 / Save one rating; the same change twice changes nothing")
async def put_rating(
    visit: VisitId, item: Annotated[ItemKey, Path()], body: RatingIn, session: Session, actor: Rater
) -> RatingOut:
    row = await repository.visit_by_id(session, actor, visit)
    sent = KeyedRatingIn(item=item, **body.model_dump())
    (outcome,) = await rating.record(session, row=row, ratings=[sent], actor=actor)
    if outcome.problem is not None or outcome.stored is None:
        version = outcome.stored.version if outcome.stored else 0
        raise DomainError(outcome.problem or "visit.item_unknown", params={"item": item, "version": version})
    return outcome.stored


@router.post("/{visit}/ratings:sync", summary="离线评分上传 / Send what a phone gathered offline, an outcome each")
async def sync_ratings(visit: VisitId, body: RatingsIn, session: Session, actor: Rater) -> RatingsOut:
    row = await repository.visit_by_id(session, actor, visit)
    return RatingsOut(items=await rating.record(session, row=row, ratings=body.items, actor=actor))


@router.post("/{visit}:announce", summary="通知学校 / Announce the visit to its school (If-Match)")
async def announce_visit(
    visit: VisitId, request: Request, response: Response, session: Session, actor: Planner
) -> VisitOut:
    row = await _held(visit, request, session, actor)
    return _shown(await planning.announce(session, row=row, actor=actor), response)


@router.post("/{visit}:cancel", summary="取消视导 / Call a visit off (If-Match)")
async def cancel_visit(
    visit: VisitId, body: ReasonIn, request: Request, response: Response, session: Session, actor: Planner
) -> VisitOut:
    row = await _held(visit, request, session, actor)
    return _shown(await planning.cancel(session, row=row, reason=body.reason, actor=actor), response)


@router.post("/{visit}:start", summary="开始视导 / Begin the visit on the spot")
async def start_visit(visit: VisitId, response: Response, session: Session, actor: Rater) -> VisitOut:
    row = await repository.visit_for_update(session, actor, visit)
    return _shown(await rating.start(session, row=row, actor=actor), response)


@router.post("/{visit}:recuse", summary="申请回避 / Step aside before the visit begins")
async def recuse_from_visit(
    visit: VisitId, body: ReasonIn, response: Response, session: Session, actor: Rater
) -> VisitOut:
    row = await repository.visit_for_update(session, actor, visit)
    return _shown(await rating.recuse(session, row=row, reason=body.reason, actor=actor), response)


@router.post("/{visit}:submit", summary="提交评分 / Hand in one's ratings for good")
async def submit_ratings(
    visit: VisitId, request: Request, response: Response, session: Session, actor: Rater
) -> VisitOut:
    row = await repository.visit_for_update(session, actor, visit)
    calendar = calendar_for(kernel_of(request).settings, row.org_path)
    return _shown(await rating.submit(session, row=row, actor=actor, calendar=calendar), response)


@router.post("/{visit}:sign", summary="学校签收 / The school has seen the outcome (If-Match)")
async def sign_visit(
    visit: VisitId, body: SignIn, request: Request, response: Response, session: Session, actor: Signer
) -> VisitOut:
    row = await _held(visit, request, session, actor)
    return _shown(await closing.sign(session, row=row, body=body, actor=actor), response)


@router.post("/{visit}:close-unsigned", summary="逾期未签收结束 / End a visit not signed in time (If-Match)")
async def close_visit_unsigned(
    visit: VisitId, body: ReasonIn, request: Request, response: Response, session: Session, actor: Planner
) -> VisitOut:
    row = await _held(visit, request, session, actor)
    return _shown(await closing.close_unsigned(session, row=row, reason=body.reason, actor=actor), response)


@severity_router.get("", summary="评分宽严与一致性 / Severity and agreement of the own office's raters")
async def read_rater_severity(
    session: Session,
    actor: Planner,
    school_year: Annotated[SchoolYear | None, Query(description="默认本学年 / the present one")] = None,
    checklist: Annotated[OwnCode | None, Query()] = None,
) -> RaterSeverityOut:
    year = school_year or school_year_of(clock.today())
    return await severity_report(session, school_year=year, checklist=checklist, actor=actor)


async def _held(visit: uuid.UUID, request: Request, session: Session, actor: Actor) -> Visit:
    row = await repository.visit_for_update(session, actor, visit)
    require_match(request, row.version)
    return row


def _shown(row: Visit, response: Response) -> VisitOut:
    response.headers["ETag"] = etag(row.version)
    return visit_out(row)
