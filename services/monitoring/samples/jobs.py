"""Reading the roster for a sample: sizes for planning, and the frame that is closed."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from services.monitoring.exams.repository import exam_by_id
from services.monitoring.exams.tables import Exam
from services.monitoring.samples import repository, rules
from services.monitoring.samples.service import frame as frames
from services.monitoring.samples.service.design import READ_SIZES_JOB, require_designable, require_undrawn
from services.monitoring.samples.tables import Sample
from shared.contracts.roster import Roster, RosterClient
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.kernel.settings import ServiceSettings
from shared.terms.errors import DomainError

OpenRoster = Callable[[ServiceSettings], AbstractAsyncContextManager[Roster]]


def sample_jobs(open_roster: OpenRoster) -> tuple[JobKind, JobKind]:
    """The jobs that read the roster for a sample through ``open_roster``."""

    async def run_sizes(context: JobContext) -> None:
        async with open_roster(context.kernel.settings) as roster:
            await read_sizes(context, roster)

    async def run_closing(context: JobContext) -> None:
        async with open_roster(context.kernel.settings) as roster:
            await close_frame(context, roster)

    return JobKind(READ_SIZES_JOB, run_sizes), JobKind(frames.CLOSE_FRAME_JOB, run_closing)


async def read_sizes(context: JobContext, roster: Roster) -> None:
    """Stores the schools' sizes, so that designs can be compared before a frame is closed."""
    exam_id = uuid.UUID(context.args["exam_id"])
    async with context.commit() as session:
        exam = await exam_by_id(session, exam_id)
    await context.progress(0, 1, "roster")
    schools, pupils = await frames.read_roster(roster, exam)
    sizes = frames.school_sizes(schools, pupils)
    stored = await asyncio.to_thread(context.kernel.columns.put, sizes)
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        await exam_by_id(session, exam_id)
        sample = await repository.sample_by_exam(session, exam_id)
        if sample is not None:
            sample.sizes_sha256 = stored.sha256
        result |= {"schools": stored.rows, "pupils": pupils.height}


async def close_frame(context: JobContext, roster: Roster) -> None:
    """Stores schools and pupils that can be drawn, with their fingerprints, and closes the frame."""
    exam_id = uuid.UUID(context.args["exam_id"])
    async with context.commit() as session:
        exam, sample = await _open_sample(context, exam_id, session)
        design = dict(sample.design)
    await context.progress(0, 2, "roster")
    schools, pupils = await frames.read_roster(roster, exam)
    await context.progress(1, 2, "closing")

    def work() -> dict[str, Any]:
        frame = rules.school_frame(frames.school_sizes(schools, pupils), design)
        drawable, frame_hash, roster_hash = frames.drawn_from(frame, pupils, design)
        store = context.kernel.columns
        files = {"schools_sha256": store.put(frame).sha256, "roster_sha256": store.put(drawable).sha256}
        counts = {"school_count": frame.height, "pupil_count": drawable.height}
        return files | counts | {"frame_hash": frame_hash, "roster_hash": roster_hash}

    closed = await asyncio.to_thread(work)
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        exam, sample = await _open_sample(context, exam_id, session)
        if sample.design != design:
            raise DomainError("sample.design_changed")
        now = {"frame_closed_at": clock.now(), "frame_closed_by": context.actor.subject}
        frames.close(sample, exam, closed | now)
        result |= {name: closed[name] for name in ("frame_hash", "roster_hash", "school_count", "pupil_count")}
        note(session, context.actor, "sample_frame.closed", exam.code, result)


async def _open_sample(context: JobContext, exam_id: uuid.UUID, session: Any) -> tuple[Exam, Sample]:
    exam = await exam_by_id(session, exam_id)
    sample = await repository.sample_by_exam(session, exam_id)
    if sample is None:
        raise DomainError("resource.not_found", params={"what": f"sample of exam {context.args['exam_code']}"})
    require_designable(exam)
    require_undrawn(sample)
    return exam, sample


READ_SIZES, CLOSE_FRAME = sample_jobs(RosterClient.of)
