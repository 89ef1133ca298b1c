"""The change feed: what changed since a cursor, in one order, with nothing skipped.

Rows are numbered before their transactions commit, so a plain ``seq > last`` can step over a row that commits late. Each row
keeps its transaction id, and readers see only rows of transactions older than every transaction still running: below that
watermark the order (transaction id, seq) is final.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, Text, delete, func, insert, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from shared.kernel import clock
from shared.kernel.database.base import KernelBase, OrgScoped
from shared.kernel.database.repository import visible
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

KEPT = dt.timedelta(days=30)
_CURRENT = text("pg_current_xact_id()::text::bigint")
_WATERMARK = text("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


class Operation(StrEnum):
    """What happened to the resource."""

    UPSERTED = "upserted"
    DELETED = "deleted"
    KEY_CHANGED = "key_changed"


class Change(OrgScoped, KernelBase):
    """One change of one resource."""

    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_transaction_seq", "transaction", "seq"),)

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    transaction: Mapped[int] = mapped_column(BigInteger, server_default=_CURRENT)
    resource: Mapped[str] = mapped_column(Text)
    operation: Mapped[str] = mapped_column(Text)
    key: Mapped[dict[str, Any]]
    old_key: Mapped[dict[str, Any] | None]
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now(), index=True)


async def record_changes(
    session: AsyncSession, resource: str, operation: Operation, keys: Iterable[tuple[str, Mapping[str, Any]]]
) -> None:
    """Records changes of many rows of one resource: pairs of (org path, natural key)."""
    rows = [{"resource": resource, "operation": operation, "org_path": org, "key": dict(key)} for org, key in keys]
    if rows:
        await session.execute(insert(Change), rows)


async def changes_after(
    session: AsyncSession, actor: Actor, cursor: str | None, *, resources: Sequence[str], limit: int
) -> tuple[list[Change], str]:
    """Changes after a cursor and the cursor to go on from (the same one when nothing is new).

    Raises:
        DomainError: ``changes.cursor_expired`` when rows after it have been cleared away; ``request.cursor_invalid``.
    """
    after = _decode(cursor)
    if cursor is not None:
        await _refuse_expired(session, after)
    statement = (
        visible(Change, actor)
        .where(tuple_(Change.transaction, Change.seq) > tuple_(*after), Change.transaction < _WATERMARK)
        .order_by(Change.transaction, Change.seq)
        .limit(limit)
    )
    if resources:
        statement = statement.where(Change.resource.in_(resources))
    rows = list((await session.scalars(statement)).all())
    last = (rows[-1].transaction, rows[-1].seq) if rows else after
    return rows, f"{last[0]}-{last[1]}"


async def _refuse_expired(session: AsyncSession, after: tuple[int, int]) -> None:
    cleared = await session.scalar(select(func.max(ClearedChanges.transaction)))
    if cleared is not None and after[0] < cleared:
        raise DomainError("changes.cursor_expired")


def _decode(cursor: str | None) -> tuple[int, int]:
    if cursor is None:
        return 0, 0
    transaction, _, seq = cursor.partition("-")
    if not (transaction.isdecimal() and seq.isdecimal()):
        raise DomainError("request.cursor_invalid")
    return int(transaction), int(seq)


class ClearedChanges(KernelBase):
    """How far the feed has been cleared: cursors from before this transaction are too old."""

    __tablename__ = "changes_cleared"

    transaction: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


async def clear_old_changes(session: AsyncSession) -> int:
    """Deletes changes older than the promised time and remembers how far; returns how many."""
    removed = await session.execute(delete(Change).where(Change.at < clock.now() - KEPT).returning(Change.transaction))
    transactions = [row.transaction for row in removed]
    if transactions:
        await session.execute(insert(ClearedChanges).values(transaction=max(transactions)))
    return len(transactions)
