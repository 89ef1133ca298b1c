"""Asking for a batch of reports, and finding it again."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.report_batches import repository
from services.monitoring.report_batches.tables import ReportBatch
from services.monitoring.reports.rules import subject_of
from services.monitoring.results.repository import school_names
from services.monitoring.results.service.read import Reading, open_results
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

PRINT_BATCH_JOB = "print_report_batch"
#: Reports of one batch: a county's schools in all subjects, or the city's in a few.
MOST_REPORTS = 5_000
#: How long an archive is kept.
KEPT = dt.timedelta(days=7)


async def ask_batch(
    session: AsyncSession,
    *,
    reading: Reading,
    actor: Actor,
    subjects: Sequence[str] | None,
    school_codes: Sequence[str] | None,
) -> tuple[ReportBatch, Job]:
    """Asks for the reports of schools in subjects; by default of all the caller's schools in all subjects.

    Raises:
        DomainError: ``resource.not_found`` for a school that is not the caller's or a subject that is none,
            ``report.batch_too_large``.
    """
    definition = reading.result_set.manifest["definition"]
    codes = subjects or [entry["code"] for entry in definition["subjects"] if entry["role"] == "outcome"]
    codes = list(dict.fromkeys(subject_of(definition, code)["code"] for code in codes))
    own = await school_names(session, actor, reading.exam)
    schools = sorted(set(school_codes)) if school_codes else sorted(own)
    if any(school not in own for school in schools):
        raise DomainError("resource.not_found", params={"what": "school_code"})
    count = len(codes) * len(schools)
    if not 0 < count <= MOST_REPORTS:
        raise DomainError("report.batch_too_large", params={"count": count, "most": MOST_REPORTS})
    batch = ReportBatch(
        exam_id=reading.exam.id,
        result_version=reading.result_set.version,
        subjects=codes,
        school_codes=schools,
        roles=sorted(actor.roles),
        asked_by=actor.subject,
        expires_at=clock.now() + KEPT,
        org_path=actor.org,
    )
    session.add(batch)
    await session.flush()
    args = {"batch_id": str(batch.id), "exam": reading.exam.code}
    job = await enqueue(session, actor, PRINT_BATCH_JOB, args=args, org_path=actor.org)
    batch.job_id = job.id
    note(session, actor, "report_batch.asked", reading.exam.code, {"batch": str(batch.id), "reports": count})
    return batch, job


async def finished_batch(session: AsyncSession, *, code: str, actor: Actor, batch_id: uuid.UUID) -> ReportBatch:
    """A batch whose archive may be given to the caller now.

    Raises:
        DomainError: ``resource.not_found``, ``report.batch_unfinished``, and as
            :func:`~services.monitoring.results.service.read.open_results` where its version no longer stands.
    """
    reading = await open_results(session, code=code, actor=actor, version=None)
    batch = await repository.own_batch(session, actor, reading.exam, batch_id)
    await open_results(session, code=code, actor=actor, version=batch.result_version)
    if batch.sha256 is None:
        raise DomainError("report.batch_unfinished")
    note(session, actor, "report_batch.downloaded", code, {"batch": str(batch.id), "reports": batch.report_count})
    return batch


async def forget_expired(session: AsyncSession) -> int:
    """A sweep: batches whose time is over."""
    return await repository.delete_expired(session, clock.now())
