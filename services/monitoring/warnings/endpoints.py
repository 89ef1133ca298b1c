"""Routes of early warnings: lists, counts, one warning, each step of its life; evaluation on demand."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import ColumnElement

from services.monitoring.exams.repository import exam_for_update
from services.monitoring.exams.schemas import ExamCode
from services.monitoring.permissions import PERMISSIONS
from services.monitoring.warnings import repository
from services.monitoring.warnings.asking import ask_evaluation
from services.monitoring.warnings.rules import Outcome, WarningState
from services.monitoring.warnings.schemas import (
    AcknowledgeIn,
    CloseIn,
    WarningCountsOut,
    WarningDetail,
    WarningOut,
    WordsIn,
    counts_out,
    warning_detail,
    warning_out,
)
from services.monitoring.warnings.service import steps
from services.monitoring.warnings.service.evaluate import day_of
from services.monitoring.warnings.tables import EarlyWarning
from shared.kernel import clock
from shared.kernel.database.repository import visible
from shared.kernel.jobs.endpoints import JobOut, job_accepted
from shared.kernel.web.etag import etag, not_modified
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.policy.warnings import Severity
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/warnings", tags=["warnings"])
evaluating = APIRouter(route_class=TransactionalRoute, tags=["warnings"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("warnings.read"))]
Responder = Annotated[Actor, Depends(PERMISSIONS.requires("warnings.respond"))]
Reviewer = Annotated[Actor, Depends(PERMISSIONS.requires("warnings.review"))]
Evaluator = Annotated[Actor, Depends(PERMISSIONS.requires("warnings.evaluate"))]
Text = Annotated[str | None, Query(max_length=60)]
Dimension = Literal["rule", "county", "school", "subject", "severity", "exam", "school_year"]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which warnings are asked for, and the day they are looked at."""

    conditions: tuple[ColumnElement[bool], ...]
    today: dt.date


def _filters(
    exam: Text = None,
    rule: Text = None,
    county_code: Text = None,
    school_code: Text = None,
    subject: Text = None,
    school_year: Text = None,
    severity: Annotated[Severity | None, Query()] = None,
    state: Annotated[WarningState | None, Query()] = None,
    outcome: Annotated[Outcome | None, Query()] = None,
    overdue: Annotated[bool | None, Query(description="逾期未回应 / not answered in time")] = None,
) -> Filters:
    today, w = day_of(clock.now()), EarlyWarning
    wanted: dict[Any, Any] = {
        w.exam_code: exam,
        w.rule_code: rule,
        w.county_code: county_code,
        w.school_code: school_code,
        w.subject: subject,
        w.school_year: school_year,
        w.severity: severity,
        w.state: state,
        w.outcome: outcome,
    }
    conditions = [column == value for column, value in wanted.items() if value is not None]
    if overdue is not None:
        conditions.append(repository.is_overdue(today) if overdue else ~repository.is_overdue(today))
    return Filters(tuple(conditions), today)


Filtered = Annotated[Filters, Depends(_filters)]


class Answer:
    """How one warning is answered with: its evidence, its thread, its ETag."""

    def __init__(self, request: Request, response: Response, session: Session) -> None:
        self._request, self._response, self._session = request, response, session

    async def of(self, warning: EarlyWarning, actor: Actor) -> WarningDetail:
        """The warning as the actor sees it now."""
        today = day_of(clock.now())
        self._response.headers["ETag"] = etag(f"{warning.version}-{today}")
        messages = await repository.messages_of(self._session, actor, warning)
        root = "/".join(self._request.url.path.split("/")[:4])
        return warning_detail(warning, messages, actor, today, root=root)


Answering = Annotated[Answer, Depends()]


@router.get("", summary="预警列表 / List early warnings, oldest first")
async def list_warnings(session: Session, actor: Reader, page: Paging, asked: Filtered) -> Page[WarningOut]:
    statement = visible(EarlyWarning, actor).where(*asked.conditions)
    return Page(
        **await fetch_page(
            session,
            statement,
            page,
            key=[EarlyWarning.id],
            present=lambda warning: warning_out(warning, actor, asked.today),
        )
    )


@evaluating.get("/warning-counts", summary="预警统计 / Early warnings counted by a dimension and state")
async def count_warnings(session: Session, actor: Reader, asked: Filtered, by: Dimension = "rule") -> WarningCountsOut:
    return counts_out(by, await repository.counts(session, actor, asked.conditions, by=by, today=asked.today))


@router.get("/{warning_id}", response_model=WarningDetail, summary="查询预警 / Read a warning with evidence and thread")
async def read_warning(
    warning_id: uuid.UUID, request: Request, response: Response, session: Session, actor: Reader, answer: Answering
) -> Any:
    warning = await repository.warning_by_id(session, actor, warning_id)
    detail = await answer.of(warning, actor)
    return not_modified(request, response.headers["ETag"]) or detail


@router.post("/{warning_id}:acknowledge", summary="知悉 / Take note of a warning")
async def acknowledge_warning(
    warning_id: uuid.UUID, body: AcknowledgeIn, session: Session, actor: Responder, answer: Answering
) -> WarningDetail:
    warning = await steps.take_step(session, warning_id=warning_id, action="acknowledge", actor=actor, body=body.text)
    return await answer.of(warning, actor)


@router.post("/{warning_id}:respond", summary="回应与整改方案 / Answer with a plan of action")
async def respond_to_warning(
    warning_id: uuid.UUID, body: WordsIn, session: Session, actor: Responder, answer: Answering
) -> WarningDetail:
    warning = await steps.take_step(session, warning_id=warning_id, action="respond", actor=actor, body=body.text)
    return await answer.of(warning, actor)


@router.post("/{warning_id}:accept", summary="认可回应 / Accept the answer")
async def accept_response(
    warning_id: uuid.UUID, body: WordsIn, session: Session, actor: Reviewer, answer: Answering
) -> WarningDetail:
    warning = await steps.take_step(session, warning_id=warning_id, action="accept", actor=actor, body=body.text)
    return await answer.of(warning, actor)


@router.post("/{warning_id}:return", summary="退回回应 / Return the answer, with a new deadline")
async def return_response(
    warning_id: uuid.UUID, body: WordsIn, session: Session, actor: Reviewer, answer: Answering
) -> WarningDetail:
    warning = await steps.take_step(session, warning_id=warning_id, action="return", actor=actor, body=body.text)
    return await answer.of(warning, actor)


@router.post("/{warning_id}:close", summary="办结 / Close with what it turned out to be")
async def close_warning(
    warning_id: uuid.UUID, body: CloseIn, session: Session, actor: Reviewer, answer: Answering
) -> WarningDetail:
    warning = await steps.take_step(
        session, warning_id=warning_id, action="close", actor=actor, body=body.text, outcome=body.outcome
    )
    return await answer.of(warning, actor)


@router.post("/{warning_id}/messages", status_code=201, summary="留言 / Add words to the thread")
async def add_message(
    warning_id: uuid.UUID, body: WordsIn, session: Session, actor: Responder, answer: Answering
) -> WarningDetail:
    warning = await steps.comment(session, warning_id=warning_id, actor=actor, body=body.text)
    return await answer.of(warning, actor)


@evaluating.post(
    "/exams/{code}/warnings:evaluate",
    status_code=202,
    response_model=JobOut,
    summary="评估预警 / Hold an exam against the rules now",
)
async def evaluate_warnings(code: ExamCode, request: Request, session: Session, actor: Evaluator) -> JSONResponse:
    exam = await exam_for_update(session, actor, code)
    return job_accepted(request, await ask_evaluation(session, exam=exam, actor=actor, with_later=True))
