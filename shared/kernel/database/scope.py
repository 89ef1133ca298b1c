"""Organization scope: the range predicate of repositories, and the row-level security beneath it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from alembic.operations import Operations
from sqlalchemy import ColumnElement, and_, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.terms.organization import path_end


async def set_org_scope(session: AsyncSession, org: str) -> None:
    """Tells row-level security who acts, until the end of the transaction."""
    await session.execute(
        select(
            func.set_config("app.org", org, literal(True)),
            func.set_config("app.org_end", path_end(org), literal(True)),
        )
    )


@asynccontextmanager
async def everywhere(session: AsyncSession) -> AsyncIterator[None]:
    """Opens every organization's rows within the block, and leaves it as it was before.

    For what belongs to a person wherever they were. Whoever uses it answers for whose rows are read; an error ends the
    transaction, so the scope is given back on success only.
    """
    names = ("app.org", "app.org_end")
    row = (await session.execute(select(*(func.current_setting(name, literal(True)) for name in names)))).one()
    await set_org_scope(session, "")
    yield
    await session.flush()
    before = [func.set_config(name, value or "", literal(True)) for name, value in zip(names, row, strict=True)]
    await session.execute(select(*before))


def within(column: Any, org: str) -> ColumnElement[bool]:
    """Rows at or below ``org``: a range, because a range can use the index under row-level security."""
    return and_(column >= org, column < path_end(org))


def reaching(column: Any, org: str) -> ColumnElement[bool]:
    """Rows at, below or above ``org``: what an organization shares with those below it."""
    return or_(within(column, org), func.starts_with(literal(org), column))


_WITHIN = "(org_path >= current_setting('app.org', true) and org_path < current_setting('app.org_end', true))"
_REACHING = f"({_WITHIN} or starts_with(current_setting('app.org', true), org_path))"


def protect_rows(op: Operations, *tables: str, shared_downward: bool = False) -> None:
    """Migration step: row-level security on tables with an ``org_path``; with no scope set, no row is seen.

    Args:
        op: Alembic's operations.
        tables: tables to protect.
        shared_downward: rows can be read, not written, by organizations below theirs.
    """
    for table in tables:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy {table}_within on {table} using {_WITHIN} with check {_WITHIN}")
        if shared_downward:
            op.execute(f"create policy {table}_shared on {table} for select using {_REACHING}")
