"""Routes of notices, made for one kind of thing of a service; and the list for everybody."""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.context import kernel_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.permissions import public
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kits.calendar import calendar_for
from shared.kits.fields import ReasonIn
from shared.kits.platform import platform_actor
from shared.kits.publicity import repository, service
from shared.kits.publicity.schemas import NoticeDetail, NoticeIn, NoticeOut, notice_detail, notice_out
from shared.kits.publicity.tables import Audience, Notice
from shared.kits.subject import Subject, one_row, rows_about
from shared.terms.errors import DomainError

SubjectOf = Callable[..., Any]
#: Makes the snapshot of a thing as it is now: the JSON that is shown.
ContentOf = Callable[[AsyncSession, Subject], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class _Mounting:
    table: type[Notice]
    name: str
    reader: SubjectOf
    publisher: SubjectOf
    content_of: ContentOf
    rule: str
    audiences: frozenset[Audience]


def notices_router(
    table: type[Notice],
    *,
    prefix: str,
    name: str,
    reader: SubjectOf,
    publisher: SubjectOf,
    content_of: ContentOf,
    rule: str = "publicity.default",
    audiences: frozenset[Audience] = frozenset({Audience.ORGANIZATION}),
) -> APIRouter:
    """Routes of the notices about one kind of thing.

    Args:
        table: the service's table of notices.
        prefix: address of the collection, with the parameters that name the thing.
        name: the kind of thing, for the names of the operations.
        reader: dependency that finds the thing for a reader, declares the permission and returns a :class:`Subject`.
        publisher: the same for whoever drafts, opens, closes and withdraws.
        content_of: takes the snapshot.
        rule: name in ``deadlines.yaml`` of how long a notice stands.
        audiences: who may be shown notices of this kind.
    """
    router = APIRouter(route_class=TransactionalRoute, prefix=prefix, tags=["notices"])
    mounting = _Mounting(table, name, reader, publisher, content_of, rule, audiences)
    _add_reading(router, mounting)
    _add_drafting(router, mounting)
    _add_ending(router, mounting)
    return router


def _add_reading(router: APIRouter, on: _Mounting) -> None:
    @router.get("", name=f"list_{on.name}_notices", summary="公示列表 / List notices")
    async def list_notices(
        session: Session, page: Paging, subject: Annotated[Subject, Depends(on.reader)]
    ) -> Page[NoticeOut]:
        rows = rows_about(on.table, subject)
        return Page(**await fetch_page(session, rows, page, key=[on.table.id], present=notice_out))

    @router.get(
        "/{notice_id}", name=f"read_{on.name}_notice", summary="查询公示及其内容 / Read a notice and what it shows"
    )
    async def read_notice(
        notice_id: uuid.UUID, session: Session, subject: Annotated[Subject, Depends(on.reader)]
    ) -> NoticeDetail:
        return notice_detail(await one_row(session, on.table, subject, notice_id, what="notice"))


def _add_drafting(router: APIRouter, on: _Mounting) -> None:
    publisher = Depends(on.publisher)

    @router.post("", name=f"draft_{on.name}_notice", status_code=201, summary="拟定公示 / Draft a notice")
    async def draft_notice(body: NoticeIn, session: Session, subject: Annotated[Subject, publisher]) -> NoticeDetail:
        if body.audience not in on.audiences:
            raise DomainError("publicity.audience_refused", params={"allowed": ", ".join(sorted(on.audiences))})
        row = await service.draft_notice(
            session,
            table=on.table,
            subject=subject,
            title_zh=body.title_zh,
            content=await on.content_of(session, subject),
            audience=body.audience,
            rule=on.rule,
            working_days=body.working_days,
        )
        return notice_detail(row)

    @router.post("/{notice_id}:open", name=f"open_{on.name}_notice", summary="开始公示 / Show it from now on")
    async def open_notice(
        notice_id: uuid.UUID, request: Request, session: Session, subject: Annotated[Subject, publisher]
    ) -> NoticeDetail:
        row = await service.open_notice(
            session,
            table=on.table,
            subject=subject,
            notice_id=notice_id,
            content=await on.content_of(session, subject),
            calendar=calendar_for(kernel_of(request).settings, subject.org_path),
        )
        return notice_detail(row)


def _add_ending(router: APIRouter, on: _Mounting) -> None:
    publisher = Depends(on.publisher)

    @router.post("/{notice_id}:close", name=f"close_{on.name}_notice", summary="公示期满结束 / End it after its window")
    async def close_notice(
        notice_id: uuid.UUID, session: Session, subject: Annotated[Subject, publisher]
    ) -> NoticeDetail:
        return notice_detail(await service.close_notice(session, table=on.table, subject=subject, notice_id=notice_id))

    @router.post("/{notice_id}:withdraw", name=f"withdraw_{on.name}_notice", summary="撤回公示 / Take it down")
    async def withdraw_notice(
        notice_id: uuid.UUID, body: ReasonIn, session: Session, subject: Annotated[Subject, publisher]
    ) -> NoticeDetail:
        row = await service.withdraw_notice(
            session, table=on.table, subject=subject, notice_id=notice_id, reason=body.reason
        )
        return notice_detail(row)


def public_notices_router(table: type[Notice], *, name: str, prefix: str = "/public-notices") -> APIRouter:
    """The open notices for everybody, without a token; for services that publish to anyone.

    Args:
        table: the service's table of notices.
        name: for the names of the operations.
        prefix: address of the list.
    """
    router = APIRouter(route_class=TransactionalRoute, prefix=prefix, tags=["notices"], dependencies=[Depends(public)])

    # An anonymous request has no organization and sees no row: the service itself reads what is meant for everybody.
    @router.get("", name=f"list_public_{name}_notices", summary="正在公示 / Notices open to everybody")
    async def list_public_notices(request: Request, page: Paging) -> Page[NoticeOut]:
        kernel = kernel_of(request)
        async with kernel.database.transaction("") as session:
            rows = repository.shown_to_anyone(table, platform_actor(kernel.service))
            return Page(**await fetch_page(session, rows, page, key=[table.id], present=notice_out))

    @router.get("/{notice_id}", name=f"read_public_{name}_notice", summary="公示内容 / What a notice shows")
    async def read_public_notice(notice_id: uuid.UUID, request: Request) -> NoticeDetail:
        kernel = kernel_of(request)
        async with kernel.database.transaction("") as session:
            rows = repository.shown_to_anyone(table, platform_actor(kernel.service)).where(table.id == notice_id)
            row = (await session.scalars(rows)).one_or_none()
            if row is None:
                raise DomainError("resource.not_found", params={"what": f"notice {notice_id}"})
            return notice_detail(row)

    return router
