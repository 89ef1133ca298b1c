"""Routes of records of what teachers did."""

import datetime as dt
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy import not_

from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.staff_register.repository import staff_by_key
from services.teacher_eval.teacher_records import repository
from services.teacher_eval.teacher_records.rules import RecordState
from services.teacher_eval.teacher_records.schemas import (
    CertifiedOut,
    CertifyIn,
    EntryIn,
    FiguresOut,
    ReasonedIn,
    RecordDetail,
    RecordIn,
    RecordOut,
    StepIn,
    record_detail,
    record_out,
)
from services.teacher_eval.teacher_records.service import entries, figures, reading, steps
from services.teacher_eval.teacher_records.service.reading import require_readable
from services.teacher_eval.teacher_records.tables import FLAGGED, TeacherRecord
from services.teacher_eval.whole_person import own_key, whole_person
from shared.kernel.web.etag import etag, not_modified, require_match
from shared.kernel.web.fields import OwnCode, SchoolCode, StaffKey
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.scoring.records.rules import Period
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/records", tags=["records"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("records.read"))]
ListReader = Annotated[Actor, Depends(PERMISSIONS.requires("records.list"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("records.write"))]
Certifier = Annotated[Actor, Depends(PERMISSIONS.requires("records.certify"))]
Day = Annotated[dt.date, Query()]


@router.get("", summary="工作记录列表 / List records")
async def list_records(
    session: Session,
    actor: ListReader,
    page: Paging,
    kind: Annotated[OwnCode | None, Query()] = None,
    state: Annotated[RecordState | None, Query()] = None,
    school_code: Annotated[SchoolCode | None, Query()] = None,
    staff_key: Annotated[StaffKey | None, Query()] = None,
    flagged: Annotated[bool | None, Query(description="有疑似重复或不可能的标记 / with flags")] = None,
) -> Page[RecordOut]:
    t = TeacherRecord
    statement = repository.records_of(actor)
    wanted = ((t.kind, kind), (t.state, state), (t.school_code, school_code), (t.staff_key, staff_key))
    for column, value in wanted:
        if value is not None:
            statement = statement.where(column == value)
    if flagged is not None:
        statement = statement.where(FLAGGED if flagged else not_(FLAGGED))
    return Page(**await fetch_page(session, statement, page, key=[t.id], present=record_out))


@router.get("/mine", summary="本人工作记录 / The caller's own records, wherever they were made")
async def list_own_records(session: Session, actor: Reader, page: Paging) -> Page[RecordOut]:
    key = own_key(actor)
    async with whole_person(session, actor) as everywhere:
        statement = repository.records_of_person(everywhere, key)
        return Page(**await fetch_page(session, statement, page, key=[TeacherRecord.id], present=record_out))


@router.get("/mine/figures", summary="本人积分与核算过程 / The caller's own figures, record by record")
async def read_own_figures(session: Session, actor: Reader, first: Day, last: Day) -> FiguresOut:
    return await figures.figures_of(session, staff_key=own_key(actor), period=_period(first, last), actor=actor)


@router.get("/figures/{staff_key}", summary="教师积分与核算过程 / Figures of a member of staff, record by record")
async def read_figures(
    staff_key: Annotated[StaffKey, Path()], session: Session, actor: ListReader, first: Day, last: Day
) -> FiguresOut:
    await staff_by_key(session, actor, staff_key)
    return await figures.figures_of(session, staff_key=staff_key, period=_period(first, last), actor=actor)


@router.post("", status_code=201, summary="新建工作记录 / Write a draft: one's own, or of one's staff")
async def create_record(body: RecordIn, response: Response, session: Session, actor: Writer) -> RecordOut:
    return _answer(await entries.create_record(session, body=body, actor=actor), response)


@router.post(":certify", summary="批量认定 / Certify many; of those that cannot be, why not")
async def certify_many(body: CertifyIn, session: Session, actor: Certifier) -> list[CertifiedOut]:
    found = await steps.certify_many(session, records=body.records, actor=actor)
    return [CertifiedOut(id=record, is_certified=problem is None, problem=problem) for record, problem in found]


@router.get("/{record}", response_model=RecordDetail, summary="工作记录 / A record with its history")
async def read_record(record: uuid.UUID, request: Request, response: Response, session: Session, actor: Reader) -> Any:
    row, versions = await reading.read_record(session, record=record, actor=actor)
    response.headers["ETag"] = etag(row.version)
    return not_modified(request, etag(row.version)) or record_detail(row, versions)


@router.put("/{record}", summary="修改工作记录 / Write what an open record says (If-Match)")
async def edit_record(
    record: uuid.UUID, body: EntryIn, request: Request, response: Response, session: Session, actor: Writer
) -> RecordOut:
    row = await _open(record, request, session, actor)
    return _answer(await entries.edit_record(session, row=row, body=body, actor=actor), response)


def _own_step(action: str, summary: str) -> None:
    @router.post(f"/{{record}}:{action}", name=f"{action}_record", summary=summary)
    async def step(
        record: uuid.UUID, body: StepIn, request: Request, response: Response, session: Session, actor: Writer
    ) -> RecordOut:
        row = await _open(record, request, session, actor)
        return _answer(
            await steps.take_step(session, row=row, action=action, reason=body.reason, actor=actor), response
        )


def _certifying_step(action: str, summary: str, body_type: type[StepIn] | type[ReasonedIn]) -> None:
    @router.post(f"/{{record}}:{action}", name=f"{action}_record", summary=summary)
    async def step(
        record: uuid.UUID,
        body: body_type,  # type: ignore[valid-type]
        request: Request,
        response: Response,
        session: Session,
        actor: Certifier,
    ) -> RecordOut:
        row = await _open(record, request, session, actor)
        reason: str | None = body.reason  # type: ignore[attr-defined]
        return _answer(await steps.take_step(session, row=row, action=action, reason=reason, actor=actor), response)


_own_step("submit", "提交 / Hand in (If-Match)")
_own_step("recall", "撤回修改 / Take back to change (If-Match)")
_own_step("withdraw", "撤销 / Withdraw (If-Match)")
_certifying_step("certify", "认定 / Certify; with flags, say why (If-Match)", StepIn)
_certifying_step("return", "退回 / Give back with what is to be mended (If-Match)", ReasonedIn)
_certifying_step("refuse", "不予认定 / Refuse (If-Match)", ReasonedIn)
_certifying_step("revoke", "撤销认定 / Revoke what was certified (If-Match)", ReasonedIn)


async def _open(record: uuid.UUID, request: Request, session: Session, actor: Actor) -> TeacherRecord:
    row = await repository.record_for_update(session, actor, record)
    require_readable(row, actor)
    require_match(request, row.version)
    return row


def _answer(row: TeacherRecord, response: Response) -> RecordOut:
    response.headers["ETag"] = etag(row.version)
    return record_out(row)


def _period(first: dt.date, last: dt.date) -> Period:
    if last < first or (last - first).days > 366 * 6:
        raise DomainError("record.period_impossible", params={"first": str(first), "last": str(last)})
    return Period(first, last)
