"""Routes of terms: opened for a class, chosen in, shown, verified."""

import uuid
from typing import Annotated

import polars as pl
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.student_eval.archive_terms import repository, service
from services.student_eval.archive_terms.schemas import (
    MemberOut,
    MembersOut,
    PublicityIn,
    TermIn,
    TermNoticeOut,
    TermOut,
    notice_out,
    term_out,
)
from services.student_eval.archive_terms.service import ClassMembers
from services.student_eval.archive_terms.tables import ArchiveNotice, ArchiveTerm
from services.student_eval.enrolled import enrolled_at, members_of
from services.student_eval.permissions import PERMISSIONS
from shared.kernel.audit.log import note
from shared.kernel.context import kernel_of
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.fields import SchoolYear
from shared.kernel.web.organizations import OrgCode, path_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kits.calendar import calendar_for
from shared.kits.fields import ReasonIn
from shared.kits.publicity.repository import newest_opened
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/archive-terms", tags=["archive terms"])
opening = APIRouter(route_class=TransactionalRoute, prefix="/schools/{org}", tags=["archive terms"])
_WRITE = PERMISSIONS.requires("archive_terms.write")
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("archive_terms.read"))]
Writer = Annotated[Actor, Depends(_WRITE)]
Verifier = Annotated[Actor, Depends(PERMISSIONS.requires("archive_terms.verify"))]
Nearby = Annotated[Actor, Depends(PERMISSIONS.requires("archive_terms.verify"))]
Enrolled = Annotated[pl.DataFrame, Depends(enrolled_at(_WRITE, is_named=True))]
Year = Annotated[SchoolYear, Path()]


@opening.post("/{school_year}/archive-terms", status_code=201, summary="为班级建立学期 / Open a class's term")
async def open_term(
    school_year: Year,
    org: OrgCode,
    enrolled: Enrolled,
    body: TermIn,
    response: Response,
    session: Session,
    actor: Writer,
) -> TermOut:
    members = enrolled.filter(pl.col("class_code") == body.class_code)
    _, _, school = org.partition("-")
    row = await service.open_term(
        session,
        org_path=path_of(org),
        school_code=school,
        of=ClassMembers(
            class_code=body.class_code,
            class_name=members["class_name"][0] if members.height else "",
            school_name=members["school_name"][0] if members.height else "",
            grade_level=members["grade_level"][0] if members.height else 0,
            members=members_of(enrolled, body.class_code),
        ),
        school_year=school_year,
        semester=body.semester,
        actor=actor,
    )
    return _told(row, response)


@router.get("", summary="学期列表 / List terms")
async def list_terms(
    session: Session,
    actor: Reader,
    page: Paging,
    school_year: Annotated[SchoolYear | None, Query()] = None,
    class_code: Annotated[str | None, Query(max_length=40)] = None,
) -> Page[TermOut]:
    statement = repository.terms_of(actor, school_year=school_year, class_code=class_code)
    return Page(**await fetch_page(session, statement, page, key=[ArchiveTerm.id], present=term_out))


@router.get("/{term_id}", summary="学期 / Read a term")
async def read_term(term_id: uuid.UUID, session: Session, actor: Reader, response: Response) -> TermOut:
    return _told(await repository.term_by_id(session, actor, term_id), response)


@router.get("/{term_id}/students", summary="班级学生 / Pupils of the class, named")
async def list_members(term_id: uuid.UUID, session: Session, actor: Nearby) -> MembersOut:
    row = await repository.term_by_id(session, actor, term_id)
    note(session, actor, "archive_term.names_read", str(term_id), {"count": len(row.members)})
    return MembersOut(items=[MemberOut(**member) for member in row.members])


@router.get("/{term_id}/notice", summary="公示内容 / What is shown, or was last")
async def read_notice(term_id: uuid.UUID, session: Session, actor: Reader) -> TermNoticeOut:
    row = await repository.term_by_id(session, actor, term_id)
    notice = await newest_opened(session, ArchiveNotice, service.subject_of(row, actor))
    if notice is None:
        raise DomainError("resource.not_found", params={"what": f"notice of {term_id}"})
    return notice_out(notice)


@router.post("/{term_id}:begin-selection", summary="进入遴选 / Let pupils choose (If-Match)")
async def begin_selection(
    term_id: uuid.UUID, request: Request, response: Response, session: Session, actor: Writer
) -> TermOut:
    row = await _locked(session, actor, term_id, request)
    return _told(await service.move_term(session, row=row, action="begin_selection", actor=actor), response)


@router.post("/{term_id}:return-to-recording", summary="退回写实记录 / Back to recording (If-Match)")
async def return_to_recording(
    term_id: uuid.UUID, request: Request, response: Response, session: Session, actor: Writer
) -> TermOut:
    row = await _locked(session, actor, term_id, request)
    return _told(await service.move_term(session, row=row, action="return_to_recording", actor=actor), response)


@router.post("/{term_id}:begin-publicity", summary="开始公示 / Show what was chosen (If-Match)")
async def begin_publicity(
    term_id: uuid.UUID, body: PublicityIn, request: Request, response: Response, session: Session, actor: Writer
) -> TermOut:
    row = await _locked(session, actor, term_id, request)
    row = await service.begin_publicity(
        session,
        row=row,
        unsigned_reason=body.unsigned_reason,
        working_days=body.working_days,
        calendar=calendar_for(kernel_of(request).settings, row.org_path),
        actor=actor,
    )
    return _told(row, response)


@router.post("/{term_id}:withdraw-publicity", summary="撤回公示 / Take the notice down (If-Match)")
async def withdraw_publicity(
    term_id: uuid.UUID, body: ReasonIn, request: Request, response: Response, session: Session, actor: Writer
) -> TermOut:
    row = await _locked(session, actor, term_id, request)
    return _told(await service.withdraw_publicity(session, row=row, reason=body.reason, actor=actor), response)


@router.post("/{term_id}:verify", summary="审核归档 / Verify after the window (If-Match)")
async def verify_term(
    term_id: uuid.UUID, request: Request, response: Response, session: Session, actor: Verifier
) -> TermOut:
    row = await _locked(session, actor, term_id, request)
    return _told(await service.verify(session, row=row, actor=actor), response)


async def _locked(session: Session, actor: Actor, term_id: uuid.UUID, request: Request) -> ArchiveTerm:
    row = await repository.term_for_update(session, actor, term_id)
    require_match(request, row.version)
    return row


def _told(row: ArchiveTerm, response: Response) -> TermOut:
    response.headers["ETag"] = etag(row.version)
    return term_out(row)
