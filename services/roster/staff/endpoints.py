"""Staff, read by pseudonym; written by citizen number through ``:batch`` and ``:import`` only, never in an address."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from services.roster.exports import ExportFormat, export_answer
from services.roster.permissions import PERMISSIONS
from services.roster.personal_view import PersonalView, ViewOf
from services.roster.query import SchoolFilter, UpdatedSince
from services.roster.staff.export import exported_staff
from services.roster.staff.repository import one_staff_member, staff_of
from services.roster.staff.schemas import StaffOut
from services.roster.staff.tables import StaffMember
from shared.kernel.web.etag import not_modified
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/staff", tags=["staff"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("staff.read"))]
View = Annotated[PersonalView, Depends(ViewOf("staff"))]
_PLAIN = tuple(name for name in StaffOut.model_fields if name not in ("name", "is_masked"))


def staff_out(row: StaffMember, view: PersonalView) -> StaffOut:
    """A member of staff as this reader may see it."""
    plain = {name: getattr(row, name) for name in _PLAIN}
    return StaffOut(**plain, name=view.name(row.name), is_masked=not view.is_named)


@router.get("", summary="教职工列表 / List staff")
async def list_staff(
    session: Session,
    actor: Reader,
    view: View,
    page: Paging,
    response: Response,
    school_code: SchoolFilter = None,
    status: Literal["active", "left"] | None = None,
    updated_since: UpdatedSince = None,
) -> Page[StaffOut]:
    statement = staff_of(actor, school_code=school_code, status=status, updated_since=updated_since)
    found = await fetch_page(
        session, statement, page, key=[StaffMember.staff_key], present=lambda row: staff_out(row, view)
    )
    view.note_read(session, actor, school_code or actor.org, len(found["items"]))
    response.headers["Cache-Control"] = "private"
    return Page(**found)


@router.get(":export", summary="导出教职工 / Export staff", response_class=Response)
async def export_staff(
    request: Request,
    session: Session,
    actor: Reader,
    view: View,
    school_code: SchoolFilter = None,
    status: Annotated[Literal["active", "left"] | None, Query()] = None,
    format: ExportFormat = ExportFormat.PARQUET,
) -> Response:
    frame = await exported_staff(session, staff_of(actor, school_code=school_code, status=status), view)
    view.note_read(session, actor, school_code or actor.org, frame.height)
    return await export_answer(request, frame, format, name="staff")


@router.get("/{staff_key}", response_model=StaffOut, summary="教职工 / Read a member of staff")
async def read_staff(
    staff_key: str, request: Request, response: Response, session: Session, actor: Reader, view: View
) -> Any:
    row = await one_staff_member(session, actor, staff_key)
    view.note_read(session, actor, staff_key, 1)
    response.headers["ETag"] = view.etag(row.version)
    response.headers["Cache-Control"] = "private"
    return not_modified(request, view.etag(row.version)) or staff_out(row, view)
