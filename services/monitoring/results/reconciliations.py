"""Routes of reconciliation: the province posts its figures, both sides read what differs."""

import asyncio
import hashlib
import uuid
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError

from services.monitoring.exams.schemas import ExamCode
from services.monitoring.permissions import PERMISSIONS
from services.monitoring.results import repository
from services.monitoring.results.answers import PRIVATE, as_file, as_json, frames_of
from services.monitoring.results.catalog import BY_ADDRESS, TABLES, ResultTable
from services.monitoring.results.parameters import FILE, Format, Reader, Results, table_of
from services.monitoring.results.reading import ExportFormat, export_frame
from services.monitoring.results.reconciling import FIGURE, OUTCOME, VALUE
from services.monitoring.results.schemas import (
    DifferencesPage,
    ReconcileIn,
    ReconciliationOut,
    reconciliation_out,
)
from services.monitoring.results.service.read import Reading
from services.monitoring.results.service.reconcile import Posted, reconcile_results, reconciliation_of
from services.monitoring.results.tables import ResultReconciliation
from shared.kernel.context import kernel_of
from shared.kernel.tabular.columns import Column
from shared.kernel.tabular.read import read_table
from shared.kernel.web.paging import Page, PageRequest, Paging, fetch_page, first_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kernel.web.upload import FILE_TYPES, SpooledFile
from shared.kernel.web.validation import validation_problem
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/exams/{code}/results/reconciliations", tags=["results"])
Reconciler = Annotated[Actor, Depends(PERMISSIONS.requires("results.reconcile"))]
Digits = Annotated[int | None, Query(ge=0, le=9, description="对方保留的小数位；缺省为逐位相等 / decimals posted")]
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": ReconcileIn.model_json_schema()},
            **{media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in FILE_TYPES},
        },
    }
}


def _table(table: Annotated[str, Query(json_schema_extra={"enum": list(BY_ADDRESS)})], reading: Results) -> ResultTable:
    return table_of(table, reading)


@router.post(
    "",
    status_code=201,
    response_model=DifferencesPage,
    openapi_extra=_BODY,
    summary="与本方结果对账 / Reconcile figures with ours, both ways and to the row",
)
async def post_result_reconciliation(
    request: Request,
    session: Session,
    actor: Reconciler,
    reading: Results,
    table: Annotated[ResultTable, Depends(_table)],
    page: Paging,
    digits: Digits = None,
) -> Response:
    rows, sha256 = await _posted(request, table)
    posted = Posted(rows=rows, sha256=sha256, digits=digits)
    frames = frames_of(request, reading)
    record, differences = await reconcile_results(
        session, reading=reading, frames=frames, table=table, posted=posted, actor=actor
    )
    address = f"{request.url.path}/{record.id}"
    body = _page(record, reading, differences, first_page(address, page.size))
    answer = as_json(body, PRIVATE | {"Location": address})
    answer.status_code = 201
    return answer


@router.get("", summary="对账记录 / Reconciliations of a version")
async def list_result_reconciliations(
    session: Session, actor: Reader, reading: Results, page: Paging
) -> Page[ReconciliationOut]:
    statement = repository.reconciliations_of(actor, reading.result_set)
    return Page(
        **await fetch_page(
            session, statement, page, key=[ResultReconciliation.id], present=lambda record: _out(record, reading)
        )
    )


@router.get(
    "/{record_id}:download", response_class=Response, responses=FILE, summary="下载对账差异 / Download what differs"
)
async def download_result_reconciliation(
    code: ExamCode,
    record_id: uuid.UUID,
    request: Request,
    session: Session,
    actor: Reader,
    export_format: Format = ExportFormat.PARQUET,
) -> Response:
    record, reading = await reconciliation_of(session, code=code, record_id=record_id, actor=actor)
    store = kernel_of(request).columns
    export = await asyncio.to_thread(lambda: export_frame(store.get(record.differences_sha256), export_format))
    return as_file(export, export_format, name=f"{reading.exam.code}-reconciliation-{record.id}", headers=PRIVATE)


@router.get("/{record_id}", response_model=DifferencesPage, summary="对账差异 / What differs, by page")
async def read_result_reconciliation(
    code: ExamCode, record_id: uuid.UUID, request: Request, session: Session, actor: Reader, page: Paging
) -> Response:
    record, reading = await reconciliation_of(session, code=code, record_id=record_id, actor=actor)
    store = kernel_of(request).columns
    differences = await asyncio.to_thread(store.get, record.differences_sha256)
    return as_json(_page(record, reading, differences, page), PRIVATE)


async def _posted(request: Request, table: ResultTable) -> tuple[pl.DataFrame, str]:
    """The figures that were posted, as text, and the hash of the body."""
    spooled: SpooledFile | None = getattr(request.state, "spooled", None)
    if spooled is None:
        body = await request.body()
        try:
            rows = ReconcileIn.model_validate_json(body).rows
        except ValidationError as error:
            raise validation_problem([{**found, "loc": ("body", *found["loc"])} for found in error.errors()]) from error
        return await asyncio.to_thread(_as_text, rows), hashlib.sha256(body).hexdigest()
    columns = [Column(name, optional=True) for name in table.keys]
    columns += [Column(FIGURE, required=True), Column(VALUE)]
    read = await asyncio.to_thread(read_table, spooled.path, media_type_or_name=spooled.format, columns=columns)
    read.faults.raise_if_any()
    return read.frame.select(*table.keys, FIGURE, VALUE), spooled.sha256


def _as_text(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows as a frame of text: a number is written so that it reads back as itself."""
    names = [*dict.fromkeys([FIGURE, VALUE, *(name for row in rows for name in row)])]
    written = {name: [None if row.get(name) is None else str(row[name]) for row in rows] for name in names}
    return pl.DataFrame(written, schema=dict.fromkeys(names, pl.String))


def _out(record: ResultReconciliation, reading: Reading) -> ReconciliationOut:
    return reconciliation_out(record, exam_code=reading.exam.code, version=reading.result_set.version)


def _page(
    record: ResultReconciliation, reading: Reading, differences: pl.DataFrame, page: PageRequest
) -> dict[str, Any]:
    keys = TABLES[record.table_name].keys
    offset = int(page.after[0]) if page.after and str(page.after[0]).isdecimal() else 0
    items = [
        {"key": {key: row[key] for key in keys}}
        | {name: row[name] for name in (FIGURE, OUTCOME, "theirs", "ours", "difference")}
        for row in differences.slice(offset, page.size).iter_rows(named=True)
    ]
    more = differences.height > offset + page.size
    return {
        "reconciliation": _out(record, reading).model_dump(mode="json"),
        "items": items,
        "next_cursor": page.cursor([str(offset + page.size)]) if more else None,
    }
