"""Routes of runs."""

import asyncio
import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from services.teacher_eval.money import money
from services.teacher_eval.pay_ledger.appeals import appeal_window
from services.teacher_eval.pay_plans.repository import plan_by_id
from services.teacher_eval.pay_plans.service.plans import document_of
from services.teacher_eval.pay_pools.repository import pool_for_update
from services.teacher_eval.pay_runs import bundle, repository
from services.teacher_eval.pay_runs.people import file_of, people_of, person_pay
from services.teacher_eval.pay_runs.rules import SHOWN, RunState, posting_of
from services.teacher_eval.pay_runs.schemas import (
    AllRunsIn,
    FormulaOut,
    OwnPay,
    OwnPayments,
    PaymentIn,
    PeoplePage,
    ReasonIn,
    RunIn,
    RunOut,
    parts_out,
    payment_out,
    run_out,
)
from services.teacher_eval.pay_runs.service import life, own
from services.teacher_eval.pay_runs.service.asking import ask_runs
from services.teacher_eval.pay_runs.service.computing import compute_run
from services.teacher_eval.pay_runs.tables import PayRun
from services.teacher_eval.permissions import PERMISSIONS
from shared.kernel.audit.log import note
from shared.kernel.context import kernel_of
from shared.kernel.jobs.endpoints import JobOut, job_accepted
from shared.kernel.web.etag import etag
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/pay-runs", tags=["performance pay"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("pay_runs.read"))]
Named = Annotated[Actor, Depends(PERMISSIONS.requires("pay_members.read"))]
Computer = Annotated[Actor, Depends(PERMISSIONS.requires("pay_runs.compute"))]
Office = Annotated[Actor, Depends(PERMISSIONS.requires("pay_runs.compute_all"))]
Owner = Annotated[Actor, Depends(PERMISSIONS.requires("pay_runs.own"))]
RunId = Annotated[uuid.UUID, Path()]


@router.get("", summary="发放结果列表 / List runs")
async def list_pay_runs(
    session: Session,
    actor: Reader,
    page: Paging,
    pool: Annotated[OwnCode | None, Query()] = None,
    state: Annotated[RunState | None, Query()] = None,
) -> Page[RunOut]:
    statement = repository.runs_of(actor, pool_code=pool, state=state)
    follows = _follows(actor)
    if not follows:
        statement = statement.where(PayRun.state.in_(sorted(SHOWN)))

    def present(row: PayRun) -> RunOut:
        return run_out(row, compares=follows)

    return Page(**await fetch_page(session, statement, page, key=[PayRun.id], present=present))


@router.post("", status_code=201, summary="按方案计算 / Carry out a plan that was passed and filed")
async def compute_pay_run(
    body: RunIn, request: Request, response: Response, session: Session, actor: Computer
) -> RunOut:
    pool = await pool_for_update(session, actor, body.pool)
    plan = await plan_by_id(session, actor, body.plan)
    row = await compute_run(session, pool=pool, plan=plan, store=kernel_of(request).columns, actor=actor)
    response.headers["Location"] = f"/api/v1/teacher-eval/pay-runs/{row.id}"
    return await _answer(session, row, response)


routes = APIRouter(route_class=TransactionalRoute, tags=["performance pay"])


@routes.post(
    "/pay-runs:compute-all",
    status_code=202,
    response_model=JobOut,
    summary="全县学校一并计算 / Compute every school of a county's pool by its filed plan",
)
async def compute_all_pay_runs(body: AllRunsIn, request: Request, session: Session, actor: Office) -> JSONResponse:
    return job_accepted(request, await ask_runs(session, code=body.pool, actor=actor))


@routes.get("/pay-payments/mine", summary="本人历次发放 / One's own payments")
async def list_own_payments(session: Session, actor: Owner) -> OwnPayments:
    return OwnPayments(items=[payment_out(row) for row in await own.own_payments(session, actor)])


@router.get("/{run_id}", summary="发放结果 / Read a run")
async def read_pay_run(run_id: RunId, response: Response, session: Session, actor: Reader) -> RunOut:
    row = await repository.run_by_id(session, actor, run_id)
    if not _follows(actor) and RunState(row.state) not in SHOWN:
        raise DomainError("resource.not_found", params={"what": f"pay run {run_id}"})
    return await _answer(session, row, response, compares=_follows(actor))


@router.post("/{run_id}:confirm", summary="确认 / A person answers for the run, with a reason")
async def confirm_pay_run(
    run_id: RunId, body: ReasonIn, request: Request, response: Response, session: Session, actor: Computer
) -> RunOut:
    row = await repository.run_for_update(session, actor, run_id)
    store = kernel_of(request).columns
    row = await life.confirm_run(session, row=row, reason=body.reason, store=store, actor=actor)
    return await _answer(session, row, response)


@router.post("/{run_id}:drop", summary="放弃 / Give up a run that nobody has seen")
async def drop_pay_run(run_id: RunId, body: ReasonIn, response: Response, session: Session, actor: Computer) -> RunOut:
    row = await repository.run_for_update(session, actor, run_id)
    return await _answer(session, await life.drop_run(session, row=row, reason=body.reason, actor=actor), response)


@router.post("/{run_id}:publish", summary="公布到个人 / Each person sees the own amount")
async def publish_pay_run(
    run_id: RunId, request: Request, response: Response, session: Session, actor: Computer
) -> RunOut:
    row = await repository.run_for_update(session, actor, run_id)
    row = await life.publish_run(session, row=row, store=kernel_of(request).columns, actor=actor)
    return await _answer(session, row, response)


@router.post("/{run_id}:pay", summary="记录发放 / The money went out")
async def pay_pay_run(run_id: RunId, body: PaymentIn, response: Response, session: Session, actor: Computer) -> RunOut:
    row = await repository.run_for_update(session, actor, run_id)
    return await _answer(session, await life.pay_run(session, row=row, body=body, actor=actor), response)


@router.get("/{run_id}/mine", summary="本人计算过程 / One's own payment, step by step")
async def read_own_pay(run_id: RunId, request: Request, session: Session, actor: Owner) -> OwnPay:
    store = kernel_of(request).columns
    found = await own.own_payment(session, run_id=run_id, store=store, actor=actor)
    shown = person_pay(found.outcome, found.run)
    until = appeal_window(request, found.run)
    return OwnPay(
        run=found.run.id,
        pool=found.run.pool_code,
        pool_amount=money(found.run.amount_fen),
        plan_name=found.document.name,
        staff_key=shown.staff_key,
        amount=shown.amount,
        parts=shown.parts,
        steps=found.steps,
        corrections=money(found.corrections_fen),
        can_appeal_until=None if until is None else until.ends_at,
    )


@router.get("/{run_id}/formula", summary="总额与办法 / Pool and formula, as the plan lets them be posted")
async def read_pay_formula(run_id: RunId, session: Session, actor: Reader) -> FormulaOut:
    row = await repository.run_by_id(session, actor, run_id)
    document = document_of(await plan_by_id(session, actor, row.plan_id))
    is_named = PERMISSIONS.grants["pay_members.read"].allows(actor)
    posting = posting_of(document.posting.model_dump())
    if not is_named and (RunState(row.state) not in SHOWN or posting["formula"] != "school"):
        raise DomainError("resource.not_found", params={"what": f"formula of {run_id}"})
    return FormulaOut(
        run=row.id,
        pool=row.pool_code,
        amount=money(row.amount_fen),
        people=row.people,
        plan_name=document.name,
        plan_sha256=row.plan_sha256,
        document=document.model_dump(mode="json"),
        parts=parts_out(row.summary),
    )


@router.get("/{run_id}/posted", summary="校内公示金额 / Amounts, where the plan posts them inside the school")
async def list_posted_pay(run_id: RunId, request: Request, session: Session, actor: Owner, page: Paging) -> PeoplePage:
    row = await repository.run_by_id(session, actor, run_id)
    document = document_of(await plan_by_id(session, actor, row.plan_id))
    posting = posting_of(document.posting.model_dump())
    if RunState(row.state) not in SHOWN or posting["amounts"] != "school":
        raise DomainError("resource.not_found", params={"what": f"posted amounts of {run_id}"})
    return await people_of(session, row, page, kernel_of(request).columns, actor)


@router.get("/{run_id}/people", summary="各人金额 / What each person is paid; reading is noted")
async def list_pay_people(run_id: RunId, request: Request, session: Session, actor: Named, page: Paging) -> PeoplePage:
    row = await repository.run_by_id(session, actor, run_id)
    note(session, actor, "pay_run.people_read", str(run_id))
    return await people_of(session, row, page, kernel_of(request).columns, actor)


@router.get("/{run_id}/payroll", response_class=Response, summary="工资发放表 / File for the paying office")
async def download_payroll(
    run_id: RunId,
    request: Request,
    session: Session,
    actor: Named,
    format: Annotated[Literal["xlsx", "csv"], Query()] = "xlsx",
) -> Response:
    row = await repository.run_by_id(session, actor, run_id)
    if RunState(row.state) not in {*SHOWN, RunState.CONFIRMED}:
        raise DomainError("pay_run.not_confirmed", params={"state": row.state})
    note(session, actor, "pay_run.payroll_exported", str(run_id), {"format": format})
    return await file_of(session, row, kernel_of(request).columns, format, actor)


@router.get("/{run_id}/certificate", summary="核验证书 / The run's certificate")
async def read_pay_certificate(run_id: RunId, request: Request, session: Session, actor: Named) -> Response:
    row = await repository.run_by_id(session, actor, run_id)
    text = await asyncio.to_thread(bundle.certificate_text, kernel_of(request).columns, row)
    return Response(text, media_type="application/json", headers={"ETag": etag(row.certificate_sha256)})


@router.get("/{run_id}/bundle", response_class=Response, summary="核验包 / Certificate, inputs and outcomes to check")
async def download_pay_bundle(run_id: RunId, request: Request, session: Session, actor: Named) -> Response:
    row = await repository.run_by_id(session, actor, run_id)
    document = document_of(await plan_by_id(session, actor, row.plan_id))
    content = await asyncio.to_thread(bundle.bundle_of, kernel_of(request).columns, row, document)
    note(session, actor, "pay_run.bundle_downloaded", str(run_id))
    headers = {"Content-Disposition": f'attachment; filename="pay-run-{row.pool_code}-{row.number}.zip"'}
    return Response(content, media_type="application/zip", headers=headers)


def _follows(actor: Actor) -> bool:
    """Whether somebody follows runs before they are shown: the school's head, and the offices above."""
    return any(PERMISSIONS.grants[action].allows(actor) for action in ("pay_runs.compute", "pay_runs.compute_all"))


async def _answer(session: Session, row: PayRun, response: Response, *, compares: bool = True) -> RunOut:
    await session.refresh(row)
    response.headers["ETag"] = etag(row.version)
    return run_out(row, compares=compares)
