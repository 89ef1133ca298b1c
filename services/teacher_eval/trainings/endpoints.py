"""Routes of training programs, their participants and ratings."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.trainings import repository
from services.teacher_eval.trainings.rules import EnrollmentState, ProgramState, TrainingLevel
from services.teacher_eval.trainings.schemas import (
    CompletionIn,
    EnrollIn,
    EnrollmentOut,
    EnrollmentsOut,
    OwnEnrollmentOut,
    ProgramDetail,
    ProgramIn,
    ProgramOut,
    ProgramStep,
    RatingIn,
    RatingsOut,
    enrollment_out,
    program_out,
)
from services.teacher_eval.trainings.service import programs
from services.teacher_eval.trainings.tables import TrainingEnrollment, TrainingProgram
from services.teacher_eval.whole_person import own_key
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.fields import OwnCode, StaffKey
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/training-programs", tags=["trainings"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("trainings.read"))]
ParticipantReader = Annotated[Actor, Depends(PERMISSIONS.requires("training_participants.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("trainings.write"))]
Enroller = Annotated[Actor, Depends(PERMISSIONS.requires("trainings.enroll"))]
Participant = Annotated[Actor, Depends(PERMISSIONS.requires("trainings.rate"))]
Code = Annotated[OwnCode, Path()]


async def _program(code: Code, session: Session, actor: Reader) -> TrainingProgram:
    return await repository.program_by_code(session, actor, code)


async def _own_program(code: Code, session: Session, actor: Writer) -> TrainingProgram:
    row = await repository.own_program_for_update(session, actor, code)
    if row is None:
        raise DomainError("resource.not_found", params={"what": f"training program {code}"})
    return row


Program = Annotated[TrainingProgram, Depends(_program)]
OwnProgram = Annotated[TrainingProgram, Depends(_own_program)]


@router.get("", summary="培训项目列表 / List programs")
async def list_programs(
    session: Session,
    actor: Reader,
    page: Paging,
    level: Annotated[TrainingLevel | None, Query()] = None,
    state: Annotated[ProgramState | None, Query()] = None,
) -> Page[ProgramOut]:
    statement = repository.programs_of(actor)
    if level is not None:
        statement = statement.where(TrainingProgram.level == level)
    if state is not None:
        statement = statement.where(TrainingProgram.state == state)
    return Page(**await fetch_page(session, statement, page, key=[TrainingProgram.id], present=program_out))


@router.get("/{code}", summary="培训项目 / Read a program")
async def read_program(program: Program, response: Response, session: Session, actor: Reader) -> ProgramDetail:
    return await _detail(session, program, actor, response)


@router.put("/{code}", summary="写入培训项目 / Write a program (If-Match on a known one)")
async def put_program(
    code: Code, body: ProgramIn, request: Request, response: Response, session: Session, actor: Writer
) -> ProgramDetail:
    row = await repository.own_program_for_update(session, actor, code)
    if row is not None:
        require_match(request, row.version)
    row, is_new = await programs.put_program(session, code=code, body=body, row=row, actor=actor)
    response.status_code = 201 if is_new else 200
    return await _detail(session, row, actor, response)


@router.post("/{code}:{step}", summary="开放报名、关闭、重开、取消 / Open, close, reopen, cancel (If-Match)")
async def step_program(
    program: OwnProgram, step: ProgramStep, request: Request, response: Response, session: Session, actor: Writer
) -> ProgramDetail:
    require_match(request, program.version)
    await programs.step_program(session, row=program, step=step, actor=actor)
    return await _detail(session, program, actor, response)


@router.get("/{code}/enrollments", summary="参训人员 / List the people of a program")
async def list_enrollments(
    program: Program,
    session: Session,
    actor: ParticipantReader,
    page: Paging,
    state: Annotated[EnrollmentState | None, Query()] = None,
) -> Page[EnrollmentOut]:
    statement = repository.enrollments_of(actor, program)
    if state is not None:
        statement = statement.where(TrainingEnrollment.state == state)
    return Page(**await fetch_page(session, statement, page, key=[TrainingEnrollment.id], present=enrollment_out))


@router.post("/{code}/enrollments", summary="报名 / Enroll people of one's own organization")
async def enroll(program: Program, body: EnrollIn, session: Session, actor: Enroller) -> EnrollmentsOut:
    rows = await programs.enroll(session, program=program, staff_keys=set(body.staff_keys), actor=actor)
    return EnrollmentsOut(items=[enrollment_out(row) for row in rows])


@router.post("/{code}/enrollments/{staff_key}:withdraw", summary="退出培训 / Take somebody out")
async def withdraw(
    program: Program, staff_key: Annotated[StaffKey, Path()], session: Session, actor: Enroller
) -> EnrollmentOut:
    row = await repository.own_enrollment_for_update(session, actor, program, staff_key)
    return enrollment_out(await programs.withdraw(session, program=program, row=row, actor=actor))


@router.post("/{code}/completions", summary="登记出勤与结业 / Record attendance and completion")
async def record_completion(program: OwnProgram, body: CompletionIn, session: Session, actor: Writer) -> EnrollmentsOut:
    rows = await programs.complete(session, program=program, body=body, actor=actor)
    return EnrollmentsOut(items=[enrollment_out(row) for row in rows])


@router.get("/{code}/enrollments/mine", summary="本人参训情况 / The caller in a program")
async def read_own_enrollment(program: Program, session: Session, actor: Participant) -> OwnEnrollmentOut:
    row = await _own_enrollment(session, program, actor)
    return OwnEnrollmentOut(**enrollment_out(row).model_dump(), program=program.code, title=program.title)


@router.post("/{code}/ratings", status_code=204, summary="参训评价（匿名） / Rate a program, without a name")
async def rate(program: Program, body: RatingIn, session: Session, actor: Participant) -> None:
    row = await _own_enrollment(session, program, actor)
    await programs.rate(session, program=program, row=row, body=body, actor=actor)


@router.get("/{code}/ratings", summary="参训评价结果 / What participants thought, from the least number of raters up")
async def read_ratings(program: Program, session: Session, actor: ParticipantReader) -> RatingsOut:
    return await programs.ratings(session, program=program, actor=actor)


async def _own_enrollment(session: Session, program: TrainingProgram, actor: Actor) -> TrainingEnrollment:
    return await repository.own_enrollment_for_update(session, actor, program, own_key(actor))


async def _detail(session: Session, row: TrainingProgram, actor: Actor, response: Response) -> ProgramDetail:
    response.headers["ETag"] = etag(row.version)
    counts: dict[Any, int] = dict(await repository.enrollment_counts(session, actor, row))
    return ProgramDetail(**program_out(row).model_dump(), enrollments=counts)
