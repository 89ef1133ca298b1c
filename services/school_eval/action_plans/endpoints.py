"""Routes of action plans and their milestones."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.school_eval.action_plans import repository, service
from services.school_eval.action_plans.built_in import built_in_body, built_in_plans
from services.school_eval.action_plans.rules import OPEN, MilestoneState
from services.school_eval.action_plans.schemas import (
    ActionPlanIn,
    ActionPlanOut,
    Decision,
    MilestoneDetail,
    MilestoneIn,
    MilestoneOut,
    PlanProgressOut,
    ReportIn,
    WordsIn,
    milestone_detail,
    milestone_out,
    plan_out,
)
from services.school_eval.action_plans.tables import ActionPlan, Milestone
from services.school_eval.permissions import PERMISSIONS
from shared.kernel import clock
from shared.kernel.web.etag import etag, not_modified, require_match
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.organizations import OrgCode, path_of
from shared.kernel.web.paging import Page, Paging, fetch_page, page_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/action-plans", tags=["action plans"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("plans.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("plans.write"))]
MilestoneWriter = Annotated[Actor, Depends(PERMISSIONS.requires("milestones.write"))]
Confirmer = Annotated[Actor, Depends(PERMISSIONS.requires("milestones.confirm"))]
Reporter = Annotated[Actor, Depends(PERMISSIONS.requires("milestones.report"))]


async def _plan(code: Annotated[OwnCode, Path()], session: Session, actor: Reader) -> ActionPlan:
    return await repository.plan_by_code(session, actor, code)


Plan = Annotated[ActionPlan, Depends(_plan)]


@router.get("", summary="行动计划列表 / List action plans")
async def list_action_plans(session: Session, actor: Reader, page: Paging) -> Page[ActionPlanOut]:
    rows = await repository.all_plans(session, actor)
    return Page(**page_of([plan_out(row) for row in rows], page, key=lambda plan: plan.code))


@router.get("/{code}", response_model=ActionPlanOut, summary="行动计划 / Read an action plan")
async def read_action_plan(plan: Plan, request: Request, response: Response) -> Any:
    response.headers["ETag"] = etag(plan.version)
    return not_modified(request, etag(plan.version)) or plan_out(plan)


@router.put(
    "/{code}", response_model=ActionPlanOut, summary="写入行动计划 / Write an action plan (If-Match on a known one)"
)
async def put_action_plan(
    code: OwnCode, body: ActionPlanIn, request: Request, response: Response, session: Session, actor: Writer
) -> ActionPlanOut:
    row = await repository.own_plan_for_update(session, actor, code)
    if row is not None:
        require_match(request, row.version)
    row, is_new = await service.put_plan(session, code=code, body=body, row=row, actor=actor)
    response.status_code = 201 if is_new else 200
    response.headers["ETag"] = etag(row.version)
    return plan_out(row)


@router.post("/{code}:adopt", status_code=201, summary="采用内置行动计划 / Adopt a plan that comes with the platform")
async def adopt_action_plan(code: OwnCode, response: Response, session: Session, actor: Writer) -> ActionPlanOut:
    if code not in built_in_plans():
        raise DomainError("resource.not_found", params={"what": f"built-in action plan {code}"})
    row = await repository.own_plan_for_update(session, actor, code)
    if row is not None:
        # Adopted before, perhaps changed since: what the office made of it stays.
        response.status_code = 200
        return plan_out(row)
    row, _ = await service.put_plan(session, code=code, body=built_in_body(code), row=None, actor=actor)
    return plan_out(row)


@router.get("/{code}/progress", summary="各项措施进展 / Milestones of every measure counted by state")
async def read_progress(plan: Plan, session: Session, actor: Reader) -> PlanProgressOut:
    return await service.progress_of(session, plan=plan, actor=actor)


@router.get("/{code}/milestones", summary="里程碑列表 / List milestones within one's organization")
async def list_milestones(
    plan: Plan,
    session: Session,
    actor: Reader,
    page: Paging,
    measure: Annotated[str | None, Query(max_length=60)] = None,
    state: Annotated[MilestoneState | None, Query()] = None,
    due_before: Annotated[dt.date | None, Query()] = None,
    overdue: Annotated[bool | None, Query(description="已逾期 / past its day and not reached")] = None,
) -> Page[MilestoneOut]:
    today = clock.today()
    is_late = Milestone.state.in_(OPEN) & (Milestone.due_on < today)
    conditions = [
        Milestone.measure == measure if measure else None,
        Milestone.state == state if state else None,
        Milestone.due_on < due_before if due_before else None,
        None if overdue is None else (is_late if overdue else ~is_late),
    ]
    statement = repository.milestones_of(actor, plan).where(*(each for each in conditions if each is not None))

    def present(row: Milestone) -> MilestoneOut:
        return milestone_out(row, plan.code, actor, today)

    return Page(**await fetch_page(session, statement, page, key=[Milestone.id], present=present))


@router.get("/{code}/milestones/{org}/{milestone}", summary="里程碑 / Read a milestone with all that was said on it")
async def read_milestone(
    plan: Plan, org: OrgCode, milestone: OwnCode, response: Response, session: Session, actor: Reader
) -> MilestoneDetail:
    row = await repository.milestone_by_code(session, actor, plan, path_of(org), milestone)
    return await _detail(session, plan, row, actor, response)


@router.put("/{code}/milestones/{org}/{milestone}", summary="写入里程碑 / Write a milestone of an organization")
async def put_milestone(
    plan: Plan,
    org: OrgCode,
    milestone: OwnCode,
    body: MilestoneIn,
    request: Request,
    response: Response,
    session: Session,
    actor: MilestoneWriter,
) -> MilestoneDetail:
    path = path_of(org)
    known = await repository.milestone_or_none(session, actor, plan, path, milestone)
    if known is not None:
        require_match(request, known.version)
    row, is_new = await service.put_milestone(session, plan=plan, org_path=path, code=milestone, body=body, actor=actor)
    response.status_code = 201 if is_new else 200
    return await _detail(session, plan, row, actor, response)


@router.post(
    "/{code}/milestones/{org}/{milestone}:report", summary="上报完成 / Report a milestone as reached (If-Match)"
)
async def report_milestone(
    plan: Plan,
    org: OrgCode,
    milestone: OwnCode,
    body: ReportIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Reporter,
) -> MilestoneDetail:
    row = await repository.milestone_for_update(session, actor, plan, path_of(org), milestone)
    require_match(request, row.version)
    await service.take_step(session, plan=plan, row=row, step="report", body=body, actor=actor)
    return await _detail(session, plan, row, actor, response)


@router.post(
    "/{code}/milestones/{org}/{milestone}:{decision}",
    summary="审核里程碑 / Confirm, return, cancel or reopen a milestone (If-Match)",
)
async def decide_milestone(
    plan: Plan,
    org: OrgCode,
    milestone: OwnCode,
    decision: Decision,
    body: WordsIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Confirmer,
) -> MilestoneDetail:
    row = await repository.milestone_for_update(session, actor, plan, path_of(org), milestone)
    require_match(request, row.version)
    await service.take_step(session, plan=plan, row=row, step=decision, body=body, actor=actor)
    return await _detail(session, plan, row, actor, response)


async def _detail(
    session: Session, plan: ActionPlan, row: Milestone, actor: Actor, response: Response
) -> MilestoneDetail:
    response.headers["ETag"] = etag(row.version)
    entries = await repository.entries_of(session, actor, row)
    return milestone_detail(row, entries, plan.code, actor, clock.today())
