"""Routes of results: computed, shown, read, explained."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from services.school_eval.campaigns.repository import campaign_by_code, campaign_for_update
from services.school_eval.campaigns.schemas import CampaignOut, ReasonIn, StepIn, campaign_out
from services.school_eval.campaigns.service import advance_gate, move_campaign
from services.school_eval.campaigns.tables import Campaign
from services.school_eval.permissions import PERMISSIONS
from services.school_eval.results.appeals import APPEALS
from services.school_eval.results.schemas import (
    ChangesPage,
    CountiesOut,
    ExplanationOut,
    ProfileOut,
    ResultsOut,
    SchoolResultsPage,
    SensitivityOut,
    TrendOut,
    TrendPointOut,
    explanation_out,
    version_out,
)
from services.school_eval.results.sensitivity import sensitivity_of
from services.school_eval.results.service import publicity, reading
from services.school_eval.results.service.computing import ask_computation
from services.school_eval.results.tables import CampaignNotice
from services.school_eval.results.views import View
from shared.kernel.context import kernel_of
from shared.kernel.jobs.endpoints import JobOut, job_accepted
from shared.kernel.web.etag import etag
from shared.kernel.web.fields import OwnCode, SchoolCode
from shared.kernel.web.paging import Page, PageRequest, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kits.calendar import calendar_for
from shared.kits.publicity.schemas import NoticeDetail, notice_detail
from shared.kits.subject import rows_about
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/campaigns/{code}", tags=["results"])
Leader = Annotated[Actor, Depends(PERMISSIONS.requires("campaigns.advance"))]
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("results.read"))]
Analyst = Annotated[Actor, Depends(PERMISSIONS.requires("results.analyze"))]
Follower = Annotated[Actor, Depends(PERMISSIONS.requires("campaigns.read"))]
Code = Annotated[OwnCode, Path()]
School = Annotated[SchoolCode, Path()]
Version = Annotated[
    str | None,
    Query(pattern=r"^[0-9]{1,6}(\.[0-9]{1,6})?$", description="版本，默认现行 / 1, 1.0; the newest by default"),
]


@router.post(":compute", status_code=202, response_model=JobOut, summary="计算结果 / Compute the results")
async def compute_results(code: Code, body: StepIn, request: Request, session: Session, actor: Leader) -> JSONResponse:
    row = await campaign_for_update(session, actor, code)
    await advance_gate(session, row=row, step="compute", actor=actor, accept_reason=body.accept_reason)
    job = await ask_computation(session, row=row, actor=actor, reason=body.accept_reason)
    return job_accepted(request, job)


@router.post(":begin-publicity", summary="开始公示 / Show the results for the campaign's working days")
async def begin_publicity(
    code: Code, request: Request, response: Response, session: Session, actor: Leader
) -> CampaignOut:
    row, kernel = await campaign_for_update(session, actor, code), kernel_of(request)
    calendar = calendar_for(kernel.settings, row.org_path)
    row = await publicity.begin_publicity(session, row=row, actor=actor, store=kernel.columns, calendar=calendar)
    return await _answer(session, row, response, actor)


@router.post(":withdraw-publicity", summary="撤回公示 / Take the notice down before its time, with a reason")
async def withdraw_publicity(
    code: Code, body: ReasonIn, response: Response, session: Session, actor: Leader
) -> CampaignOut:
    row = await campaign_for_update(session, actor, code)
    row = await publicity.withdraw_publicity(session, row=row, actor=actor, reason=body.reason)
    return await _answer(session, row, response, actor)


@router.post(":finalize", summary="定案 / Make the results final: window and appeals are over")
async def finalize_results(code: Code, response: Response, session: Session, actor: Leader) -> CampaignOut:
    row = await campaign_for_update(session, actor, code)
    row = await publicity.finalize(session, row=row, appeals=APPEALS, actor=actor)
    return await _answer(session, row, response, actor)


@router.post(":publish", summary="发布 / Publish the final results")
async def publish_results(code: Code, response: Response, session: Session, actor: Leader) -> CampaignOut:
    row = await campaign_for_update(session, actor, code)
    return await _answer(session, await move_campaign(session, row, "publish", actor=actor), response, actor)


@router.get("/notices", summary="公示及其内容 / Notices and what they show")
async def list_notices(code: Code, session: Session, actor: Follower, page: Paging) -> Page[NoticeDetail]:
    row = await campaign_by_code(session, actor, code)
    rows = rows_about(CampaignNotice, publicity.subject_of(row, actor))
    return Page(**await fetch_page(session, rows, page, key=[CampaignNotice.id], present=notice_detail))


@router.get("/results", summary="结果版本 / Versions of the results")
async def read_results(code: Code, session: Session, actor: Reader) -> ResultsOut:
    _, versions, is_leading = await reading.seen_versions(session, code=code, actor=actor)
    return ResultsOut(
        campaign=code,
        in_force=versions[0].version if versions else None,
        versions=[version_out(row, is_leading=is_leading) for row in versions],
    )


@router.get("/results/schools", summary="学校结果 / Schools' totals and grades")
async def list_school_results(
    code: Code, request: Request, session: Session, actor: Reader, page: Paging, version: Version = None
) -> SchoolResultsPage:
    view = await view_of(request, session, code, actor, version)
    after = page.after[0] if page.after else ""
    codes = [school for school in view.names if school > after]
    items = await asyncio.to_thread(view.schools, codes[: page.size])
    cursor = page.cursor([codes[page.size - 1]]) if len(codes) > page.size else None
    return SchoolResultsPage(campaign=code, version=view.result.version, items=items, next_cursor=cursor)


@router.get("/results/schools/{school_code}", summary="学校画像 / A school's profile beside its group")
async def read_school_result(
    code: Code, school_code: School, request: Request, session: Session, actor: Reader, version: Version = None
) -> ProfileOut:
    view = await view_of(request, session, code, actor, version)
    reading.require_school(view, school_code)
    return await asyncio.to_thread(view.profile, school_code)


@router.get("/results/schools/{school_code}/explanation", summary="得分说明 / How a school came to its total")
async def read_explanation(
    code: Code, school_code: School, request: Request, session: Session, actor: Reader, version: Version = None
) -> ExplanationOut:
    view = await view_of(request, session, code, actor, version)
    reading.require_school(view, school_code)
    found = await asyncio.to_thread(view.explanation, school_code)
    return explanation_out(found, campaign=code, version=view.result.version)


@router.get("/results/schools/{school_code}/trend", summary="历次结果 / A school's results over the years")
async def read_trend(code: Code, school_code: School, request: Request, session: Session, actor: Reader) -> TrendOut:
    store = kernel_of(request).columns
    points = []
    for campaign, view in await reading.views_over_years(session, code=code, actor=actor, store=store):
        rows = await asyncio.to_thread(view.schools, [school_code]) if school_code in view.names else []
        points += [
            TrendPointOut(
                campaign=campaign.code,
                school_year=campaign.school_year,
                version=view.result.version,
                scheme_number=view.result.inputs["scheme"]["number"],
                total=row.total,
                grade=row.grade,
            )
            for row in rows
        ]
    if not points:
        raise DomainError("resource.not_found", params={"what": f"school {school_code}"})
    return TrendOut(school_code=school_code, points=points)


@router.get("/results/changes", summary="更改清单 / Everything a version changed")
async def read_changes(
    code: Code, request: Request, session: Session, actor: Reader, page: Paging, version: Version = None
) -> ChangesPage:
    view = await view_of(request, session, code, actor, version)
    offset = _offset(page)
    items, more = await asyncio.to_thread(view.changes, offset, page.size)
    return ChangesPage(
        campaign=code,
        version=view.result.version,
        reason=view.result.reason,
        items=items,
        next_cursor=page.cursor([str(offset + page.size)]) if more else None,
    )


@router.get("/results/counties", summary="县级汇总 / Counties rolled up from their schools")
async def list_counties(
    code: Code, request: Request, session: Session, actor: Analyst, version: Version = None
) -> CountiesOut:
    view = await view_of(request, session, code, actor, version)
    items = await asyncio.to_thread(view.counties)
    return CountiesOut(campaign=code, version=view.result.version, items=items)


@router.get("/results/sensitivity", summary="等级稳定性 / How stable grades are under other weights and sampling error")
async def read_sensitivity(
    code: Code,
    request: Request,
    session: Session,
    actor: Analyst,
    version: Version = None,
    weight_change: Annotated[float, Query(gt=0, lt=1)] = 0.1,
    draws: Annotated[int, Query(ge=100, le=2_000)] = 1_000,
    seed: Annotated[int, Query(ge=0, le=2**31)] = 1,
) -> SensitivityOut:
    view = await view_of(request, session, code, actor, version)
    found = await asyncio.to_thread(sensitivity_of, view, weight_change=weight_change, draws=draws, seed=seed)
    made = {"weight_change": weight_change, "draws": draws, "seed": seed}
    return SensitivityOut(campaign=code, version=view.result.version, **made, **found)


async def view_of(request: Request, session: Session, code: str, actor: Actor, version: str | None) -> View:
    return await reading.view_of(session, code=code, actor=actor, pin=version, store=kernel_of(request).columns)


def _offset(page: PageRequest) -> int:
    text: Any = page.after[0] if page.after else "0"
    if not str(text).isdecimal():
        raise DomainError("request.cursor_invalid")
    return int(text)


async def _answer(session: Session, row: Campaign, response: Response, actor: Actor) -> CampaignOut:
    await session.refresh(row)
    response.headers["ETag"] = etag(row.version)
    return campaign_out(row, actor)
