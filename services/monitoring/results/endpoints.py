"""Routes of results: publication, withdrawal, reading, download."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.monitoring.exams.repository import exam_for_update
from services.monitoring.exams.schemas import ExamCode, ReasonIn
from services.monitoring.results import repository
from services.monitoring.results.answers import (
    PRIVATE,
    TableRows,
    as_json,
    cache_headers,
    download,
    frames_of,
    offset_of,
    table_rows,
    unchanged,
)
from services.monitoring.results.catalog import TABLES
from services.monitoring.results.parameters import (
    FILE,
    CandidateTable,
    Filters,
    Format,
    Key,
    ModelCode,
    Publisher,
    Ranks,
    Reader,
    Results,
    StandingsReader,
    StandingsResults,
    Table,
    Version,
    given,
    model_code,
)
from services.monitoring.results.queries import QueryIn, run_query
from services.monitoring.results.reading import ExportFormat, require_applicable
from services.monitoring.results.schemas import (
    PublishIn,
    ResultSetOut,
    ResultsOut,
    TablePage,
    ValueAddedPage,
    result_set_out,
    version_out,
)
from services.monitoring.results.service import publish as publishing
from services.monitoring.results.service import read as service
from services.monitoring.results.service.read import Reading
from services.monitoring.results.value_added import read_value_added
from shared.kernel.context import kernel_of
from shared.kernel.web.paging import Paging, page_of_body
from shared.kernel.web.route import Session, TransactionalRoute

router = APIRouter(route_class=TransactionalRoute, prefix="/exams", tags=["results"])


@router.post("/{code}:publish", status_code=201, summary="发布结果 / Publish the last analysis")
async def publish_results(
    code: ExamCode, body: PublishIn, request: Request, session: Session, actor: Publisher
) -> ResultSetOut:
    exam = await exam_for_update(session, actor, code)
    store = kernel_of(request).columns
    return result_set_out(await publishing.publish(session, exam=exam, actor=actor, note=body.note, store=store), code)


@router.post("/{code}:withdraw", status_code=201, summary="撤回结果 / Withdraw what is published")
async def withdraw_results(code: ExamCode, body: ReasonIn, session: Session, actor: Publisher) -> ResultSetOut:
    exam = await exam_for_update(session, actor, code)
    return result_set_out(await publishing.withdraw(session, exam=exam, actor=actor, reason=body.reason), code)


@router.get("/{code}/results", response_model=ResultsOut, summary="结果版本 / Versions and manifest")
async def read_results(
    code: ExamCode, request: Request, session: Session, actor: Reader, version: Version = None
) -> Response:
    versions, shown = await service.list_versions(session, code=code, actor=actor, version=version)
    headers = cache_headers(request, actor, versions[0].version)
    body = ResultsOut(
        exam=code,
        in_force=shown.version if shown else None,
        manifest=shown.manifest if shown else None,
        versions=[version_out(row) for row in versions],
    )
    return unchanged(request, headers) or as_json(body, headers)


@router.get("/{code}/results/value-added", response_model=ValueAddedPage, summary="增值 / Value added of schools")
async def read_value_added_page(
    request: Request,
    session: Session,
    actor: Reader,
    reading: Results,
    page: Paging,
    model: ModelCode = None,
    county_code: Key = None,
    school_code: Key = None,
) -> Response:
    filters = given(county_code=county_code, school_code=school_code)
    await service.require_place(session, reading, actor, filters)
    headers = cache_headers(request, actor, reading.content("value_added_schools"))
    if answer := unchanged(request, headers):
        return answer
    frames, names = frames_of(request, reading), await repository.school_names(session, actor, reading.exam)
    body = await asyncio.to_thread(
        read_value_added, frames, reading, page, model=model_code(model), filters=filters, names=names
    )
    return as_json(body, headers)


@router.get(
    "/{code}/results/standings",
    response_model=TablePage,
    summary="本校考生成绩 / Candidates of the own school (every reading is noted)",
)
async def read_standings(
    request: Request,
    session: Session,
    actor: StandingsReader,
    reading: StandingsResults,
    page: Paging,
    subject: Key = None,
    class_code: Key = None,
    ranks: Ranks = False,
) -> Response:
    filters = given(subject=subject, class_code=class_code)
    return await _candidates(request, session, actor, reading, page, table="standings", filters=filters, ranks=ranks)


@router.get(
    "/{code}/results/candidates/{table}",
    response_model=TablePage,
    summary="本校考生明细表 / Tables of the own school's candidates (every reading is noted)",
)
async def read_candidates(
    table: CandidateTable,
    request: Request,
    session: Session,
    actor: StandingsReader,
    reading: StandingsResults,
    page: Paging,
    subject: Key = None,
    class_code: Key = None,
    track: Key = None,
    line: Key = None,
    ranks: Ranks = False,
) -> Response:
    filters = given(subject=subject, class_code=class_code, track=track, line=line)
    return await _candidates(request, session, actor, reading, page, table=table.name, filters=filters, ranks=ranks)


async def _candidates(
    request: Request,
    session: Session,
    actor: StandingsReader,
    reading: Reading,
    page: Paging,
    *,
    table: str,
    filters: dict[str, str],
    ranks: bool,
) -> Response:
    question = service.candidates_question(reading, table, filters, ranks=ranks)
    rows = await table_rows(frames_of(request, reading), question, page=page, version=reading.result_set.version)
    service.note_candidates(session, reading, actor, table=table, rows=len(rows.items), ranks=ranks)
    return as_json(_page(reading, table, rows), PRIVATE)


@router.get(
    "/{code}/results/standings:download",
    response_class=Response,
    responses=FILE,
    summary="下载本校考生成绩 / Download the own school's candidates (every reading is noted)",
)
async def download_standings(
    request: Request,
    session: Session,
    actor: StandingsReader,
    reading: StandingsResults,
    ranks: Ranks = False,
    export_format: Format = ExportFormat.PARQUET,
) -> Response:
    question = service.candidates_question(reading, "standings", {}, ranks=ranks)
    answer, rows = await download(
        frames_of(request, reading), question, export_format, name=_name(reading), headers=PRIVATE
    )
    service.note_candidates(session, reading, actor, table="standings", rows=rows, ranks=ranks)
    return answer


@router.get(
    "/{code}/results/{table}:download",
    response_class=Response,
    responses=FILE,
    summary="下载整表或其中一部分 / Download a table as the caller sees it, or the part of it that filters choose",
)
async def download_table(
    table: Table,
    request: Request,
    session: Session,
    actor: Reader,
    reading: Results,
    filters: Filters,
    export_format: Format = ExportFormat.PARQUET,
) -> Response:
    require_applicable(table.name, filters)
    await service.require_place(session, reading, actor, filters)
    headers = cache_headers(request, actor, reading.content(table.name))
    if answer := unchanged(request, headers):
        return answer
    question = reading.question(table.name, filters)
    file, _ = await download(frames_of(request, reading), question, export_format, name=_name(reading), headers=headers)
    return file


@router.post(
    "/{code}/results/{table}:query",
    response_model=TablePage,
    response_model_exclude_unset=True,
    summary="查询结果表 / Filter, sort and select a table",
)
async def query_table(table: Table, body: QueryIn, request: Request, reading: Results) -> Response:
    version = reading.result_set.version
    page = page_of_body(request, body.identity, size=body.page_size, cursor=body.cursor)
    offset = offset_of(page, version)
    question, frames = reading.question(table.name), frames_of(request, reading)
    found = await asyncio.to_thread(run_query, frames, question, body, offset=offset)
    cursor = page.cursor([version, str(offset + page.size)]) if found.more else None
    return as_json(_page(reading, table.name, TableRows(found.items, cursor)), PRIVATE)


@router.get("/{code}/results/{table}", response_model=TablePage, summary="结果表 / A table of figures, by page")
async def read_table(
    table: Table, request: Request, session: Session, actor: Reader, reading: Results, page: Paging, filters: Filters
) -> Response:
    require_applicable(table.name, filters)
    await service.require_place(session, reading, actor, filters)
    headers = cache_headers(request, actor, reading.content(table.name))
    if answer := unchanged(request, headers):
        return answer
    question = reading.question(table.name, filters)
    rows = await table_rows(frames_of(request, reading), question, page=page, version=reading.result_set.version)
    return as_json(_page(reading, table.name, rows), headers)


def _page(reading: Reading, frame: str, rows: TableRows) -> dict[str, Any]:
    """A :class:`TablePage`; the rows are as many as asked for, and not validated again."""
    method = TABLES[frame].method
    return {
        "exam": reading.exam.code,
        "version": reading.result_set.version,
        "table": TABLES[frame].address,
        "method": {"id": method.id, "version": method.version},
        "items": rows.items,
        "next_cursor": rows.next_cursor,
    }


def _name(reading: Reading) -> str:
    return f"{reading.exam.code}-{reading.result_set.version}"
