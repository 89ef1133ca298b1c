"""Set-based lookups: thousands of keys in one statement, inside an organization or over the whole service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.database.scope import set_org_scope
from shared.terms.actor import Actor
from shared.terms.organization import path_end

WHOLE_SERVICE = ""


@asynccontextmanager
async def whole_service(session: AsyncSession, actor: Actor) -> AsyncIterator[None]:
    """Looks beyond the actor's organization for a moment, to answer "is this one taken elsewhere?".

    Nothing seen in here may reach the actor except that answer. After an error the scope is not restored: the
    transaction is over then.
    """
    await set_org_scope(session, WHOLE_SERVICE)
    yield
    await set_org_scope(session, actor.org)


async def lookup(
    session: AsyncSession,
    table: Table,
    *,
    org: str,
    by: Sequence[str],
    keys: Collection[tuple[str, ...]],
    columns: Sequence[str],
    lock: bool = False,
) -> list[tuple[Any, ...]]:
    """Rows of ``table`` whose text columns ``by`` equal one of ``keys``, at or below ``org``.

    Args:
        session: the transaction; row-level security applies.
        table: a table with an ``org_path``.
        org: organization path; :data:`WHOLE_SERVICE` inside :func:`whole_service`.
        by: columns compared.
        keys: wanted values, in the order of ``by``.
        columns: what to return.
        lock: hold the rows until the end of the transaction, taken in key order.
    """
    if not keys:
        return []
    name = table.name
    sent = sorted(set(keys))
    arrays = ", ".join(f"cast(:k{place} as text[])" for place in range(len(by)))
    names = ", ".join(f"k{place}" for place in range(len(by)))
    matches = " and ".join(f"{name}.{column} = sent.k{place}" for place, column in enumerate(by))
    order = ", ".join(f"{name}.{column.name}" for column in table.primary_key.columns)
    statement = text(
        f"select {', '.join(f'{name}.{column}' for column in columns)} from {name} "  # noqa: S608 - our own names
        f"join unnest({arrays}) as sent({names}) on {matches} "
        f"where {name}.org_path >= :org and {name}.org_path < :org_end "
        f"order by {order}" + (f" for update of {name}" if lock else "")
    )
    values = {f"k{place}": [key[place] for key in sent] for place in range(len(by))}
    result = await session.execute(statement, {**values, "org": org, "org_end": path_end(org)})
    return [tuple(row) for row in result]
