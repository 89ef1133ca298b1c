"""Routes of growth records, notes of one's own, and feedback."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from services.teacher_eval.growth import feedback, notes, repository
from services.teacher_eval.growth.printing.document import printed_record
from services.teacher_eval.growth.printing.template import GROWTH_RECORD
from services.teacher_eval.growth.record import growth_record
from services.teacher_eval.growth.schemas import (
    FeedbackIn,
    FeedbackOut,
    GrowthOut,
    NoteIn,
    NoteOut,
    feedback_out,
    growth_out,
    note_out,
)
from services.teacher_eval.growth.tables import GrowthNote
from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.staff_register.repository import staff_by_key
from services.teacher_eval.whole_person import own_key, whole_person
from shared.contracts.monitoring import Monitoring, MonitoringClient
from shared.kernel import clock
from shared.kernel.context import kernel_of
from shared.kernel.printing.cache import content_key
from shared.kernel.printing.typesetter import PRINTERS, typeset
from shared.kernel.web.etag import etag, not_modified, require_match
from shared.kernel.web.fields import OwnCode, StaffKey
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/growth", tags=["growth"])
Own = Annotated[Actor, Depends(PERMISSIONS.requires("development.read_own"))]
OwnWriter = Annotated[Actor, Depends(PERMISSIONS.requires("growth.write_own"))]
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("growth.read"))]
Key = Annotated[StaffKey, Path()]
NoteId = Annotated[uuid.UUID, Path()]
PDF = "application/pdf"
_PDF_ANSWER: dict[int | str, dict[str, Any]] = {200: {"description": "成长档案 / the record", "content": {PDF: {}}}}


async def callers_monitoring(request: Request) -> AsyncIterator[Monitoring]:
    """Monitoring, asked with the caller's own token."""
    token = request.headers["authorization"].partition(" ")[2].strip()
    async with MonitoringClient.for_caller(kernel_of(request).settings, token) as client:
        yield client


@router.get("/mine", summary="本人成长档案 / The caller's own growth record")
async def read_own_growth(request: Request, response: Response, session: Session, actor: Own) -> GrowthOut:
    return await _record(request, session, own_key(actor), actor, response)


@router.get("/mine:pdf", response_class=Response, responses=_PDF_ANSWER, summary="本人成长档案（PDF） / As PDF")
async def print_own_growth(request: Request, response: Response, session: Session, actor: Own) -> Response:
    return await _printed(request, await _record(request, session, own_key(actor), actor, response))


@router.get("/mine/notes", summary="本人的反思与目标 / Notes of one's own")
async def list_notes(session: Session, actor: Own, page: Paging) -> Page[NoteOut]:
    async with whole_person(session, actor) as everywhere:
        statement = repository.notes_of(everywhere, own_key(actor), is_own=True)
        return Page(**await fetch_page(session, statement, page, key=[GrowthNote.id], present=note_out))


@router.post("/mine/notes", status_code=201, summary="写一条反思或目标 / Write a note; private until shared")
async def add_note(body: NoteIn, response: Response, session: Session, actor: OwnWriter) -> NoteOut:
    row = await notes.write_note(session, staff_key=own_key(actor), body=body, row=None, actor=actor)
    response.headers["ETag"] = etag(row.version)
    return note_out(row)


@router.put("/mine/notes/{note_id}", summary="修改反思或目标 / Change a note (If-Match)")
async def put_note(
    note_id: NoteId, body: NoteIn, request: Request, response: Response, session: Session, actor: OwnWriter
) -> NoteOut:
    async with whole_person(session, actor) as everywhere:
        row = await repository.own_note_for_update(session, everywhere, own_key(actor), note_id)
        require_match(request, row.version)
        row = await notes.write_note(session, staff_key=row.staff_key, body=body, row=row, actor=actor)
    response.headers["ETag"] = etag(row.version)
    return note_out(row)


@router.post("/mine/notes/{note_id}:share", summary="分享给学校和教育局 / Let school and offices read it")
async def share_note(note_id: NoteId, session: Session, actor: OwnWriter) -> NoteOut:
    return await _shared(session, note_id, actor, is_shared=True)


@router.post("/mine/notes/{note_id}:take-back", summary="收回分享 / Make it private again")
async def take_back_note(note_id: NoteId, session: Session, actor: OwnWriter) -> NoteOut:
    return await _shared(session, note_id, actor, is_shared=False)


@router.delete("/mine/notes/{note_id}", status_code=204, summary="删除反思或目标 / Forget a note")
async def delete_note(note_id: NoteId, session: Session, actor: OwnWriter) -> None:
    async with whole_person(session, actor) as everywhere:
        row = await repository.own_note_for_update(session, everywhere, own_key(actor), note_id)
        await notes.delete_note(session, row=row, actor=actor)


@router.put(
    "/mine/feedback/{exam}/{subject}", summary="取得本人班级的学科反馈 / Keep what monitoring says of one's own classes"
)
async def put_feedback(
    exam: Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")],
    subject: Annotated[OwnCode, Path()],
    body: FeedbackIn,
    session: Session,
    actor: OwnWriter,
    monitoring: Annotated[Monitoring, Depends(callers_monitoring)],
) -> FeedbackOut:
    row = await feedback.keep_feedback(
        session,
        staff_key=own_key(actor),
        exam=exam,
        subject=subject,
        class_codes=sorted(set(body.class_codes)),
        monitoring=monitoring,
        actor=actor,
    )
    return feedback_out(row)


# Before the record, whose address would take it for a person.
@router.get("/{staff_key}:pdf", response_class=Response, responses=_PDF_ANSWER, summary="教师成长档案（PDF） / As PDF")
async def print_growth(
    staff_key: Key, request: Request, response: Response, session: Session, actor: Reader
) -> Response:
    await staff_by_key(session, actor, staff_key)
    return await _printed(request, await _record(request, session, staff_key, actor, response))


@router.get("/{staff_key}", summary="教师成长档案 / Growth record of a member of staff; private notes are left out")
async def read_growth(
    staff_key: Key, request: Request, response: Response, session: Session, actor: Reader
) -> GrowthOut:
    await staff_by_key(session, actor, staff_key)
    return await _record(request, session, staff_key, actor, response)


async def _record(request: Request, session: Session, staff_key: str, actor: Actor, response: Response) -> GrowthOut:
    store = kernel_of(request).columns
    person, sections = await growth_record(session, staff_key=staff_key, actor=actor, store=store)
    response.headers["Cache-Control"] = "private, no-cache"
    return growth_out(person, sections, is_own=actor.is_person(staff_key), read_on=clock.today())


async def _printed(request: Request, record: GrowthOut) -> Response:
    """Personal as it is, a printed record is kept by nobody; the same content gives the same bytes."""
    content = printed_record(record)
    tag = etag(content_key(GROWTH_RECORD, content))
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    if (known := not_modified(request, tag)) is not None:
        return known
    loop = asyncio.get_running_loop()
    pdf = await loop.run_in_executor(PRINTERS, lambda: typeset(GROWTH_RECORD, content, timestamp=_midnight(record)))
    headers["Content-Disposition"] = 'inline; filename="growth-record.pdf"'
    return Response(pdf, media_type=PDF, headers=headers)


def _midnight(record: GrowthOut) -> int:
    return record.read_on.toordinal() * 86_400 - _EPOCH


_EPOCH = 719_163 * 86_400


async def _shared(session: Session, note_id: uuid.UUID, actor: Actor, *, is_shared: bool) -> NoteOut:
    async with whole_person(session, actor) as everywhere:
        row = await repository.own_note_for_update(session, everywhere, own_key(actor), note_id)
        return note_out(await notes.share_note(session, row=row, is_shared=is_shared, actor=actor))
