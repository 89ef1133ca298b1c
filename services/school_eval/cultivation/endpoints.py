"""Routes of cultivation programs and the schools in them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.school_eval.cultivation import repository, service
from services.school_eval.cultivation.rules import CandidateState
from services.school_eval.cultivation.schemas import (
    AssessmentIn,
    CandidateDetail,
    CandidateOut,
    CountOut,
    CountsOut,
    Decision,
    NominationIn,
    OwnStep,
    ProgramIn,
    ProgramOut,
    StepIn,
    candidate_detail,
    candidate_out,
    program_out,
)
from services.school_eval.cultivation.tables import Candidate, CultivationProgram
from services.school_eval.permissions import PERMISSIONS
from shared.kernel.web.etag import etag, not_modified, require_match
from shared.kernel.web.fields import CountyCode, OwnCode, SchoolCode
from shared.kernel.web.paging import Page, Paging, fetch_page, page_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/cultivation-programs", tags=["cultivation"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("cultivation.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("cultivation.write"))]
Nominator = Annotated[Actor, Depends(PERMISSIONS.requires("cultivation.nominate"))]
Assessor = Annotated[Actor, Depends(PERMISSIONS.requires("cultivation.assess"))]
Applicant = Annotated[Actor, Depends(PERMISSIONS.requires("cultivation.apply"))]
Decider = Annotated[Actor, Depends(PERMISSIONS.requires("cultivation.decide"))]


async def _program(code: Annotated[OwnCode, Path()], session: Session, actor: Reader) -> CultivationProgram:
    return await repository.program_by_code(session, actor, code)


Program = Annotated[CultivationProgram, Depends(_program)]


@router.get("", summary="培育项目列表 / List programs")
async def list_programs(session: Session, actor: Reader, page: Paging) -> Page[ProgramOut]:
    rows = await repository.all_programs(session, actor)
    return Page(**page_of([program_out(row) for row in rows], page, key=lambda program: program.code))


@router.get("/{code}", response_model=ProgramOut, summary="培育项目 / Read a program with its criteria")
async def read_program(program: Program, request: Request, response: Response) -> Any:
    response.headers["ETag"] = etag(program.version)
    return not_modified(request, etag(program.version)) or program_out(program)


@router.put("/{code}", summary="写入培育项目 / Write a program (If-Match on a known one)")
async def put_program(
    code: OwnCode, body: ProgramIn, request: Request, response: Response, session: Session, actor: Writer
) -> ProgramOut:
    row = await repository.own_program_for_update(session, actor, code)
    if row is not None:
        require_match(request, row.version)
    row, is_new = await service.put_program(session, code=code, body=body, row=row, actor=actor)
    response.status_code = 201 if is_new else 200
    response.headers["ETag"] = etag(row.version)
    return program_out(row)


@router.get("/{code}/counts", summary="培育统计 / Schools of a program by county and state")
async def count_candidates(program: Program, session: Session, actor: Reader) -> CountsOut:
    found = await repository.counts(session, actor, program)
    return CountsOut(
        items=[
            CountOut(county_code=county, states={CandidateState(state): count for state, count in states.items()})
            for county, states in found.items()
        ]
    )


@router.get("/{code}/candidates", summary="培育学校名册 / List the schools of a program")
async def list_candidates(
    program: Program,
    session: Session,
    actor: Reader,
    page: Paging,
    state: Annotated[CandidateState | None, Query()] = None,
    county_code: Annotated[str | None, Query(max_length=6)] = None,
) -> Page[CandidateOut]:
    statement = repository.candidates_of(actor, program)
    if state is not None:
        statement = statement.where(Candidate.state == state)
    if county_code is not None:
        statement = statement.where(Candidate.county_code == county_code)

    def present(row: Candidate) -> CandidateOut:
        return candidate_out(row, program, actor)

    return Page(**await fetch_page(session, statement, page, key=[Candidate.id], present=present))


@router.get("/{code}/candidates/{school}", summary="培育学校 / Read a school with criteria and thread")
async def read_candidate(
    program: Program, school: SchoolCode, response: Response, session: Session, actor: Reader
) -> CandidateDetail:
    row = await repository.candidate_by_school(session, actor, program, school)
    return await _detail(session, program, row, actor, response)


@router.post("/{code}/candidates/{county}/{school}", status_code=201, summary="推荐学校 / Nominate a school")
async def nominate_candidate(
    program: Program,
    county: CountyCode,
    school: SchoolCode,
    body: NominationIn,
    response: Response,
    session: Session,
    actor: Nominator,
) -> CandidateDetail:
    row = await service.nominate(session, program=program, county=county, school=school, body=body, actor=actor)
    return await _detail(session, program, row, actor, response)


@router.put(
    "/{code}/candidates/{school}/criteria/{criterion}",
    summary="指标达成情况 / Say whether a criterion is met (If-Match)",
)
async def assess_criterion(
    program: Program,
    school: SchoolCode,
    criterion: OwnCode,
    body: AssessmentIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Assessor,
) -> CandidateDetail:
    row = await repository.candidate_for_update(session, actor, program, school)
    require_match(request, row.version)
    await service.assess(session, program=program, row=row, criterion=criterion, body=body, actor=actor)
    return await _detail(session, program, row, actor, response)


@router.post(
    "/{code}/candidates/{school}:{step}", summary="申报、退出、重新推荐 / Apply, withdraw, nominate again (If-Match)"
)
async def step_candidate(
    program: Program,
    school: SchoolCode,
    step: OwnStep,
    body: StepIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Applicant,
) -> CandidateDetail:
    return await _step(session, program, school, step, body, request, response, actor)


@router.post(
    "/{code}/candidates/{school}/decisions/{decision}",
    summary="审核认定 / Accept, return, recognize or revoke (If-Match)",
)
async def decide_candidate(
    program: Program,
    school: SchoolCode,
    decision: Decision,
    body: StepIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Decider,
) -> CandidateDetail:
    return await _step(session, program, school, decision, body, request, response, actor)


async def _step(
    session: Session,
    program: CultivationProgram,
    school: str,
    step: str,
    body: StepIn,
    request: Request,
    response: Response,
    actor: Actor,
) -> CandidateDetail:
    row = await repository.candidate_for_update(session, actor, program, school)
    require_match(request, row.version)
    await service.take_step(session, program=program, row=row, step=step, body=body, actor=actor)
    return await _detail(session, program, row, actor, response)


async def _detail(
    session: Session, program: CultivationProgram, row: Candidate, actor: Actor, response: Response
) -> CandidateDetail:
    response.headers["ETag"] = etag(row.version)
    entries = await repository.entries_of(session, actor, row)
    return candidate_detail(row, program, entries, actor)
