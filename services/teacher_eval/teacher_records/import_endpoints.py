"""Routes of files of records: templates, taking in, the marked copy."""

import asyncio
import io
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.record_kinds.service import catalog_in_force
from services.teacher_eval.teacher_records.columns import file_columns
from services.teacher_eval.teacher_records.schemas import PostsIn, PostsOut, TakenOut
from services.teacher_eval.teacher_records.service.entries import kind_of
from services.teacher_eval.teacher_records.service.posts import take_posts
from services.teacher_eval.teacher_records.service.taking import Sent, take_file
from shared.kernel.context import kernel_of
from shared.kernel.tabular.error_files import mark_faults_in_xlsx
from shared.kernel.tabular.templates import write_template_csv, write_template_xlsx
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.problems import language_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kernel.web.upload import SpooledFile, UploadedFile
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/records", tags=["records"])
Importer = Annotated[Actor, Depends(PERMISSIONS.requires("records.import"))]
Kind = Annotated[OwnCode, Query(description="记录类别 / kind of records")]
System = Annotated[OwnCode, Query(description="来源系统 / system they are from; its ids are its own")]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/template", response_class=Response, summary="导入模板 / Template to fill in")
async def read_record_template(
    session: Session, actor: Importer, kind: Kind, format: Annotated[Literal["xlsx", "csv"], Query()] = "xlsx"
) -> Response:
    known = await catalog_in_force(session, actor)
    found = kind_of(known, kind)
    columns, target = file_columns(found, known.catalog), io.BytesIO()
    if format == "csv":
        await asyncio.to_thread(write_template_csv, columns, target)
    else:
        stamp = {"kind": kind, "catalog_sha256": known.sha256}
        await asyncio.to_thread(write_template_xlsx, columns, target, sheet=found.name.zh[:31], stamp=stamp)
    media = "text/csv; charset=utf-8" if format == "csv" else XLSX
    return _file(target, media, f"records-{kind}.{format}")


@router.post(":import", summary="导入工作记录 / Take in records of one kind (CSV, XLSX, Parquet)")
async def import_teacher_records(
    request: Request,
    file: UploadedFile,
    session: Session,
    actor: Importer,
    kind: Kind,
    source: System,
    dry_run: Annotated[bool, Query(description="只检查，不保存 / check only")] = False,
    atomic: Annotated[Literal["all", "row"], Query(description="all：有错则全不保存；row：保存无错的行")] = "all",
) -> TakenOut:
    sent = _sent(request, file, kind, source)
    taken = await take_file(session, sent, dry_run=dry_run, row_by_row=atomic == "row", actor=actor)
    if atomic == "all":
        taken.table.faults.raise_if_any("record.file_refused")
    return TakenOut(
        dry_run=dry_run,
        rows=taken.table.row_count,
        created=taken.created,
        changed=taken.changed,
        unchanged=taken.unchanged,
        refused=taken.refused,
        sha256=file.sha256,
    )


@router.post(":mark", response_class=Response, summary="标出错误的副本 / The file with its faulty cells marked")
async def mark_records(
    request: Request, file: UploadedFile, session: Session, actor: Importer, kind: Kind, source: System
) -> Response:
    sent = _sent(request, file, kind, source)
    taken = await take_file(session, sent, dry_run=True, row_by_row=True, actor=actor)
    target, language = io.BytesIO(), language_of(request.headers.get("accept-language"))
    await asyncio.to_thread(mark_faults_in_xlsx, taken.table, taken.table.faults, target, language=language)
    return _file(target, XLSX, f"records-{kind}-marked.xlsx")


@router.post(":take-posts", summary="由名册带入任职 / Take over posts that the roster knows; again changes nothing")
async def take_posts_of_register(body: PostsIn, session: Session, actor: Importer) -> PostsOut:
    created, known = await take_posts(session, starts_on=body.starts_on, actor=actor)
    return PostsOut(created=created, known=known)


def _sent(request: Request, file: SpooledFile, kind: str, source: str) -> Sent:
    number_key = kernel_of(request).settings.key("person_key")
    return Sent(
        kind=kind, system=source, path=file.path, file_format=file.format, sha256=file.sha256, number_key=number_key
    )


def _file(target: io.BytesIO, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(target.getvalue(), media_type=media_type, headers=headers)
