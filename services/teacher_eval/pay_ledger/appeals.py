"""Appeals of people against their own payment; one that is upheld is booked in the ledger, never rerun."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.pay_ledger.schemas import EffectIn
from services.teacher_eval.pay_ledger.service import book_correction
from services.teacher_eval.pay_ledger.tables import PayAppeal, PayAppealMessage
from services.teacher_eval.pay_plans.repository import plan_by_id
from services.teacher_eval.pay_plans.service.plans import document_of
from services.teacher_eval.pay_runs.repository import run_by_id
from services.teacher_eval.pay_runs.rules import SHOWN, RunState
from services.teacher_eval.pay_runs.tables import PayRun
from services.teacher_eval.permissions import PERMISSIONS
from shared.kernel import clock
from shared.kernel.context import kernel_of
from shared.kernel.database.repository import visible
from shared.kernel.store.columnar import ColumnarStore
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kernel.web.validation import validation_problem
from shared.kits.appeals.endpoints import appeals_router
from shared.kits.appeals.rules import Parties
from shared.kits.appeals.schemas import AppealOut, Reading
from shared.kits.appeals.service import Appeals
from shared.kits.appeals.tables import Appeal
from shared.kits.calendar import calendar_for
from shared.kits.subject import Subject
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.workflow.appeals import AppealState
from shared.workflow.clocks import Window, deadline_rules, window

KIND = "payment"
HANDLE = "pay_appeals.handle"
RULE = "appeals.performance_pay"
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("pay_runs.read"))]
Appellant = Annotated[Actor, Depends(PERMISSIONS.requires("pay_appeals.submit"))]
Handler = Annotated[Actor, Depends(PERMISSIONS.requires(HANDLE))]
RunId = Annotated[uuid.UUID, Path()]
StaffKey = Annotated[str, Path(pattern=r"^[a-z2-7]{26}$")]


async def apply_ruling(
    session: AsyncSession, actor: Actor, appeal: Appeal, effect: Mapping[str, Any], *, store: ColumnarStore
) -> Mapping[str, Any]:
    """Books what a ruling orders, in the ruling's transaction.

    Raises:
        DomainError: ``request.invalid`` with every fault; whatever the ledger refuses.
    """
    try:
        ordered = EffectIn.model_validate(dict(effect))
    except ValidationError as error:
        raise validation_problem(
            [{**each, "loc": ("body", "effect", *each["loc"])} for each in error.errors()]
        ) from error
    run_id, _, staff_key = appeal.subject_key.partition("/")
    run = await run_by_id(session, actor, uuid.UUID(run_id))
    booking, entries = await book_correction(
        session,
        run=run,
        staff_key=staff_key,
        effect=ordered,
        document=document_of(await plan_by_id(session, actor, run.plan_id)),
        reason=f"申诉裁定 / ruling of appeal {appeal.id}",
        store=store,
        actor=actor,
        appeal_id=appeal.id,
    )
    return {"booking": str(booking), "amount_fen": entries[0].amount_fen, "entries": len(entries)}


def appeal_window(request: Request, run: PayRun) -> Window | None:
    """Working days in which a payment may be appealed against; ``None`` before it is shown."""
    if run.published_at is None:
        return None
    calendar = calendar_for(kernel_of(request).settings, run.org_path)
    days = deadline_rules()[RULE].working_days
    return window(run.published_at, working_days=days, calendar=calendar, zone=clock.CHINA)


async def _read(run_id: RunId, staff_key: StaffKey, session: Session, actor: Reader) -> Subject:
    run = await run_by_id(session, actor, run_id)
    if not (actor.is_person(staff_key) or PERMISSIONS.grants[HANDLE].allows(actor)):
        raise DomainError("resource.not_found", params={"what": f"payment {staff_key}"})
    return _subject(run, staff_key, actor)


async def _appeal(run_id: RunId, staff_key: StaffKey, session: Session, actor: Appellant) -> Subject:
    run = await run_by_id(session, actor, run_id)
    if not actor.is_person(staff_key):
        raise DomainError("resource.not_found", params={"what": f"payment {staff_key}"})
    return _subject(run, staff_key, actor)


async def _submit(run_id: RunId, staff_key: StaffKey, request: Request, session: Session, actor: Appellant) -> Subject:
    subject = await _appeal(run_id, staff_key, session, actor)
    run = await run_by_id(session, actor, run_id)
    open_until = appeal_window(request, run)
    if RunState(run.state) not in SHOWN or open_until is None or open_until.is_over(clock.now()):
        days = deadline_rules()[RULE].working_days
        raise DomainError("pay_ledger.not_appealable", params={"state": run.state, "days": days})
    return subject


async def _handle(run_id: RunId, staff_key: StaffKey, request: Request, session: Session, actor: Handler) -> Subject:
    session.info["pay_store"] = kernel_of(request).columns
    return _subject(await run_by_id(session, actor, run_id), staff_key, actor)


def _subject(run: PayRun, staff_key: str, actor: Actor) -> Subject:
    return Subject(KIND, f"{run.id}/{staff_key}", run.org_path, actor)


async def _apply(session: AsyncSession, actor: Actor, appeal: Appeal, effect: Mapping[str, Any]) -> Mapping[str, Any]:
    return await apply_ruling(session, actor, appeal, effect, store=session.info["pay_store"])


APPEALS = Appeals(PayAppeal, PayAppealMessage, parties=Parties(by_person=True), apply=_apply)
router = appeals_router(
    APPEALS,
    prefix="/pay-runs/{run_id}/people/{staff_key}/appeals",
    name="payment",
    reader=_read,
    appellant=_appeal,
    submitter=_submit,
    handler=_handle,
    may_handle=PERMISSIONS.grants[HANDLE].allows,
)

listed = APIRouter(route_class=TransactionalRoute, prefix="/pay-runs/{run_id}/appeals", tags=["appeals"])


@listed.get("", name="list_pay_run_appeals", summary="一次发放的全部申诉 / Every appeal against a payment")
async def list_pay_run_appeals(
    run_id: RunId,
    session: Session,
    actor: Handler,
    page: Paging,
    state: Annotated[AppealState | None, Query()] = None,
) -> Page[AppealOut]:
    await run_by_id(session, actor, run_id)
    statement = visible(PayAppeal, actor).where(
        PayAppeal.subject_type == KIND, PayAppeal.subject_key.startswith(f"{run_id}/", autoescape=True)
    )
    if state is not None:
        statement = statement.where(PayAppeal.state == state)
    reading = Reading(APPEALS.parties, actor, may_handle=True, at=clock.now())
    return Page(**await fetch_page(session, statement, page, key=[PayAppeal.id], present=reading.out))
