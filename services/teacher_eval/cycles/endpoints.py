"""Routes of annual evaluations: the city's definition, and schools on their way through it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from services.teacher_eval.cycles import repository, service
from services.teacher_eval.cycles.gates import missing_before, next_step
from services.teacher_eval.cycles.rules import CycleState, SchoolState
from services.teacher_eval.cycles.schemas import (
    BurdenOut,
    CycleIn,
    CycleOut,
    GateOut,
    SchoolCycleOut,
    StepIn,
    cycle_out,
    school_out,
)
from services.teacher_eval.cycles.service import SchoolOpened, open_school
from services.teacher_eval.cycles.tables import Cycle, SchoolCycle
from services.teacher_eval.permissions import PERMISSIONS
from shared.kernel.database.repository import visible
from shared.kernel.jobs.endpoints import JobOut, job_accepted
from shared.kernel.web.etag import etag, not_modified, require_match
from shared.kernel.web.fields import CountyCode, OwnCode, SchoolCode
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/cycles", tags=["cycles"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("cycles.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("cycles.write"))]
Follower = Annotated[Actor, Depends(PERMISSIONS.requires("evaluations.read"))]
Head = Annotated[Actor, Depends(PERMISSIONS.requires("cycles.advance"))]
Code = Annotated[OwnCode, Path()]
School = Annotated[SchoolCode, Path()]


@router.get("", summary="年度考核列表 / List annual evaluations")
async def list_cycles(
    session: Session, actor: Reader, page: Paging, state: Annotated[CycleState | None, Query()] = None
) -> Page[CycleOut]:
    statement = visible(Cycle, actor)
    if state is not None:
        statement = statement.where(Cycle.state == state)
    found = await fetch_page(session, statement, page, key=[Cycle.code], present=lambda row: cycle_out(row, actor))
    return Page(**found)


@router.put(
    "/{code}",
    summary="登记年度考核 / Register an annual evaluation, or change a draft (If-Match on a known one)",
    responses={201: {"model": CycleOut}},
)
async def put_cycle(
    code: Code, body: CycleIn, request: Request, response: Response, session: Session, actor: Writer
) -> CycleOut:
    row = await repository.own_cycle(session, actor, code)
    if row is not None:
        require_match(request, row.version)
    row, is_new = await service.put_cycle(session, code=code, body=body, row=row, actor=actor)
    response.status_code = 201 if is_new else 200
    return await _answer(session, row, response, actor)


@router.get("/{code}", response_model=CycleOut, summary="查询年度考核 / Read an annual evaluation")
async def read_cycle(code: Code, request: Request, response: Response, session: Session, actor: Reader) -> Any:
    row = await repository.cycle_by_code(session, actor, code)
    return not_modified(request, etag(row.version)) or await _answer(session, row, response, actor)


@router.get("/{code}/scheme", summary="评价方案全文 / The document of its scheme")
async def read_cycle_scheme(code: Code, session: Session, actor: Reader) -> dict[str, str]:
    row = await repository.cycle_by_code(session, actor, code)
    return {"code": row.scheme_code, "sha256": row.scheme_sha256, "document": row.scheme_document}


@router.get("/{code}/burden", summary="填报负担：每人手工填报项数 / How many figures people enter by hand")
async def read_cycle_burden(code: Code, session: Session, actor: Follower) -> BurdenOut:
    row = await repository.cycle_by_code(session, actor, code)
    return BurdenOut(**await service.burden_of(session, cycle=row, actor=actor))


@router.post(
    "/{code}:open",
    status_code=202,
    response_model=JobOut,
    summary="启动：冻结学校与教职工名单 / Freeze schools and their staff from the roster",
)
async def open_cycle(code: Code, request: Request, session: Session, actor: Writer) -> JSONResponse:
    return job_accepted(request, await service.ask_opening(session, code=code, actor=actor))


@router.post("/{code}:archive", summary="归档 / Archive: everything stays readable, nothing changes any more")
async def archive_cycle(code: Code, response: Response, session: Session, actor: Writer) -> CycleOut:
    row = await service.archive_cycle(session, code=code, actor=actor)
    return await _answer(session, row, response, actor)


@router.get("/{code}/schools", summary="各校进度 / Schools and how far they are")
async def list_school_cycles(
    code: Code,
    session: Session,
    actor: Reader,
    page: Paging,
    state: Annotated[SchoolState | None, Query()] = None,
    county_code: Annotated[CountyCode | None, Query()] = None,
) -> Page[SchoolCycleOut]:
    cycle = await repository.cycle_by_code(session, actor, code)
    statement = repository.schools_of(actor, cycle.id)
    if state is not None:
        statement = statement.where(SchoolCycle.state == state)
    if county_code is not None:
        statement = statement.where(SchoolCycle.county_code == county_code)
    key = [SchoolCycle.school_code]
    found = await fetch_page(session, statement, page, key=key, present=lambda row: school_out(row, cycle, actor))
    return Page(**found)


@router.get("/{code}/schools/{school_code}", summary="学校考核 / A school's evaluation of its staff")
async def read_school_cycle(
    code: Code, school_code: School, response: Response, session: Session, actor: Reader
) -> SchoolCycleOut:
    opened = await open_school(session, code=code, school_code=school_code, actor=actor)
    return await answer_school(session, opened, response)


@router.get("/{code}/schools/{school_code}/gate", summary="下一步的门槛 / Who is missing before the next step")
async def read_school_gate(code: Code, school_code: School, session: Session, actor: Follower) -> GateOut:
    opened = await open_school(session, code=code, school_code=school_code, actor=actor)
    state = SchoolState(opened.school.state)
    step, missing = next_step(state), {}
    if step is not None:
        missing = await missing_before(session, school=opened.school, scheme=opened.scheme, step=step, actor=actor)
    shown = {what: keys for what, keys in missing.items() if keys}
    return GateOut(state=state, step=step, is_open=step is not None and not shown, missing=shown)


@router.post("/{code}/schools/{school_code}:open", summary="名单核定 / The list of members is right")
async def open_school_cycle(
    code: Code, school_code: School, body: StepIn, response: Response, session: Session, actor: Head
) -> SchoolCycleOut:
    return await _advance(session, code, school_code, "open", body, response, actor)


@router.post("/{code}/schools/{school_code}:begin-self-evaluation", summary="进入个人自评 / Begin self-evaluation")
async def begin_self_evaluation(
    code: Code, school_code: School, body: StepIn, response: Response, session: Session, actor: Head
) -> SchoolCycleOut:
    return await _advance(session, code, school_code, "begin_self_evaluation", body, response, actor)


@router.post(
    "/{code}/schools/{school_code}:begin-democratic-appraisal", summary="进入民主测评 / Begin the democratic appraisal"
)
async def begin_democratic_appraisal(
    code: Code, school_code: School, body: StepIn, response: Response, session: Session, actor: Head
) -> SchoolCycleOut:
    return await _advance(session, code, school_code, "begin_democratic_appraisal", body, response, actor)


@router.post(
    "/{code}/schools/{school_code}:begin-comprehensive-assessment",
    summary="进入综合评定 / Begin the comprehensive assessment",
)
async def begin_comprehensive_assessment(
    code: Code, school_code: School, body: StepIn, response: Response, session: Session, actor: Head
) -> SchoolCycleOut:
    return await _advance(session, code, school_code, "begin_comprehensive_assessment", body, response, actor)


async def _advance(
    session: Session, code: str, school_code: str, step: str, body: StepIn, response: Response, actor: Actor
) -> SchoolCycleOut:
    opened = await open_school(session, code=code, school_code=school_code, actor=actor, is_locked=True)
    await service.advance(session, opened=opened, step=step, accept_reason=body.accept_reason)
    return await answer_school(session, opened, response)


async def answer_school(session: Session, opened: SchoolOpened, response: Response) -> SchoolCycleOut:
    """A school's evaluation with its ETag."""
    await session.refresh(opened.school)
    response.headers["ETag"] = etag(opened.school.version)
    return school_out(opened.school, opened.cycle, opened.actor)


async def _answer(session: Session, row: Cycle, response: Response, actor: Actor) -> CycleOut:
    await session.refresh(row)
    response.headers["ETag"] = etag(row.version)
    return cycle_out(row, actor)
