"""Routes of item sheets: send, list, compare with the mark sheets, withdraw."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from services.monitoring.exams.fields import SubjectCode
from services.monitoring.exams.repository import exam_by_code
from services.monitoring.exams.schemas import ExamCode
from services.monitoring.intake.answers import answer, school_answer
from services.monitoring.intake.door import Intake
from services.monitoring.intake.schemas import UploadOut
from services.monitoring.intake.service import take_school_sheet, take_sheets
from services.monitoring.item_sheets import repository
from services.monitoring.item_sheets.marks import SubjectOnBothSheets
from services.monitoring.item_sheets.schemas import (
    DifferenceOut,
    ItemSheetOut,
    WithdrawIn,
    WithdrawnOut,
    difference_out,
    item_sheet_out,
)
from services.monitoring.item_sheets.service.agreement import differences
from services.monitoring.item_sheets.service.receive import ITEM_SHEETS
from services.monitoring.item_sheets.service.withdraw import withdraw_sheets
from services.monitoring.item_sheets.tables import ItemSheet
from services.monitoring.item_sheets.template import item_sheet_template
from services.monitoring.mark_sheets.repository import visible_sheet as visible_mark_sheet
from services.monitoring.papers.repository import paper_of
from services.monitoring.papers.schemas import Format
from services.monitoring.papers.service import exam_to_write, require_shown, subject_of
from services.monitoring.permissions import PERMISSIONS
from shared.kernel.context import kernel_of
from shared.kernel.web.paging import Page, Paging, fetch_page, page_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kernel.web.upload import FILE_TYPES, UploadedFile
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/exams/{code}", tags=["item sheets"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("item_sheets.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("item_sheets.write"))]
Holder = Annotated[Actor, Depends(PERMISSIONS.requires("papers.write"))]
DryRun = Annotated[bool, Query(description="只检查，不保存 / check only, store nothing")]
_TYPES = {name: media_type for media_type, name in FILE_TYPES.items()}
_FAULTY = "item_sheet.faulty"


@router.get("/item-sheets", summary="已收小题分 / Item sheets in force")
async def list_item_sheets(
    code: ExamCode,
    session: Session,
    actor: Reader,
    page: Paging,
    subject: Annotated[SubjectCode | None, Query()] = None,
) -> Page[ItemSheetOut]:
    exam = await exam_by_code(session, actor, code)
    statement = repository.sheets_in_force(actor, exam, subject)
    key = [ItemSheet.subject, ItemSheet.school_code]
    return Page(**await fetch_page(session, statement, page, key=key, present=item_sheet_out))


@router.get("/item-sheets:differences", summary="小题分与成绩核对 / Item sheets held against the mark sheets")
async def list_differences(
    code: ExamCode, request: Request, session: Session, actor: Reader, page: Paging
) -> Page[DifferenceOut]:
    exam = await exam_by_code(session, actor, code)
    found = await differences(session, kernel_of(request).columns, exam=exam, actor=actor)
    items = [difference_out(entry) for entry in found]
    return Page(**page_of(items, page, key=lambda item: f"{item.subject} {item.school_code}"))


@router.get(
    "/item-sheets/{subject}:template",
    response_class=Response,
    summary="小题分模板 / Template of a subject's item sheet",
)
async def read_item_sheet_template(
    code: ExamCode,
    subject: SubjectCode,
    request: Request,
    session: Session,
    actor: Reader,
    school_code: Annotated[str | None, Query(description="填入该校考生 / fill in this school's candidates")] = None,
    format: Annotated[Format, Query()] = "xlsx",
) -> Response:
    exam = await exam_by_code(session, actor, code)
    require_shown(exam, actor)
    paper = await paper_of(session, actor, exam, subject)
    both, marks = SubjectOnBothSheets(subject_of(exam, subject), paper.content), None
    if school_code is not None:
        sheet = await visible_mark_sheet(session, actor, exam, school_code)
        marks = await asyncio.to_thread(kernel_of(request).columns.get, sheet.sha256, both.columns)
    content = await asyncio.to_thread(item_sheet_template, both, marks, format)
    headers = {"Content-Disposition": f'attachment; filename="items-{subject}.{format}"'}
    return Response(content, media_type=_TYPES[format], headers=headers)


@router.post(
    "/item-sheets/{subject}:batch", response_model=UploadOut, summary="上传多校小题分 / Send many schools' items"
)
async def post_item_sheets(
    code: ExamCode,
    subject: SubjectCode,
    file: UploadedFile,
    request: Request,
    session: Session,
    actor: Writer,
    dry_run: DryRun = False,
) -> JSONResponse:
    exam = await exam_by_code(session, actor, code)
    intake = Intake(
        kernel=kernel_of(request), actor=actor, exam=exam, subject=subject, school_code=None, dry_run=dry_run
    )
    taken = await take_sheets(session, ITEM_SHEETS, intake, file)
    return answer(request, taken, code, status=207 if taken.job is None else 202, faulty=_FAULTY)


@router.post("/item-sheets/{subject}:withdraw", summary="撤回本学科小题分 / Withdraw a subject's item sheets")
async def withdraw_item_sheets(
    code: ExamCode, subject: SubjectCode, body: WithdrawIn, session: Session, actor: Holder
) -> WithdrawnOut:
    exam = await exam_to_write(session, actor, code, subject)
    count = await withdraw_sheets(session, exam=exam, subject=subject, reason=body.reason, actor=actor)
    return WithdrawnOut(subject=subject, schools=count)


@router.put(
    "/item-sheets/{subject}/{school_code}", response_model=UploadOut, summary="上传一校小题分 / Send one school's items"
)
async def put_item_sheet(
    code: ExamCode,
    subject: SubjectCode,
    school_code: str,
    file: UploadedFile,
    request: Request,
    session: Session,
    actor: Writer,
    dry_run: DryRun = False,
) -> Response:
    exam = await exam_by_code(session, actor, code)
    intake = Intake(
        kernel=kernel_of(request), actor=actor, exam=exam, subject=subject, school_code=school_code, dry_run=dry_run
    )
    taken = await take_school_sheet(session, ITEM_SHEETS, intake, file)
    return school_answer(request, taken, code, faulty=_FAULTY)


@router.get("/item-sheets/{subject}/{school_code}", summary="查询一校小题分 / The items in force of one school")
async def read_item_sheet(
    code: ExamCode, subject: SubjectCode, school_code: str, session: Session, actor: Reader
) -> ItemSheetOut:
    exam = await exam_by_code(session, actor, code)
    sheet = await repository.visible_sheet(session, actor, exam, subject=subject, school_code=school_code)
    return item_sheet_out(sheet)
