"""Setting pools, and superseding their amounts."""

from __future__ import annotations

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.pay_pools import repository
from services.teacher_eval.pay_pools.rules import LIFE, PoolState
from services.teacher_eval.pay_pools.schemas import AmountIn, PoolIn
from services.teacher_eval.pay_pools.tables import PayPool, PayPoolAmount
from shared.kernel import clock
from shared.kernel.records import keep
from shared.kernel.web.organizations import path_of
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def set_pool(session: AsyncSession, *, code: str, body: PoolIn, actor: Actor) -> tuple[PayPool, bool]:
    """Sets a pool; the same body again changes nothing.

    Returns:
        The pool, and whether it is new.

    Raises:
        DomainError: ``pay_pool.elsewhere``, ``pay_pool.fixed`` for another body under a known code, ``pay_pool.overlaps``.
    """
    org_path = path_of(body.organization)
    if not actor.covers(org_path):
        raise DomainError("pay_pool.elsewhere", params={"organization": body.organization})
    row = await repository.find_pool(session, actor, code)
    if row is not None:
        if not _is_same(row, body, org_path):
            raise DomainError("pay_pool.fixed", params={"pool": code})
        return row, False
    row = PayPool(
        code=code,
        org_path=org_path,
        version=0,
        created_by=actor.subject,
        state=PoolState.SET,
        amount_number=0,
        **body.model_dump(include={"name", "kind", "school_year", "first_month", "last_month", "amount_fen"}),
    )
    await require_free(session, row, actor)
    await put_amount(session, row, amount_fen=body.amount_fen, document=body.document, reason=None, actor=actor)
    return row, True


async def require_free(session: AsyncSession, row: PayPool, actor: Actor) -> None:
    """Raises ``pay_pool.overlaps`` where the organization has a pool of the kind for some of the months already."""
    other = await repository.overlapping(session, actor, row)
    if other is not None:
        raise DomainError("pay_pool.overlaps", params={"pool": other, "kind": row.kind})


async def supersede_amount(session: AsyncSession, *, row: PayPool, body: AmountIn, actor: Actor) -> PayPool:
    """Puts another amount in force; the one before stays with its document.

    Raises:
        DomainError: ``workflow.not_allowed`` once the pool is closed; ``pay_pool.not_yours`` for a share of a county's pool,
            which the county changes by distributing again.
    """
    if row.source_pool_id is not None:
        raise DomainError("pay_pool.not_yours", params={"pool": row.code})
    row.state = LIFE.target("supersede", PoolState(row.state))
    await put_amount(session, row, amount_fen=body.amount_fen, document=body.document, reason=body.reason, actor=actor)
    return row


async def put_amount(
    session: AsyncSession,
    row: PayPool,
    *,
    amount_fen: int,
    document: str,
    reason: str | None,
    actor: Actor,
    distribution_id: uuid.UUID | None = None,
) -> None:
    """Writes a pool with its next amount."""
    row.amount_fen, row.amount_number = amount_fen, (row.amount_number or 0) + 1
    action = "pay_pool.set" if row.amount_number == 1 else "pay_pool.amount_superseded"
    detail = {"number": row.amount_number, "amount_fen": amount_fen, "document": document}
    await keep(session, row, resource="pay_pools", action=action, key={"code": row.code}, actor=actor, detail=detail)
    session.add(
        PayPoolAmount(
            pool_id=row.id,
            org_path=row.org_path,
            number=row.amount_number,
            amount_fen=amount_fen,
            document=document,
            reason=reason,
            distribution_id=distribution_id,
            set_by=actor.subject,
            set_at=clock.now(),
        )
    )
    await session.flush()


def _is_same(row: PayPool, body: PoolIn, org_path: str) -> bool:
    wanted = body.model_dump(include={"name", "kind", "school_year", "first_month", "last_month", "amount_fen"})
    return row.org_path == org_path and all(getattr(row, name) == value for name, value in wanted.items())
