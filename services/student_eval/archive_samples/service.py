"""Samples: the seed is committed to, what can be drawn is closed, the seed is told and records are drawn, once."""

from __future__ import annotations

import asyncio
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archive_samples import repository
from services.student_eval.archive_samples.rules import (
    SAMPLE_LIFE,
    SampleState,
    drawn,
    require_committed,
    school_part,
    schools_of,
    whole_hash,
)
from services.student_eval.archive_samples.schemas import DrawIn, SampleIn
from services.student_eval.archive_samples.tables import ArchiveSample
from shared.kernel import clock
from shared.kernel.ids import new_id
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.kernel.records import keep
from shared.kernel.store.columnar import ColumnarStore
from shared.kernel.web.organizations import code_of
from shared.policy.record_forensics import forensics_policy
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

CLOSE_FRAME_JOB = "close_archive_frame"


async def announce(session: AsyncSession, *, body: SampleIn, actor: Actor) -> ArchiveSample:
    """Announces a sample with the hash of its seed; raises ``archive_sample.known``."""
    if await repository.has_sample(session, actor, body.code):
        raise DomainError("archive_sample.known", params={"sample": body.code})
    rule = forensics_policy().sample
    design = {
        "flagged_rate": rule.flagged_rate if body.flagged_rate is None else body.flagged_rate,
        "other_rate": rule.other_rate if body.other_rate is None else body.other_rate,
        "least_each": rule.least_each,
    }
    row = ArchiveSample(
        org_path=actor.org,
        code=body.code,
        term=body.term,
        state=SampleState.ANNOUNCED,
        design=design,
        seed_commitment=body.seed_commitment,
        announced_at=clock.now(),
        announced_by=actor.subject,
        schools={},
        version=0,
    )
    await keep_sample(session, row, "announced", actor)
    return row


async def ask_closing(session: AsyncSession, *, row: ArchiveSample, actor: Actor) -> Job:
    """Asks for the frame to be closed; raises ``workflow.not_allowed``."""
    SAMPLE_LIFE.target("close_frame", SampleState(row.state))
    args = {"sample_id": str(row.id), "version": row.version}
    return await enqueue(
        session, actor, CLOSE_FRAME_JOB, args=args, org_path=row.org_path, lock=f"archive-sample-{row.id}"
    )


async def draw(
    session: AsyncSession, store: ColumnarStore, *, row: ArchiveSample, body: DrawIn, actor: Actor
) -> ArchiveSample:
    """Draws with the seed that was committed to, once and for good.

    Raises:
        DomainError: ``workflow.not_allowed``, ``archive_sample.other_seed``, ``archive_sample.frame_damaged``.
    """
    target = SAMPLE_LIFE.target("draw", SampleState(row.state))
    require_committed(row.seed_commitment, row.term, body.seed)
    frame = await _sound_frame(store, row)
    if frame is None:
        raise DomainError("archive_sample.frame_damaged", params={"sha256": row.frame_sha256})
    chosen = await asyncio.to_thread(drawn, frame, row.design, seed=body.seed)
    common = {"sample_id": row.id, "term": row.term, "version": 1}
    rows = [{"id": new_id(), "record_id": each.pop("record"), **each, **common} for each in chosen.to_dicts()]
    await repository.insert_sampled(session, rows)
    row.seed, row.witnessed_by, row.drawn_at, row.state = body.seed, body.witnessed_by, clock.now(), target
    await keep_sample(session, row, "drawn", actor, {"drawn": chosen.height})
    return row


async def verify(session: AsyncSession, store: ColumnarStore, *, row: ArchiveSample, actor: Actor) -> list[str]:
    """Repeats the draw within the actor's organization and names what differs: ``frame``, ``records``.

    Raises:
        DomainError: ``archive_sample.not_drawn``.
    """
    if row.seed is None:
        raise DomainError("archive_sample.not_drawn")
    frame = await _sound_frame(store, row)
    if frame is None:
        return ["frame"]
    again = await asyncio.to_thread(drawn, frame, row.design, seed=row.seed)
    inside = {record for record, path in again.select("record", "org_path").iter_rows() if actor.covers(path)}
    rows = (await session.scalars(repository.sampled_of(actor, row))).all()
    return [] if {str(each.record_id) for each in rows} == inside else ["records"]


async def frame_text(store: ColumnarStore, *, row: ArchiveSample, school_code: str, actor: Actor) -> bytes:
    """The very bytes that a school's part was fingerprinted by: one JSON object per record and line.

    Raises:
        DomainError: ``resource.not_found`` before the frame is closed, and for other schools.
    """
    found = row.schools.get(school_code)
    if row.frame_sha256 is None or found is None or not actor.covers(found["org_path"]):
        raise DomainError("resource.not_found", params={"what": f"frame of {school_code}"})
    sha256 = row.frame_sha256
    return await asyncio.to_thread(lambda: school_part(store.get(sha256), school_code).write_ndjson().encode())


async def keep_sample(
    session: AsyncSession, row: ArchiveSample, what: str, actor: Actor, detail: dict[str, Any] | None = None
) -> None:
    """Writes a sample and what was done to it."""
    key = {"organization": code_of(row.org_path), "sample": row.code}
    more = {"commitment": row.seed_commitment, "frame_hash": row.frame_hash, "seed": row.seed, **(detail or {})}
    action = f"archive_sample.{what}"
    await keep(session, row, resource="archive_samples", action=action, key=key, actor=actor, detail=more)


async def _sound_frame(store: ColumnarStore, row: ArchiveSample) -> pl.DataFrame | None:
    """The frame as it was closed; ``None`` when the file is missing or is not what its fingerprint says."""
    assert row.frame_sha256 is not None  # noqa: S101  a frame that is closed has a file
    frame = await asyncio.to_thread(store.get_sound, row.frame_sha256)
    if frame is None or whole_hash(await asyncio.to_thread(schools_of, frame)) != row.frame_hash:
        return None
    return frame
