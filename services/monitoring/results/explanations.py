"""Route of explanations: what a printed figure follows from, step by step."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from services.monitoring.results.answers import as_json, cache_headers, frames_of, unchanged
from services.monitoring.results.explained import Explained, explain
from services.monitoring.results.parameters import Filters, Reader, Results, Table
from services.monitoring.results.reading import require_applicable
from services.monitoring.results.schemas import ExplanationOut
from services.monitoring.results.service import read as service
from services.monitoring.results.service.explain import sheets_behind
from shared.kernel.web.route import Session, TransactionalRoute

router = APIRouter(route_class=TransactionalRoute, prefix="/exams", tags=["results"])
Figure = Annotated[str, Query(max_length=120, description="列名，如 pass_rate / the column, e.g. pass_rate")]


@router.get(
    "/{code}/results/{table}/explanation",
    response_model=ExplanationOut,
    summary="指标解释 / How a figure comes about, with numbers that add up",
)
async def explain_figure(
    table: Table, request: Request, session: Session, actor: Reader, reading: Results, filters: Filters, figure: Figure
) -> Response:
    require_applicable(table.name, filters)
    await service.require_place(session, reading, actor, filters)
    headers = cache_headers(request, actor, reading.content(table.name))
    if answer := unchanged(request, headers):
        return answer
    frames = frames_of(request, reading)
    found: Explained = await asyncio.to_thread(explain, frames, reading, table, filters=filters, figure=figure)
    sheets = await sheets_behind(session, reading, actor, found.row)
    body = {
        "exam": reading.exam.code,
        "version": reading.result_set.version,
        "table": table.address,
        "key": {key: found.row[key] for key in table.keys},
        "figure": figure,
        "value": found.row[figure],
        "agrees": found.agrees,
        "method": {"id": table.method.id, "version": table.method.version},
        "explanation": found.tree,
        "inputs": {
            "inputs_sha256": reading.result_set.manifest["inputs_sha256"],
            "analysis": reading.result_set.manifest["analysis"],
            "sheets": [
                {"school_code": sheet.school_code, "sha256": sheet.sha256, "rows": sheet.row_count} for sheet in sheets
            ],
        },
    }
    return as_json(body, headers)
