"""A scheme as routes answer it, and as they lock it."""

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.web.etag import etag, require_match
from shared.kits.schemes import repository
from shared.kits.schemes.mounting import Schemes
from shared.kits.schemes.schemas import SchemeOut, scheme_out
from shared.kits.schemes.tables import IndicatorScheme
from shared.terms.actor import Actor


async def matched(session: AsyncSession, on: Schemes, request: Request, actor: Actor, code: str) -> IndicatorScheme:
    """An own scheme, locked, as the caller last saw it."""
    row = await repository.own_scheme_for_update(session, on, actor, code)
    require_match(request, row.version)
    return row


async def answer(
    session: AsyncSession, on: Schemes, row: IndicatorScheme, response: Response, actor: Actor
) -> SchemeOut:
    """The scheme with its ETag."""
    await session.refresh(row)
    response.headers["ETag"] = etag(row.version)
    last = await repository.last_version(session, on, actor, row)
    return scheme_out(row, last.number if last else None)
