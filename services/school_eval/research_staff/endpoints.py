"""Routes of teaching research staff and heard lessons."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.school_eval.permissions import PERMISSIONS
from services.school_eval.research_staff import repository, service
from services.school_eval.research_staff.schemas import (
    HeardLessonIn,
    HeardLessonOut,
    Month,
    MonthOut,
    ResearchStaffIn,
    ResearchStaffOut,
    StaffCode,
    lesson_out,
    staff_out,
)
from services.school_eval.research_staff.tables import HeardLesson, ResearchStaff
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.organizations import OrgCode, path_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/research-staff", tags=["research staff"])
months = APIRouter(route_class=TransactionalRoute, tags=["research staff"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("research_staff.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("research_staff.write"))]
Listener = Annotated[Actor, Depends(PERMISSIONS.requires("heard_lessons.write"))]


@router.get("", summary="教研员岗位列表 / List posts of teaching research")
async def list_research_staff(session: Session, actor: Reader, page: Paging) -> Page[ResearchStaffOut]:
    statement = repository.staff_of(actor)
    return Page(**await fetch_page(session, statement, page, key=[ResearchStaff.id], present=staff_out))


@router.get("/{org}/{staff}", summary="教研员岗位 / Read a post")
async def read_research_staff(
    org: OrgCode, staff: StaffCode, response: Response, session: Session, actor: Reader
) -> ResearchStaffOut:
    row = await repository.staff_by_code(session, actor, path_of(org), staff)
    response.headers["ETag"] = etag(row.version)
    return staff_out(row)


@router.put("/{org}/{staff}", summary="写入教研员岗位 / Write a post (If-Match on a known one)")
async def put_research_staff(
    org: OrgCode,
    staff: StaffCode,
    body: ResearchStaffIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Writer,
) -> ResearchStaffOut:
    row = await repository.staff_for_update(session, actor, path_of(org), staff)
    if row is not None:
        require_match(request, row.version)
    row, is_new = await service.put_staff(
        session, org_path=path_of(org), staff_code=staff, body=body, row=row, actor=actor
    )
    response.status_code = 201 if is_new else 200
    response.headers["ETag"] = etag(row.version)
    return staff_out(row)


@router.get("/{org}/{staff}/heard-lessons", summary="听评课记录 / List lessons heard in a post")
async def list_heard_lessons(
    org: OrgCode,
    staff: StaffCode,
    session: Session,
    actor: Reader,
    page: Paging,
    first: Annotated[dt.date | None, Query()] = None,
    last: Annotated[dt.date | None, Query()] = None,
) -> Page[HeardLessonOut]:
    post = await repository.staff_by_code(session, actor, path_of(org), staff)
    statement = repository.lessons_of(actor, post)
    if first is not None:
        statement = statement.where(HeardLesson.heard_on >= first)
    if last is not None:
        statement = statement.where(HeardLesson.heard_on <= last)
    return Page(**await fetch_page(session, statement, page, key=[HeardLesson.id], present=lesson_out))


@router.put(
    "/{org}/{staff}/heard-lessons/{lesson}", summary="写入听评课记录 / Write a heard lesson, as often as needed"
)
async def put_heard_lesson(
    org: OrgCode,
    staff: StaffCode,
    lesson: OwnCode,
    body: HeardLessonIn,
    response: Response,
    session: Session,
    actor: Listener,
) -> HeardLessonOut:
    post = await repository.staff_by_code(session, actor, path_of(org), staff)
    row, is_new = await service.put_lesson(session, post=post, code=lesson, body=body, actor=actor)
    response.status_code = 201 if is_new else 200
    return lesson_out(row)


@months.get("/heard-lesson-months/{month}", summary="听评课月度统计 / Lessons heard in a month against what is owed")
async def read_month(month: Annotated[Month, Path()], session: Session, actor: Reader) -> MonthOut:
    return await service.month_log(session, month=month, actor=actor)
