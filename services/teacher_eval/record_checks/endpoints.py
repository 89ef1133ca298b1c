"""Routes of spot checks of certified records."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.record_checks import repository, service
from services.teacher_eval.record_checks.schemas import (
    CheckedOut,
    CheckIn,
    CheckOut,
    DrawIn,
    JudgeIn,
    VerifiedOut,
    check_out,
    checked_out,
)
from services.teacher_eval.record_checks.tables import CheckedRecord, RecordCheck
from shared.kernel.context import kernel_of
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/record-checks", tags=["records"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("record_checks.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("record_checks.write"))]
Code = Annotated[OwnCode, Path()]


@router.get("", summary="抽查列表 / List spot checks")
async def list_record_checks(session: Session, actor: Reader, page: Paging) -> Page[CheckOut]:
    found = await fetch_page(session, repository.checks_of(actor), page, key=[RecordCheck.id], present=check_out)
    return Page(**found)


@router.post("", status_code=201, summary="封定抽查范围 / Close what can be drawn")
async def close_record_check(
    body: CheckIn, request: Request, response: Response, session: Session, actor: Writer
) -> CheckOut:
    row = await service.close_check(session, kernel_of(request).columns, body=body, actor=actor)
    response.headers["ETag"] = etag(row.version)
    return check_out(row)


@router.get("/{code}", summary="抽查 / Read a spot check")
async def read_record_check(code: Code, response: Response, session: Session, actor: Reader) -> CheckOut:
    row = await repository.check_by_code(session, actor, code)
    response.headers["ETag"] = etag(row.version)
    return check_out(row)


@router.post("/{code}:draw", summary="公开种子抽取 / Draw with a seed made in public, once (If-Match)")
async def draw_record_check(
    code: Code, body: DrawIn, request: Request, response: Response, session: Session, actor: Writer
) -> CheckOut:
    row = await repository.check_for_update(session, actor, code)
    require_match(request, row.version)
    row = await service.draw_check(session, kernel_of(request).columns, row=row, body=body, actor=actor)
    response.headers["ETag"] = etag(row.version)
    return check_out(row)


@router.get("/{code}/verification", summary="复核抽取 / Repeat the draw and compare")
async def verify_record_check(code: Code, request: Request, session: Session, actor: Reader) -> VerifiedOut:
    row = await repository.check_by_code(session, actor, code)
    differences = await service.verify(session, kernel_of(request).columns, row=row, actor=actor)
    return VerifiedOut(is_verified=not differences, differences=differences)


@router.get("/{code}/records", summary="抽中的记录 / Records that were drawn")
async def list_checked_records(code: Code, session: Session, actor: Reader, page: Paging) -> Page[CheckedOut]:
    row = await repository.check_by_code(session, actor, code)
    statement = repository.records_of(actor, row)
    return Page(**await fetch_page(session, statement, page, key=[CheckedRecord.id], present=checked_out))


@router.post("/{code}/records/{record}:judge", summary="抽查结论 / What was found; overturned means revoked")
async def judge_checked_record(
    code: Code, record: uuid.UUID, body: JudgeIn, session: Session, actor: Writer
) -> CheckedOut:
    row = await repository.check_by_code(session, actor, code)
    return checked_out(await service.judge(session, row=row, record=record, body=body, actor=actor))
