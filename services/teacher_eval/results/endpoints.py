"""Routes of results: computed, shown, confirmed, filed, read, explained."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from services.teacher_eval.cycles import repository as cycles
from services.teacher_eval.cycles.endpoints import answer_school
from services.teacher_eval.cycles.schemas import FilingIn, ReasonIn, SchoolCycleOut, StaffKey, StepIn
from services.teacher_eval.cycles.service import SchoolOpened, move_school, open_school
from services.teacher_eval.cycles.tables import Member
from services.teacher_eval.evaluations.service.opened import note_read, open_member, open_own
from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.results import reading, repository
from services.teacher_eval.results.appeals import APPEALS
from services.teacher_eval.results.rules import newest_of
from services.teacher_eval.results.schemas import (
    ChangedFigureOut,
    ExplanationOut,
    GradeSharesOut,
    OwnResultOut,
    PersonResultOut,
    VersionsOut,
    version_out,
)
from services.teacher_eval.results.service import asking, publicity
from services.teacher_eval.results.tables import CycleNotice
from shared.kernel.context import kernel_of
from shared.kernel.jobs.endpoints import JobOut, job_accepted
from shared.kernel.web.fields import OwnCode, SchoolCode
from shared.kernel.web.paging import Page, PageRequest, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kits.calendar import calendar_for
from shared.kits.publicity.schemas import NoticeDetail, notice_detail
from shared.kits.subject import rows_about
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/cycles/{code}", tags=["results"])
Computing = Annotated[Actor, Depends(PERMISSIONS.requires("cycle_results.compute"))]
Head = Annotated[Actor, Depends(PERMISSIONS.requires("cycles.advance"))]
Office = Annotated[Actor, Depends(PERMISSIONS.requires("cycles.file"))]
Own = Annotated[Actor, Depends(PERMISSIONS.requires("cycle_results.own"))]
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("cycle_results.read"))]
Colleague = Annotated[Actor, Depends(PERMISSIONS.requires("cycles.read"))]
Analyst = Annotated[Actor, Depends(PERMISSIONS.requires("grade_shares.read"))]
Code = Annotated[OwnCode, Path()]
School = Annotated[SchoolCode, Path()]
Person = Annotated[StaffKey, Path()]
Version = Annotated[
    str | None,
    Query(pattern=r"^[0-9]{1,6}(\.[0-9]{1,6})?$", description="版本，默认现行 / 1, 1.0; the newest by default"),
]
_SCHOOL = "/schools/{school_code}"


@router.post(":compute", status_code=202, response_model=JobOut, summary="计算结果 / Compute one's own area's results")
async def compute_cycle_results(code: Code, request: Request, session: Session, actor: Computing) -> JSONResponse:
    return job_accepted(request, await asking.ask_for_area(session, code=code, actor=actor))


@router.post(f"{_SCHOOL}:begin-publicity", summary="开始公示 / Show the results to the school")
async def begin_cycle_publicity(
    code: Code, school_code: School, body: StepIn, request: Request, response: Response, session: Session, actor: Head
) -> SchoolCycleOut:
    opened, kernel = await _locked(session, code, school_code, actor), kernel_of(request)
    await publicity.begin_publicity(
        session,
        opened=opened,
        accept_reason=body.accept_reason,
        store=kernel.columns,
        calendar=calendar_for(kernel.settings, opened.school.org_path),
    )
    return await answer_school(session, opened, response)


@router.post(f"{_SCHOOL}:withdraw-publicity", summary="撤回公示 / Take the notice down, with a reason")
async def withdraw_cycle_publicity(
    code: Code, school_code: School, body: ReasonIn, response: Response, session: Session, actor: Head
) -> SchoolCycleOut:
    opened = await _locked(session, code, school_code, actor)
    await publicity.withdraw_publicity(session, opened=opened, reason=body.reason)
    return await answer_school(session, opened, response)


@router.post(f"{_SCHOOL}:confirm", summary="确认考核结果 / Confirm the grades: window and objections are over")
async def confirm_cycle_results(
    code: Code, school_code: School, response: Response, session: Session, actor: Head
) -> SchoolCycleOut:
    opened = await _locked(session, code, school_code, actor)
    await publicity.confirm(session, opened=opened, appeals=APPEALS)
    return await answer_school(session, opened, response)


@router.post(f"{_SCHOOL}:return", summary="县级退回 / The county returns what was confirmed, with a reason")
async def return_cycle_results(
    code: Code, school_code: School, body: ReasonIn, response: Response, session: Session, actor: Office
) -> SchoolCycleOut:
    opened = await _locked(session, code, school_code, actor)
    await publicity.return_to_school(session, opened=opened, reason=body.reason)
    return await answer_school(session, opened, response)


@router.post(f"{_SCHOOL}:file", summary="县级备案 / The county files the grades and gives a receipt")
async def file_cycle_results(
    code: Code, school_code: School, body: FilingIn, response: Response, session: Session, actor: Office
) -> SchoolCycleOut:
    opened = await _locked(session, code, school_code, actor)
    await publicity.file_results(session, opened=opened, number=body.number)
    return await answer_school(session, opened, response)


@router.post(f"{_SCHOOL}:archive", summary="学校考核归档 / Archive: nothing changes any more")
async def archive_cycle_results(
    code: Code, school_code: School, response: Response, session: Session, actor: Office
) -> SchoolCycleOut:
    opened = await _locked(session, code, school_code, actor)
    await move_school(session, opened, "archive")
    return await answer_school(session, opened, response)


@router.get(f"{_SCHOOL}/notices", summary="公示及其内容 / Notices and what they show")
async def list_cycle_notices(
    code: Code, school_code: School, session: Session, actor: Colleague, page: Paging
) -> Page[NoticeDetail]:
    opened = await open_school(session, code=code, school_code=school_code, actor=actor)
    rows = rows_about(CycleNotice, publicity.subject_of(opened))
    return Page(**await fetch_page(session, rows, page, key=[CycleNotice.id], present=notice_detail))


@router.get(f"{_SCHOOL}/results/versions", summary="结果版本 / Versions of a school's results")
async def list_result_versions(code: Code, school_code: School, session: Session, actor: Reader) -> VersionsOut:
    opened = await open_school(session, code=code, school_code=school_code, actor=actor)
    versions = await repository.versions_of(session, actor, opened.school)
    ordered = sorted(versions, key=lambda row: (row.major, row.minor), reverse=True)
    return VersionsOut(cycle=code, school_code=school_code, versions=[version_out(row) for row in ordered])


@router.get(f"{_SCHOOL}/results", summary="教师结果 / Totals, areas and grades of a school's people")
async def list_cycle_results(
    code: Code, school_code: School, request: Request, session: Session, actor: Reader, page: Paging
) -> Page[PersonResultOut]:
    opened = await open_school(session, code=code, school_code=school_code, actor=actor)
    result = newest_of(await repository.versions_of(session, actor, opened.school))
    store, areas = kernel_of(request).columns, {}
    if result is not None:
        areas = await asyncio.to_thread(reading.areas_of, store, result, opened.scheme, school_code)
    note_read(session, opened, "results")
    found = await fetch_page(
        session,
        cycles.members_of(actor, opened.school),
        page,
        key=[Member.staff_key],
        present=lambda row: reading.person_out(row, areas),
    )
    return Page(**found)


@router.get(f"{_SCHOOL}/results/changes", summary="更改清单 / Everything a version changed")
async def list_cycle_changes(
    code: Code,
    school_code: School,
    request: Request,
    session: Session,
    actor: Reader,
    page: Paging,
    version: Version = None,
) -> Page[ChangedFigureOut]:
    opened, offset = await open_school(session, code=code, school_code=school_code, actor=actor), _offset(page)
    store = kernel_of(request).columns
    _, items, more = await reading.changes_of(
        session, opened=opened, store=store, pin=version, offset=offset, size=page.size
    )
    return Page(items=items, next_cursor=page.cursor([str(offset + page.size)]) if more else None)


@router.get(f"{_SCHOOL}/members/{{staff_key}}/explanation", summary="得分说明 / How somebody came to their total")
async def read_explanation(
    code: Code,
    school_code: School,
    staff_key: Person,
    request: Request,
    session: Session,
    actor: Reader,
    version: Version = None,
) -> ExplanationOut:
    opened = await open_member(session, code=code, school_code=school_code, staff_key=staff_key, actor=actor)
    note_read(session, opened, "explanation")
    return await reading.explanation_of(session, opened=opened, store=kernel_of(request).columns, pin=version)


@router.get("/mine/result", summary="本人结果 / One's own result beside the group's bands")
async def read_own_result(code: Code, request: Request, session: Session, actor: Own) -> OwnResultOut:
    opened, kernel = await open_own(session, code=code, actor=actor), kernel_of(request)
    calendar = calendar_for(kernel.settings, opened.school.org_path)
    return await reading.own_result(session, opened=opened, store=kernel.columns, calendar=calendar)


@router.get("/mine/explanation", summary="本人得分说明 / How one came to one's own total")
async def read_own_explanation(
    code: Code, request: Request, session: Session, actor: Own, version: Version = None
) -> ExplanationOut:
    opened = await open_own(session, code=code, actor=actor)
    reading.require_shown(opened)
    return await reading.explanation_of(session, opened=opened, store=kernel_of(request).columns, pin=version)


@router.get("/grade-shares", summary="各县档次比例（不含姓名） / Shares of grades by county, never names")
async def read_grade_shares(code: Code, session: Session, actor: Analyst) -> GradeSharesOut:
    cycle = await cycles.cycle_by_code(session, actor, code)
    least = cycle.definition["least_group"]
    rows = await repository.grade_counts(session, actor, cycle.id)
    return GradeSharesOut(cycle=code, least_count=least, items=reading.grade_shares(rows, least=least))


async def _locked(session: Session, code: str, school_code: str, actor: Actor) -> SchoolOpened:
    return await open_school(session, code=code, school_code=school_code, actor=actor, is_locked=True)


def _offset(page: PageRequest) -> int:
    text: Any = page.after[0] if page.after else "0"
    if not str(text).isdecimal():
        raise DomainError("request.cursor_invalid")
    return int(text)
