"""Teaching assignments, written through ``:batch`` and ``:import`` by citizen number or key, read by key."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from services.roster.exports import ExportFormat, export_answer
from services.roster.intake.fields import SchoolYear
from services.roster.permissions import PERMISSIONS
from services.roster.query import SchoolFilter, UpdatedSince, YearFilter
from services.roster.teaching_assignments.export import exported_assignments
from services.roster.teaching_assignments.repository import assignments_of
from services.roster.teaching_assignments.rules import AssignmentKind, AssignmentStatus
from services.roster.teaching_assignments.schemas import TeachingAssignmentOut
from services.roster.teaching_assignments.tables import TeachingAssignment
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/teaching-assignments", tags=["teaching-assignments"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("teaching_assignments.read"))]
_T = TeachingAssignment
_KEY = [_T.school_code, _T.school_year, _T.class_code, _T.kind, _T.subject, _T.staff_key, _T.spell]
_PLAIN = tuple(name for name in TeachingAssignmentOut.model_fields if name not in ("subject", "spell", "share"))


def assignment_out(row: TeachingAssignment) -> TeachingAssignmentOut:
    """An assignment as readers get it."""
    plain = {name: getattr(row, name) for name in _PLAIN}
    return TeachingAssignmentOut(**plain, subject=row.subject or None, spell=int(row.spell), share=float(row.share))


@router.get("", summary="任教关系列表 / List teaching assignments")
async def list_teaching_assignments(
    session: Session,
    actor: Reader,
    page: Paging,
    school_code: SchoolFilter = None,
    school_year: YearFilter = None,
    class_code: Annotated[str | None, Query(max_length=40)] = None,
    staff_key: Annotated[str | None, Query(max_length=26)] = None,
    kind: AssignmentKind | None = None,
    subject: Annotated[str | None, Query(max_length=10)] = None,
    status: AssignmentStatus | None = None,
    updated_since: UpdatedSince = None,
) -> Page[TeachingAssignmentOut]:
    statement = assignments_of(
        actor,
        school_code=school_code,
        school_year=school_year,
        class_code=class_code,
        staff_key=staff_key,
        kind=kind,
        subject=subject,
        status=status,
        updated_since=updated_since,
    )
    return Page(**await fetch_page(session, statement, page, key=_KEY, present=assignment_out))


@router.get(":export", summary="导出任教关系 / Export teaching assignments", response_class=Response)
async def export_teaching_assignments(
    request: Request,
    session: Session,
    actor: Reader,
    school_year: Annotated[SchoolYear, Query()],
    school_code: SchoolFilter = None,
    kind: AssignmentKind | None = None,
    status: AssignmentStatus | None = None,
    format: ExportFormat = ExportFormat.PARQUET,
) -> Response:
    statement = assignments_of(actor, school_code=school_code, school_year=school_year, kind=kind, status=status)
    frame = await exported_assignments(session, statement)
    return await export_answer(request, frame, format, name=f"teaching-assignments-{school_year}")
