"""Consents in the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.consents.tables import ConsentRecord
from shared.kernel.database.repository import visible
from shared.kernel.database.scope import everywhere
from shared.terms.actor import Actor


async def records_of(
    session: AsyncSession, actor: Actor, student_keys: Collection[str]
) -> Mapping[str, Sequence[ConsentRecord]]:
    """What was said about pupils, oldest first, at whatever school; whoever asks has made sure that they may."""
    c = ConsentRecord
    found: dict[str, list[ConsentRecord]] = defaultdict(list)
    async with everywhere(session):
        statement = visible(c, replace(actor, org="")).where(c.student_key.in_(sorted(student_keys))).order_by(c.id)
        for row in (await session.scalars(statement)).all():
            found[row.student_key].append(row)
    return found
