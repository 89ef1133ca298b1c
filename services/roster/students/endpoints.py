"""Students, read by pseudonym; written by pupil number through ``:batch`` and ``:import`` only, never in an address."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from services.roster.exports import ExportFormat, export_answer
from services.roster.permissions import PERMISSIONS
from services.roster.personal_view import PersonalView, ViewOf
from services.roster.query import SchoolFilter, UpdatedSince
from services.roster.students.export import exported_ages, exported_students
from services.roster.students.repository import one_student, students_of
from services.roster.students.schemas import StudentOut
from services.roster.students.tables import Student
from shared.kernel.web.etag import not_modified
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/students", tags=["students"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("students.read"))]
View = Annotated[PersonalView, Depends(ViewOf("students"))]
_PLAIN = tuple(name for name in StudentOut.model_fields if name not in ("name", "birth_date", "is_masked"))


def student_out(row: Student, view: PersonalView) -> StudentOut:
    """A student as this reader may see it."""
    plain = {name: getattr(row, name) for name in _PLAIN}
    birth_date = row.birth_date if view.is_named else None
    return StudentOut(**plain, name=view.name(row.name), birth_date=birth_date, is_masked=not view.is_named)


@router.get("", summary="学生列表 / List students")
async def list_students(
    session: Session,
    actor: Reader,
    view: View,
    page: Paging,
    response: Response,
    school_code: SchoolFilter = None,
    updated_since: UpdatedSince = None,
) -> Page[StudentOut]:
    statement = students_of(actor, school_code=school_code, updated_since=updated_since)
    found = await fetch_page(
        session, statement, page, key=[Student.student_key], present=lambda row: student_out(row, view)
    )
    view.note_read(session, actor, school_code or actor.org, len(found["items"]))
    response.headers["Cache-Control"] = "private"
    return Page(**found)


@router.get(":export", summary="导出学生 / Export students", response_class=Response)
async def export_students(
    request: Request,
    session: Session,
    actor: Reader,
    view: View,
    school_code: SchoolFilter = None,
    format: ExportFormat = ExportFormat.PARQUET,
) -> Response:
    frame = await exported_students(session, students_of(actor, school_code=school_code), view)
    view.note_read(session, actor, school_code or actor.org, frame.height)
    return await export_answer(request, frame, format, name="students")


@router.get(":ages", summary="学生周岁年龄 / Whole years of a school's students", response_class=Response)
async def export_ages(
    request: Request,
    session: Session,
    actor: Reader,
    view: View,
    school_code: Annotated[str, Query(max_length=12)],
    on: Annotated[dt.date, Query(description="日期 / the day")],
    format: ExportFormat = ExportFormat.PARQUET,
) -> Response:
    frame = await exported_ages(session, students_of(actor, school_code=school_code), on, view)
    view.note_read(session, actor, school_code, frame.height)
    return await export_answer(request, frame, format, name="ages")


@router.get("/{student_key}", response_model=StudentOut, summary="学生 / Read a student")
async def read_student(
    student_key: str, request: Request, response: Response, session: Session, actor: Reader, view: View
) -> Any:
    row = await one_student(session, actor, student_key)
    view.note_read(session, actor, student_key, 1)
    response.headers["ETag"] = view.etag(row.version)
    response.headers["Cache-Control"] = "private"
    return not_modified(request, view.etag(row.version)) or student_out(row, view)
