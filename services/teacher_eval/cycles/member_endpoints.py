"""Routes of the people whom a school evaluates."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse

from services.teacher_eval.cycles import members, repository
from services.teacher_eval.cycles.schemas import MemberChangeIn, MemberOut, ReasonIn, StaffKey, member_out
from services.teacher_eval.cycles.service import open_school
from services.teacher_eval.cycles.tables import Member
from services.teacher_eval.evaluations.service.opened import note_read
from services.teacher_eval.permissions import PERMISSIONS
from shared.kernel.jobs.endpoints import JobOut, job_accepted
from shared.kernel.web.fields import OwnCode, SchoolCode
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(
    route_class=TransactionalRoute, prefix="/cycles/{code}/schools/{school_code}/members", tags=["cycles"]
)
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("evaluations.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("members.write"))]
Code = Annotated[OwnCode, Path()]
School = Annotated[SchoolCode, Path()]
Person = Annotated[StaffKey, Path()]


@router.get("", summary="参评人员 / Who is evaluated")
async def list_members(
    code: Code,
    school_code: School,
    session: Session,
    actor: Reader,
    page: Paging,
    track: Annotated[str | None, Query(max_length=40)] = None,
    is_graded: Annotated[bool | None, Query(description="是否确定档次 / whether they get a grade")] = None,
) -> Page[MemberOut]:
    opened = await open_school(session, code=code, school_code=school_code, actor=actor)
    statement = repository.members_of(actor, opened.school)
    if track is not None:
        statement = statement.where(Member.track == track)
    if is_graded is not None:
        statement = statement.where(Member.ungraded.is_(None) if is_graded else Member.ungraded.is_not(None))
    note_read(session, opened, "members")
    return Page(**await fetch_page(session, statement, page, key=[Member.staff_key], present=member_out))


@router.patch("/{staff_key}", summary="更改类别、分组或不确定档次 / Change track, group, or whether somebody is graded")
async def change_member(
    code: Code, school_code: School, staff_key: Person, body: MemberChangeIn, session: Session, actor: Writer
) -> MemberOut:
    opened = await open_school(session, code=code, school_code=school_code, actor=actor, is_locked=True)
    return member_out(await members.change_member(session, opened=opened, staff_key=staff_key, body=body))


@router.post("/{staff_key}:remove", summary="移出名单 / Take somebody off the list, with a reason")
async def remove_member(
    code: Code, school_code: School, staff_key: Person, body: ReasonIn, session: Session, actor: Writer
) -> MemberOut:
    opened = await open_school(session, code=code, school_code=school_code, actor=actor, is_locked=True)
    row = await members.remove_member(session, opened=opened, staff_key=staff_key, reason=body.reason)
    return member_out(row)


@router.post("/{staff_key}:restore", summary="恢复名单 / Put somebody back on the list, with a reason")
async def restore_member(
    code: Code, school_code: School, staff_key: Person, body: ReasonIn, session: Session, actor: Writer
) -> MemberOut:
    opened = await open_school(session, code=code, school_code=school_code, actor=actor, is_locked=True)
    row = await members.restore_member(session, opened=opened, staff_key=staff_key, reason=body.reason)
    return member_out(row)


@router.post(
    ":refresh", status_code=202, response_model=JobOut, summary="补录名册新增人员 / Add whom the roster has by now"
)
async def refresh_members(
    code: Code, school_code: School, body: ReasonIn, request: Request, session: Session, actor: Writer
) -> JSONResponse:
    opened = await open_school(session, code=code, school_code=school_code, actor=actor, is_locked=True)
    return job_accepted(request, await members.ask_refresh(session, opened=opened, reason=body.reason))
