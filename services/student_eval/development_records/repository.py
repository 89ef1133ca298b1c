"""Process records in the database."""

from __future__ import annotations

import uuid

from sqlalchemy import Select, func
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.development_records.tables import ProcessRecord
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.terms.actor import Actor


def records_of(actor: Actor, term_id: uuid.UUID, student_key: str) -> Select[ProcessRecord]:
    """Records of a pupil in a term."""
    r = ProcessRecord
    return visible(r, actor).where(r.term_id == term_id, r.student_key == student_key)


async def record_by_id(
    session: AsyncSession, actor: Actor, term_id: uuid.UUID, student_key: str, record_id: uuid.UUID
) -> ProcessRecord:
    """A record; raises ``resource.not_found``."""
    r = ProcessRecord
    where = (r.id == record_id, r.term_id == term_id, r.student_key == student_key)
    return await one_visible(session, r, actor, *where, what=f"record {record_id}")


async def record_for_update(
    session: AsyncSession, actor: Actor, term_id: uuid.UUID, student_key: str, record_id: uuid.UUID
) -> ProcessRecord:
    """A record, locked; raises ``resource.not_found``."""
    r = ProcessRecord
    where = (r.id == record_id, r.term_id == term_id, r.student_key == student_key)
    return await one_visible_for_update(session, r, actor, *where, what=f"record {record_id}")


async def record_counts(session: AsyncSession, actor: Actor, term_id: uuid.UUID, student_key: str) -> dict[str, int]:
    """Standing records of a pupil in a term, by indicator."""
    r = ProcessRecord
    statement = records_of(actor, term_id, student_key).where(r.withdrawn_reason.is_(None))
    rows = await session.execute(statement.with_only_columns(r.indicator, func.count()).group_by(r.indicator))
    return {row[0]: row[1] for row in rows}
