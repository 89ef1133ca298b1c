"""Routes of visit plans: design, close the frame, draw, replace, verify; and what visits have covered."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from services.school_eval.permissions import PERMISSIONS
from services.school_eval.visit_plans import repository
from services.school_eval.visit_plans.rules import Role, school_year_of, semester_of
from services.school_eval.visit_plans.schemas import (
    CoverageOut,
    DrawIn,
    DrawVerificationOut,
    PlannedSchoolOut,
    SchoolCoverageOut,
    VisitPlanIn,
    VisitPlanOut,
    plan_out,
    planned_out,
)
from services.school_eval.visit_plans.service.coverage import coverage, schools_covered
from services.school_eval.visit_plans.service.design import put_plan, replace_school
from services.school_eval.visit_plans.service.draw import draw_plan, verify
from services.school_eval.visit_plans.service.frame import ask_closing, frame_text
from services.school_eval.visit_plans.tables import PlannedSchool, VisitPlan
from shared.kernel import clock
from shared.kernel.context import kernel_of
from shared.kernel.jobs.endpoints import JobOut, job_accepted
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.fields import OwnCode, SchoolCode, SchoolYear
from shared.kernel.web.organizations import OrgCode, path_of
from shared.kernel.web.paging import Page, Paging, fetch_page, page_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kits.fields import ReasonIn
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/visit-plans", tags=["inspection"])
coverage_router = APIRouter(route_class=TransactionalRoute, prefix="/inspection-coverage", tags=["inspection"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("visit_plans.read"))]
Planner = Annotated[Actor, Depends(PERMISSIONS.requires("visits.plan"))]
Code = Annotated[OwnCode, Path()]
Semester = Annotated[int | None, Query(ge=1, le=2, description="默认本学期 / the present one where left out")]
Year = Annotated[SchoolYear | None, Query(description="默认本学年 / the present one where left out")]


@router.get("", summary="视导计划列表 / List visit plans")
async def list_visit_plans(
    session: Session, actor: Reader, page: Paging, school_year: Year = None
) -> Page[VisitPlanOut]:
    statement = repository.plans_of(actor)
    if school_year is not None:
        statement = statement.where(VisitPlan.school_year == school_year)

    def present(row: VisitPlan) -> VisitPlanOut:
        return plan_out(row, None)

    return Page(**await fetch_page(session, statement, page, key=[VisitPlan.id], present=present))


@router.get("/{org}/{code}:verify", summary="复验抽取 / Repeat the draw and compare")
async def verify_visit_plan(
    org: OrgCode, code: Code, request: Request, session: Session, actor: Reader
) -> DrawVerificationOut:
    plan = await _plan(org, code, session, actor)
    differences = await verify(session, kernel_of(request).columns, plan=plan, actor=actor)
    return DrawVerificationOut(is_verified=not differences, differences=differences)


@router.get("/{org}/{code}", summary="视导计划 / Read a visit plan with its frame and draw")
async def read_visit_plan(
    org: OrgCode, code: Code, response: Response, session: Session, actor: Reader
) -> VisitPlanOut:
    return await _shown(session, await _plan(org, code, session, actor), response, actor)


@router.put("/own/{code}", summary="制定视导计划 / Design a plan of the own office (If-Match on a known one)")
async def put_visit_plan(
    code: Code, body: VisitPlanIn, request: Request, response: Response, session: Session, actor: Planner
) -> VisitPlanOut:
    row = await repository.own_plan_for_update(session, actor, code)
    if row is not None:
        require_match(request, row.version)
    row, is_new = await put_plan(session, code=code, body=body, row=row, actor=actor)
    response.status_code = 201 if is_new else 200
    return await _shown(session, row, response, actor)


@router.post("/own/{code}:close-frame", status_code=202, response_model=JobOut, summary="封定抽样框 / Close the frame")
async def close_visit_frame(code: Code, request: Request, session: Session, actor: Planner) -> JSONResponse:
    plan = await _own_plan(code, session, actor)
    return job_accepted(request, await ask_closing(session, plan=plan, actor=actor))


@router.get(
    "/{org}/{code}/frame:download",
    response_class=Response,
    summary="下载抽样框 / The closed frame; its SHA-256 is the fingerprint",
)
async def download_visit_frame(org: OrgCode, code: Code, request: Request, session: Session, actor: Reader) -> Response:
    text = await frame_text(kernel_of(request).columns, await _plan(org, code, session, actor))
    return Response(text, media_type="application/x-ndjson", headers={"Cache-Control": "private, no-store"})


@router.post("/own/{code}:draw", status_code=201, summary="抽取 / Draw with the seed given after the frame was closed")
async def draw_visit_plan(
    code: Code, body: DrawIn, request: Request, response: Response, session: Session, actor: Planner
) -> VisitPlanOut:
    plan = await _own_plan(code, session, actor)
    await draw_plan(session, kernel_of(request).columns, plan=plan, body=body, actor=actor)
    return await _shown(session, plan, response, actor)


@router.get("/{org}/{code}/schools", summary="抽取结果 / Schools drawn, replaced and in reserve")
async def list_planned_schools(
    org: OrgCode,
    code: Code,
    session: Session,
    actor: Reader,
    page: Paging,
    role: Annotated[Role | None, Query()] = None,
) -> Page[PlannedSchoolOut]:
    statement = repository.planned_schools(actor, await _plan(org, code, session, actor))
    if role is not None:
        statement = statement.where(PlannedSchool.role == role)
    found = await fetch_page(session, statement, page, key=[PlannedSchool.school_code], present=planned_out)
    return Page(**found)


@router.post(
    "/own/{code}/schools/{school}:replace",
    summary="替换学校 / Put the next school of the reserve in a school's place; answers the school that is visited now",
)
async def replace_planned_school(
    code: Code, school: SchoolCode, body: ReasonIn, session: Session, actor: Planner
) -> PlannedSchoolOut:
    plan = await _own_plan(code, session, actor)
    taker = await replace_school(session, plan=plan, school_code=school, reason=body.reason, actor=actor)
    return planned_out(taker)


@coverage_router.get("", summary="视导覆盖情况 / Quotas and what is left to visit")
async def read_inspection_coverage(
    session: Session, actor: Reader, school_year: Year = None, semester: Semester = None
) -> CoverageOut:
    year, half = _period(school_year, semester)
    return await coverage(session, school_year=year, semester=half, actor=actor)


@coverage_router.get("/schools", summary="学校视导情况 / Schools with their last visit; those never visited")
async def list_inspected_schools(
    session: Session,
    actor: Reader,
    page: Paging,
    school_year: Year = None,
    semester: Semester = None,
    county_code: Annotated[str | None, Query(max_length=6)] = None,
    is_never_visited: Annotated[bool, Query()] = False,
) -> Page[SchoolCoverageOut]:
    year, half = _period(school_year, semester)
    rows = await schools_covered(
        session,
        school_year=year,
        semester=half,
        county_code=county_code,
        is_never_visited=is_never_visited,
        actor=actor,
    )
    return Page(**page_of(rows, page, key=lambda row: row.school_code))


def _period(school_year: str | None, semester: int | None) -> tuple[str, int]:
    today = clock.today()
    return school_year or school_year_of(today), semester or semester_of(today)


async def _plan(org: str, code: str, session: Session, actor: Actor) -> VisitPlan:
    return await repository.plan_by_code(session, actor, path_of(org), code)


async def _own_plan(code: str, session: Session, actor: Actor) -> VisitPlan:
    row = await repository.own_plan_for_update(session, actor, code)
    if row is None:
        raise DomainError("resource.not_found", params={"what": f"visit plan {code}"})
    return row


async def _shown(session: Session, row: VisitPlan, response: Response, actor: Actor) -> VisitPlanOut:
    response.headers["ETag"] = etag(row.version)
    return plan_out(row, await repository.draw_of(session, actor, row))
