"""Routes of exams."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from services.monitoring.exams import repository, service
from services.monitoring.exams.rules import ExamState
from services.monitoring.exams.schemas import (
    ExamCode,
    ExamIn,
    ExamOut,
    ParticipantOut,
    ReopenIn,
    WindowIn,
    exam_out,
    participant_out,
)
from services.monitoring.exams.tables import Exam, Participant
from services.monitoring.permissions import PERMISSIONS
from shared.kernel.database.repository import visible
from shared.kernel.jobs.endpoints import JobOut, job_accepted
from shared.kernel.web.etag import etag, not_modified
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/exams", tags=["exams"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("exams.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("exams.write"))]
Leader = Annotated[Actor, Depends(PERMISSIONS.requires("exams.advance"))]


@router.get("", summary="考试列表 / List exams")
async def list_exams(
    session: Session,
    actor: Reader,
    page: Paging,
    state: Annotated[ExamState | None, Query()] = None,
    school_year: Annotated[str | None, Query()] = None,
) -> Page[ExamOut]:
    statement = visible(Exam, actor)
    if state is not None:
        statement = statement.where(Exam.state == state)
    if school_year is not None:
        statement = statement.where(Exam.school_year == school_year)
    return Page(
        **await fetch_page(session, statement, page, key=[Exam.code], present=lambda exam: exam_out(exam, actor))
    )


@router.put("/{code}", summary="登记考试 / Register an exam", responses={201: {"model": ExamOut}})
async def put_exam(code: ExamCode, body: ExamIn, session: Session, actor: Writer, response: Response) -> ExamOut:
    exam, is_new = await service.put_exam(session, code=code, body=body, actor=actor)
    await session.refresh(exam)
    response.status_code = 201 if is_new else 200
    response.headers["ETag"] = etag(exam.version)
    return exam_out(exam, actor)


@router.get("/{code}", response_model=ExamOut, summary="查询考试 / Read an exam")
async def read_exam(code: ExamCode, request: Request, response: Response, session: Session, actor: Reader) -> Any:
    exam = await repository.exam_by_code(session, actor, code)
    tag = etag(exam.version)
    response.headers["ETag"] = tag
    return not_modified(request, tag) or exam_out(exam, actor)


@router.get("/{code}/participants", summary="参加学校 / Schools that take part")
async def list_participants(code: ExamCode, session: Session, actor: Reader, page: Paging) -> Page[ParticipantOut]:
    exam = await repository.exam_by_code(session, actor, code)
    statement = visible(Participant, actor).where(Participant.exam_id == exam.id)
    return Page(**await fetch_page(session, statement, page, key=[Participant.school_code], present=participant_out))


@router.post(
    "/{code}:open", status_code=202, response_model=JobOut, summary="开放采集 / Freeze the roster and open collection"
)
async def open_exam(code: ExamCode, request: Request, session: Session, actor: Leader) -> JSONResponse:
    return job_accepted(request, await service.ask_opening(session, code=code, actor=actor))


@router.post("/{code}:check", summary="结束采集，进入核对 / Close collection for checking")
async def check_exam(code: ExamCode, body: WindowIn, session: Session, actor: Leader) -> ExamOut:
    exam = await repository.exam_for_update(session, actor, code)
    exam = await service.close_for_checking(session, exam=exam, window=body, actor=actor)
    await session.refresh(exam)
    return exam_out(exam, actor)


@router.post("/{code}:reopen", summary="重新采集（全部或指定学校） / Take marks again, of all schools or of named ones")
async def reopen_exam(code: ExamCode, body: ReopenIn, session: Session, actor: Leader) -> ExamOut:
    exam = await repository.exam_for_update(session, actor, code)
    exam = await service.reopen(session, exam=exam, body=body, actor=actor)
    await session.refresh(exam)
    return exam_out(exam, actor)


@router.post("/{code}:archive", summary="归档 / Archive: results stay readable, nothing changes any more")
async def archive_exam(code: ExamCode, session: Session, actor: Leader) -> ExamOut:
    exam = await repository.exam_for_update(session, actor, code)
    exam = await service.move_exam(session, exam, "archive", actor=actor)
    await session.refresh(exam)
    return exam_out(exam, actor)
