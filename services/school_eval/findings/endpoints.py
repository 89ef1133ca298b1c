"""Routes of findings: raised by inspectors, mended by schools, judged by offices; the board."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.school_eval.findings import repository, service
from services.school_eval.findings.rules import OPEN, FindingState, Severity
from services.school_eval.findings.schemas import (
    BoardOut,
    BoardRow,
    FindingDetail,
    FindingIn,
    FindingOut,
    Judgment,
    JudgmentIn,
    PlanIn,
    WordsIn,
    finding_detail,
    finding_out,
)
from services.school_eval.findings.tables import Finding
from services.school_eval.permissions import PERMISSIONS
from shared.kernel import clock
from shared.kernel.context import kernel_of
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/findings", tags=["inspection"])
board_router = APIRouter(route_class=TransactionalRoute, prefix="/finding-board", tags=["inspection"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("findings.read"))]
Raiser = Annotated[Actor, Depends(PERMISSIONS.requires("findings.judge"))]
Mender = Annotated[Actor, Depends(PERMISSIONS.requires("findings.mend"))]
Commenter = Annotated[Actor, Depends(PERMISSIONS.requires("findings.comment"))]
FindingId = Annotated[uuid.UUID, Path()]


@board_router.get("", summary="问题整改看板 / Findings county by county")
async def read_finding_board(session: Session, actor: Reader) -> BoardOut:
    today = clock.today()
    found = await repository.board(session, actor, today)
    rows = [BoardRow(county_code=code, **{"median_days_to_close": None} | row) for code, row in found.items()]
    return BoardOut(on=today, items=rows)


@router.get("", summary="问题列表 / List findings")
async def list_findings(
    session: Session,
    actor: Reader,
    page: Paging,
    state: Annotated[FindingState | None, Query()] = None,
    severity: Annotated[Severity | None, Query()] = None,
    county_code: Annotated[str | None, Query(max_length=6)] = None,
    school_code: Annotated[str | None, Query(max_length=12)] = None,
    visit: Annotated[uuid.UUID | None, Query()] = None,
    overdue: Annotated[bool | None, Query(description="已逾期 / past its day")] = None,
) -> Page[FindingOut]:
    today = clock.today()
    is_late = Finding.state.in_(OPEN) & (Finding.due_on < today)
    asked = {"state": state, "severity": severity, "county_code": county_code, "school_code": school_code}
    conditions = [getattr(Finding, name) == value for name, value in asked.items() if value is not None]
    if visit is not None:
        conditions.append(Finding.visit_id == visit)
    if overdue is not None:
        conditions.append(is_late if overdue else ~is_late)
    statement = repository.findings_of(actor).where(*conditions)

    def present(row: Finding) -> FindingOut:
        return finding_out(row, actor, today)

    return Page(**await fetch_page(session, statement, page, key=[Finding.id], present=present))


@router.get("/{finding}", summary="问题 / Read a finding with all that was said on it")
async def read_finding(finding: FindingId, response: Response, session: Session, actor: Reader) -> FindingDetail:
    return await _detail(session, await repository.finding_by_id(session, actor, finding), actor, response)


@router.put(
    "/{finding}", status_code=201, summary="登记问题，编号由客户端生成 / Raise a finding under an id of the client's"
)
async def put_finding(
    finding: FindingId, body: FindingIn, request: Request, response: Response, session: Session, actor: Raiser
) -> FindingDetail:
    row, is_new = await service.raise_finding(
        session, finding_id=finding, body=body, actor=actor, settings=kernel_of(request).settings
    )
    response.status_code = 201 if is_new else 200
    return await _detail(session, row, actor, response)


@router.post("/{finding}:plan", summary="提交整改方案 / The school says how it will mend it (If-Match)")
async def plan_finding(
    finding: FindingId, body: PlanIn, request: Request, response: Response, session: Session, actor: Mender
) -> FindingDetail:
    row = await _held(finding, request, session, actor)
    settings = kernel_of(request).settings
    await service.submit_plan(session, row=row, body=body, actor=actor, settings=settings)
    return await _detail(session, row, actor, response)


@router.post("/{finding}:report", summary="报告整改完成 / The school says it is mended (If-Match)")
async def report_finding(
    finding: FindingId, body: WordsIn, request: Request, response: Response, session: Session, actor: Mender
) -> FindingDetail:
    row = await _held(finding, request, session, actor)
    settings = kernel_of(request).settings
    await service.report_done(session, row=row, body=body, actor=actor, settings=settings)
    return await _detail(session, row, actor, response)


@router.post("/{finding}:comment", summary="留言 / Say something about a finding")
async def comment_finding(
    finding: FindingId, body: WordsIn, response: Response, session: Session, actor: Commenter
) -> FindingDetail:
    row = await repository.finding_for_update(session, actor, finding)
    await service.comment(session, row=row, text=body.text, actor=actor)
    return await _detail(session, row, actor, response)


@router.post(
    "/{finding}/judgments/{judgment}",
    summary="复查处理：退回、销号、督办、撤销 / Return, close, hand on or withdraw a finding (If-Match)",
)
async def judge_finding(
    finding: FindingId,
    judgment: Judgment,
    body: JudgmentIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Raiser,
) -> FindingDetail:
    row = await _held(finding, request, session, actor)
    settings = kernel_of(request).settings
    await service.judge(session, row=row, step=judgment, body=body, actor=actor, settings=settings)
    return await _detail(session, row, actor, response)


async def _held(finding: uuid.UUID, request: Request, session: Session, actor: Actor) -> Finding:
    row = await repository.finding_for_update(session, actor, finding)
    require_match(request, row.version)
    return row


async def _detail(session: Session, row: Finding, actor: Actor, response: Response) -> FindingDetail:
    response.headers["ETag"] = etag(row.version)
    entries = await repository.entries_of(session, actor, row)
    return finding_detail(row, entries, actor, clock.today())
