"""Enrollments."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from services.roster.enrollments.export import exported_enrollments
from services.roster.enrollments.repository import enrollments_of
from services.roster.enrollments.rules import EnrollmentStatus
from services.roster.enrollments.schemas import EnrollmentOut
from services.roster.enrollments.tables import Enrollment
from services.roster.exports import ExportFormat, export_answer
from services.roster.intake.fields import SchoolYear
from services.roster.permissions import PERMISSIONS
from services.roster.query import GradeFilter, SchoolFilter, UpdatedSince, YearFilter
from services.roster.schools.repository import known_schools
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/enrollments", tags=["enrollments"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("enrollments.read"))]
_KEY = [Enrollment.student_key, Enrollment.school_year, Enrollment.school_code]
MAX_SCHOOLS = 3_000


def enrollment_out(row: Enrollment) -> EnrollmentOut:
    """An enrollment as readers get it."""
    return EnrollmentOut.model_validate(row, from_attributes=True)


@router.get("", summary="在读记录列表 / List enrollments")
async def list_enrollments(
    session: Session,
    actor: Reader,
    page: Paging,
    school_code: SchoolFilter = None,
    school_year: YearFilter = None,
    grade_level: GradeFilter = None,
    class_code: Annotated[str | None, Query(max_length=40)] = None,
    student_key: Annotated[str | None, Query(max_length=26)] = None,
    status: EnrollmentStatus | None = None,
    updated_since: UpdatedSince = None,
) -> Page[EnrollmentOut]:
    statement = enrollments_of(
        actor,
        school_codes=[school_code] if school_code else [],
        school_year=school_year,
        grade_level=grade_level,
        class_code=class_code,
        student_key=student_key,
        status=status,
        updated_since=updated_since,
    )
    return Page(**await fetch_page(session, statement, page, key=_KEY, present=enrollment_out))


@router.get(":export", summary="导出在读记录 / Export enrollments", response_class=Response)
async def export_enrollments(
    request: Request,
    session: Session,
    actor: Reader,
    school_year: Annotated[SchoolYear, Query()],
    grade_level: GradeFilter = None,
    status: EnrollmentStatus | None = None,
    school_codes: Annotated[str | None, Query(max_length=11 * MAX_SCHOOLS, description="逗号分隔")] = None,
    format: ExportFormat = ExportFormat.PARQUET,
) -> Response:
    codes = sorted({code for code in (school_codes or "").split(",") if code})
    known = await known_schools(session, actor, codes)
    if unknown := [code for code in codes if code not in known]:
        raise DomainError("resource.not_found", params={"what": f"school {', '.join(unknown[:10])}"})
    statement = enrollments_of(
        actor, school_codes=codes, school_year=school_year, grade_level=grade_level, status=status
    )
    frame = await exported_enrollments(session, statement)
    return await export_answer(request, frame, format, name=f"enrollments-{school_year}")


@router.get("/{student_key}", summary="学生的在读记录 / Read a pupil's enrollments")
async def read_enrollments(student_key: str, session: Session, actor: Reader, page: Paging) -> Page[EnrollmentOut]:
    found = await fetch_page(
        session, enrollments_of(actor, student_key=student_key), page, key=_KEY, present=enrollment_out
    )
    if not found["items"] and page.after is None:
        raise DomainError("resource.not_found", params={"what": f"enrollments of {student_key}"})
    return Page(**found)
