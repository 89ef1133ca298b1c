"""Routes of change lists: what differs between a version of results and the one it replaced."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from services.monitoring.exams.schemas import ExamCode
from services.monitoring.results.answers import (
    PRIVATE,
    as_file,
    as_json,
    cache_headers,
    change_list_of,
    offset_of,
    unchanged,
)
from services.monitoring.results.catalog import BY_ADDRESS, OF_CANDIDATES, TABLES, ResultTable
from services.monitoring.results.change_list import ChangeList
from services.monitoring.results.parameters import FILE, Format, Ranks, Reader, StandingsReader, table_of
from services.monitoring.results.reading import ExportFormat, export_frame
from services.monitoring.results.schemas import ChangesPage
from services.monitoring.results.service import read as service
from services.monitoring.results.service.read import Reading
from shared.kernel.web.paging import PageRequest, Paging
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/exams/{code}/results/versions/{version}", tags=["results"])

VersionPath = Annotated[str, Path(max_length=40, examples=["1.1.0"])]


async def _changed(code: ExamCode, version: VersionPath, session: Session, actor: Reader) -> tuple[Reading, Reading]:
    return await service.open_change(session, code=code, actor=actor, version=version)


async def _changed_candidates(
    code: ExamCode, version: VersionPath, session: Session, actor: StandingsReader
) -> tuple[Reading, Reading]:
    before, after = await service.open_change(session, code=code, actor=actor, version=version)
    if not after.visibility.sees_candidates:
        raise DomainError("auth.forbidden", params={"action": "standings.read"})
    return before, after


Versions = Annotated[tuple[Reading, Reading], Depends(_changed)]
CandidateVersions = Annotated[tuple[Reading, Reading], Depends(_changed_candidates)]


def _table(
    table: Annotated[str, Query(json_schema_extra={"enum": list(BY_ADDRESS)})], versions: Versions
) -> ResultTable:
    return table_of(table, *versions)


def _candidate_table(
    table: Annotated[str, Path(json_schema_extra={"enum": list(OF_CANDIDATES)})], versions: CandidateVersions
) -> ResultTable:
    return table_of(table, *versions, among=OF_CANDIDATES)


#: The table whose changes are wanted; one of the versions has it at least.
ChangedTable = Annotated[ResultTable, Depends(_table)]
ChangedCandidateTable = Annotated[ResultTable, Depends(_candidate_table)]


@router.get(
    "/changes", response_model=ChangesPage, summary="版本变更清单 / Figures that changed since the version before"
)
async def read_changes(
    request: Request, actor: Reader, versions: Versions, table: ChangedTable, page: Paging
) -> Response:
    before, after = versions
    headers = cache_headers(request, actor, before.result_set.version, after.content(table.name))
    if answer := unchanged(request, headers):
        return answer
    listed = await change_list_of(request, before, after, table.name)
    return as_json(await asyncio.to_thread(_page, listed, versions, table.name, page), headers)


@router.get(
    "/changes:download",
    response_class=Response,
    responses=FILE,
    summary="下载变更清单 / Download the figures that changed, a row per figure",
)
async def download_changes(
    request: Request,
    actor: Reader,
    versions: Versions,
    table: ChangedTable,
    export_format: Format = ExportFormat.PARQUET,
) -> Response:
    before, after = versions
    headers = cache_headers(request, actor, before.result_set.version, after.content(table.name))
    if answer := unchanged(request, headers):
        return answer
    listed = await change_list_of(request, before, after, table.name)
    export = await asyncio.to_thread(lambda: export_frame(listed.figures(), export_format))
    name = f"{after.exam.code}-{after.result_set.version}-changes-{table.name}"
    return as_file(export, export_format, name=name, headers=headers)


@router.get(
    "/changes/candidates/{table}",
    response_model=ChangesPage,
    summary="本校考生明细变更 / Changed rows of the own school's candidates (every reading is noted)",
)
async def read_candidate_changes(
    request: Request,
    session: Session,
    actor: StandingsReader,
    versions: CandidateVersions,
    table: ChangedCandidateTable,
    page: Paging,
    ranks: Ranks = False,
) -> Response:
    service.candidates_question(versions[1], table.name, {}, ranks=ranks)
    listed = await change_list_of(request, *versions, table.name, ranks=ranks)
    body = await asyncio.to_thread(_page, listed, versions, table.name, page)
    service.note_candidates(session, versions[1], actor, table=table.name, rows=len(body["items"]), ranks=ranks)
    return as_json(body, PRIVATE)


def _page(listed: ChangeList, versions: tuple[Reading, Reading], table: str, page: PageRequest) -> dict[str, Any]:
    before, after = (reading.result_set.version for reading in versions)
    offset = offset_of(page, after)
    more = listed.rows.height > offset + page.size
    return {
        "exam": versions[1].exam.code,
        "version": after,
        "replaces": before,
        "table": TABLES[table].address,
        "counts": listed.counts,
        "items": listed.page(offset, page.size),
        "next_cursor": page.cursor([after, str(offset + page.size)]) if more else None,
    }
