"""The two bulk routes that every collection has: ``:batch`` for rows, ``:import`` for files."""

import asyncio
import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from services.roster.imports.answers import import_out, job_url, outcomes, refusal, refused_but_kept
from services.roster.imports.openapi import batch_body, file_body
from services.roster.imports.reading import Upload, read_body, read_upload
from services.roster.imports.schemas import BatchOut, ImportOut
from services.roster.imports.service import Received, conclude, hand_over, judge, new_import, receipt_of
from services.roster.imports.tables import ImportState
from services.roster.intake.collection import Collection, Intake
from services.roster.intake.take_in import Atomic, Options
from services.roster.permissions import PERMISSIONS
from shared.kernel.context import kernel_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kernel.web.upload import SpooledFile, UploadedFile
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

#: Up to this many rows are answered at once; more become a job.
DIRECT_ROWS = 1_000
BATCH_TYPES = "application/json, application/x-ndjson"
_ANSWERS: dict[int | str, dict[str, Any]] = {202: {"model": ImportOut}, 207: {"model": BatchOut}}


def _options(
    dry_run: Annotated[bool, Query(description="只检查，不保存 / check only")] = False,
    atomic: Annotated[Atomic, Query(description="all：有错则全不保存；row：保存无错的行")] = Atomic.ALL,
) -> Options:
    return Options(dry_run, atomic)


def intake_router(collection: Collection[Any], action: str) -> APIRouter:
    """Routes ``:batch`` and ``:import`` of a collection, for those who may do ``action``."""
    router = APIRouter(
        route_class=TransactionalRoute,
        prefix=collection.path,
        tags=[collection.path[1:]],
    )
    writer = PERMISSIONS.requires(action)

    @router.post(
        ":batch",
        name=f"batch_{collection.name}",
        status_code=207,
        responses=_ANSWERS,
        openapi_extra=batch_body(collection),
        summary="批量写入 / Write many",
    )
    async def batch(
        request: Request,
        session: Session,
        actor: Annotated[Actor, Depends(writer)],
        options: Annotated[Options, Depends(_options)],
    ) -> Response:
        intake = Intake(session, actor, kernel_of(request).settings)
        kind, sha256, body = await _batch_body(request)
        upload = await asyncio.to_thread(read_body, collection, kind, body)
        received = Received(kind, sha256, options)
        if upload.row_count > DIRECT_ROWS:
            return await _later(intake, collection, received, upload, body=body)
        return await _batch_answer(request, intake, collection, received, upload=upload)

    @router.post(
        ":import",
        name=f"import_{collection.name}",
        status_code=207,
        responses=_ANSWERS,
        openapi_extra=file_body(collection),
        summary="文件导入 / Import a file",
    )
    async def import_file(
        request: Request,
        file: UploadedFile,
        session: Session,
        actor: Annotated[Actor, Depends(writer)],
        options: Annotated[Options, Depends(_options)],
    ) -> Response:
        intake = Intake(session, actor, kernel_of(request).settings)
        upload = await asyncio.to_thread(read_upload, collection, file.format, file.path)
        received = Received(file.format, file.sha256, options)
        body = await asyncio.to_thread(file.path.read_bytes)
        if upload.row_count > DIRECT_ROWS:
            return await _later(intake, collection, received, upload, body=body)
        return await _file_answer(request, intake, collection, received, upload=upload, body=body)

    return router


async def _batch_body(request: Request) -> tuple[str, str, bytes]:
    """Format, hash and bytes of a batch."""
    spooled: SpooledFile | None = getattr(request.state, "spooled", None)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if spooled is not None and spooled.format == "ndjson":
        return "ndjson", spooled.sha256, await asyncio.to_thread(spooled.path.read_bytes)
    if media_type != "application/json":
        raise DomainError("request.unsupported_media", params={"media_type": media_type or "-", "allowed": BATCH_TYPES})
    limit = kernel_of(request).settings.max_upload_bytes
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > limit:
        raise DomainError("request.too_large", params={"limit": limit})
    body = await request.body()
    if len(body) > limit:
        raise DomainError("request.too_large", params={"limit": limit})
    return "json", hashlib.sha256(body).hexdigest(), body


async def _batch_answer(
    request: Request, intake: Intake, collection: Collection[Any], received: Received, *, upload: Upload
) -> Response:
    judged = await judge(intake, collection, upload, received.options)
    if judged.state is ImportState.REFUSED:
        raise refusal(judged, received)
    receipt = receipt_of(intake, collection, received, judged, import_id=None)
    return outcomes(request, received, judged, receipt=receipt, import_id=None)


async def _file_answer(
    request: Request, intake: Intake, collection: Collection[Any], received: Received, *, upload: Upload, body: bytes
) -> Response:
    row = new_import(intake, collection, received, row_count=upload.row_count, body=body)
    judged = await judge(intake, collection, upload, received.options)
    conclude(intake, collection, received, row, judged=judged)
    if judged.state is ImportState.REFUSED:
        return refused_but_kept(request, refusal(judged, received, import_id=row.id))
    return outcomes(request, received, judged, receipt=row.receipt or {}, import_id=row.id)


async def _later(
    intake: Intake, collection: Collection[Any], received: Received, upload: Upload, *, body: bytes
) -> Response:
    row = new_import(intake, collection, received, row_count=upload.row_count, body=body)
    job = await hand_over(intake, row)
    answer = import_out(row).model_dump(mode="json")
    return JSONResponse(answer, 202, {"Location": job_url(job.id), "Retry-After": "1"})
