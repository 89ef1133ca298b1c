"""Routes of fitness results."""

import asyncio
import io
from typing import Annotated, Any, Literal

import polars as pl
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.student_eval.enrolled import enrolled_at
from services.student_eval.fitness import reading, repository, service
from services.student_eval.fitness.columns import template_columns
from services.student_eval.fitness.permissions import WRITE, Nearby, Person, Reader, Writer
from services.student_eval.fitness.schemas import (
    ReportOut,
    SheetDetail,
    SheetOut,
    StandardOut,
    StudentsOut,
    TakenOut,
    sheet_detail,
    sheet_out,
    standard_out,
    student_out,
)
from services.student_eval.fitness.service import Taken, Upload
from services.student_eval.fitness.tables import FitnessSheet
from shared.kernel.audit.log import note
from shared.kernel.context import kernel_of
from shared.kernel.tabular.error_files import mark_faults_in_xlsx
from shared.kernel.tabular.templates import write_template_xlsx
from shared.kernel.web.fields import SchoolYear
from shared.kernel.web.organizations import OrgCode, path_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.problems import language_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kernel.web.upload import UploadedFile
from shared.scoring.fitness.standard import Sex, standard_of_2014
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/fitness", tags=["fitness"])
Year = Annotated[SchoolYear, Path()]
DryRun = Annotated[bool, Query(description="只检查，不保存 / check only")]
Atomic = Annotated[Literal["all", "row"], Query(description="all：有错则全不保存；row：保存无错的行")]
Attempt = Annotated[Literal["first", "retest"], Query(description="首测或补测 / first test or retest")]
By = Annotated[Literal["grade_level", "sex", "class_code", "school_code", "county_code"], Query()]
Enrolled = Annotated[pl.DataFrame, Depends(enrolled_at(WRITE))]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/standard", summary="评分标准 / The tables of a grade and sex")
async def read_standard(actor: Reader, sex: Sex, grade_level: Annotated[int, Query(ge=1, le=12)]) -> StandardOut:
    del actor
    standard = standard_of_2014()
    return standard_out(standard, standard.groups[sex, grade_level])


@router.get("/template", response_class=Response, summary="上报模板 / Template to fill in")
async def read_template(actor: Reader) -> Response:
    del actor
    target = io.BytesIO()
    await asyncio.to_thread(write_template_xlsx, template_columns(), target, sheet="体质健康")
    return _file(target, "fitness-template.xlsx")


@router.get("/mine", summary="本人及被监护人体质健康 / One's own results and one's children's, the latest year first")
async def read_own(request: Request, session: Session, actor: Person) -> StudentsOut:
    found = await reading.own_results(session, kernel_of(request).columns, actor)
    return StudentsOut(items=[student_out(row, year, standard_of_2014()) for year, row in found])


@router.get("/{school_year}", summary="已上报学校 / Schools with results")
async def list_sheets(school_year: Year, session: Session, actor: Reader, page: Paging) -> Page[SheetOut]:
    statement = repository.sheets_of_year(actor, school_year)
    return Page(**await fetch_page(session, statement, page, key=[FitnessSheet.id], present=sheet_out))


@router.post("/{school_year}/{org}:import", summary="导入测试成绩 / Take in results of a school")
async def import_results(
    school_year: Year,
    org: OrgCode,
    enrolled: Enrolled,
    file: UploadedFile,
    request: Request,
    session: Session,
    actor: Writer,
    attempt: Attempt = "first",
    dry_run: DryRun = False,
    atomic: Atomic = "all",
) -> TakenOut:
    upload = Upload(
        school_year=school_year,
        org_path=path_of(org),
        attempt=attempt,
        file=file,
        enrolled=enrolled,
        dry_run=dry_run,
        row_by_row=atomic == "row",
    )
    taken = await service.take_file(session, kernel_of(request), upload, actor)
    if atomic == "all":
        taken.table.faults.raise_if_any("fitness.file_refused")
    return _taken_out(taken, dry_run=dry_run, sha256=file.sha256)


@router.post(
    "/{school_year}/{org}:mark",
    response_class=Response,
    summary="标出错误的副本 / The file with its faulty cells marked",
)
async def mark_results(
    school_year: Year,
    org: OrgCode,
    enrolled: Enrolled,
    file: UploadedFile,
    request: Request,
    session: Session,
    actor: Writer,
    attempt: Attempt = "first",
) -> Response:
    upload = Upload(
        school_year=school_year,
        org_path=path_of(org),
        attempt=attempt,
        file=file,
        enrolled=enrolled,
        dry_run=True,
        row_by_row=True,
    )
    taken = await service.take_file(session, kernel_of(request), upload, actor)
    target = io.BytesIO()
    language = language_of(request.headers.get("accept-language"))
    await asyncio.to_thread(mark_faults_in_xlsx, taken.table, taken.table.faults, target, language=language)
    return _file(target, f"fitness-{school_year}-marked.xlsx")


@router.get("/{school_year}/{org}", summary="学校上报情况 / Results of a school, and their history")
async def read_sheet(school_year: Year, org: OrgCode, session: Session, actor: Reader) -> SheetDetail:
    sheet = await repository.sheet_of(session, actor, school_year, path_of(org))
    return sheet_detail(sheet, await repository.states_of(session, actor, sheet))


@router.get("/{school_year}/{org}/report", summary="体质健康报告 / Counts and rates, whole and by groups")
async def read_report(
    school_year: Year, org: OrgCode, request: Request, session: Session, actor: Reader, by: By = "grade_level"
) -> ReportOut:
    return await reading.report(
        session, kernel_of(request).columns, school_year=school_year, org_path=path_of(org), by=by, actor=actor
    )


@router.get("/{school_year}/{org}/students", summary="学生测试成绩 / Pupils' results, for their school alone")
async def list_students(
    school_year: Year,
    org: OrgCode,
    request: Request,
    session: Session,
    actor: Nearby,
    class_code: Annotated[str, Query(max_length=40)],
) -> StudentsOut:
    sheet = await repository.results_of(session, actor, school_year, path_of(org))
    scored = await asyncio.to_thread(service.scored_results, kernel_of(request).columns, sheet.sha256)
    rows = scored.filter(pl.col("class_code") == class_code).to_dicts()
    _note_read(session, actor, f"{school_year}/{org}/{class_code}", len(rows))
    return StudentsOut(items=[student_out(row, school_year, standard_of_2014()) for row in rows])


def _note_read(session: Session, actor: Actor, what: str, count: int) -> None:
    if count:
        note(session, actor, "fitness.students_read", what, {"count": count})


def _taken_out(taken: Taken, *, dry_run: bool, sha256: str) -> TakenOut:
    counts: dict[str, Any] = {name: getattr(taken, name) for name in ("created", "changed", "unchanged", "refused")}
    return TakenOut(dry_run=dry_run, rows=taken.table.row_count, sha256=sha256, **counts)


def _file(target: io.BytesIO, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(target.getvalue(), media_type=XLSX, headers=headers)
