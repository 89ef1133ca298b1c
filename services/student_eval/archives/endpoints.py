"""Routes of a pupil's term: records, guidance, the choice and its signature; and the rules they follow."""

import asyncio
import io
import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.student_eval.archive_terms.repository import term_by_id
from services.student_eval.archive_terms.service import member_of
from services.student_eval.archives.from_fitness import take_fitness
from services.student_eval.archives.imports import columns_of, imported_type_of, take_file
from services.student_eval.archives.log import archive_of
from services.student_eval.archives.schemas import (
    ChoiceIn,
    CorrectionIn,
    GuidanceIn,
    ImportedOut,
    PolicyOut,
    RecordIn,
    RecordOut,
    SignatureIn,
    TakenInOut,
    TermOfArchiveOut,
    policy_out,
    record_out,
    term_of_archive,
)
from services.student_eval.archives.service import records
from services.student_eval.archives.service.records import Opened, open_archive
from services.student_eval.guardianships.access import reader_of
from services.student_eval.permissions import PERMISSIONS
from shared.kernel.audit.log import note
from shared.kernel.context import kernel_of
from shared.kernel.tabular.templates import write_template_xlsx
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kernel.web.upload import UploadedFile
from shared.kits.fields import ReasonIn
from shared.policy.student_archives import archive_policy
from shared.terms.actor import Actor

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ADDRESS = "/archive-terms/{term_id}/students/{student_key}"
router = APIRouter(route_class=TransactionalRoute, tags=["archives"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("archives.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("archives.write"))]
Importer = Annotated[Actor, Depends(PERMISSIONS.requires("archives.import"))]
Guide = Annotated[Actor, Depends(PERMISSIONS.requires("archives.guide"))]


async def _written(term_id: uuid.UUID, student_key: str, session: Session, actor: Writer) -> Opened:
    return await open_archive(session, actor, term_id, student_key)


async def _guided(term_id: uuid.UUID, student_key: str, session: Session, actor: Guide) -> Opened:
    return await open_archive(session, actor, term_id, student_key)


Written = Annotated[Opened, Depends(_written)]
Guided = Annotated[Opened, Depends(_guided)]


@router.get("/archive-policy", summary="记录类型与规则 / Kinds of records and their rules")
async def read_policy(actor: Reader) -> PolicyOut:
    del actor
    return policy_out(archive_policy())


@router.get(ADDRESS, summary="学生本学期材料 / A pupil's term")
async def read_term_of_archive(
    term_id: uuid.UUID, student_key: str, session: Session, actor: Reader
) -> TermOfArchiveOut:
    actor = await reader_of(session, actor, student_key)
    archive = await archive_of(session, actor, student_key)
    term = await term_by_id(session, actor, term_id)
    member_of(term, student_key)
    if not actor.is_person(student_key):
        note(session, actor, "archive.read", student_key, {"term": term.term})
    return term_of_archive(student_key, term.term, archive.state, archive_policy())


@router.post(f"{ADDRESS}/records", status_code=201, summary="写实记录 / Write a record")
async def write_record(body: RecordIn, session: Session, opened: Written) -> RecordOut:
    record = await records.write_record(session, opened, type_code=body.type, fields=body.fields, text=body.text)
    return record_out(record, archive_policy())


@router.put(f"{ADDRESS}/records/{{record_id}}", summary="修改记录 / Say a record anew")
async def correct_record(record_id: uuid.UUID, body: CorrectionIn, session: Session, opened: Written) -> RecordOut:
    record = await records.correct_record(session, opened, record_id, fields=body.fields, text=body.text)
    return record_out(record, archive_policy())


@router.post(f"{ADDRESS}/records/{{record_id}}:withdraw", summary="撤回记录 / Take a record back")
async def withdraw_record(record_id: uuid.UUID, body: ReasonIn, session: Session, opened: Written) -> RecordOut:
    return record_out(await records.withdraw_record(session, opened, record_id, reason=body.reason), archive_policy())


@router.post(f"{ADDRESS}/records/{{record_id}}/guidance", status_code=201, summary="教师指导 / A teacher's word")
async def guide(record_id: uuid.UUID, body: GuidanceIn, session: Session, opened: Guided) -> RecordOut:
    return record_out(await records.guide(session, opened, record_id, text=body.text), archive_policy())


@router.put(f"{ADDRESS}/choice", summary="遴选 / Choose for the archive")
async def choose(body: ChoiceIn, session: Session, opened: Written) -> TermOfArchiveOut:
    state = await records.choose(session, opened, body.records)
    return term_of_archive(opened.student_key, opened.term.term, state, archive_policy())


@router.post(f"{ADDRESS}/choice:sign", summary="签字确认遴选 / Sign the choice")
async def sign_choice(body: SignatureIn, session: Session, opened: Written) -> TermOfArchiveOut:
    state = await records.sign_choice(session, opened, seen_sha256=body.content_sha256)
    return term_of_archive(opened.student_key, opened.term.term, state, archive_policy())


@router.get(
    "/archive-policy/{type}/template", response_class=Response, summary="客观数据导入模板 / Template to fill in"
)
async def read_records_template(actor: Importer, type: Annotated[str, Path(max_length=60)]) -> Response:
    del actor
    kind = imported_type_of(type)
    target = io.BytesIO()
    await asyncio.to_thread(write_template_xlsx, columns_of(kind), target, sheet=kind.name["zh"])
    headers = {"Content-Disposition": f'attachment; filename="{kind.code}-template.xlsx"'}
    return Response(target.getvalue(), media_type=XLSX, headers=headers)


@router.post("/archive-terms/{term_id}/records:import", summary="导入客观数据 / Take in results the school holds")
async def import_records(
    term_id: uuid.UUID,
    file: UploadedFile,
    request: Request,
    session: Session,
    actor: Importer,
    type: Annotated[str, Query(max_length=60, description="记录类型 / kind of record")],
    dry_run: Annotated[bool, Query(description="只检查，不保存 / check only")] = False,
) -> ImportedOut:
    taken = await take_file(
        session, kernel_of(request), term_id=term_id, type_code=type, file=file, dry_run=dry_run, actor=actor
    )
    taken.table.faults.raise_if_any("archive.file_refused")
    return ImportedOut(
        dry_run=dry_run, rows=taken.table.row_count, written=taken.written, known=taken.known, sha256=file.sha256
    )


@router.post("/archive-terms/{term_id}/records:from-fitness", summary="取入体质健康结果 / Take in fitness results")
async def take_in_fitness(
    term_id: uuid.UUID,
    request: Request,
    session: Session,
    actor: Importer,
    dry_run: Annotated[bool, Query(description="只检查，不保存 / check only")] = False,
) -> TakenInOut:
    store = kernel_of(request).columns
    rows, written = await take_fitness(session, store, term_id=term_id, dry_run=dry_run, actor=actor)
    return TakenInOut(dry_run=dry_run, rows=rows, written=written, known=rows - written)
