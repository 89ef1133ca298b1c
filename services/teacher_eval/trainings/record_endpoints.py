"""Routes of records of completed trainings out of other systems."""

import asyncio
import io
import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.trainings.columns import file_columns
from services.teacher_eval.trainings.schemas import RecordOut, TakenOut, VoidIn, record_out
from services.teacher_eval.trainings.service import records
from services.teacher_eval.trainings.tables import TrainingRecord
from shared.kernel.context import kernel_of
from shared.kernel.database.repository import one_visible_for_update
from shared.kernel.tabular.templates import write_template_csv, write_template_xlsx
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kernel.web.upload import UploadedFile
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/training-records", tags=["trainings"])
Importer = Annotated[Actor, Depends(PERMISSIONS.requires("training_records.import"))]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/template", response_class=Response, summary="学时导入模板 / Template to fill in")
async def read_template(actor: Importer, format: Annotated[Literal["xlsx", "csv"], Query()] = "xlsx") -> Response:
    del actor
    target = io.BytesIO()
    if format == "csv":
        await asyncio.to_thread(write_template_csv, file_columns(), target)
    else:
        await asyncio.to_thread(write_template_xlsx, file_columns(), target, sheet="培训学时")
    media = "text/csv; charset=utf-8" if format == "csv" else XLSX
    headers = {"Content-Disposition": f'attachment; filename="training-records.{format}"'}
    return Response(target.getvalue(), media_type=media, headers=headers)


@router.post(":import", summary="导入培训学时 / Take in records of another system (CSV, XLSX, Parquet)")
async def import_records(
    request: Request,
    file: UploadedFile,
    session: Session,
    actor: Importer,
    source: Annotated[OwnCode, Query(description="来源系统，如 national / where they are from")],
    dry_run: Annotated[bool, Query(description="只检查，不保存 / check only")] = False,
    atomic: Annotated[Literal["all", "row"], Query(description="all：有错则全不保存；row：保存无错的行")] = "all",
) -> TakenOut:
    taken = await records.take_file(
        session,
        source=source,
        path=file.path,
        file_format=file.format,
        sha256=file.sha256,
        number_key=kernel_of(request).settings.key("person_key"),
        dry_run=dry_run,
        row_by_row=atomic == "row",
        actor=actor,
    )
    if atomic == "all":
        taken.table.faults.raise_if_any("training.file_refused")
    return TakenOut(
        dry_run=dry_run,
        rows=taken.table.row_count,
        created=taken.created,
        changed=taken.changed,
        unchanged=taken.unchanged,
        refused=taken.refused,
        sha256=file.sha256,
    )


@router.post("/{record_id}:void", summary="作废一条学时记录 / Take a record out of the count, with a reason")
async def void_record(
    record_id: Annotated[uuid.UUID, Path()], body: VoidIn, session: Session, actor: Importer
) -> RecordOut:
    row = await one_visible_for_update(
        session, TrainingRecord, actor, TrainingRecord.id == record_id, what=f"training record {record_id}"
    )
    return record_out(await records.void_record(session, row=row, reason=body.reason, actor=actor), None)
