"""What every repository does the same way: scoped reads, pages by key, natural-key lookups."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase

from shared.kernel.database.base import OrgShared
from shared.kernel.database.scope import reaching, within
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

T = TypeVar("T", bound=DeclarativeBase)


def visible(table: type[T], actor: Actor) -> Select[T]:
    """All rows of a table that lie within the actor's organization (or are shared down to it).

    The only way repositories start a ``select`` on a table with an ``org_path``; row-level security holds the same line
    in the database.
    """
    column: Any = table.org_path  # type: ignore[attr-defined]
    rule = reaching if issubclass(table, OrgShared) else within
    return select(table).where(rule(column, actor.org))


async def one_visible(session: AsyncSession, table: type[T], actor: Actor, *conditions: Any, what: str) -> T:
    """The one visible row that meets the conditions.

    Raises:
        DomainError: ``resource.not_found``; the same whether the row is absent or belongs to others, so that existence
            does not leak.
    """
    row = (await session.execute(visible(table, actor).where(*conditions))).scalar_one_or_none()
    if row is None:
        raise DomainError("resource.not_found", params={"what": what})
    return row


async def one_visible_for_update(session: AsyncSession, table: type[T], actor: Actor, *conditions: Any, what: str) -> T:
    """As :func:`one_visible`, locking the row: the start of every read-decide-write."""
    statement = visible(table, actor).where(*conditions).with_for_update().execution_options(populate_existing=True)
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise DomainError("resource.not_found", params={"what": what})
    return row
