"""Routes of cases of conduct, for those who handle them; the person's own stand apart."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from services.teacher_eval.conduct import repository
from services.teacher_eval.conduct.opened import CaseId, Handler, Reader, handled
from services.teacher_eval.conduct.rules import CaseState
from services.teacher_eval.conduct.schemas import (
    CaseDetail,
    CaseOut,
    ConductLawOut,
    DecisionIn,
    HandlingOut,
    HearingIn,
    NoticeIn,
    ProposalIn,
    ReportIn,
    RuleOut,
    StepIn,
    case_detail,
    case_out,
)
from services.teacher_eval.conduct.service import cases, deciding
from services.teacher_eval.conduct.service.keeping import note_read
from services.teacher_eval.conduct.tables import ConductCase
from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.staff_register.repository import staff_by_keys
from shared.kernel.context import kernel_of
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.fields import StaffKey
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kits.calendar import calendar_for
from shared.policy.conduct import conduct_rules, handlings
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/conduct-cases", tags=["conduct"])
law = APIRouter(route_class=TransactionalRoute, prefix="/conduct-law", tags=["conduct"])


async def _locked(case_id: CaseId, request: Request, session: Session, actor: Handler) -> ConductCase:
    row = await handled(session, case_id, actor, is_locked=True)
    require_match(request, row.version)
    return row


Locked = Annotated[ConductCase, Depends(_locked)]


@law.get("", summary="十项准则与处理种类 / The ten rules, and what a violation may bring")
async def read_conduct_law(
    session: Session, actor: Annotated[Actor, Depends(PERMISSIONS.requires("conduct_law.read"))]
) -> ConductLawOut:
    del session, actor
    return ConductLawOut(
        rules=[RuleOut.model_validate(rule, from_attributes=True) for rule in conduct_rules().values()],
        handlings=[HandlingOut.model_validate(each, from_attributes=True) for each in handlings().values()],
    )


@router.get("", summary="师德案件列表 / List the cases one's level handles")
async def list_cases(
    session: Session,
    actor: Reader,
    page: Paging,
    state: Annotated[CaseState | None, Query()] = None,
    staff_key: Annotated[StaffKey | None, Query()] = None,
) -> Page[CaseOut]:
    statement = repository.cases_handled_by(actor)
    if state is not None:
        statement = statement.where(ConductCase.state == state)
    if staff_key is not None:
        statement = statement.where(ConductCase.staff_key == staff_key)
    found = await fetch_page(session, statement, page, key=[ConductCase.id], present=lambda row: row)
    people = await staff_by_keys(session, actor, {row.staff_key for row in found["items"]})
    note_read(session, actor, "list", len(found["items"]))
    names = {key: person.name for key, person in people.items()}
    items = [case_out(row, names.get(row.staff_key), actor) for row in found["items"]]
    return Page(items=items, next_cursor=found["next_cursor"])


@router.post("", status_code=201, summary="登记师德问题线索 / Open a case")
async def report_case(body: ReportIn, response: Response, session: Session, actor: Handler) -> CaseDetail:
    row = await cases.report(session, body=body, actor=actor)
    return await _detail(session, row, actor, response)


@router.get("/{case_id}", summary="师德案件 / Read a case with everything that was done")
async def read_case(case_id: CaseId, response: Response, session: Session, actor: Reader) -> CaseDetail:
    return await _detail(session, await handled(session, case_id, actor), actor, response)


@router.post(
    "/{case_id}:notify", summary="告知当事人并定听取陈述申辩日期 / Tell the person, set the hearing (If-Match)"
)
async def notify_person(
    row: Locked, body: NoticeIn, request: Request, response: Response, session: Session, actor: Handler
) -> CaseDetail:
    calendar = calendar_for(kernel_of(request).settings, row.org_path)
    await cases.notify(session, row=row, body=body, actor=actor, calendar=calendar)
    return await _detail(session, row, actor, response)


@router.post("/{case_id}:record-hearing", summary="记录陈述申辩 / Keep what was said at the hearing (If-Match)")
async def record_hearing(
    row: Locked, body: HearingIn, response: Response, session: Session, actor: Handler
) -> CaseDetail:
    await cases.record_hearing(session, row=row, body=body, actor=actor)
    return await _detail(session, row, actor, response)


@router.post("/{case_id}:propose", summary="学校提出处理建议 / Put it before the office that decides (If-Match)")
async def propose_case(
    row: Locked, body: ProposalIn, response: Response, session: Session, actor: Handler
) -> CaseDetail:
    await cases.propose(session, row=row, body=body, actor=actor)
    return await _detail(session, row, actor, response)


@router.post("/{case_id}:decide", summary="作出处理决定 / Decide; it takes effect after review and appeal (If-Match)")
async def decide_case(
    row: Locked, body: DecisionIn, request: Request, response: Response, session: Session, actor: Handler
) -> CaseDetail:
    calendar = calendar_for(kernel_of(request).settings, row.org_path)
    await deciding.decide(session, row=row, body=body, actor=actor, calendar=calendar)
    return await _detail(session, row, actor, response)


@router.post("/{case_id}:lift", summary="提前解除 / End it before its time, by a document (If-Match)")
async def lift_case(row: Locked, body: StepIn, response: Response, session: Session, actor: Handler) -> CaseDetail:
    await deciding.lift(session, row=row, body=body, actor=actor)
    return await _detail(session, row, actor, response)


@router.post("/{case_id}:suspend", summary="暂停职责 / Suspend duties while the law allows it (If-Match)")
async def suspend_person(row: Locked, body: StepIn, response: Response, session: Session, actor: Handler) -> CaseDetail:
    await cases.suspend(session, row=row, body=body, actor=actor)
    return await _detail(session, row, actor, response)


@router.post("/{case_id}:resume", summary="恢复职责 / End a suspension (If-Match)")
async def resume_person(row: Locked, body: StepIn, response: Response, session: Session, actor: Handler) -> CaseDetail:
    await cases.resume(session, row=row, body=body, actor=actor)
    return await _detail(session, row, actor, response)


@router.post("/{case_id}:{step}", summary="调查、不予认定 / Investigate, or close as not confirmed (If-Match)")
async def step_case(
    row: Locked,
    step: Literal["investigate", "close"],
    body: StepIn,
    response: Response,
    session: Session,
    actor: Handler,
) -> CaseDetail:
    await cases.take_step(session, row=row, step=step, body=body, actor=actor)
    return await _detail(session, row, actor, response)


async def _detail(session: Session, row: ConductCase, actor: Actor, response: Response) -> CaseDetail:
    response.headers["ETag"] = etag(row.version)
    person = (await staff_by_keys(session, actor, {row.staff_key})).get(row.staff_key)
    entries = await repository.entries_of(session, actor, row, shown_only=False)
    return case_detail(row, None if person is None else person.name, actor, entries)
