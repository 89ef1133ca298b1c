"""Routes of targets."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.school_eval.action_plans.repository import plan_by_code
from services.school_eval.permissions import PERMISSIONS
from services.school_eval.targets import repository, service
from services.school_eval.targets.rules import course_of
from services.school_eval.targets.schemas import (
    HistoryOut,
    ObservationIn,
    ObservationOut,
    TargetIn,
    TargetOut,
    observation_out,
    target_out,
)
from services.school_eval.targets.tables import Target
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.organizations import OrgCode, path_of
from shared.kernel.web.paging import Page, Paging, page_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/action-plans/{plan}/targets", tags=["targets"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("targets.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("targets.write"))]
Observer = Annotated[Actor, Depends(PERMISSIONS.requires("targets.observe"))]
PlanCode = Annotated[OwnCode, Path()]
Year = Annotated[int, Path(ge=2000, le=2100)]
Organization = Annotated[
    str | None, Query(pattern=r"^[0-9]{4}([0-9A-Z]{2})?$", description="默认为本机构 / one's own by default")
]


async def _out(session: Session, row: Target, org_path: str, actor: Actor) -> TargetOut:
    observed = await service.observed_in(session, target=row, org_path=org_path, actor=actor)
    return target_out(row, observed, course_of(row, observed))


@router.get("", summary="目标列表 / Targets with trajectory and forecast")
async def list_targets(
    plan: PlanCode, session: Session, actor: Reader, page: Paging, organization: Organization = None
) -> Page[TargetOut]:
    await plan_by_code(session, actor, plan)
    path = path_of(organization) if organization else actor.org
    rows = await repository.targets_of(session, actor, plan)
    shown = [await _out(session, row, path, actor) for row in rows]
    return Page(**page_of(shown, page, key=lambda target: target.code))


@router.get("/{code}", summary="目标 / Read a target with trajectory and forecast")
async def read_target(
    plan: PlanCode,
    code: OwnCode,
    response: Response,
    session: Session,
    actor: Reader,
    organization: Organization = None,
) -> TargetOut:
    row = await repository.target_by_code(session, actor, plan, code)
    response.headers["ETag"] = etag(row.version)
    return await _out(session, row, path_of(organization) if organization else actor.org, actor)


@router.put("/{code}", summary="写入目标 / Write a target (If-Match on a known one)")
async def put_target(
    plan: PlanCode,
    code: OwnCode,
    body: TargetIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Writer,
) -> TargetOut:
    await plan_by_code(session, actor, plan)
    row = await repository.own_target_for_update(session, actor, plan, code)
    if row is not None:
        require_match(request, row.version)
    row, is_new = await service.put_target(session, plan=plan, code=code, body=body, row=row, actor=actor)
    response.status_code = 201 if is_new else 200
    response.headers["ETag"] = etag(row.version)
    return await _out(session, row, actor.org, actor)


@router.put("/{code}/observations/{org}/{year}", summary="记录年度数值 / Record or correct the figure of a year")
async def put_observation(
    plan: PlanCode, code: OwnCode, org: OrgCode, year: Year, body: ObservationIn, session: Session, actor: Observer
) -> ObservationOut:
    row = await repository.target_by_code(session, actor, plan, code)
    recorded = await service.record_observation(
        session, target=row, org_path=path_of(org), year=year, body=body, actor=actor
    )
    return observation_out(recorded)


@router.get("/{code}/observations/{org}", summary="数值沿革 / Every figure ever recorded, corrections included")
async def list_observations(plan: PlanCode, code: OwnCode, org: OrgCode, session: Session, actor: Reader) -> HistoryOut:
    row = await repository.target_by_code(session, actor, plan, code)
    rows = await service.history_of(session, target=row, org_path=path_of(org), actor=actor)
    return HistoryOut(items=[observation_out(each) for each in rows])
