"""Routes of mark sheets: template, send, list, confirm."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from services.monitoring.exams import repository as exams
from services.monitoring.exams.schemas import ExamCode
from services.monitoring.intake.answers import answer, school_answer
from services.monitoring.intake.door import Intake
from services.monitoring.intake.schemas import UploadOut
from services.monitoring.intake.service import take_school_sheet, take_sheets
from services.monitoring.mark_sheets import repository
from services.monitoring.mark_sheets.schemas import ConfirmIn, FiguresOut, MarkSheetOut, mark_sheet_out
from services.monitoring.mark_sheets.service.confirm import confirm_sheet, figures_of_school
from services.monitoring.mark_sheets.service.receive import MARK_SHEETS
from services.monitoring.mark_sheets.tables import MarkSheet
from services.monitoring.mark_sheets.template import mark_sheet_template
from services.monitoring.permissions import PERMISSIONS
from shared.kernel.context import kernel_of
from shared.kernel.database.repository import visible
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kernel.web.upload import FILE_TYPES, UploadedFile
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/exams/{code}", tags=["mark sheets"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("mark_sheets.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("mark_sheets.write"))]
Confirmer = Annotated[Actor, Depends(PERMISSIONS.requires("mark_sheets.confirm"))]
FiguresReader = Annotated[Actor, Depends(PERMISSIONS.requires("mark_sheet_figures.read"))]
_TYPES = {name: media_type for media_type, name in FILE_TYPES.items()}
DryRun = Annotated[bool, Query(description="只检查，不保存 / check only, store nothing")]


@router.put("/mark-sheets/{school_code}", response_model=UploadOut, summary="上传一校成绩 / Send one school's sheet")
async def put_mark_sheet(
    code: ExamCode,
    school_code: str,
    file: UploadedFile,
    request: Request,
    session: Session,
    actor: Writer,
    dry_run: DryRun = False,
) -> Response:
    exam = await exams.exam_by_code(session, actor, code)
    intake = Intake(kernel=kernel_of(request), actor=actor, exam=exam, school_code=school_code, dry_run=dry_run)
    taken = await take_school_sheet(session, MARK_SHEETS, intake, file)
    return school_answer(request, taken, code, faulty="mark_sheet.faulty")


@router.post("/mark-sheets:batch", response_model=UploadOut, summary="上传多校成绩 / Send many schools' sheets")
async def post_mark_sheets(
    code: ExamCode, file: UploadedFile, request: Request, session: Session, actor: Writer, dry_run: DryRun = False
) -> JSONResponse:
    exam = await exams.exam_by_code(session, actor, code)
    intake = Intake(kernel=kernel_of(request), actor=actor, exam=exam, school_code=None, dry_run=dry_run)
    taken = await take_sheets(session, MARK_SHEETS, intake, file)
    return answer(request, taken, code, status=207 if taken.job is None else 202, faulty="mark_sheet.faulty")


@router.get("/mark-sheets", summary="已收成绩表 / Sheets in force")
async def list_mark_sheets(code: ExamCode, session: Session, actor: Reader, page: Paging) -> Page[MarkSheetOut]:
    exam = await exams.exam_by_code(session, actor, code)
    statement = visible(MarkSheet, actor).where(MarkSheet.exam_id == exam.id, MarkSheet.superseded_at.is_(None))
    return Page(**await fetch_page(session, statement, page, key=[MarkSheet.school_code], present=mark_sheet_out))


@router.get(
    "/mark-sheets/{school_code}:template",
    summary="成绩表模板 / Template of a school's sheet",
    response_class=Response,
    responses={200: {"content": {}}},
)
async def read_template(
    code: ExamCode,
    school_code: str,
    request: Request,
    session: Session,
    actor: Reader,
    format: Annotated[Literal["xlsx", "csv"], Query()] = "xlsx",
) -> Response:
    exam = await exams.exam_by_code(session, actor, code)
    if not await exams.counties_of_schools(session, actor, exam, school_code):
        raise DomainError("resource.not_found", params={"what": f"school {school_code}"})
    content = await asyncio.to_thread(
        lambda: mark_sheet_template(
            exam.definition,
            kernel_of(request).columns.get(str(exam.roster_sha256), ["school_code", "class_code"]),
            exam_code=exam.code,
            school_code=school_code,
            file_format=format,
        )
    )
    headers = {"Content-Disposition": f'attachment; filename="marks-{school_code}.{format}"'}
    return Response(content, media_type=_TYPES[format], headers=headers)


@router.get("/mark-sheets/{school_code}", summary="查询一校成绩表 / The sheet in force of one school")
async def read_mark_sheet(code: ExamCode, school_code: str, session: Session, actor: Reader) -> MarkSheetOut:
    exam = await exams.exam_by_code(session, actor, code)
    return mark_sheet_out(await repository.visible_sheet(session, actor, exam, school_code))


@router.get("/mark-sheets/{school_code}/figures", summary="本校待确认数据 / The figures a school confirms")
async def read_figures(
    code: ExamCode, school_code: str, request: Request, session: Session, actor: FiguresReader
) -> FiguresOut:
    exam = await exams.exam_by_code(session, actor, code)
    store = kernel_of(request).columns
    return await figures_of_school(session, store, exam=exam, school_code=school_code, actor=actor)


@router.post("/mark-sheets/{school_code}:confirm", summary="确认本校成绩 / Confirm the sheet that was seen")
async def confirm_mark_sheet(
    code: ExamCode, school_code: str, body: ConfirmIn, session: Session, actor: Confirmer
) -> MarkSheetOut:
    exam = await exams.exam_by_code(session, actor, code)
    sheet = await confirm_sheet(session, exam=exam, school_code=school_code, sha256=body.sha256, actor=actor)
    return mark_sheet_out(sheet)
