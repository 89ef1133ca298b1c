"""Routes of verified links: the office's window, schools, links, and each teacher's own."""

import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.teaching_links import repository
from services.teacher_eval.teaching_links.rules import LinkState, SchoolState
from services.teacher_eval.teaching_links.schemas import (
    ClaimIn,
    DecideIn,
    DisputeIn,
    LinkDetail,
    LinkOut,
    ReasonIn,
    SchoolOut,
    WindowIn,
    WindowOut,
    link_detail,
    link_out,
    school_out,
    window_out,
)
from services.teacher_eval.teaching_links.service import closing, saying, windows
from services.teacher_eval.teaching_links.tables import LinkWindow, SchoolLinks, TeachingLink
from services.teacher_eval.whole_person import own_key, whole_person
from shared.kernel.context import kernel_of
from shared.kernel.jobs.endpoints import JobOut, job_accepted
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.fields import SchoolYear
from shared.kernel.web.organizations import OrgCode, path_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/link-windows", tags=["teaching-links"])
own = APIRouter(route_class=TransactionalRoute, prefix="/own-teaching-links", tags=["teaching-links"])
links = APIRouter(route_class=TransactionalRoute, prefix="/teaching-links", tags=["teaching-links"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("teaching_links.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("link_windows.write"))]
Decider = Annotated[Actor, Depends(PERMISSIONS.requires("teaching_links.decide"))]
Closer = Annotated[Actor, Depends(PERMISSIONS.requires("teaching_links.close"))]
OwnReader = Annotated[Actor, Depends(PERMISSIONS.requires("development.read_own"))]
OwnWriter = Annotated[Actor, Depends(PERMISSIONS.requires("teaching_links.say"))]
Year = Annotated[SchoolYear, Path()]
LinkId = Annotated[uuid.UUID, Path()]


@router.get("", summary="任教核实窗口列表 / List windows")
async def list_link_windows(session: Session, actor: Reader, page: Paging) -> Page[WindowOut]:
    statement = repository.windows_of(actor)
    return Page(**await fetch_page(session, statement, page, key=[LinkWindow.id], present=window_out))


@router.put("/{school_year}", summary="设定本机构任教核实窗口 / Write the office's window (If-Match on a known one)")
async def put_link_window(
    school_year: Year, body: WindowIn, request: Request, response: Response, session: Session, actor: Writer
) -> WindowOut:
    row = await repository.own_window_for_update(session, actor, school_year)
    if row is not None:
        require_match(request, row.version)
    row, is_new = await windows.put_window(session, school_year=school_year, body=body, row=row, actor=actor)
    response.status_code = 201 if is_new else 200
    response.headers["ETag"] = etag(row.version)
    return window_out(row)


@router.post(
    "/{school_year}:preview", status_code=202, response_model=JobOut, summary="从花名册预填 / Preview from the roster"
)
async def preview_links(school_year: Year, request: Request, session: Session, actor: Writer) -> JSONResponse:
    window = await repository.window_of_org(session, actor, actor.org, school_year)
    return job_accepted(request, await windows.ask_preview(session, window=window, actor=actor))


@router.get("/{org}/{school_year}/schools", summary="各校核实进度 / How far schools are")
async def list_school_links(
    org: OrgCode,
    school_year: Year,
    session: Session,
    actor: Reader,
    page: Paging,
    state: Annotated[SchoolState | None, Query()] = None,
) -> Page[SchoolOut]:
    window = await repository.window_of_org(session, actor, path_of(org), school_year)
    statement = repository.schools_of(actor, window)
    if state is not None:
        statement = statement.where(SchoolLinks.state == state)
    found = await fetch_page(session, statement, page, key=[SchoolLinks.id], present=lambda row: row)
    counts = await repository.state_counts(session, actor, [row.id for row in found["items"]])
    items = [school_out(row, window, counts.get(row.id, {})) for row in found["items"]]
    return Page(items=items, next_cursor=found["next_cursor"])


@router.get("/{org}/{school_year}/schools/{school}", summary="一校核实进度 / How far a school is")
async def read_school_links(
    org: OrgCode, school_year: Year, school: OrgCode, response: Response, session: Session, actor: Reader
) -> SchoolOut:
    window, row = await _school(session, actor, org, school_year, school)
    return await _school_out(session, actor, window, row, response)


@router.post(
    "/{org}/{school_year}/schools/{school}:{step}", summary="学校开始裁定、完成 / Steps of a school (If-Match)"
)
async def step_school_links(
    org: OrgCode,
    school_year: Year,
    school: OrgCode,
    step: Literal["decide", "finish"],
    request: Request,
    response: Response,
    session: Session,
    actor: Decider,
) -> SchoolOut:
    window, row = await _school(session, actor, org, school_year, school)
    require_match(request, row.version)
    act = closing.begin_deciding if step == "decide" else closing.finish
    await act(session, school=row, window=window, settings=kernel_of(request).settings, actor=actor)
    return await _school_out(session, actor, window, row, response)


@router.post("/{org}/{school_year}/schools/{school}/review:return", summary="退回学校 / Have the school decide again")
async def return_school_links(
    org: OrgCode,
    school_year: Year,
    school: OrgCode,
    body: ReasonIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Closer,
) -> SchoolOut:
    window, row = await _school(session, actor, org, school_year, school)
    require_match(request, row.version)
    settings = kernel_of(request).settings
    await closing.send_back(session, school=row, window=window, reason=body.reason, settings=settings, actor=actor)
    return await _school_out(session, actor, window, row, response)


@router.post("/{org}/{school_year}/schools/{school}/review:close", summary="审定封存 / Freeze a school's links")
async def close_school_links(
    org: OrgCode,
    school_year: Year,
    school: OrgCode,
    request: Request,
    response: Response,
    session: Session,
    actor: Closer,
) -> SchoolOut:
    window, row = await _school(session, actor, org, school_year, school)
    require_match(request, row.version)
    await closing.close(session, school=row, window=window, actor=actor)
    return await _school_out(session, actor, window, row, response)


@router.get("/{org}/{school_year}/schools/{school}/links", summary="一校任教关系 / Links of a school")
async def list_links(
    org: OrgCode,
    school_year: Year,
    school: OrgCode,
    session: Session,
    actor: Reader,
    page: Paging,
    state: Annotated[LinkState | None, Query()] = None,
) -> Page[LinkOut]:
    _, row = await _school(session, actor, org, school_year, school)
    statement = repository.links_of(actor, row)
    if state is not None:
        statement = statement.where(TeachingLink.state == state)
    return Page(**await fetch_page(session, statement, page, key=[TeachingLink.id], present=link_out))


@links.get("/{link_id}", summary="任教关系与经过 / Read a link with its history")
async def read_link(link_id: LinkId, response: Response, session: Session, actor: Reader) -> LinkDetail:
    return await _detail(session, actor, await repository.link_by_id(session, actor, link_id), response)


@links.post("/{link_id}:decide", summary="学校裁定 / What the school decides of a link (If-Match)")
async def decide_link(
    link_id: LinkId, body: DecideIn, request: Request, response: Response, session: Session, actor: Decider
) -> LinkDetail:
    row = await repository.link_for_update(session, actor, link_id)
    require_match(request, row.version)
    await saying.decide(session, link=row, body=body, actor=actor)
    return await _detail(session, actor, row, response)


@own.get("", summary="本人任教关系 / The caller's own links, at every school")
async def list_own_links(session: Session, actor: OwnReader, page: Paging) -> Page[LinkOut]:
    async with whole_person(session, actor) as everywhere:
        statement = repository.links_of_person(everywhere, own_key(actor))
        return Page(**await fetch_page(session, statement, page, key=[TeachingLink.id], present=link_out))


@own.post(":claim", status_code=201, summary="补报任教关系 / Claim a link that is missing")
async def claim_link(body: ClaimIn, response: Response, session: Session, actor: OwnWriter) -> LinkDetail:
    person = own_key(actor)
    async with whole_person(session, actor) as everywhere:
        row = await saying.claim(session, body=body, person=person, everywhere=everywhere, actor=actor)
        return await _detail(session, everywhere, row, response)


@own.post("/{link_id}:confirm", summary="确认本人任教关系 / It is so")
async def confirm_link(link_id: LinkId, response: Response, session: Session, actor: OwnWriter) -> LinkDetail:
    async with whole_person(session, actor) as everywhere:
        row = await _own_link(session, everywhere, actor, link_id)
        await saying.confirm(session, link=row, everywhere=everywhere, actor=actor)
        return await _detail(session, everywhere, row, response)


@own.post("/{link_id}:dispute", summary="对本人任教关系提出异议 / It is otherwise")
async def dispute_link(
    link_id: LinkId, body: DisputeIn, response: Response, session: Session, actor: OwnWriter
) -> LinkDetail:
    async with whole_person(session, actor) as everywhere:
        row = await _own_link(session, everywhere, actor, link_id)
        await saying.dispute(session, link=row, body=body, everywhere=everywhere, actor=actor)
        return await _detail(session, everywhere, row, response)


async def _own_link(session: Session, everywhere: Actor, actor: Actor, link_id: uuid.UUID) -> TeachingLink:
    row = await repository.link_for_update(session, everywhere, link_id)
    if row.staff_key != own_key(actor):
        raise DomainError("resource.not_found", params={"what": "teaching link"})
    return row


async def _school(
    session: Session, actor: Actor, org: str, school_year: str, school: str
) -> tuple[LinkWindow, SchoolLinks]:
    window = await repository.window_of_org(session, actor, path_of(org), school_year)
    return window, await repository.school_for_update(session, actor, window, path_of(school))


async def _school_out(
    session: Session, actor: Actor, window: LinkWindow, row: SchoolLinks, response: Response
) -> SchoolOut:
    response.headers["ETag"] = etag(row.version)
    counts = await repository.state_counts(session, actor, [row.id])
    return school_out(row, window, counts.get(row.id, {}))


async def _detail(session: Session, actor: Actor, row: TeachingLink, response: Response) -> LinkDetail:
    response.headers["ETag"] = etag(row.version)
    return link_detail(row, await repository.steps_of(session, actor, row))
