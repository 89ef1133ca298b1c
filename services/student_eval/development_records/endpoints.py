"""Routes of process records and milestones, and of the files attached to them."""

import uuid
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.student_eval.archives.tables import Evidence
from services.student_eval.development_records import repository, service
from services.student_eval.development_records.schemas import ProcessRecordIn, ProcessRecordOut, record_out
from services.student_eval.development_records.tables import ProcessRecord
from services.student_eval.development_terms.opened import TermOpened, open_term
from services.student_eval.development_terms.rules import require_near
from services.student_eval.development_terms.schemas import StudentKey
from services.student_eval.guardianships.access import OWN_ROLES, as_own, own_pupil
from services.student_eval.permissions import PERMISSIONS
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kits.evidence.endpoints import evidence_router
from shared.kits.fields import ReasonIn
from shared.kits.subject import Subject
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

ADDRESS = "/development-terms/{term_id}/students/{student_key}/records"
KIND = "process_record"
router = APIRouter(route_class=TransactionalRoute, prefix=ADDRESS, tags=["development"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("developments.read_pupils"))]
Recorder = Annotated[Actor, Depends(PERMISSIONS.requires("developments.record"))]


@dataclass(frozen=True, slots=True)
class RecordOpened:
    """A record with its class's term."""

    opened: TermOpened
    row: ProcessRecord


async def _readable(term_id: uuid.UUID, student_key: StudentKey, session: Session, actor: Reader) -> TermOpened:
    """A term as the pupil, guardians, the class's teachers and the school read of it."""
    own = await own_pupil(session, actor, student_key)
    if own is None and actor.roles <= OWN_ROLES:
        raise DomainError("resource.not_found", params={"what": f"student {student_key}"})
    reader = actor if own is None else await as_own(session, actor, own)
    opened = await open_term(session, term_id=term_id, actor=reader)
    opened.require_member(student_key)
    if own is None:
        require_near(actor, opened.term.teachers)
    return opened


async def _writable(term_id: uuid.UUID, session: Session, actor: Recorder) -> TermOpened:
    return await open_term(session, term_id=term_id, actor=actor, is_held=True)


Readable = Annotated[TermOpened, Depends(_readable)]
Writable = Annotated[TermOpened, Depends(_writable)]


async def _own_record(
    student_key: StudentKey, record_id: uuid.UUID, opened: Writable, session: Session
) -> RecordOpened:
    row = await repository.record_for_update(session, opened.actor, opened.term.id, student_key, record_id)
    return RecordOpened(opened, row)


OwnRecord = Annotated[RecordOpened, Depends(_own_record)]


@router.get("", summary="写实记录 / Records of a pupil in a term")
async def list_process_records(
    student_key: StudentKey, opened: Readable, session: Session, page: Paging
) -> Page[ProcessRecordOut]:
    statement = repository.records_of(opened.actor, opened.term.id, student_key)
    key = [ProcessRecord.happened_on, ProcessRecord.id]
    return Page(**await fetch_page(session, statement, page, key=key, present=record_out))


@router.post("", status_code=201, summary="写一条写实记录或里程碑 / Write down a record or a milestone")
async def write_process_record(
    student_key: StudentKey, body: ProcessRecordIn, opened: Writable, session: Session, response: Response
) -> ProcessRecordOut:
    row = await service.write_record(session, opened=opened, student_key=student_key, body=body)
    return _told(row, response)


@router.put("/{record_id}", summary="更正本人写的记录 / Correct a record of one's own (If-Match)")
async def correct_process_record(
    body: ProcessRecordIn, found: OwnRecord, request: Request, session: Session, response: Response
) -> ProcessRecordOut:
    require_match(request, found.row.version)
    return _told(await service.correct_record(session, opened=found.opened, row=found.row, body=body), response)


@router.post("/{record_id}:withdraw", summary="撤回本人写的记录 / Withdraw a record of one's own (If-Match)")
async def withdraw_process_record(
    body: ReasonIn, found: OwnRecord, request: Request, session: Session, response: Response
) -> ProcessRecordOut:
    require_match(request, found.row.version)
    row = await service.withdraw_record(session, opened=found.opened, row=found.row, reason=body.reason)
    return _told(row, response)


async def _read_files(student_key: StudentKey, record_id: uuid.UUID, opened: Readable, session: Session) -> Subject:
    row = await repository.record_by_id(session, opened.actor, opened.term.id, student_key, record_id)
    return Subject(KIND, str(row.id), row.org_path, opened.actor)


async def _attach_files(found: OwnRecord) -> Subject:
    service.require_own_record(found.opened, found.row)
    return Subject(KIND, str(found.row.id), found.row.org_path, found.opened.actor)


files = evidence_router(
    Evidence,
    prefix=f"{ADDRESS}/{{record_id}}/evidence",
    name="process_record",
    reader=_read_files,
    writer=_attach_files,
)


def _told(row: ProcessRecord, response: Response) -> ProcessRecordOut:
    response.headers["ETag"] = etag(row.version)
    return record_out(row)
