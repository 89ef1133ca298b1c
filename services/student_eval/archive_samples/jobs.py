"""Closing the frame of a sample: chosen records of classes that show or have verified the term."""

from __future__ import annotations

import asyncio
import uuid
from itertools import groupby
from typing import Any

import polars as pl

from services.student_eval.archive_audits.jobs import gathered
from services.student_eval.archive_audits.repository import class_terms, questioned_records
from services.student_eval.archive_audits.service import marking_kinds
from services.student_eval.archive_samples import repository
from services.student_eval.archive_samples.rules import (
    FRAME_SCHEMA,
    SAMPLE_LIFE,
    SampleState,
    schools_of,
    whole_hash,
)
from services.student_eval.archive_samples.service import CLOSE_FRAME_JOB, keep_sample
from services.student_eval.archive_terms.rules import TermState
from services.student_eval.archive_terms.tables import ArchiveTerm
from shared.kernel import clock
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.terms.errors import DomainError

#: Terms whose choice no pupil can change any more.
_SETTLED = (TermState.IN_PUBLICITY, TermState.VERIFIED)


async def close_frame(context: JobContext) -> None:
    """Stores what can be drawn with its fingerprints.

    Raises:
        DomainError: ``workflow.not_allowed`` when it is closed already; ``archive_sample.nothing_to_draw``.
    """
    sample_id = uuid.UUID(context.args["sample_id"])
    async with context.commit() as session:
        sample = await repository.sample_by_id(session, context.actor, sample_id)
        office, term = sample.org_path, sample.term
        terms = await class_terms(session, context.actor, office, term, _SETTLED)
        flagged = await questioned_records(session, context.actor, office, term, marking_kinds())
    schools = [list(rows) for _, rows in groupby(terms, key=lambda row: row.org_path)]
    parts = [await _part(context, school, term, flagged) for school in schools]
    frame = pl.concat([pl.DataFrame(schema=FRAME_SCHEMA), *parts]).sort("school_code", "record")
    if frame.is_empty():
        raise DomainError("archive_sample.nothing_to_draw", params={"term": term})
    stored = await asyncio.to_thread(context.kernel.columns.put, frame)
    found = await asyncio.to_thread(schools_of, frame)
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        row = await repository.sample_by_id(session, context.actor, sample_id)
        row.state = SAMPLE_LIFE.target("close_frame", SampleState(row.state))
        row.frame_sha256, row.frame_hash, row.schools = stored.sha256, whole_hash(found), found
        row.frame_closed_at = clock.now()
        result |= {"frame_hash": row.frame_hash, "records": frame.height, "schools": len(found)}
        await keep_sample(session, row, "frame_closed", context.actor)


async def _part(context: JobContext, school: list[ArchiveTerm], term: str, flagged: set[str]) -> pl.DataFrame:
    material, broken = await gathered(context, school, term)
    # Nothing is drawn from what somebody has tampered with; the audit names it.
    unsound = [student for finding in broken for student in finding.students]
    material = material.filter(~pl.col("student").is_in(unsound))
    chosen = material.filter("is_chosen").with_columns(
        school_code=pl.lit(school[0].school_code),
        org_path=pl.lit(school[0].org_path),
        is_flagged=pl.col("record").is_in(sorted(flagged)),
        student_key="student",
    )
    return chosen.select(pl.col(name).cast(kind) for name, kind in FRAME_SCHEMA.items())


CLOSE_ARCHIVE_FRAME = JobKind(CLOSE_FRAME_JOB, close_frame)
