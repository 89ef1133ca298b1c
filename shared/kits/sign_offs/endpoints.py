"""Routes of sign-offs, made for one kind of thing of a service."""

import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.context import kernel_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kits.calendar import calendar_for
from shared.kits.fields import ReasonIn
from shared.kits.sign_offs import service
from shared.kits.sign_offs.schemas import DeclineIn, SignIn, SignOffDetail, SignOffOut, sign_off_detail, sign_off_out
from shared.kits.sign_offs.service import SignOffs
from shared.kits.sign_offs.tables import Decision, SignOff
from shared.kits.subject import Subject, one_row, rows_about
from shared.workflow.sign_offs import Signer

SubjectOf = Callable[..., Any]
#: Hash of what is signed, as it is now.
HashOf = Callable[[AsyncSession, Subject], Awaitable[str]]
#: Who has to sign it, in order.
SignersOf = Callable[[AsyncSession, Subject], Awaitable[Sequence[Signer]]]


@dataclass(frozen=True, slots=True)
class _Mounting:
    on: SignOffs
    name: str
    reader: SubjectOf
    requester: SubjectOf
    signer: SubjectOf
    hash_of: HashOf
    signers_of: SignersOf

    async def detail(self, session: AsyncSession, subject: Subject, row: SignOff) -> SignOffDetail:
        given = await service.signatures_of(session, self.on, subject.actor, row.id)
        return sign_off_detail(row, given, subject.actor)


def sign_offs_router(
    on: SignOffs,
    *,
    prefix: str,
    name: str,
    reader: SubjectOf,
    requester: SubjectOf,
    signer: SubjectOf,
    hash_of: HashOf,
    signers_of: SignersOf,
) -> APIRouter:
    """Routes of the sign-offs of one kind of thing.

    Args:
        on: the service's tables.
        prefix: address of the collection, with the parameters that name the thing.
        name: the kind of thing, for the names of the operations.
        reader: dependency that finds the thing for a reader, declares the permission and returns a :class:`Subject`.
        requester: the same for whoever asks for signatures and takes the request back.
        signer: the same for whoever may sign; whose turn it is the kit decides.
        hash_of: hash of what is signed, as it is now.
        signers_of: who has to sign it.
    """
    router = APIRouter(route_class=TransactionalRoute, prefix=prefix, tags=["sign-offs"])
    mounting = _Mounting(on, name, reader, requester, signer, hash_of, signers_of)
    _add_reading(router, mounting)
    _add_requesting(router, mounting)
    _add_signing(router, mounting)
    return router


def _add_reading(router: APIRouter, at: _Mounting) -> None:
    table = at.on.table

    @router.get("", name=f"list_{at.name}_sign_offs", summary="签字确认列表 / List sign-offs")
    async def list_sign_offs(
        session: Session, page: Paging, subject: Annotated[Subject, Depends(at.reader)]
    ) -> Page[SignOffOut]:
        rows = rows_about(table, subject)
        return Page(**await fetch_page(session, rows, page, key=[table.id], present=sign_off_out))

    @router.get("/{sign_off_id}", name=f"read_{at.name}_sign_off", summary="查询签字确认 / Read a sign-off")
    async def read_sign_off(
        sign_off_id: uuid.UUID, session: Session, subject: Annotated[Subject, Depends(at.reader)]
    ) -> SignOffDetail:
        row = await one_row(session, table, subject, sign_off_id, what="sign-off")
        return await at.detail(session, subject, row)


def _add_requesting(router: APIRouter, at: _Mounting) -> None:
    requester = Depends(at.requester)

    @router.post("", name=f"request_{at.name}_sign_off", status_code=201, summary="提请签字 / Ask for signatures")
    async def request_sign_off(
        request: Request, session: Session, subject: Annotated[Subject, requester]
    ) -> SignOffDetail:
        row = await service.request(
            session,
            on=at.on,
            subject=subject,
            content_sha256=await at.hash_of(session, subject),
            signers=await at.signers_of(session, subject),
            calendar=calendar_for(kernel_of(request).settings, subject.org_path),
        )
        return await at.detail(session, subject, row)

    @router.post("/{sign_off_id}:cancel", name=f"cancel_{at.name}_sign_off", summary="撤回提请 / Take the request back")
    async def cancel_sign_off(
        sign_off_id: uuid.UUID, body: ReasonIn, session: Session, subject: Annotated[Subject, requester]
    ) -> SignOffDetail:
        row = await service.cancel(session, on=at.on, subject=subject, sign_off_id=sign_off_id, reason=body.reason)
        return await at.detail(session, subject, row)


def _add_signing(router: APIRouter, at: _Mounting) -> None:
    signer = Depends(at.signer)

    async def signed(
        request: Request, session: AsyncSession, subject: Subject, sign_off_id: uuid.UUID, seen: str, **decision: Any
    ) -> SignOffDetail:
        row = await service.sign(
            session,
            on=at.on,
            subject=subject,
            sign_off_id=sign_off_id,
            seen_sha256=seen,
            current_sha256=await at.hash_of(session, subject),
            calendar=calendar_for(kernel_of(request).settings, subject.org_path),
            **decision,
        )
        return await at.detail(session, subject, row)

    @router.post("/{sign_off_id}:sign", name=f"sign_{at.name}_sign_off", summary="签字 / Sign")
    async def sign(
        sign_off_id: uuid.UUID, body: SignIn, request: Request, session: Session, subject: Annotated[Subject, signer]
    ) -> SignOffDetail:
        seen = body.content_sha256
        return await signed(request, session, subject, sign_off_id, seen, decision=Decision.SIGNED)

    @router.post("/{sign_off_id}:decline", name=f"decline_{at.name}_sign_off", summary="不予签字 / Decline")
    async def decline(
        sign_off_id: uuid.UUID, body: DeclineIn, request: Request, session: Session, subject: Annotated[Subject, signer]
    ) -> SignOffDetail:
        declined = {"decision": Decision.DECLINED, "reason": body.reason}
        return await signed(request, session, subject, sign_off_id, body.content_sha256, **declined)
