"""Schemes and their versions in the database."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.kits.schemes.mounting import Schemes
from shared.kits.schemes.tables import IndicatorScheme, SchemeVersion
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


def schemes_of(on: Schemes, actor: Actor) -> Select[IndicatorScheme]:
    """Schemes that the actor may see."""
    return visible(_mounted(on.table), actor)


async def scheme_by_code(session: AsyncSession, on: Schemes, actor: Actor, code: str) -> IndicatorScheme:
    """The scheme, or ``resource.not_found``."""
    row: IndicatorScheme = await one_visible(
        session, _mounted(on.table), actor, on.table.code == code, what=f"scheme {code}"
    )
    return row


async def own_scheme_for_update(session: AsyncSession, on: Schemes, actor: Actor, code: str) -> IndicatorScheme:
    """A scheme of the actor's own organization, locked, or ``resource.not_found``."""
    where = (on.table.code == code, on.table.org_path == actor.org)
    row: IndicatorScheme = await one_visible_for_update(
        session, _mounted(on.table), actor, *where, what=f"scheme {code}"
    )
    return row


async def find_own_scheme(session: AsyncSession, on: Schemes, actor: Actor, code: str) -> IndicatorScheme | None:
    """A scheme of the actor's own organization, locked, or ``None``."""
    statement = schemes_of(on, actor).where(on.table.code == code, on.table.org_path == actor.org)
    return (await session.execute(statement.with_for_update())).scalar_one_or_none()


async def find_scheme(session: AsyncSession, on: Schemes, actor: Actor, code: str) -> IndicatorScheme | None:
    """A visible scheme, or ``None``."""
    return (await session.scalars(schemes_of(on, actor).where(on.table.code == code))).one_or_none()


async def versions_of(
    session: AsyncSession, on: Schemes, actor: Actor, scheme: IndicatorScheme
) -> Sequence[SchemeVersion]:
    """Every version, newest first."""
    return (await session.scalars(_newest_first(on, actor, scheme))).all()


async def version_of(session: AsyncSession, on: Schemes, actor: Actor, code: str, number: int) -> SchemeVersion:
    """A version of a scheme, or ``resource.not_found``."""
    scheme = await scheme_by_code(session, on, actor, code)
    table = _mounted(on.versions)
    where = (table.scheme_id == scheme.id, table.number == number)
    row: SchemeVersion = await one_visible(session, table, actor, *where, what=f"version {number} of scheme {code}")
    return row


async def last_version(
    session: AsyncSession, on: Schemes, actor: Actor, scheme: IndicatorScheme
) -> SchemeVersion | None:
    """The newest version, or ``None``."""
    return (await session.scalars(_newest_first(on, actor, scheme).limit(1))).first()


async def last_numbers(
    session: AsyncSession, on: Schemes, actor: Actor, scheme_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, int]:
    """Number of the newest version of each scheme that has one."""
    table = _mounted(on.versions)
    statement = (
        visible(table, actor)
        .where(table.scheme_id.in_(scheme_ids))
        .with_only_columns(table.scheme_id, func.max(table.number))
        .group_by(table.scheme_id)
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


async def version_by_id(session: AsyncSession, on: Schemes, version_id: uuid.UUID) -> SchemeVersion:
    """The version that something uses: whoever sees the one may see the other."""
    found = await session.get(on.versions, version_id)
    if found is None:
        raise DomainError("resource.not_found", params={"what": "scheme version"})
    return found


def _newest_first(on: Schemes, actor: Actor, scheme: IndicatorScheme) -> Select[SchemeVersion]:
    table = _mounted(on.versions)
    statement: Select[SchemeVersion] = visible(table, actor).where(table.scheme_id == scheme.id)
    return statement.order_by(table.number.desc())


def _mounted(table: Any) -> Any:
    """A mixin's table is a table only where a service has made it one."""
    return table
