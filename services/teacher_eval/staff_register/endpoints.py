"""Routes of the register of staff."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.staff_register.service import ask_refresh, note_names_read
from services.teacher_eval.staff_register.tables import RegisteredStaff
from shared.kernel.database.repository import visible
from shared.kernel.jobs.endpoints import JobOut, job_accepted
from shared.kernel.web.fields import SchoolCode
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/staff-register", tags=["staff register"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("staff_register.read"))]
Refresher = Annotated[Actor, Depends(PERMISSIONS.requires("staff_register.refresh"))]


class RegisteredStaffOut(BaseModel):
    """A member of staff as registered."""

    staff_key: str
    name: str
    school_code: str
    school_name_zh: str
    county_code: str
    stages: str
    is_rural: bool | None
    post: str | None
    is_active: bool
    seen_at: dt.datetime


@router.get("", summary="教职工名册 / Staff as registered; reading names is noted")
async def list_staff(
    session: Session,
    actor: Reader,
    page: Paging,
    school_code: Annotated[SchoolCode | None, Query()] = None,
    is_active: Annotated[bool | None, Query()] = None,
) -> Page[RegisteredStaffOut]:
    statement = visible(RegisteredStaff, actor)
    if school_code is not None:
        statement = statement.where(RegisteredStaff.school_code == school_code)
    if is_active is not None:
        statement = statement.where(RegisteredStaff.is_active == is_active)
    found = await fetch_page(session, statement, page, key=[RegisteredStaff.staff_key], present=_staff_out)
    note_names_read(session, actor, school_code or actor.org, len(found["items"]))
    return Page(**found)


@router.post(
    ":refresh",
    status_code=202,
    response_model=JobOut,
    summary="由名册更新 / Bring it up to date from the roster",
)
async def refresh_register(request: Request, session: Session, actor: Refresher) -> JSONResponse:
    return job_accepted(request, await ask_refresh(session, actor))


def _staff_out(row: RegisteredStaff) -> RegisteredStaffOut:
    return RegisteredStaffOut.model_validate(row, from_attributes=True)
