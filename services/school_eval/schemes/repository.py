"""Schemes and their versions in the database."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.schemes.tables import IndicatorScheme, SchemeVersion
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def scheme_by_code(session: AsyncSession, actor: Actor, code: str) -> IndicatorScheme:
    """The scheme, or ``resource.not_found``."""
    return await one_visible(session, IndicatorScheme, actor, IndicatorScheme.code == code, what=f"scheme {code}")


async def own_scheme_for_update(session: AsyncSession, actor: Actor, code: str) -> IndicatorScheme:
    """A scheme of the actor's own organization, locked, or ``resource.not_found``."""
    where = (IndicatorScheme.code == code, IndicatorScheme.org_path == actor.org)
    return await one_visible_for_update(session, IndicatorScheme, actor, *where, what=f"scheme {code}")


async def find_own_scheme(session: AsyncSession, actor: Actor, code: str) -> IndicatorScheme | None:
    """A scheme of the actor's own organization, locked, or ``None``."""
    statement = visible(IndicatorScheme, actor).where(
        IndicatorScheme.code == code, IndicatorScheme.org_path == actor.org
    )
    return (await session.execute(statement.with_for_update())).scalar_one_or_none()


async def find_scheme(session: AsyncSession, actor: Actor, code: str) -> IndicatorScheme | None:
    """A visible scheme, or ``None``."""
    return (await session.scalars(visible(IndicatorScheme, actor).where(IndicatorScheme.code == code))).one_or_none()


async def versions_of(session: AsyncSession, actor: Actor, scheme: IndicatorScheme) -> Sequence[SchemeVersion]:
    """Every version, newest first."""
    statement = visible(SchemeVersion, actor).where(SchemeVersion.scheme_id == scheme.id)
    return (await session.scalars(statement.order_by(SchemeVersion.number.desc()))).all()


async def version_of(session: AsyncSession, actor: Actor, code: str, number: int) -> SchemeVersion:
    """A version of a scheme, or ``resource.not_found``."""
    scheme = await scheme_by_code(session, actor, code)
    where = (SchemeVersion.scheme_id == scheme.id, SchemeVersion.number == number)
    return await one_visible(session, SchemeVersion, actor, *where, what=f"version {number} of scheme {code}")


async def last_version(session: AsyncSession, actor: Actor, scheme: IndicatorScheme) -> SchemeVersion | None:
    """The newest version, or ``None``."""
    statement = visible(SchemeVersion, actor).where(SchemeVersion.scheme_id == scheme.id)
    return (await session.scalars(statement.order_by(SchemeVersion.number.desc()).limit(1))).first()


async def last_numbers(session: AsyncSession, actor: Actor, scheme_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Number of the newest version of each scheme that has one."""
    statement = (
        visible(SchemeVersion, actor)
        .where(SchemeVersion.scheme_id.in_(scheme_ids))
        .with_only_columns(SchemeVersion.scheme_id, func.max(SchemeVersion.number))
        .group_by(SchemeVersion.scheme_id)
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


async def version_by_id(session: AsyncSession, version_id: uuid.UUID) -> SchemeVersion:
    """The version that a campaign uses: whoever sees the campaign may see it."""
    found = await session.get(SchemeVersion, version_id)
    if found is None:
        raise DomainError("resource.not_found", params={"what": "scheme version"})
    return found
