"""Routes of school statistics."""

import asyncio
import io
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.school_eval.permissions import PERMISSIONS
from services.school_eval.statistics import repository, service
from services.school_eval.statistics.columns import file_columns
from services.school_eval.statistics.schemas import (
    CatalogOut,
    CountyCoverage,
    CoverageOut,
    StatisticsDetail,
    StatisticsIn,
    StatisticsOut,
    TakenOut,
    catalog_out,
    statistics_detail,
    statistics_out,
)
from services.school_eval.statistics.service import Taken
from services.school_eval.statistics.tables import SchoolStatistics
from shared.kernel.tabular.error_files import mark_faults_in_xlsx
from shared.kernel.tabular.templates import write_template_csv, write_template_xlsx
from shared.kernel.web.etag import etag, not_modified, require_match
from shared.kernel.web.fields import SchoolYear
from shared.kernel.web.organizations import OrgCode, path_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.problems import language_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kernel.web.upload import UploadedFile
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/statistics", tags=["statistics"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("statistics.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("statistics.write"))]
Confirmer = Annotated[Actor, Depends(PERMISSIONS.requires("statistics.confirm"))]
Year = Annotated[SchoolYear, Path()]
DryRun = Annotated[bool, Query(description="只检查，不保存 / check only")]
Atomic = Annotated[Literal["all", "row"], Query(description="all：有错则全不保存；row：保存无错的行")]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/catalog", summary="统计项目 / What is entered, and what is worked out from it")
async def read_catalog(actor: Reader) -> CatalogOut:
    del actor
    return catalog_out()


@router.get("/template", response_class=Response, summary="填报模板 / Template to fill in")
async def read_template(actor: Reader, format: Annotated[Literal["xlsx", "csv"], Query()] = "xlsx") -> Response:
    del actor
    target = io.BytesIO()
    if format == "csv":
        await asyncio.to_thread(write_template_csv, file_columns(), target)
        return _file(target, "text/csv; charset=utf-8", "statistics-template.csv")
    await asyncio.to_thread(write_template_xlsx, file_columns(), target, sheet="学校统计")
    return _file(target, XLSX, "statistics-template.xlsx")


@router.get("/{school_year}", summary="学校统计列表 / List statistics of a year")
async def list_statistics(
    school_year: Year,
    session: Session,
    actor: Reader,
    page: Paging,
    county_code: Annotated[str | None, Query(max_length=6)] = None,
    confirmed: Annotated[bool | None, Query()] = None,
) -> Page[StatisticsOut]:
    statement = repository.statistics_of_year(actor, school_year)
    if county_code is not None:
        statement = statement.where(SchoolStatistics.county_code == county_code)
    if confirmed is not None:
        is_confirmed = SchoolStatistics.confirmed_at.is_not(None)
        statement = statement.where(is_confirmed if confirmed else ~is_confirmed)
    return Page(**await fetch_page(session, statement, page, key=[SchoolStatistics.id], present=statistics_out))


@router.get("/{school_year}/coverage", summary="填报进度 / How many schools have figures, and confirmed them")
async def read_coverage(school_year: Year, session: Session, actor: Reader) -> CoverageOut:
    found = await repository.counts_by_county(session, actor, school_year)
    counties = [
        CountyCoverage(county_code=county, schools=count, confirmed=sure) for county, (count, sure) in found.items()
    ]
    return CoverageOut(school_year=school_year, items=counties)


@router.post("/{school_year}:import", summary="导入学校统计 / Take in a file of many schools")
async def import_statistics(
    school_year: Year,
    file: UploadedFile,
    session: Session,
    actor: Writer,
    dry_run: DryRun = False,
    atomic: Atomic = "all",
) -> TakenOut:
    taken = await _take(session, school_year, file, actor, dry_run=dry_run, atomic=atomic)
    if taken.table.faults and atomic == "all":
        taken.table.faults.raise_if_any("statistics.file_refused")
    return TakenOut(
        dry_run=dry_run,
        rows=taken.table.row_count,
        created=taken.created,
        changed=taken.changed,
        unchanged=taken.unchanged,
        refused=taken.refused,
        sha256=file.sha256,
    )


@router.post(
    "/{school_year}:mark", response_class=Response, summary="标出错误的副本 / The file with its faulty cells marked"
)
async def mark_statistics(
    school_year: Year, request: Request, file: UploadedFile, session: Session, actor: Writer
) -> Response:
    taken = await _take(session, school_year, file, actor, dry_run=True, atomic="row")
    target = io.BytesIO()
    language = language_of(request.headers.get("accept-language"))
    await asyncio.to_thread(mark_faults_in_xlsx, taken.table, taken.table.faults, target, language=language)
    return _file(target, XLSX, f"statistics-{school_year}-marked.xlsx")


@router.get("/{school_year}/{org}", response_model=StatisticsDetail, summary="学校统计 / Statistics of a school")
async def read_statistics(
    school_year: Year, org: OrgCode, request: Request, response: Response, session: Session, actor: Reader
) -> Any:
    row = await repository.statistics_of_school(session, actor, school_year, path_of(org))
    response.headers["ETag"] = etag(row.version)
    states = await repository.states_of(session, actor, row)
    return not_modified(request, etag(row.version)) or statistics_detail(row, states)


@router.put("/{school_year}/{org}", summary="写入学校统计 / Write every figure of a school (If-Match on known ones)")
async def put_statistics(
    school_year: Year,
    org: OrgCode,
    body: StatisticsIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Writer,
) -> StatisticsDetail:
    path = _school_path(org)
    row = (await repository.statistics_for_update(session, actor, school_year, [path])).get(path)
    if row is not None:
        require_match(request, row.version)
    row, is_new = await service.put_statistics(
        session, school_year=school_year, org_path=path, figures=body.figures, reason=body.reason, row=row, actor=actor
    )
    response.status_code = 201 if is_new else 200
    return await _detail(session, row, actor, response)


@router.post("/{school_year}/{org}:confirm", summary="学校确认统计 / A school's word on its own figures (If-Match)")
async def confirm_statistics(
    school_year: Year, org: OrgCode, request: Request, response: Response, session: Session, actor: Confirmer
) -> StatisticsDetail:
    path = _school_path(org)
    row = (await repository.statistics_for_update(session, actor, school_year, [path])).get(path)
    if row is None:
        raise DomainError("resource.not_found", params={"what": f"statistics {school_year}"})
    require_match(request, row.version)
    await service.confirm_statistics(session, row=row, actor=actor)
    return await _detail(session, row, actor, response)


async def _take(
    session: Session, school_year: str, file: UploadedFile, actor: Actor, *, dry_run: bool, atomic: str
) -> Taken:
    return await service.take_file(
        session,
        school_year=school_year,
        path=file.path,
        file_format=file.format,
        sha256=file.sha256,
        dry_run=dry_run,
        row_by_row=atomic == "row",
        actor=actor,
    )


def _school_path(org: str) -> str:
    if "-" not in org:
        raise DomainError("statistics.schools_only", params={"organization": org})
    return path_of(org)


async def _detail(session: Session, row: SchoolStatistics, actor: Actor, response: Response) -> StatisticsDetail:
    response.headers["ETag"] = etag(row.version)
    return statistics_detail(row, await repository.states_of(session, actor, row))


def _file(target: io.BytesIO, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(target.getvalue(), media_type=media_type, headers=headers)
