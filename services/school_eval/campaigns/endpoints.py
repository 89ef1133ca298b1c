"""Routes of campaigns."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from services.school_eval.campaigns import repository, service
from services.school_eval.campaigns.gates import missing_before, next_step
from services.school_eval.campaigns.rules import CampaignState
from services.school_eval.campaigns.schemas import (
    BurdenOut,
    CampaignIn,
    CampaignOut,
    DrawIn,
    ExtensionIn,
    GateOut,
    MissingOut,
    ReasonIn,
    StepIn,
    campaign_out,
)
from services.school_eval.campaigns.tables import Campaign
from services.school_eval.evaluations.burden import burden_of
from services.school_eval.permissions import PERMISSIONS
from shared.kernel.database.repository import visible
from shared.kernel.jobs.endpoints import JobOut, job_accepted
from shared.kernel.web.etag import etag, not_modified, require_match
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/campaigns", tags=["campaigns"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("campaigns.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("campaigns.write"))]
Leader = Annotated[Actor, Depends(PERMISSIONS.requires("campaigns.advance"))]
CampaignCode = Annotated[OwnCode, Path()]
LISTED = 200


@router.get("", summary="评价活动列表 / List campaigns")
async def list_campaigns(
    session: Session,
    actor: Reader,
    page: Paging,
    state: Annotated[CampaignState | None, Query()] = None,
    school_year: Annotated[str | None, Query(max_length=9)] = None,
) -> Page[CampaignOut]:
    statement = visible(Campaign, actor)
    if state is not None:
        statement = statement.where(Campaign.state == state)
    if school_year is not None:
        statement = statement.where(Campaign.school_year == school_year)
    found = await fetch_page(
        session, statement, page, key=[Campaign.code], present=lambda row: campaign_out(row, actor)
    )
    return Page(**found)


@router.put(
    "/{code}",
    summary="登记评价活动 / Register a campaign, or change a draft (If-Match on a known one)",
    responses={201: {"model": CampaignOut}},
)
async def put_campaign(
    code: CampaignCode, body: CampaignIn, request: Request, response: Response, session: Session, actor: Writer
) -> CampaignOut:
    row = await repository.find_campaign(session, actor, code)
    if row is not None:
        require_match(request, row.version)
    row, is_new = await service.put_campaign(session, code=code, body=body, row=row, actor=actor)
    response.status_code = 201 if is_new else 200
    return await _answer(session, row, response, actor)


@router.get("/{code}", response_model=CampaignOut, summary="查询评价活动 / Read a campaign")
async def read_campaign(
    code: CampaignCode, request: Request, response: Response, session: Session, actor: Reader
) -> Any:
    row = await repository.campaign_by_code(session, actor, code)
    return not_modified(request, etag(row.version)) or await _answer(session, row, response, actor)


@router.get("/{code}/gate", summary="下一步的门槛：还缺哪些学校 / Who is missing before the next step")
async def read_gate(code: CampaignCode, session: Session, actor: Reader) -> GateOut:
    row = await repository.campaign_by_code(session, actor, code)
    step = next_step(CampaignState(row.state))
    # Who has not been verified yet is who was drawn.
    is_told = step is not None and (step != "compute" or actor.covers(row.org_path))
    missing = await missing_before(session, row=row, step=step, actor=actor) if step and is_told else []
    shown = [
        MissingOut(what=gate.what, count=len(gate.schools), schools=list(gate.schools)[:LISTED])
        for gate in missing
        if gate.schools
    ]
    return GateOut(state=CampaignState(row.state), step=step, is_open=step is not None and not shown, missing=shown)


@router.get("/{code}/burden", summary="填报负担：手工填报项数 / How many figures schools enter by hand")
async def read_burden(code: CampaignCode, session: Session, actor: Reader) -> BurdenOut:
    row = await repository.campaign_by_code(session, actor, code)
    return BurdenOut(**await burden_of(session, campaign=row, actor=actor))


@router.post(
    "/{code}:open",
    status_code=202,
    response_model=JobOut,
    summary="启动：冻结学校名单，开放数据核对 / Freeze the schools and open the checking of figures",
)
async def open_campaign(code: CampaignCode, request: Request, session: Session, actor: Leader) -> JSONResponse:
    return job_accepted(request, await service.ask_opening(session, code=code, actor=actor))


@router.post("/{code}:begin-self-evaluation", summary="进入学校自评 / Begin self-evaluation")
async def begin_self_evaluation(
    code: CampaignCode, body: StepIn, response: Response, session: Session, actor: Leader
) -> CampaignOut:
    return await _advance(session, code, "begin_self_evaluation", body, response, actor)


@router.post("/{code}:begin-county-review", summary="进入县级复核 / Begin the counties' review")
async def begin_county_review(
    code: CampaignCode, body: StepIn, response: Response, session: Session, actor: Leader
) -> CampaignOut:
    return await _advance(session, code, "begin_county_review", body, response, actor)


@router.post("/{code}:begin-city-verification", summary="进入市级核验 / Begin the city's verification")
async def begin_city_verification(
    code: CampaignCode, body: StepIn, response: Response, session: Session, actor: Leader
) -> CampaignOut:
    return await _advance(session, code, "begin_city_verification", body, response, actor)


@router.post("/{code}:draw", summary="抽取市级核验学校 / Draw the schools that the city verifies, by a seed")
async def draw_schools(
    code: CampaignCode, body: DrawIn, response: Response, session: Session, actor: Leader
) -> CampaignOut:
    row = await repository.campaign_for_update(session, actor, code)
    row = await service.draw_verification(session, row=row, body=body, actor=actor)
    return await _answer(session, row, response, actor)


@router.post("/{code}:extend", summary="延长本阶段 / Let the present window end later")
async def extend_window(
    code: CampaignCode, body: ExtensionIn, response: Response, session: Session, actor: Leader
) -> CampaignOut:
    row = await repository.campaign_for_update(session, actor, code)
    return await _answer(session, await service.extend(session, row=row, body=body, actor=actor), response, actor)


@router.post("/{code}:reopen-county-review", summary="退回县级复核 / Back to the counties' review, with a reason")
async def reopen_county_review(
    code: CampaignCode, body: ReasonIn, response: Response, session: Session, actor: Leader
) -> CampaignOut:
    row = await repository.campaign_for_update(session, actor, code)
    row = await service.move_campaign(session, row, "reopen_county_review", actor=actor, reason=body.reason)
    return await _answer(session, row, response, actor)


@router.post("/{code}:archive", summary="归档 / Archive: everything stays readable, nothing changes any more")
async def archive_campaign(code: CampaignCode, response: Response, session: Session, actor: Leader) -> CampaignOut:
    row = await repository.campaign_for_update(session, actor, code)
    return await _answer(session, await service.move_campaign(session, row, "archive", actor=actor), response, actor)


async def _advance(
    session: Session, code: str, step: str, body: StepIn, response: Response, actor: Actor
) -> CampaignOut:
    row = await repository.campaign_for_update(session, actor, code)
    row = await service.advance(session, row=row, step=step, actor=actor, accept_reason=body.accept_reason)
    return await _answer(session, row, response, actor)


async def _answer(session: Session, row: Campaign, response: Response, actor: Actor) -> CampaignOut:
    await session.refresh(row)
    response.headers["ETag"] = etag(row.version)
    return campaign_out(row, actor)
