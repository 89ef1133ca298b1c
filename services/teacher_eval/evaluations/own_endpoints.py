"""Routes of one's own evaluation: whose it is, the account says."""

import asyncio
import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from services.teacher_eval.evaluations import reading, repository
from services.teacher_eval.evaluations.evidence import counts_of
from services.teacher_eval.evaluations.figures import figures_of
from services.teacher_eval.evaluations.schemas import (
    DisputeIn,
    DisputeOut,
    EntriesIn,
    EntryOut,
    MissingOut,
    SheetOut,
    SubmitIn,
    dispute_out,
    entry_out,
)
from services.teacher_eval.evaluations.service import disputes, steps, values
from services.teacher_eval.evaluations.service.opened import Opened, leaf_of, open_own
from services.teacher_eval.evaluations.tables import EvaluationEntry, FigureDispute
from services.teacher_eval.permissions import PERMISSIONS
from shared.kernel.context import kernel_of
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.problems import fault_document, language_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kits.schemes.said import LeafCode
from shared.scoring.scheme.entered_values import shown_text
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/cycles/{code}/mine", tags=["evaluations"])
Own = Annotated[Actor, Depends(PERMISSIONS.requires("evaluations.enter"))]
Code = Annotated[OwnCode, Path()]


async def _reading(code: Code, session: Session, actor: Own) -> Opened:
    return await open_own(session, code=code, actor=actor)


async def _working(code: Code, session: Session, actor: Own) -> Opened:
    return await open_own(session, code=code, actor=actor, is_locked=True)


Read = Annotated[Opened, Depends(_reading)]
Work = Annotated[Opened, Depends(_working)]


@router.get("", summary="本人考核表 / One's own evaluation with every leaf")
async def read_own_evaluation(opened: Read, request: Request, session: Session) -> SheetOut:
    return await reading.sheet_of(session, opened=opened, store=kernel_of(request).columns)


@router.get("/missing", summary="提交前还缺什么 / What is missing before one can submit")
async def read_own_missing(opened: Read, request: Request, session: Session) -> MissingOut:
    faults = await steps.missing_of(
        session, opened=opened, with_evidence=await counts_of(session, opened), statement=opened.member.statement
    )
    language = language_of(request.headers.get("accept-language"))
    return MissingOut(count=len(faults), items=[fault_document(fault, language) for fault in faults])


@router.get("/leaves/{leaf}/history", summary="指标数值沿革 / Everything said on a value")
async def list_own_history(
    leaf: Annotated[LeafCode, Path()], opened: Read, session: Session, page: Paging
) -> Page[EntryOut]:
    which = leaf_of(opened, leaf)
    statement = repository.history_of(opened.actor, opened.member.id, leaf)
    found = await fetch_page(
        session, statement, page, key=[EvaluationEntry.seq], present=lambda row: entry_out(row, which)
    )
    return Page(**found)


@router.post("/values:enter", summary="个人填报 / Enter values, all or none")
async def enter_own_values(opened: Work, body: EntriesIn, request: Request, session: Session) -> SheetOut:
    await values.enter_own(session, opened=opened, items=body.items)
    return await reading.sheet_of(session, opened=opened, store=kernel_of(request).columns)


@router.post(":submit", summary="提交自评（述职） / Submit the self-evaluation")
async def submit_own_evaluation(opened: Work, body: SubmitIn, request: Request, session: Session) -> SheetOut:
    files = await counts_of(session, opened)
    await steps.submit(session, opened=opened, with_evidence=files, statement=body.statement)
    return await reading.sheet_of(session, opened=opened, store=kernel_of(request).columns)


@router.post(":recall", summary="撤回自评 / Take the submission back")
async def recall_own_evaluation(opened: Work, request: Request, session: Session) -> SheetOut:
    await steps.recall(session, opened=opened)
    return await reading.sheet_of(session, opened=opened, store=kernel_of(request).columns)


@router.post(":confirm-figures", summary="确认平台数据 / One has looked at the figures filled in")
async def confirm_own_figures(opened: Work, request: Request, session: Session) -> SheetOut:
    await steps.confirm_figures(session, opened=opened)
    return await reading.sheet_of(session, opened=opened, store=kernel_of(request).columns)


@router.get("/disputes", summary="本人的数据异议 / One's own disputes over figures")
async def list_own_disputes(opened: Read, session: Session, page: Paging) -> Page[DisputeOut]:
    rows = repository.disputes_of(opened.actor, opened.school.id).where(FigureDispute.member_id == opened.member.id)
    found = await fetch_page(
        session, rows, page, key=[FigureDispute.id], present=lambda row: dispute_out(row, opened.actor)
    )
    return Page(**found)


@router.post("/disputes", status_code=201, summary="对平台数据提出异议 / Dispute a figure filled in")
async def raise_own_dispute(opened: Work, body: DisputeIn, request: Request, session: Session) -> DisputeOut:
    store = kernel_of(request).columns
    figures = await asyncio.to_thread(figures_of, store, opened.cycle.filled, opened.member.staff_key)
    figure = figures.get(body.leaf)
    shown = None if figure is None else shown_text(figure.value)
    return dispute_out(await disputes.raise_dispute(session, opened=opened, body=body, shown=shown), opened.actor)


@router.post("/disputes/{dispute_id}:withdraw", summary="撤回数据异议 / Take a dispute back")
async def withdraw_own_dispute(dispute_id: uuid.UUID, opened: Work, session: Session) -> DisputeOut:
    row = await repository.dispute_for_update(session, opened.actor, opened.school.id, dispute_id)
    return dispute_out(await disputes.withdraw(session, opened=opened, row=row), opened.actor)
