"""Routes of the people in a pool."""

import asyncio
import io
import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from services.teacher_eval.pay_members import repository
from services.teacher_eval.pay_members.columns import file_columns
from services.teacher_eval.pay_members.rules import MonthRule
from services.teacher_eval.pay_members.schemas import (
    Atomic,
    FromRosterIn,
    MemberIn,
    MemberOut,
    PointsIn,
    PointsTakenOut,
    RemoveIn,
    TakenOut,
    member_out,
)
from services.teacher_eval.pay_members.service import importing, members
from services.teacher_eval.pay_members.service.asking import ask_members
from services.teacher_eval.pay_members.service.points import take_points
from services.teacher_eval.pay_members.tables import PayMember
from services.teacher_eval.pay_plans.document import PlanDocument
from services.teacher_eval.pay_plans.repository import plan_by_id
from services.teacher_eval.pay_plans.service.plans import document_of
from services.teacher_eval.pay_pools.repository import pool_by_code, pool_for_update
from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.staff_register.repository import names_of
from shared.kernel.audit.log import note
from shared.kernel.context import kernel_of
from shared.kernel.jobs.endpoints import JobOut, job_accepted
from shared.kernel.tabular.error_files import mark_faults_in_xlsx
from shared.kernel.tabular.templates import write_template_csv, write_template_xlsx
from shared.kernel.web.etag import etag
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.problems import language_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kernel.web.upload import SpooledFile, UploadedFile
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/pay-pools/{code}/members", tags=["performance pay"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("pay_members.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("pay_members.write"))]
Code = Annotated[OwnCode, Path()]
StaffKey = Annotated[str, Path(pattern=r"^[a-z2-7]{26}$")]
DryRun = Annotated[bool, Query(description="只检查，不保存 / check only")]
PlanOfFile = Annotated[uuid.UUID | None, Query(description="按此方案列出分数与数量 / the plan whose figures it holds")]
Rule = Annotated[MonthRule, Query(description="不足月的计法 / what part of a month counts")]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("", summary="参与分配人员 / People in a pool")
async def list_pay_members(
    code: Code,
    session: Session,
    actor: Reader,
    page: Paging,
    outside: Annotated[bool | None, Query(description="不参与分配者 / who stands outside")] = None,
) -> Page[MemberOut]:
    pool = await pool_by_code(session, actor, code)
    statement = repository.members_of(actor, pool)
    if outside is not None:
        is_outside = PayMember.exclusion.is_not(None)
        statement = statement.where(is_outside if outside else ~is_outside)
    note(session, actor, "pay_members.read", code)
    found = await fetch_page(session, statement, page, key=[PayMember.staff_key], present=lambda row: row)
    names = await names_of(session, actor, [row.staff_key for row in found["items"]])
    return Page(**found | {"items": [member_out(row, names.get(row.staff_key)) for row in found["items"]]})


@router.get("/template", response_class=Response, summary="填报模板 / Template with who is known already")
async def read_pay_members_template(
    code: Code,
    session: Session,
    actor: Writer,
    plan: PlanOfFile = None,
    format: Annotated[Literal["xlsx", "csv"], Query()] = "xlsx",
) -> Response:
    pool = await pool_by_code(session, actor, code)
    columns, target = file_columns(await _document(session, actor, plan)), io.BytesIO()
    known = await repository.all_members(session, actor, pool)
    names = await names_of(session, actor, [member.staff_key for member in known])
    blank = [None] * (len(columns) - 2)
    rows = [[member.staff_key, names.get(member.staff_key), *blank] for member in known]
    note(session, actor, "pay_members.template_filled", code, {"count": len(rows)})
    if format == "csv":
        await asyncio.to_thread(write_template_csv, columns, target, rows=rows)
        return _file(target, "text/csv; charset=utf-8", "pay-members.csv")
    await asyncio.to_thread(write_template_xlsx, columns, target, sheet="参与分配人员", rows=rows)
    return _file(target, XLSX, "pay-members.xlsx")


@router.put("/{staff_key}", summary="写入一人 / Write a person with every figure")
async def put_pay_member(
    code: Code, staff_key: StaffKey, body: MemberIn, response: Response, session: Session, actor: Writer
) -> MemberOut:
    pool = await pool_for_update(session, actor, code)
    row, is_new = await members.put_member(session, pool=pool, staff_key=staff_key, body=body, actor=actor)
    response.status_code = 201 if is_new else 200
    response.headers["ETag"] = etag(row.version)
    names = await names_of(session, actor, [staff_key])
    return member_out(row, names.get(staff_key))


@router.post("/{staff_key}:remove", status_code=204, summary="移出一人 / Take a person out, with a reason")
async def remove_pay_member(
    code: Code, staff_key: StaffKey, body: RemoveIn, session: Session, actor: Writer
) -> Response:
    pool = await pool_for_update(session, actor, code)
    await members.remove_member(session, pool=pool, staff_key=staff_key, reason=body.reason, actor=actor)
    return Response(status_code=204)


routes = APIRouter(route_class=TransactionalRoute, prefix="/pay-pools/{code}", tags=["performance pay"])


@routes.post(
    "/members:from-roster",
    status_code=202,
    response_model=JobOut,
    summary="从名册取人员 / Add the staff of the roster who are not in the pool yet",
)
async def take_pay_members_from_roster(
    code: Code, body: FromRosterIn, request: Request, session: Session, actor: Writer
) -> JSONResponse:
    job = await ask_members(session, code=code, categories=body.only_staffing_categories, actor=actor)
    return job_accepted(request, job)


@routes.post("/members:points", summary="取年度评价得分 / Take the points of the annual evaluation")
async def take_pay_points(code: Code, body: PointsIn, session: Session, actor: Writer) -> PointsTakenOut:
    pool = await pool_for_update(session, actor, code)
    return await take_points(session, pool=pool, key=body.key, cycle=body.cycle, actor=actor)


@routes.post("/members:import", summary="导入人员与数据 / Take people and figures from a file")
async def import_pay_members(
    code: Code,
    file: UploadedFile,
    request: Request,
    session: Session,
    actor: Writer,
    plan: PlanOfFile = None,
    month_rule: Rule = MonthRule.DAYS,
    dry_run: DryRun = False,
    atomic: Annotated[Atomic, Query(description="all：有错则全不保存；row：保存无错的行")] = "all",
) -> TakenOut:
    received = _received(file, await _document(session, actor, plan), request, month_rule)
    taken = await _take(session, code, received, actor, dry_run=dry_run, row_by_row=atomic == "row")
    if taken.table.faults and atomic == "all":
        taken.table.faults.raise_if_any("pay_member.file_refused")
    return TakenOut(
        dry_run=dry_run,
        rows=taken.table.row_count,
        created=taken.created,
        changed=taken.changed,
        unchanged=taken.unchanged,
        refused=taken.refused,
        sha256=file.sha256,
    )


@routes.post("/members:mark", response_class=Response, summary="标出错误的副本 / The file with its faulty cells marked")
async def mark_pay_members(
    code: Code, file: UploadedFile, request: Request, session: Session, actor: Writer, plan: PlanOfFile = None
) -> Response:
    received = _received(file, await _document(session, actor, plan), request, MonthRule.DAYS)
    taken = await _take(session, code, received, actor, dry_run=True, row_by_row=True)
    target, language = io.BytesIO(), language_of(request.headers.get("accept-language"))
    await asyncio.to_thread(mark_faults_in_xlsx, taken.table, taken.table.faults, target, language=language)
    return _file(target, XLSX, "pay-members-marked.xlsx")


async def _document(session: Session, actor: Actor, plan: uuid.UUID | None) -> PlanDocument | None:
    return None if plan is None else document_of(await plan_by_id(session, actor, plan))


async def _take(
    session: Session, code: str, received: importing.Received, actor: Actor, *, dry_run: bool, row_by_row: bool
) -> importing.Taken:
    pool = await pool_for_update(session, actor, code)
    return await importing.take_members(
        session, pool=pool, file=received, dry_run=dry_run, row_by_row=row_by_row, actor=actor
    )


def _received(
    file: SpooledFile, document: PlanDocument | None, request: Request, month_rule: MonthRule
) -> importing.Received:
    key = kernel_of(request).settings.key("person_key")
    return importing.Received(file.path, file.format, file.sha256, document, key, month_rule)


def _file(target: io.BytesIO, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(target.getvalue(), media_type=media_type, headers=headers)
