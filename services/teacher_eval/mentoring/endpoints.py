"""Routes of pairs: for schools and offices, and for the two of a pair themselves, wherever each of them is."""

import datetime as dt
import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.teacher_eval.mentoring import repository, service
from services.teacher_eval.mentoring.rules import PairState
from services.teacher_eval.mentoring.schemas import (
    Answer,
    LessonIn,
    PairDetail,
    PairIn,
    PairOut,
    PairStep,
    ReviewIn,
    StepIn,
    pair_detail,
    pair_out,
)
from services.teacher_eval.mentoring.tables import MentoringPair
from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.whole_person import own_key, whole_person
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/mentoring-pairs", tags=["mentoring"])
own = APIRouter(route_class=TransactionalRoute, prefix="/own-mentoring-pairs", tags=["mentoring"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("mentoring.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("mentoring.write"))]
Own = Annotated[Actor, Depends(PERMISSIONS.requires("development.read_own"))]
OwnWriter = Annotated[Actor, Depends(PERMISSIONS.requires("mentoring.take_part"))]
PairId = Annotated[uuid.UUID, Path()]
HeardOn = Annotated[dt.date, Path()]
Period = Annotated[int, Path(ge=1, le=12, description="第几节 / lesson of the day")]


@router.get("", summary="师徒结对列表 / List pairs")
async def list_pairs(
    session: Session, actor: Reader, page: Paging, state: Annotated[PairState | None, Query()] = None
) -> Page[PairOut]:
    statement = repository.pairs_of(actor)
    if state is not None:
        statement = statement.where(MentoringPair.state == state)
    return Page(**await fetch_page(session, statement, page, key=[MentoringPair.id], present=pair_out))


@router.post("", status_code=201, summary="拟定师徒结对 / Propose a pair for one's own staff")
async def propose_pair(body: PairIn, response: Response, session: Session, actor: Writer) -> PairOut:
    row = await service.propose(session, body=body, actor=actor)
    response.headers["ETag"] = etag(row.version)
    return pair_out(row)


@router.get("/{pair_id}", summary="师徒结对 / Read a pair with lessons and reviews")
async def read_pair(pair_id: PairId, response: Response, session: Session, actor: Reader) -> PairDetail:
    row = await repository.pair_by_id(session, actor, pair_id)
    return await _detail(session, row, actor, response)


@router.post("/{pair_id}:{step}", summary="出师、终止 / Complete or end a pair (If-Match)")
async def step_pair(
    pair_id: PairId,
    step: PairStep,
    body: StepIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Writer,
) -> PairDetail:
    row = await repository.pair_for_update(session, actor, pair_id)
    require_match(request, row.version)
    await service.step_pair(session, row=row, step=step, reason=body.reason, actor=actor)
    return await _detail(session, row, actor, response)


@own.get("", summary="本人的结对 / The caller's own pairs")
async def list_own_pairs(session: Session, actor: Own, page: Paging) -> Page[PairOut]:
    async with whole_person(session, actor) as everywhere:
        statement = repository.pairs_of_person(everywhere, own_key(actor))
        return Page(**await fetch_page(session, statement, page, key=[MentoringPair.id], present=pair_out))


@own.get("/{pair_id}", summary="本人的结对详情 / One of the caller's own pairs")
async def read_own_pair(pair_id: PairId, response: Response, session: Session, actor: Own) -> PairDetail:
    async with whole_person(session, actor) as everywhere:
        row = await repository.own_pair_for_update(session, everywhere, own_key(actor), pair_id)
        return await _detail(session, row, everywhere, response)


@own.post("/{pair_id}:{step}", summary="同意或谢绝结对 / Agree or decline")
async def answer_pair(
    pair_id: PairId, step: Answer, response: Response, session: Session, actor: OwnWriter
) -> PairDetail:
    person = own_key(actor)
    async with whole_person(session, actor) as everywhere:
        row = await repository.own_pair_for_update(session, everywhere, person, pair_id)
        await service.answer(session, row=row, person=person, step=step, actor=actor)
        return await _detail(session, row, everywhere, response)


@own.put("/{pair_id}/lessons/{heard_on}/{period}", summary="登记听课 / Enter a lesson, as often as needed")
async def put_lesson(
    pair_id: PairId,
    heard_on: HeardOn,
    period: Period,
    body: LessonIn,
    response: Response,
    session: Session,
    actor: OwnWriter,
) -> PairDetail:
    person = own_key(actor)
    async with whole_person(session, actor) as everywhere:
        row = await repository.own_pair_for_update(session, everywhere, person, pair_id)
        await service.put_lesson(
            session,
            row=row,
            person=person,
            heard_on=heard_on,
            period=period,
            body=body,
            everywhere=everywhere,
            actor=actor,
        )
        return await _detail(session, row, everywhere, response)


@own.post("/{pair_id}/lessons/{heard_on}/{period}:confirm", summary="确认听课 / Confirm the other side's entry")
async def confirm_lesson(
    pair_id: PairId, heard_on: HeardOn, period: Period, response: Response, session: Session, actor: OwnWriter
) -> PairDetail:
    person = own_key(actor)
    async with whole_person(session, actor) as everywhere:
        row = await repository.own_pair_for_update(session, everywhere, person, pair_id)
        await service.confirm_lesson(
            session, row=row, person=person, heard_on=heard_on, period=period, everywhere=everywhere, actor=actor
        )
        return await _detail(session, row, everywhere, response)


@own.post("/{pair_id}/reviews", status_code=201, summary="学期小结 / Say how a term went")
async def review_pair(
    pair_id: PairId, body: ReviewIn, response: Response, session: Session, actor: OwnWriter
) -> PairDetail:
    person = own_key(actor)
    async with whole_person(session, actor) as everywhere:
        row = await repository.own_pair_for_update(session, everywhere, person, pair_id)
        await service.review(session, row=row, person=person, body=body, everywhere=everywhere, actor=actor)
        return await _detail(session, row, everywhere, response)


async def _detail(session: Session, row: MentoringPair, actor: Actor, response: Response) -> PairDetail:
    response.headers["ETag"] = etag(row.version)
    lessons = await repository.lessons_of(session, actor, row)
    return pair_detail(row, lessons, await repository.reviews_of(session, actor, row))
