"""Routes of appeals, made for one kind of thing of a service."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel import clock
from shared.kernel.context import kernel_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kits.appeals import repository, service
from shared.kits.appeals.schemas import AppealDetail, AppealIn, AppealOut, InvestigateIn, Reading, RulingIn, WordsIn
from shared.kits.appeals.service import Appeals, Ruling
from shared.kits.appeals.tables import Appeal, Side
from shared.kits.calendar import calendar_for
from shared.kits.subject import Subject, one_row, rows_about
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.workflow.appeals import AppealDeadlines, AppealState
from shared.workflow.clocks import deadline_rules

SubjectOf = Callable[..., Any]
_SUMMARIES = {
    "accept": "受理 / Admit it",
    "refuse": "不予受理 / Do not admit it",
    "request_review": "申请复核 / Ask for a review",
    "withdraw": "撤回申诉 / Withdraw it",
    "withdraw_review": "撤回复核申请 / Withdraw the request for a review",
}


@dataclass(frozen=True, slots=True)
class _Mounting:
    on: Appeals
    name: str
    reader: SubjectOf
    handler: SubjectOf
    submitter: SubjectOf
    may_handle: Callable[[Actor], bool]
    working_days: Mapping[str, int] = field(default_factory=dict)
    days: Mapping[str, int] = field(default_factory=dict)

    def deadlines(self, request: Request, subject: Subject) -> AppealDeadlines:
        usual = {name: rule.working_days for name, rule in deadline_rules().items()}
        calendar = calendar_for(kernel_of(request).settings, subject.org_path)
        return AppealDeadlines(usual | dict(self.working_days), calendar, clock.CHINA, self.days)

    def reading(self, actor: Actor) -> Reading:
        return Reading(self.on.parties, actor, may_handle=self.may_handle(actor), at=clock.now())

    async def detail(self, session: AsyncSession, subject: Subject, row: Appeal) -> AppealDetail:
        messages = await repository.messages_of(session, self.on.messages, subject.actor, row.id)
        return self.reading(subject.actor).detail(row, messages)


def appeals_router(
    on: Appeals,
    *,
    prefix: str,
    name: str,
    reader: SubjectOf,
    appellant: SubjectOf,
    handler: SubjectOf,
    may_handle: Callable[[Actor], bool],
    submitter: SubjectOf | None = None,
    working_days: Mapping[str, int] | None = None,
    days: Mapping[str, int] | None = None,
) -> APIRouter:
    """Routes of the appeals against one kind of thing.

    Args:
        on: the tables, the parties and what applies a ruling.
        prefix: address of the collection, with the parameters that name the thing.
        name: the kind of thing, for the names of the operations.
        reader: dependency that finds the thing for a reader, declares the permission and returns a :class:`Subject`.
        appellant: the same for whoever may appeal, for the steps after an appeal was submitted.
        handler: the same for whoever handles and reviews appeals.
        may_handle: whether somebody has the handlers' permission, for what a reader is shown.
        submitter: as ``appellant``, for submitting; refuses outside the time in which one may.
        working_days: of each step, over those of ``deadlines.yaml``.
        days: of steps whose days are all counted, not working days alone.
    """
    router = APIRouter(route_class=TransactionalRoute, prefix=prefix, tags=["appeals"])
    mounting = _Mounting(
        on, name, reader, handler, submitter or appellant, may_handle, dict(working_days or {}), dict(days or {})
    )
    _add_reading(router, mounting)
    _add_submitting(router, mounting)
    for action in ("accept", "refuse"):
        _add_step(router, mounting, action, handler)
    for action in ("request_review", "withdraw", "withdraw_review"):
        _add_step(router, mounting, action, appellant)
    _add_investigating(router, mounting)
    for action, summary in (("rule", "裁定 / Rule on it"), ("decide_review", "复核决定 / Decide the review")):
        _add_ruling(router, mounting, action, summary)
    for side, dependency in ((Side.APPELLANT, appellant), (Side.HANDLER, handler)):
        _add_message(router, mounting, side, dependency)
    return router


def _add_reading(router: APIRouter, at: _Mounting) -> None:
    table = at.on.table

    @router.get("", name=f"list_{at.name}_appeals", summary="申诉列表 / List appeals")
    async def list_appeals(
        session: Session,
        page: Paging,
        subject: Annotated[Subject, Depends(at.reader)],
        state: Annotated[AppealState | None, Query()] = None,
        overdue: Annotated[bool | None, Query(description="逾期未办 / a step is owed")] = None,
    ) -> Page[AppealOut]:
        reading, rows = at.reading(subject.actor), rows_about(table, subject)
        if not (at.may_handle(subject.actor) or at.on.parties.is_shown_to_respondents):
            rows = rows.where(repository.own_appeals(table, subject.actor, by_person=at.on.parties.by_person))
        if state is not None:
            rows = rows.where(table.state == state)
        if overdue is not None:
            condition = repository.is_overdue(table, clock.now())
            rows = rows.where(condition if overdue else ~condition)
        return Page(**await fetch_page(session, rows, page, key=[table.id], present=reading.out))

    @router.get("/{appeal_id}", name=f"read_{at.name}_appeal", summary="查询申诉 / Read an appeal with its thread")
    async def read_appeal(
        appeal_id: uuid.UUID, session: Session, subject: Annotated[Subject, Depends(at.reader)]
    ) -> AppealDetail:
        row = await one_row(session, table, subject, appeal_id, what="appeal")
        if not (at.reading(subject.actor).is_party(row) or at.on.parties.is_shown_to_respondents):
            raise DomainError("resource.not_found", params={"what": f"appeal {appeal_id}"})
        return await at.detail(session, subject, row)


def _add_submitting(router: APIRouter, at: _Mounting) -> None:
    @router.post("", name=f"submit_{at.name}_appeal", status_code=201, summary="提出申诉 / Appeal")
    async def submit_appeal(
        body: AppealIn, request: Request, session: Session, subject: Annotated[Subject, Depends(at.submitter)]
    ) -> AppealDetail:
        row = await service.submit(
            session,
            on=at.on,
            subject=subject,
            grounds=body.grounds,
            points=body.points,
            asks_for=body.asks_for,
            deadlines=at.deadlines(request, subject),
        )
        return await at.detail(session, subject, row)


def _add_step(router: APIRouter, at: _Mounting, action: str, dependency: SubjectOf) -> None:
    address = f"/{{appeal_id}}:{action.replace('_', '-')}"

    @router.post(address, name=f"{action}_{at.name}_appeal", summary=_SUMMARIES[action])
    async def take_step(
        appeal_id: uuid.UUID,
        body: WordsIn,
        request: Request,
        session: Session,
        subject: Annotated[Subject, Depends(dependency)],
    ) -> AppealDetail:
        row = await service.take_step(
            session,
            on=at.on,
            subject=subject,
            appeal_id=appeal_id,
            action=action,
            body=body.body,
            deadlines=at.deadlines(request, subject),
        )
        return await at.detail(session, subject, row)


def _add_investigating(router: APIRouter, at: _Mounting) -> None:
    @router.post("/{appeal_id}:investigate", name=f"investigate_{at.name}_appeal", summary="调查 / Look into it")
    async def investigate_appeal(
        appeal_id: uuid.UUID,
        body: InvestigateIn,
        request: Request,
        session: Session,
        subject: Annotated[Subject, Depends(at.handler)],
    ) -> AppealDetail:
        row = await service.take_step(
            session,
            on=at.on,
            subject=subject,
            appeal_id=appeal_id,
            action="investigate",
            body=body.body,
            assignee=body.assignee,
            deadlines=at.deadlines(request, subject),
        )
        return await at.detail(session, subject, row)


def _add_ruling(router: APIRouter, at: _Mounting, action: str, summary: str) -> None:
    @router.post(f"/{{appeal_id}}:{action.replace('_', '-')}", name=f"{action}_{at.name}_appeal", summary=summary)
    async def rule_on_appeal(
        appeal_id: uuid.UUID,
        body: RulingIn,
        request: Request,
        session: Session,
        subject: Annotated[Subject, Depends(at.handler)],
    ) -> AppealDetail:
        row = await service.rule(
            session,
            on=at.on,
            subject=subject,
            appeal_id=appeal_id,
            action=action,
            ruling=Ruling(body.outcome, body.body, body.effect),
            deadlines=at.deadlines(request, subject),
        )
        return await at.detail(session, subject, row)


def _add_message(router: APIRouter, at: _Mounting, side: Side, dependency: SubjectOf) -> None:
    """Each side writes at an address of its own, because each has a permission of its own."""
    address = "/{appeal_id}/messages" if side is Side.APPELLANT else "/{appeal_id}/handler-messages"
    summary = (
        "申诉人留言 / The appellant adds words" if side is Side.APPELLANT else "承办方留言 / The handler adds words"
    )

    @router.post(address, name=f"add_{side.value}_{at.name}_appeal_message", status_code=201, summary=summary)
    async def add_message(
        appeal_id: uuid.UUID, body: WordsIn, session: Session, subject: Annotated[Subject, Depends(dependency)]
    ) -> AppealDetail:
        row = await service.comment(session, on=at.on, subject=subject, appeal_id=appeal_id, side=side, body=body.body)
        return await at.detail(session, subject, row)
