"""Routes of plans."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.teacher_eval.pay_plans import repository
from services.teacher_eval.pay_plans.document import PlanDocument
from services.teacher_eval.pay_plans.evidence import minutes_count
from services.teacher_eval.pay_plans.rules import PlanState
from services.teacher_eval.pay_plans.schemas import CongressIn, FilingIn, PlanDetail, PlanOut, plan_detail, plan_out
from services.teacher_eval.pay_plans.service import plans as service
from services.teacher_eval.pay_plans.tables import PayPlan
from services.teacher_eval.pay_pools.rules import PoolKind
from services.teacher_eval.permissions import PERMISSIONS
from shared.kernel.web.etag import etag, not_modified, require_match
from shared.kernel.web.fields import Reason, Strict
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/pay-plans", tags=["performance pay"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("pay_plans.read"))]
Drafter = Annotated[Actor, Depends(PERMISSIONS.requires("pay_plans.draft"))]
Filer = Annotated[Actor, Depends(PERMISSIONS.requires("pay_plans.file"))]
PlanId = Annotated[uuid.UUID, Path()]


class ReasonIn(Strict):
    """A step that needs a reason."""

    reason: Reason


@router.get("", summary="绩效工资方案列表 / List plans")
async def list_pay_plans(
    session: Session,
    actor: Reader,
    page: Paging,
    kind: Annotated[PoolKind | None, Query()] = None,
    state: Annotated[PlanState | None, Query()] = None,
) -> Page[PlanOut]:
    statement = repository.plans_of(actor, kind=kind, state=state)
    return Page(**await fetch_page(session, statement, page, key=[PayPlan.id], present=plan_out))


@router.post("", status_code=201, summary="起草方案 / Draft the next version of the school's plan")
async def draft_pay_plan(body: PlanDocument, response: Response, session: Session, actor: Drafter) -> PlanDetail:
    row = await service.draft_plan(session, document=body, actor=actor)
    response.headers["Location"] = f"/api/v1/teacher-eval/pay-plans/{row.id}"
    return await _detail(session, row, actor, response)


@router.get("/{plan_id}", response_model=PlanDetail, summary="方案 / Read a plan with its votes, receipt and steps")
async def read_pay_plan(plan_id: PlanId, request: Request, response: Response, session: Session, actor: Reader) -> Any:
    row = await repository.plan_by_id(session, actor, plan_id)
    return not_modified(request, etag(row.version)) or await _detail(session, row, actor, response)


@router.put("/{plan_id}", summary="修改草案 / Change a draft (If-Match)")
async def change_pay_plan(
    plan_id: PlanId, body: PlanDocument, request: Request, response: Response, session: Session, actor: Drafter
) -> PlanDetail:
    row = await repository.plan_for_update(session, actor, plan_id)
    require_match(request, row.version)
    return await _detail(
        session, await service.change_draft(session, row=row, document=body, actor=actor), actor, response
    )


@router.post("/{plan_id}:check", summary="合规检查 / Ask the law; what was checked is never changed")
async def check_pay_plan(plan_id: PlanId, response: Response, session: Session, actor: Drafter) -> PlanDetail:
    row = await repository.plan_for_update(session, actor, plan_id)
    return await _detail(session, await service.check_plan(session, row=row, actor=actor), actor, response)


@router.post("/{plan_id}:pass", summary="记录教代会通过 / Record that the congress of staff passed it")
async def pass_pay_plan(
    plan_id: PlanId, body: CongressIn, response: Response, session: Session, actor: Drafter
) -> PlanDetail:
    row = await repository.plan_for_update(session, actor, plan_id)
    minutes = await minutes_count(session, actor, row.id)
    row = await service.pass_plan(session, row=row, body=body, minutes=minutes, actor=actor)
    return await _detail(session, row, actor, response)


@router.post("/{plan_id}:file", summary="县级备案 / The office above files it and gives its receipt")
async def file_pay_plan(
    plan_id: PlanId, body: FilingIn, response: Response, session: Session, actor: Filer
) -> PlanDetail:
    row = await repository.plan_for_update(session, actor, plan_id)
    return await _detail(session, await service.file_plan(session, row=row, body=body, actor=actor), actor, response)


@router.post("/{plan_id}:drop", summary="放弃方案 / Give a version up before it is filed")
async def drop_pay_plan(
    plan_id: PlanId, body: ReasonIn, response: Response, session: Session, actor: Drafter
) -> PlanDetail:
    row = await repository.plan_for_update(session, actor, plan_id)
    row = await service.drop_plan(session, row=row, reason=body.reason, actor=actor)
    return await _detail(session, row, actor, response)


async def _detail(session: Session, row: PayPlan, actor: Actor, response: Response) -> PlanDetail:
    await session.refresh(row)
    response.headers["ETag"] = etag(row.version)
    return plan_detail(row, list(await repository.steps_of(session, actor, row)))
