"""Routes of terms: opened for a class, judged, taken back."""

import uuid
from typing import Annotated

import polars as pl
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.student_eval.development_terms import repository, service
from services.student_eval.development_terms.class_teachers import class_teachers, teaching_at
from services.student_eval.development_terms.opened import open_term
from services.student_eval.development_terms.rules import require_near
from services.student_eval.development_terms.schemas import (
    DevelopmentTermIn,
    DevelopmentTermOut,
    PupilOut,
    PupilsOut,
    TableOut,
    TeachersIn,
    table_out,
    term_out,
)
from services.student_eval.development_terms.tables import DevelopmentTerm
from services.student_eval.enrolled import enrolled_at, members_of
from services.student_eval.permissions import PERMISSIONS
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.fields import SchoolYear
from shared.kernel.web.organizations import OrgCode, path_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/development-terms", tags=["development"])
opening = APIRouter(route_class=TransactionalRoute, prefix="/developments", tags=["development"])
_WRITE = PERMISSIONS.requires("development_terms.write")
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("development_terms.read"))]
Writer = Annotated[Actor, Depends(_WRITE)]
Nearby = Annotated[Actor, Depends(PERMISSIONS.requires("developments.judge"))]
Enrolled = Annotated[pl.DataFrame, Depends(enrolled_at(_WRITE, is_named=True))]
Teaching = Annotated[pl.DataFrame, Depends(teaching_at(_WRITE))]


@opening.post(
    "/{school_year}/{org}/terms", status_code=201, summary="为班级建立发展评价学期 / Open a class's term of development"
)
async def open_development_term(
    school_year: Annotated[SchoolYear, Path()],
    org: OrgCode,
    enrolled: Enrolled,
    teaching: Teaching,
    body: DevelopmentTermIn,
    response: Response,
    session: Session,
    actor: Writer,
) -> DevelopmentTermOut:
    grades = enrolled.filter(pl.col("class_code") == body.class_code)["grade_level"]
    row = await service.open_class_term(
        session,
        org_path=path_of(org),
        school_year=school_year,
        grade_level=grades[0] if grades.len() else 0,
        body=body,
        members=members_of(enrolled, body.class_code),
        teachers=class_teachers(teaching, body.class_code),
        today=clock.today(),
        actor=actor,
    )
    return _told(row, response)


@opening.post("/{school_year}/{org}/terms/{term_id}:refresh", summary="更新名单 / Pupils as they are now (If-Match)")
async def refresh_development_members(
    term_id: uuid.UUID, enrolled: Enrolled, request: Request, response: Response, session: Session, actor: Writer
) -> DevelopmentTermOut:
    row = await locked_term(session, actor, term_id, request)
    return _told(
        await service.refresh_members(session, row=row, members=members_of(enrolled, row.class_code), actor=actor),
        response,
    )


@router.get("", summary="发展评价学期列表 / List terms of development")
async def list_development_terms(
    session: Session,
    actor: Reader,
    page: Paging,
    school_year: Annotated[SchoolYear | None, Query()] = None,
    semester: Annotated[int | None, Query(ge=1, le=2)] = None,
    class_code: Annotated[str | None, Query(max_length=40)] = None,
) -> Page[DevelopmentTermOut]:
    statement = repository.terms_of(actor, school_year=school_year, semester=semester, class_code=class_code)
    return Page(**await fetch_page(session, statement, page, key=[DevelopmentTerm.id], present=term_out))


@router.get("/{term_id}", summary="发展评价学期 / Read a term of development")
async def read_development_term(
    term_id: uuid.UUID, session: Session, actor: Reader, response: Response
) -> DevelopmentTermOut:
    return _told(await repository.term_by_id(session, actor, term_id), response)


@router.get("/{term_id}/table", summary="评价指标表 / The table of indicators, and who is asked of each")
async def read_development_table(term_id: uuid.UUID, session: Session, actor: Reader) -> TableOut:
    return table_out((await open_term(session, term_id=term_id, actor=actor)).scheme)


@router.get("/{term_id}/students", summary="班级学生 / Pupils of the class, named")
async def list_development_students(term_id: uuid.UUID, session: Session, actor: Nearby) -> PupilsOut:
    row = await repository.term_by_id(session, actor, term_id)
    require_near(actor, row.teachers)
    note(session, actor, "development_term.names_read", str(term_id), {"count": len(row.members)})
    return PupilsOut(items=[PupilOut(**member) for member in row.members])


@router.put("/{term_id}/teachers", summary="指定任课班主任 / Name who teaches the class (If-Match)")
async def name_development_teachers(
    term_id: uuid.UUID, body: TeachersIn, request: Request, response: Response, session: Session, actor: Writer
) -> DevelopmentTermOut:
    row = await locked_term(session, actor, term_id, request)
    return _told(await service.name_teachers(session, row=row, teachers=body.teachers, actor=actor), response)


@router.post("/{term_id}:begin-judging", summary="进入评定 / Let the class teacher judge (If-Match)")
async def begin_judging(
    term_id: uuid.UUID, request: Request, response: Response, session: Session, actor: Writer
) -> DevelopmentTermOut:
    row = await locked_term(session, actor, term_id, request)
    return _told(await service.move_term(session, row=row, action="begin_judging", actor=actor), response)


@router.post("/{term_id}:return-to-recording", summary="退回写实记录 / Back to recording (If-Match)")
async def return_development_to_recording(
    term_id: uuid.UUID, request: Request, response: Response, session: Session, actor: Writer
) -> DevelopmentTermOut:
    row = await locked_term(session, actor, term_id, request)
    return _told(await service.move_term(session, row=row, action="return_to_recording", actor=actor), response)


async def locked_term(session: Session, actor: Actor, term_id: uuid.UUID, request: Request) -> DevelopmentTerm:
    """A term, locked, as the caller last saw it."""
    row = await repository.term_for_update(session, actor, term_id)
    require_match(request, row.version)
    return row


def _told(row: DevelopmentTerm, response: Response) -> DevelopmentTermOut:
    response.headers["ETag"] = etag(row.version)
    return term_out(row)
