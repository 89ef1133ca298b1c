"""Routes of rounds of recognition and of titles."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.staff_register.repository import staff_by_keys
from services.teacher_eval.staff_register.service import note_names_read
from services.teacher_eval.titles import repository
from services.teacher_eval.titles.rules import TitleState
from services.teacher_eval.titles.schemas import (
    Decision,
    FollowUpIn,
    NominationIn,
    OwnStep,
    RecognitionIn,
    Review,
    RoundIn,
    RoundOut,
    StepIn,
    TitleDetail,
    TitleNoticeOut,
    TitleOut,
    notice_out,
    round_out,
    title_detail,
    title_out,
)
from services.teacher_eval.titles.service import rounds, steps
from services.teacher_eval.titles.tables import Title, TitleRound
from shared.kernel.context import kernel_of
from shared.kernel.web.etag import etag, not_modified, require_match
from shared.kernel.web.fields import CountyCode, OwnCode, Reason, StaffKey, Strict
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kits.calendar import calendar_for
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/title-rounds", tags=["titles"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("titles.read"))]
RoundReader = Annotated[Actor, Depends(PERMISSIONS.requires("title_rounds.read"))]
RoundWriter = Annotated[Actor, Depends(PERMISSIONS.requires("title_rounds.write"))]
Nominator = Annotated[Actor, Depends(PERMISSIONS.requires("titles.nominate"))]
Reviewer = Annotated[Actor, Depends(PERMISSIONS.requires("titles.review"))]
Decider = Annotated[Actor, Depends(PERMISSIONS.requires("titles.decide"))]
Evaluator = Annotated[Actor, Depends(PERMISSIONS.requires("titles.follow_up"))]
Code = Annotated[OwnCode, Path()]
Key = Annotated[StaffKey, Path()]


class WithdrawalIn(Strict):
    """Why a notice is taken down."""

    reason: Reason


async def _round(code: Code, session: Session, actor: RoundReader) -> TitleRound:
    return await repository.round_by_code(session, actor, code)


async def _own_round(code: Code, session: Session, actor: RoundWriter) -> TitleRound:
    row = await repository.own_round_for_update(session, actor, code)
    if row is None:
        raise DomainError("resource.not_found", params={"what": f"title round {code}"})
    return row


Round = Annotated[TitleRound, Depends(_round)]
OwnRound = Annotated[TitleRound, Depends(_own_round)]


@router.get("", summary="认定批次列表 / List rounds")
async def list_rounds(session: Session, actor: RoundReader, page: Paging) -> Page[RoundOut]:
    statement = repository.rounds_of(actor)
    return Page(**await fetch_page(session, statement, page, key=[TitleRound.id], present=round_out))


@router.get("/{code}", response_model=RoundOut, summary="认定批次 / Read a round with what its rung asks")
async def read_round(row: Round, request: Request, response: Response) -> Any:
    response.headers["ETag"] = etag(row.version)
    return not_modified(request, etag(row.version)) or round_out(row)


@router.put("/{code}", summary="写入认定批次 / Write a round (If-Match on a known one)")
async def put_round(
    code: Code, body: RoundIn, request: Request, response: Response, session: Session, actor: RoundWriter
) -> RoundOut:
    row = await repository.own_round_for_update(session, actor, code)
    if row is not None:
        require_match(request, row.version)
    row, is_new = await rounds.put_round(session, code=code, body=body, row=row, actor=actor)
    response.status_code = 201 if is_new else 200
    response.headers["ETag"] = etag(row.version)
    return round_out(row)


@router.post("/{code}:begin-publicity", summary="公示拟认定人选 / Show everybody who was reviewed")
async def begin_publicity(row: OwnRound, request: Request, session: Session, actor: RoundWriter) -> RoundOut:
    calendar = calendar_for(kernel_of(request).settings, row.org_path)
    return round_out(await rounds.begin_publicity(session, row=row, actor=actor, calendar=calendar))


@router.post("/{code}:withdraw-publicity", summary="撤回公示 / Take the notice down")
async def withdraw_publicity(row: OwnRound, body: WithdrawalIn, session: Session, actor: RoundWriter) -> RoundOut:
    return round_out(await rounds.withdraw_publicity(session, row=row, reason=body.reason, actor=actor))


@router.post("/{code}:recognize", summary="公示期满认定 / Recognize everybody who was shown")
async def recognize(row: OwnRound, body: RecognitionIn, session: Session, actor: RoundWriter) -> RoundOut:
    return round_out(await rounds.recognize(session, row=row, body=body, actor=actor))


@router.get("/{code}/notice", summary="公示内容 / What is shown of a round, or was last")
async def read_notice(row: Round, session: Session, actor: RoundReader) -> TitleNoticeOut:
    notice = await repository.newest_notice(session, actor, row)
    if notice is None:
        raise DomainError("resource.not_found", params={"what": f"notice of {row.code}"})
    note_names_read(session, actor, row.code, len(notice.content["people"]))
    return notice_out(notice)


@router.get("/{code}/titles", summary="批次人选名册 / List the people of a round")
async def list_titles(
    row: Round,
    session: Session,
    actor: Reader,
    page: Paging,
    state: Annotated[TitleState | None, Query()] = None,
    county_code: Annotated[CountyCode | None, Query()] = None,
) -> Page[TitleOut]:
    statement = repository.titles_of_round(actor, row)
    if state is not None:
        statement = statement.where(Title.state == state)
    if county_code is not None:
        statement = statement.where(Title.county_code == county_code)
    found = await fetch_page(session, statement, page, key=[Title.id], present=lambda title: title)
    people = await staff_by_keys(session, actor, {title.staff_key for title in found["items"]})
    note_names_read(session, actor, row.code, len(people))
    items = [title_out(title, row.code, people.get(title.staff_key), actor) for title in found["items"]]
    return Page(items=items, next_cursor=found["next_cursor"])


@router.get("/{code}/titles/{staff_key}", summary="人选 / Read a person's way with criteria and thread")
async def read_title(row: Round, staff_key: Key, response: Response, session: Session, actor: Reader) -> TitleDetail:
    title = await repository.title_by_staff(session, actor, row, staff_key)
    return await _detail(session, row, title, actor, response)


@router.post("/{code}/titles/{staff_key}", status_code=201, summary="学校推荐 / Nominate a member of staff")
async def nominate(
    row: Round, staff_key: Key, body: NominationIn, response: Response, session: Session, actor: Nominator
) -> TitleDetail:
    title = await steps.nominate(session, of=row, staff_key=staff_key, body=body, actor=actor)
    return await _detail(session, row, title, actor, response)


@router.post("/{code}/titles/{staff_key}:{step}", summary="重新推荐、撤回 / Nominate again, withdraw (If-Match)")
async def step_title(
    row: Round,
    staff_key: Key,
    step: OwnStep,
    body: StepIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Nominator,
) -> TitleDetail:
    return await _step(session, row, staff_key, step, body, request, response, actor)


@router.post("/{code}/titles/{staff_key}/reviews/{step}", summary="县级审核 / Review or return (If-Match)")
async def review_title(
    row: Round,
    staff_key: Key,
    step: Review,
    body: StepIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Reviewer,
) -> TitleDetail:
    return await _step(session, row, staff_key, step, body, request, response, actor)


@router.post(
    "/{code}/titles/{staff_key}/decisions/{step}", summary="不予认定、续聘、终止 / Refuse, renew or end (If-Match)"
)
async def decide_title(
    row: Round,
    staff_key: Key,
    step: Decision,
    body: StepIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Decider,
) -> TitleDetail:
    return await _step(session, row, staff_key, step, body, request, response, actor)


@router.post(
    "/{code}/titles/{staff_key}/follow-ups", status_code=201, summary="跟踪评估 / Record a follow-up (If-Match)"
)
async def follow_up_title(
    row: Round,
    staff_key: Key,
    body: FollowUpIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Evaluator,
) -> TitleDetail:
    title = await repository.title_for_update(session, actor, row, staff_key)
    require_match(request, title.version)
    await steps.follow_up(session, of=row, row=title, body=body, actor=actor)
    return await _detail(session, row, title, actor, response)


async def _step(
    session: Session,
    row: TitleRound,
    staff_key: str,
    step: str,
    body: StepIn,
    request: Request,
    response: Response,
    actor: Actor,
) -> TitleDetail:
    title = await repository.title_for_update(session, actor, row, staff_key)
    require_match(request, title.version)
    await steps.take_step(session, of=row, row=title, step=step, body=body, actor=actor)
    return await _detail(session, row, title, actor, response)


async def _detail(session: Session, row: TitleRound, title: Title, actor: Actor, response: Response) -> TitleDetail:
    response.headers["ETag"] = etag(title.version)
    person = (await staff_by_keys(session, actor, {title.staff_key})).get(title.staff_key)
    note_names_read(session, actor, title.staff_key, 1)
    entries = await repository.entries_of(session, actor, title)
    follow_ups = await repository.follow_ups_of(session, actor, title)
    return title_detail(title, row, person, entries, follow_ups, actor)
