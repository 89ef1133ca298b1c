"""Routes of the ledger."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from services.teacher_eval.money import money
from services.teacher_eval.pay_ledger import repository
from services.teacher_eval.pay_ledger.schemas import (
    BalanceOut,
    BalancesOut,
    BookingOut,
    CorrectionIn,
    EntryOut,
    OwnEntriesOut,
    entry_out,
)
from services.teacher_eval.pay_ledger.service import book_correction
from services.teacher_eval.pay_ledger.tables import PayEntry
from services.teacher_eval.pay_members.repository import everywhere
from services.teacher_eval.pay_plans.repository import plan_by_id
from services.teacher_eval.pay_plans.service.plans import document_of
from services.teacher_eval.pay_pools.rules import PoolKind
from services.teacher_eval.pay_runs.repository import run_for_update
from services.teacher_eval.permissions import PERMISSIONS
from shared.kernel.audit.log import note
from shared.kernel.context import kernel_of
from shared.kernel.web.organizations import OrgCode, path_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/pay-ledger", tags=["performance pay"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("pay_members.read"))]
Booker = Annotated[Actor, Depends(PERMISSIONS.requires("pay_ledger.book"))]
Owner = Annotated[Actor, Depends(PERMISSIONS.requires("pay_runs.own"))]


@router.get("/mine", summary="本人台账 / One's own entries and what is open")
async def read_own_pay_entries(session: Session, actor: Owner) -> OwnEntriesOut:
    rows = []
    if actor.person is not None:
        async with everywhere(session, actor) as city:
            rows = list(await repository.entries_of_person(session, city, actor.person))
    return OwnEntriesOut(balance=money(sum(row.amount_fen for row in rows)), items=[entry_out(row) for row in rows])


@router.get("/entries", summary="台账分录 / Entries")
async def list_pay_entries(
    session: Session,
    actor: Reader,
    page: Paging,
    kind: Annotated[PoolKind | None, Query()] = None,
    run: Annotated[uuid.UUID | None, Query()] = None,
) -> Page[EntryOut]:
    statement = repository.entries_of(actor, kind=kind, run_id=run)
    note(session, actor, "pay_ledger.read", str(run or kind or "-"))
    return Page(**await fetch_page(session, statement, page, key=[PayEntry.id], present=entry_out))


@router.get("/{org}/balances/{kind}", summary="未结余额 / What is open of a school")
async def read_pay_balances(
    org: OrgCode, kind: Annotated[PoolKind, Path()], session: Session, actor: Reader
) -> BalancesOut:
    path = path_of(org)
    owed = await repository.balances(session, actor, path, kind)
    accounts = await repository.account_totals(session, actor, path, kind)
    note(session, actor, "pay_ledger.read", f"{org}/{kind}")
    return BalancesOut(
        kind=kind,
        items=[BalanceOut(staff_key=key, balance=money(fen)) for key, fen in owed.items()],
        accounts={account: money(fen) for account, fen in accounts.items()},
        total=money(sum(accounts.values())),
    )


corrections = APIRouter(route_class=TransactionalRoute, prefix="/pay-runs/{run_id}", tags=["performance pay"])


@corrections.post("/corrections", status_code=201, summary="自查更正 / A mistake the school found itself, booked")
async def book_pay_correction(
    run_id: Annotated[uuid.UUID, Path()], body: CorrectionIn, request: Request, session: Session, actor: Booker
) -> BookingOut:
    run = await run_for_update(session, actor, run_id)
    booking, entries = await book_correction(
        session,
        run=run,
        staff_key=body.staff_key,
        effect=body.effect,
        document=document_of(await plan_by_id(session, actor, run.plan_id)),
        reason=body.reason,
        store=kernel_of(request).columns,
        actor=actor,
    )
    amount = money(entries[0].amount_fen)
    return BookingOut(booking=booking, staff_key=body.staff_key, amount=amount, entries=len(entries))
