"""What is held about a pupil, in the database: wherever the pupil was. Whoever asks has made sure that it is their own."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archive_audits.tables import ArchiveFinding
from services.student_eval.archive_terms.tables import ArchiveTerm
from services.student_eval.archives.tables import Evidence
from services.student_eval.development_terms.tables import DevelopmentTerm
from services.student_eval.own_data.parts import PARTS, Part
from services.student_eval.own_data.tables import DataCorrection, DataCorrectionMessage
from shared.kernel.audit.tables import AuditRecord
from shared.kernel.database.repository import visible
from shared.kernel.database.scope import everywhere
from shared.terms.actor import Actor

#: Actions that tell somebody something: readings, and handing on.
_READING = r"(read|exported|released)$"


async def rows_of(session: AsyncSession, actor: Actor, part: Part, student_key: str) -> Sequence[Any]:
    """Rows of a kind that carry the pupil's key, in the order of their key."""
    table = part.table
    async with everywhere(session):
        statement = _all(table, actor).where(table.student_key == student_key).order_by(*table.__table__.primary_key)
        return (await session.scalars(statement)).all()


async def places_of(session: AsyncSession, actor: Actor, student_key: str) -> set[str]:
    """Schools that hold anything about a pupil."""
    found: set[str] = set()
    async with everywhere(session):
        for part in PARTS.values():
            if part.table is not None:
                statement = _all(part.table, actor).where(part.table.student_key == student_key)
                paths = statement.with_only_columns(part.table.org_path).distinct()
                found |= set((await session.scalars(paths)).all())
    return found


async def terms_of(session: AsyncSession, actor: Actor, student_key: str, places: Collection[str]) -> Sequence[Any]:
    """Terms of classes that list a pupil, at some schools."""
    found: list[Any] = []
    async with everywhere(session):
        for table in (ArchiveTerm, DevelopmentTerm):
            listed = table.members.contains([{"student_key": student_key}])
            statement = _all(table, actor).where(table.org_path.in_(sorted(places)), listed)
            found += (await session.scalars(statement.order_by(table.id))).all()
    return found


async def evidence_of(session: AsyncSession, actor: Actor, record_ids: Collection[str]) -> Sequence[Evidence]:
    """Files attached to records."""
    e = Evidence
    async with everywhere(session):
        statement = _all(e, actor).where(
            e.subject_type.in_(("archive_record", "process_record")), e.subject_key.in_(sorted(record_ids))
        )
        return (await session.scalars(statement.order_by(e.id))).all()


async def findings_of(session: AsyncSession, actor: Actor, student_key: str) -> Sequence[ArchiveFinding]:
    """Questions that audits raised about a pupil's records."""
    f = ArchiveFinding
    async with everywhere(session):
        statement = _all(f, actor).where(f.students.contains([student_key]))
        return (await session.scalars(statement.order_by(f.id))).all()


async def corrections_of(session: AsyncSession, actor: Actor, student_key: str) -> Sequence[DataCorrection]:
    """Requests about a pupil's data."""
    c = DataCorrection
    async with everywhere(session):
        statement = _all(c, actor).where(c.subject_key.startswith(f"{student_key}/", autoescape=True))
        return (await session.scalars(statement.order_by(c.id))).all()


async def threads_of(
    session: AsyncSession, actor: Actor, ids: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, Sequence[DataCorrectionMessage]]:
    """What was said about requests, oldest first."""
    m, found = DataCorrectionMessage, defaultdict[uuid.UUID, list[DataCorrectionMessage]](list)
    async with everywhere(session):
        statement = _all(m, actor).where(m.appeal_id.in_(sorted(ids))).order_by(m.at, m.id)
        for row in (await session.scalars(statement)).all():
            found[row.appeal_id].append(row)
    return found


async def readings_of(
    session: AsyncSession, student_key: str, objects: Collection[str], *, before: int | None, most: int
) -> Sequence[AuditRecord]:
    """Notes of readings of a pupil's data, the latest first.

    Args:
        session: the transaction.
        student_key: the pupil.
        objects: what else holds the pupil's data: lists of classes, files.
        before: number of the note from which to go on.
        most: how many.
    """
    a = AuditRecord
    about = or_(a.object == student_key, a.object.in_(sorted(objects)))
    # Found by what was read, then ordered: walking the whole log backwards for somebody few have read would take long.
    latest = (a.seq + 0).desc()
    statement = select(a).where(about, a.action.regexp_match(_READING)).order_by(latest).limit(most)
    if before is not None:
        statement = statement.where(a.seq < before)
    return (await session.scalars(statement)).all()


async def count_of(session: AsyncSession, actor: Actor, part: Part, student_key: str) -> int:
    """How many rows of a kind carry the pupil's key."""
    table = part.table
    async with everywhere(session):
        statement = _all(table, actor).where(table.student_key == student_key)
        return await session.scalar(statement.with_only_columns(func.count())) or 0


def _all(table: Any, actor: Actor) -> Select[Any]:
    return visible(table, replace(actor, org=""))
