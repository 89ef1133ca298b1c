"""Imports as senders see them, and the error file that lets them mend theirs."""

import asyncio
import io
import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from services.roster.collections import collection_named
from services.roster.imports.answers import import_out
from services.roster.imports.reading import read_body
from services.roster.imports.repository import imports_of, one_import
from services.roster.imports.schemas import ImportOut
from services.roster.imports.service import faults_of
from services.roster.imports.tables import Import, ImportState
from services.roster.intake.personal import PersonalKeys
from services.roster.permissions import PERMISSIONS
from shared.kernel.audit.log import note
from shared.kernel.context import kernel_of
from shared.kernel.tabular.error_files import mark_faults_in_xlsx, write_error_csv
from shared.kernel.web.etag import etag, not_modified
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.problems import Language, language_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/imports", tags=["imports"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("imports.read"))]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("", summary="导入记录 / List imports")
async def list_imports(
    session: Session,
    actor: Reader,
    page: Paging,
    collection: Annotated[str | None, Query(max_length=40)] = None,
    state: ImportState | None = None,
) -> Page[ImportOut]:
    statement = imports_of(actor, collection=collection, state=state)
    return Page(**await fetch_page(session, statement, page, key=[Import.id], present=import_out))


@router.get("/{import_id}", response_model=ImportOut, summary="导入结果 / Read an import")
async def read_import(
    import_id: uuid.UUID, request: Request, response: Response, session: Session, actor: Reader
) -> Any:
    row = await one_import(session, actor, import_id)
    response.headers["ETag"] = etag(row.version)
    return not_modified(request, etag(row.version)) or import_out(row)


@router.get(
    "/{import_id}/errors",
    summary="错误文件 / The error file",
    response_class=Response,
    responses={200: {"content": {}}},
)
async def read_errors(
    import_id: uuid.UUID,
    request: Request,
    session: Session,
    actor: Reader,
    format: Annotated[Literal["csv", "xlsx"], Query(description="xlsx：原表副本，出错的单元格已标记")] = "csv",
) -> Response:
    row = await one_import(session, actor, import_id)
    if row.faults is None:
        raise DomainError("resource.not_found", params={"what": f"errors of import {import_id}"})
    language = language_of(request.headers.get("accept-language"))
    if format == "csv":
        content, media_type = await asyncio.to_thread(_csv, row, language), "text/csv; charset=utf-8"
    else:
        is_personal = PERMISSIONS.grants["people.read_personal"].allows(actor)
        keys = PersonalKeys.of(kernel_of(request).settings)
        content = await asyncio.to_thread(_marked_copy, row, keys, language=language, is_personal=is_personal)
        media_type = _XLSX
        note(session, actor, "import.copy_read", str(row.id), {"personal": is_personal})
    name = f'attachment; filename="{row.collection}-{row.id}-errors.{format}"'
    return Response(content, media_type=media_type, headers={"Content-Disposition": name, "Cache-Control": "private"})


def _csv(row: Import, language: Language) -> bytes:
    buffer = io.BytesIO()
    write_error_csv(faults_of(row), buffer, language=language)
    return buffer.getvalue()


def _marked_copy(row: Import, keys: PersonalKeys, *, language: Language, is_personal: bool) -> bytes:
    if row.body_sealed is None:
        raise DomainError("import.body_gone")
    upload = read_body(collection_named(row.collection), row.format, keys.opened_body(row.body_sealed))
    if upload.table is None:
        raise DomainError("request.not_acceptable", params={"allowed": "csv"})
    buffer = io.BytesIO()
    mark_faults_in_xlsx(upload.table, faults_of(row), buffer, language=language, include_sensitive=is_personal)
    return buffer.getvalue()
