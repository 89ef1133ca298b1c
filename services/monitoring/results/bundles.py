"""Route of the recompute bundle."""

import asyncio
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse

from services.monitoring.exams.schemas import ExamCode
from services.monitoring.permissions import PERMISSIONS
from services.monitoring.results.answers import CHECKSUM_HEADER, PRIVATE, frames_of
from services.monitoring.results.bundle import write_bundle
from services.monitoring.results.parameters import Version
from services.monitoring.results.service import bundle as service
from shared.kernel.context import kernel_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/exams", tags=["results"])
Bundler = Annotated[Actor, Depends(PERMISSIONS.requires("results.bundle"))]
_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"description": "复算包 / the bundle; its README tells how to recompute", "content": {"application/zip": {}}}
}


@router.get(
    "/{code}/results:bundle",
    response_class=Response,
    responses=_ZIP,
    summary="复算包 / Everything a version follows from, and a command that computes it anew",
)
async def download_bundle(
    code: ExamCode, request: Request, session: Session, actor: Bundler, version: Version = None
) -> Response:
    reading, of = await service.bundle_of(session, code=code, actor=actor, version=version)
    export = await asyncio.to_thread(write_bundle, kernel_of(request).columns, frames_of(request, reading), of)
    service.note_bundle(session, reading, actor, of=of, rows=export.rows)
    filename = quote(f"{code}-{reading.result_set.version}-bundle.zip")
    return StreamingResponse(
        export.chunks(),
        media_type="application/zip",
        headers={
            **PRIVATE,
            "Content-Length": str(export.size),
            "Content-Disposition": f"attachment; filename*=utf-8''{filename}",
            CHECKSUM_HEADER: export.sha256,
        },
    )
