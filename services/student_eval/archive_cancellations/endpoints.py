"""Routes of cancellations: proposed by one, the pupil heard, confirmed by another."""

import uuid
from contextlib import nullcontext
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.student_eval.archive_cancellations import repository, service
from services.student_eval.archive_cancellations.rules import CancellationState
from services.student_eval.archive_cancellations.schemas import (
    CancellationIn,
    CancellationOut,
    ConfirmIn,
    DecisionIn,
    StatementIn,
    cancellation_out,
)
from services.student_eval.archive_cancellations.tables import RecordCancellation
from services.student_eval.guardianships.access import OWN_ROLES, own_pupils
from services.student_eval.permissions import PERMISSIONS
from shared.kernel.context import kernel_of
from shared.kernel.database.scope import everywhere
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kits.calendar import calendar_for
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/archive-cancellations", tags=["archive cancellations"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("archive_cancellations.read"))]
Proposer = Annotated[Actor, Depends(PERMISSIONS.requires("archive_cancellations.propose"))]
Family = Annotated[Actor, Depends(PERMISSIONS.requires("archive_cancellations.state"))]
Decider = Annotated[Actor, Depends(PERMISSIONS.requires("archive_cancellations.decide"))]


@router.post("", status_code=201, summary="拟取消不实记录 / Propose that a false record is cancelled")
async def propose_cancellation(
    body: CancellationIn, request: Request, response: Response, session: Session, actor: Proposer
) -> CancellationOut:
    row = await service.propose(
        session,
        student_key=body.student_key,
        term=body.term,
        record_id=body.record,
        reason=body.reason,
        calendar=calendar_for(kernel_of(request).settings, actor.org),
        actor=actor,
    )
    return _told(row, actor, response)


@router.get("", summary="取消程序列表 / List cancellations; pupils their own")
async def list_cancellations(
    session: Session, actor: Reader, page: Paging, state: Annotated[CancellationState | None, Query()] = None
) -> Page[CancellationOut]:
    own = await _own(session, actor)
    statement = repository.cancellations_of(actor, own=own, state=state)

    def present(row: RecordCancellation) -> CancellationOut:
        return cancellation_out(row, actor)

    async with nullcontext() if own is None else everywhere(session):
        return Page(**await fetch_page(session, statement, page, key=[RecordCancellation.id], present=present))


@router.get("/{cancellation_id}", summary="取消程序 / Read a cancellation")
async def read_cancellation(
    cancellation_id: uuid.UUID, session: Session, actor: Reader, response: Response
) -> CancellationOut:
    own = await _own(session, actor)
    if own is not None:
        return _told(await repository.own_cancellation(session, actor, own, cancellation_id), actor, response)
    return _told(await repository.cancellation_by_id(session, actor, cancellation_id), actor, response)


@router.post("/{cancellation_id}:state", summary="学生或监护人陈述 / What the pupil, or a guardian, says to it")
async def state_cancellation(
    cancellation_id: uuid.UUID, body: StatementIn, session: Session, actor: Family, response: Response
) -> CancellationOut:
    own = {each.student_key: each.side for each in await own_pupils(session, actor)}
    row = await repository.own_cancellation(session, actor, own, cancellation_id)
    side = own[row.student_key]
    return _told(await service.state(session, row=row, text=body.text, side=side, actor=actor), actor, response)


@router.post("/{cancellation_id}:confirm", summary="确认取消 / Another person confirms, by a document (If-Match)")
async def confirm_cancellation(
    cancellation_id: uuid.UUID,
    body: ConfirmIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Decider,
) -> CancellationOut:
    row = await _locked(session, actor, cancellation_id, request)
    row = await service.confirm(session, row=row, decision=body.decision, document=body.document, actor=actor)
    return _told(row, actor, response)


@router.post("/{cancellation_id}:drop", summary="不予取消 / The record stands (If-Match)")
async def drop_cancellation(
    cancellation_id: uuid.UUID,
    body: DecisionIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Decider,
) -> CancellationOut:
    row = await _locked(session, actor, cancellation_id, request)
    return _told(await service.drop(session, row=row, decision=body.decision, actor=actor), actor, response)


async def _own(session: Session, actor: Actor) -> frozenset[str] | None:
    """Pupils whose things are the actor's own; ``None`` for people of schools and offices."""
    if not actor.roles <= OWN_ROLES:
        return None
    return frozenset(each.student_key for each in await own_pupils(session, actor))


async def _locked(session: Session, actor: Actor, cancellation_id: uuid.UUID, request: Request) -> RecordCancellation:
    row = await repository.cancellation_for_update(session, actor, cancellation_id)
    require_match(request, row.version)
    return row


def _told(row: RecordCancellation, actor: Actor, response: Response) -> CancellationOut:
    response.headers["ETag"] = etag(row.version)
    return cancellation_out(row, actor)
