"""Samples in the database."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Select, func, insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archive_samples.rules import RATE_SCHEMA
from services.student_eval.archive_samples.tables import ArchiveSample, RecordExamination, SampledRecord
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.terms.actor import Actor


def samples_of(actor: Actor) -> Select[ArchiveSample]:
    """Samples of the actor's organization, of those below it, and of those above it."""
    return visible(ArchiveSample, actor)


async def sample_by_code(session: AsyncSession, actor: Actor, org_path: str, code: str) -> ArchiveSample:
    """A sample; raises ``resource.not_found``."""
    s = ArchiveSample
    return await one_visible(session, s, actor, s.org_path == org_path, s.code == code, what=f"archive sample {code}")


async def sample_by_id(session: AsyncSession, actor: Actor, sample_id: uuid.UUID) -> ArchiveSample:
    """The same by id, locked."""
    s = ArchiveSample
    return await one_visible_for_update(session, s, actor, s.id == sample_id, what=f"archive sample {sample_id}")


async def own_sample_for_update(session: AsyncSession, actor: Actor, org_path: str, code: str) -> ArchiveSample:
    """A sample of the actor's own office, locked; raises ``resource.not_found``."""
    s = ArchiveSample
    own = (s.org_path == org_path, s.org_path == actor.org, s.code == code)
    return await one_visible_for_update(session, s, actor, *own, what=f"archive sample {code}")


async def has_sample(session: AsyncSession, actor: Actor, code: str) -> bool:
    """Whether the actor's own office has a sample of this code."""
    s = ArchiveSample
    found = await session.scalars(visible(s, actor).where(s.org_path == actor.org, s.code == code).limit(1))
    return found.first() is not None


async def insert_sampled(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes the records that were drawn."""
    if rows:
        await session.execute(insert(SampledRecord), [dict(row) for row in rows])


def sampled_of(actor: Actor, sample: ArchiveSample) -> Select[SampledRecord]:
    """Drawn records within the actor's organization."""
    return visible(SampledRecord, actor).where(SampledRecord.sample_id == sample.id)


async def sampled_record(
    session: AsyncSession, actor: Actor, sample: ArchiveSample, record_id: uuid.UUID, *, to_write: bool = False
) -> SampledRecord:
    """A drawn record, locked when it is to be written; raises ``resource.not_found``."""
    r = SampledRecord
    one = one_visible_for_update if to_write else one_visible
    named = (r.sample_id == sample.id, r.record_id == record_id)
    return await one(session, r, actor, *named, what=f"drawn record {record_id}")


async def examinations_of(
    session: AsyncSession, actor: Actor, sampled_ids: Sequence[uuid.UUID]
) -> Mapping[uuid.UUID, list[RecordExamination]]:
    """Examinations by drawn record, the school's after the office's."""
    e = RecordExamination
    statement = visible(e, actor).where(e.sampled_id.in_(sampled_ids)).order_by(e.side)
    found: dict[uuid.UUID, list[RecordExamination]] = {id_: [] for id_ in sampled_ids}
    for row in (await session.scalars(statement)).all():
        found[row.sampled_id].append(row)
    return found


async def outcome_counts(session: AsyncSession, actor: Actor, sample: ArchiveSample) -> pl.DataFrame:
    """``RATE_SCHEMA``: drawn records within the actor's organization by school, flag and outcome."""
    r = SampledRecord
    by = (r.school_code, r.is_flagged, r.outcome)
    statement = sampled_of(actor, sample).with_only_columns(*by, func.count()).group_by(*by)
    rows = [tuple(row) for row in await session.execute(statement)]
    return pl.DataFrame(rows, schema=RATE_SCHEMA, orient="row")
