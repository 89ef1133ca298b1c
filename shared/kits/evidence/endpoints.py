"""Routes of evidence, made for one kind of thing of a service."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse

from shared.kernel.context import kernel_of
from shared.kernel.web.etag import etag, not_modified
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kernel.web.upload import AnyFile, SpooledFile
from shared.kits.evidence import service
from shared.kits.evidence.schemas import AttachedOut, EvidenceOut, attached_out, evidence_out
from shared.kits.evidence.service import EvidenceLimits, InspectedFile, inspect
from shared.kits.evidence.tables import EvidenceFile
from shared.kits.fields import ReasonIn
from shared.kits.subject import Subject, one_row, rows_about

#: What a downloaded file may do in a browser: nothing.
SAFE_HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}
_FILE: dict[str, Any] = {"type": "string", "format": "binary"}
_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": _FILE, "caption": {"type": "string", "maxLength": 300, "description": "说明 / caption"}},
}
_BODY = {
    "requestBody": {
        "required": True,
        "description": "表单的 file 部分，或文件本身（文件名写在 Content-Disposition 中）/ the part `file` of a form, "
        "or the file itself, named by Content-Disposition. 类型按内容判定 / its type is decided by its content.",
        "content": {"multipart/form-data": {"schema": _FORM}, "application/octet-stream": {"schema": _FILE}},
    }
}
SubjectOf = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class _Mounting:
    table: type[EvidenceFile]
    name: str
    reader: SubjectOf
    writer: SubjectOf
    limits: EvidenceLimits


def evidence_router(
    table: type[EvidenceFile],
    *,
    prefix: str,
    name: str,
    reader: SubjectOf,
    writer: SubjectOf,
    limits: EvidenceLimits | None = None,
) -> APIRouter:
    """Routes of the evidence of one kind of thing.

    Args:
        table: the service's table of evidence.
        prefix: address of the collection, with the parameters that name the thing; it ends in ``/evidence``.
        name: the kind of thing, for the names of the operations; each mounting has its own.
        reader: dependency that finds the thing for a reader, declares the permission and returns a :class:`Subject`.
        writer: the same for whoever may attach and withdraw; refuses while nothing may be changed.
        limits: how much may be attached.
    """
    router = APIRouter(route_class=TransactionalRoute, prefix=prefix, tags=["evidence"])
    mounting = _Mounting(table, name, reader, writer, limits or EvidenceLimits())
    _add_reading(router, mounting)
    _add_content(router, mounting)
    _add_attaching(router, mounting)
    _add_withdrawing(router, mounting)
    return router


def _add_reading(router: APIRouter, on: _Mounting) -> None:
    @router.get("", name=f"list_{on.name}_evidence", summary="佐证材料列表 / List the evidence")
    async def list_evidence(
        request: Request, session: Session, page: Paging, subject: Annotated[Subject, Depends(on.reader)]
    ) -> Page[EvidenceOut]:
        address = request.url.path
        found = await fetch_page(
            session,
            rows_about(on.table, subject),
            page,
            key=[on.table.id],
            present=lambda row: evidence_out(row, address),
        )
        return Page(**found)

    @router.get("/{evidence_id}", name=f"read_{on.name}_evidence", summary="查询佐证材料 / What is known of a file")
    async def read_evidence(
        evidence_id: uuid.UUID, request: Request, session: Session, subject: Annotated[Subject, Depends(on.reader)]
    ) -> EvidenceOut:
        row = await one_row(session, on.table, subject, evidence_id, what="evidence")
        return evidence_out(row, request.url.path.rpartition("/")[0])


def _add_content(router: APIRouter, on: _Mounting) -> None:
    @router.get(
        "/{evidence_id}/content",
        name=f"download_{on.name}_evidence",
        response_class=FileResponse,
        response_model=None,
        summary="下载佐证材料 / Download a file; reading what another handed in is noted",
    )
    async def download_evidence(
        evidence_id: uuid.UUID, request: Request, session: Session, subject: Annotated[Subject, Depends(on.reader)]
    ) -> Response:
        row, path = await service.content_of(
            session,
            table=on.table,
            subject=subject,
            evidence_id=evidence_id,
            blobs=kernel_of(request).files,
            check="range" not in request.headers,
        )
        tag = etag(row.sha256)
        disposition = f"attachment; filename=\"evidence\"; filename*=UTF-8''{quote(row.file_name)}"
        headers = {**SAFE_HEADERS, "ETag": tag, "Content-Disposition": disposition}
        return not_modified(request, tag) or FileResponse(path, media_type=row.media_type, headers=headers)


def _add_attaching(router: APIRouter, on: _Mounting) -> None:
    received = AnyFile(max_bytes=max(on.limits.file_bytes.values()), fields=("caption",))

    # The file is looked at before the thing is looked up: no transaction is open while a scanner works.
    async def inspected(request: Request, spooled: Annotated[SpooledFile, Depends(received)]) -> InspectedFile:
        return await inspect(kernel_of(request), spooled, on.limits)

    @router.post(
        "",
        name=f"attach_{on.name}_evidence",
        status_code=201,
        openapi_extra=_BODY,
        summary="上传佐证材料 / Attach a file",
    )
    async def attach_evidence(
        request: Request,
        response: Response,
        file: Annotated[InspectedFile, Depends(inspected)],
        session: Session,
        subject: Annotated[Subject, Depends(on.writer)],
    ) -> AttachedOut:
        blobs = kernel_of(request).files
        row, duplicates, is_new = await service.attach(
            session, table=on.table, subject=subject, file=file, blobs=blobs, limits=on.limits
        )
        response.status_code = 201 if is_new else 200
        response.headers["Location"] = f"{request.url.path}/{row.id}"
        return attached_out(row, list(duplicates), request.url.path)


def _add_withdrawing(router: APIRouter, on: _Mounting) -> None:
    @router.post(
        "/{evidence_id}:withdraw",
        name=f"withdraw_{on.name}_evidence",
        summary="撤回佐证材料 / Withdraw a file; it is kept and no longer given out",
    )
    async def withdraw_evidence(
        evidence_id: uuid.UUID,
        body: ReasonIn,
        request: Request,
        session: Session,
        subject: Annotated[Subject, Depends(on.writer)],
    ) -> EvidenceOut:
        row = await service.withdraw(
            session, table=on.table, subject=subject, evidence_id=evidence_id, reason=body.reason
        )
        return evidence_out(row, request.url.path.rpartition("/")[0])
