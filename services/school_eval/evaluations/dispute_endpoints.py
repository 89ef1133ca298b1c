"""Routes of disputes over prefilled figures, and of delegations."""

import asyncio
import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.school_eval.campaigns.repository import campaign_by_code
from services.school_eval.evaluations import repository
from services.school_eval.evaluations.prefilled import prefilled_of
from services.school_eval.evaluations.rules import (
    DisputeState,
)
from services.school_eval.evaluations.schemas import (
    DecisionIn,
    DelegationIn,
    DelegationOut,
    DisputeIn,
    DisputeOut,
    EvaluationOut,
    delegation_out,
    dispute_out,
    evaluation_out,
)
from services.school_eval.evaluations.service import delegations, disputes
from services.school_eval.evaluations.service.opened import open_for_reading, open_for_work
from services.school_eval.evaluations.tables import Dispute
from services.school_eval.permissions import PERMISSIONS
from shared.kernel.context import kernel_of
from shared.kernel.web.fields import OwnCode, SchoolCode
from shared.kernel.web.paging import Page, Paging, fetch_page, page_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.scoring.scheme.entered_values import shown_text
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/campaigns/{code}", tags=["evaluations"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("evaluations.read"))]
Head = Annotated[Actor, Depends(PERMISSIONS.requires("evaluations.delegate"))]
Disputer = Annotated[Actor, Depends(PERMISSIONS.requires("disputes.raise"))]
Decider = Annotated[Actor, Depends(PERMISSIONS.requires("disputes.decide"))]
Code = Annotated[OwnCode, Path()]
School = Annotated[SchoolCode, Path()]
_SCHOOL = "/evaluations/{school_code}"


@router.post(f"{_SCHOOL}:confirm-figures", summary="学校确认预填数据 / The school has looked at the figures filled in")
async def confirm_figures(code: Code, school_code: School, session: Session, actor: Disputer) -> EvaluationOut:
    opened = await open_for_work(session, code=code, school_code=school_code, actor=actor)
    await disputes.confirm_figures(session, opened=opened)
    return evaluation_out(opened.evaluation, opened.campaign, actor)


@router.post(f"{_SCHOOL}/disputes", status_code=201, summary="对预填数据提出异议 / Dispute a figure filled in")
async def raise_dispute(
    code: Code, school_code: School, body: DisputeIn, request: Request, session: Session, actor: Disputer
) -> DisputeOut:
    opened = await open_for_work(session, code=code, school_code=school_code, actor=actor)
    store = kernel_of(request).columns
    figures = await asyncio.to_thread(prefilled_of, store, opened.campaign.prefill, school_code)
    figure = figures.get(body.leaf)
    shown = None if figure is None else shown_text(figure.value)
    return dispute_out(await disputes.raise_dispute(session, opened=opened, body=body, shown=shown), actor)


@router.get("/disputes", summary="异议列表 / Disputes over figures filled in")
async def list_disputes(
    code: Code,
    session: Session,
    actor: Reader,
    page: Paging,
    state: Annotated[DisputeState | None, Query()] = None,
    school_code: Annotated[SchoolCode | None, Query()] = None,
) -> Page[DisputeOut]:
    campaign = await campaign_by_code(session, actor, code)
    statement = repository.disputes_of(actor, campaign.id)
    if state is not None:
        statement = statement.where(Dispute.state == state)
    if school_code is not None:
        statement = statement.where(Dispute.school_code == school_code)
    found = await fetch_page(session, statement, page, key=[Dispute.id], present=lambda row: dispute_out(row, actor))
    return Page(**found)


@router.post("/disputes/{dispute_id}:accept", summary="采纳异议 / Accept a dispute; with a value, that value counts")
async def accept_dispute(
    code: Code, dispute_id: uuid.UUID, body: DecisionIn, session: Session, actor: Decider
) -> DisputeOut:
    return await _decide(session, code, dispute_id, body, "accept", actor)


@router.post("/disputes/{dispute_id}:refuse", summary="不采纳异议 / Refuse a dispute, with a reason")
async def refuse_dispute(
    code: Code, dispute_id: uuid.UUID, body: DecisionIn, session: Session, actor: Decider
) -> DisputeOut:
    return await _decide(session, code, dispute_id, body, "refuse", actor)


@router.post("/disputes/{dispute_id}:withdraw", summary="撤回异议 / Take a dispute back")
async def withdraw_dispute(code: Code, dispute_id: uuid.UUID, session: Session, actor: Disputer) -> DisputeOut:
    campaign = await campaign_by_code(session, actor, code)
    row = await repository.dispute_for_update(session, actor, campaign.id, dispute_id)
    opened = await open_for_work(session, code=code, school_code=row.school_code, actor=actor)
    return dispute_out(await disputes.withdraw(session, opened=opened, row=row), actor)


async def _decide(
    session: Session, code: str, dispute_id: uuid.UUID, body: DecisionIn, step: str, actor: Actor
) -> DisputeOut:
    campaign = await campaign_by_code(session, actor, code)
    row = await repository.dispute_for_update(session, actor, campaign.id, dispute_id)
    opened = await open_for_work(session, code=code, school_code=row.school_code, actor=actor)
    row = await disputes.decide(
        session,
        opened=opened,
        row=row,
        step=step,
        reason=body.reason,
        value=body.value,
        is_corrected=body.is_corrected and step == "accept",
    )
    return dispute_out(row, actor)


@router.get(f"{_SCHOOL}/delegations", summary="分工 / Who was asked to enter what")
async def list_delegations(
    code: Code, school_code: School, session: Session, actor: Reader, page: Paging
) -> Page[DelegationOut]:
    opened = await open_for_reading(session, code=code, school_code=school_code, actor=actor)
    rows = await repository.active_delegations(session, actor, opened.evaluation.id)
    return Page(**page_of([delegation_out(row) for row in rows], page, key=lambda row: str(row.id)))


@router.post(
    f"{_SCHOOL}/delegations",
    status_code=201,
    responses={200: {"model": DelegationOut, "description": "已指派 / was handed already"}},
    summary="指派填报人 / Hand a leaf or a node to an account of the school",
)
async def delegate(
    code: Code, school_code: School, body: DelegationIn, response: Response, session: Session, actor: Head
) -> DelegationOut:
    opened = await open_for_work(session, code=code, school_code=school_code, actor=actor)
    row, is_new = await delegations.delegate(session, opened=opened, node=body.node, account=body.account)
    response.status_code = 201 if is_new else 200
    return delegation_out(row)


@router.post(f"{_SCHOOL}/delegations/{{delegation_id}}:end", summary="取消分工 / Take a delegation back")
async def end_delegation(
    code: Code, school_code: School, delegation_id: uuid.UUID, session: Session, actor: Head
) -> DelegationOut:
    opened = await open_for_work(session, code=code, school_code=school_code, actor=actor)
    return delegation_out(await delegations.end_delegation(session, opened=opened, delegation_id=delegation_id))
