"""Routes of retention: the periods, what is past them, and orders to keep."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.student_eval.permissions import PERMISSIONS
from services.student_eval.retention import repository, service
from services.student_eval.retention.rules import ItemState
from services.student_eval.retention.schemas import (
    ConfirmIn,
    HoldIn,
    HoldOut,
    ItemOut,
    ItemsOut,
    KeepIn,
    RetentionPolicyOut,
    hold_out,
    item_out,
    retention_out,
)
from services.student_eval.retention.tables import LegalHold, RetentionItem
from shared.kernel.web.organizations import OrgCode, path_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kits.fields import ReasonIn
from shared.policy.retention import retention_policy
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, tags=["retention"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("retention.read"))]
Decider = Annotated[Actor, Depends(PERMISSIONS.requires("retention.decide"))]
Holder = Annotated[Actor, Depends(PERMISSIONS.requires("retention.hold"))]


@router.get("/retention-policy", summary="各类数据的保存期限 / How long each kind of data is kept")
async def read_retention_policy(actor: Reader) -> RetentionPolicyOut:
    del actor
    return RetentionPolicyOut(items=[retention_out(policy) for policy in retention_policy().values()])


@router.get("/retention-items", summary="保存期满清单 / What is past its time")
async def list_retention_items(
    session: Session,
    actor: Reader,
    page: Paging,
    state: Annotated[ItemState | None, Query()] = None,
    kind: Annotated[str | None, Query(max_length=40)] = None,
) -> Page[ItemOut]:
    statement = repository.items_of(actor, state=state, kind=kind)
    found = await fetch_page(session, statement, page, key=[RetentionItem.id], present=lambda row: row)
    held = await service.held_items(session, actor, found["items"])
    return Page(items=[item_out(row, held) for row in found["items"]], next_cursor=found["next_cursor"])


@router.post("/retention-items:confirm", summary="确认清除 / Confirm that it be erased, all or nothing")
async def confirm_retention(body: ConfirmIn, session: Session, actor: Decider) -> ItemsOut:
    rows = await service.confirm(session, actor, ids=body.items, reason=body.reason)
    return ItemsOut(items=[item_out(row, ()) for row in rows])


@router.post("/retention-items:keep", summary="延长保存 / Keep longer, with a reason")
async def keep_longer(body: KeepIn, session: Session, actor: Decider) -> ItemsOut:
    rows = await service.keep_longer(session, actor, ids=body.items, reason=body.reason, until=body.until)
    held = await service.held_items(session, actor, rows)
    return ItemsOut(items=[item_out(row, held) for row in rows])


@router.get("/legal-holds", summary="依法保全 / Orders to keep")
async def list_legal_holds(
    session: Session, actor: Reader, page: Paging, is_standing: Annotated[bool | None, Query()] = None
) -> Page[HoldOut]:
    statement = repository.holds_of(actor, is_standing=is_standing)
    return Page(**await fetch_page(session, statement, page, key=[LegalHold.id], present=hold_out))


@router.post("/legal-holds/{hold_id}:release", summary="解除保全 / End an order")
async def release_legal_hold(hold_id: uuid.UUID, body: ReasonIn, session: Session, actor: Holder) -> HoldOut:
    row = await repository.hold_by_id(session, actor, hold_id)
    return hold_out(await service.release_hold(session, actor, row=row, reason=body.reason))


@router.post("/legal-holds/{org}", status_code=201, summary="设立保全 / Order that nothing be erased")
async def set_legal_hold(org: OrgCode, body: HoldIn, session: Session, actor: Holder) -> HoldOut:
    row = await service.set_hold(
        session,
        actor,
        org_path=path_of(org),
        student_key=body.student_key,
        reason=body.reason,
        document=body.document,
    )
    return hold_out(row)
