"""The worker: procrastinate wakes it, the ``jobs`` table says what happened.

At least once: a job whose worker died is found by its heartbeat and run again. Effective once: every run claims a higher
fencing token, and only the holder of the highest can commit. A job that keeps killing its workers is parked as failed.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import procrastinate
from procrastinate.jobs import Job as WakeUp
from sqlalchemy import select, update

from shared.kernel import clock
from shared.kernel.context import Kernel
from shared.kernel.jobs.context import CancelledByUserError, JobContext, SupersededError
from shared.kernel.jobs.queue import QUEUE, TASK
from shared.kernel.jobs.tables import FINAL_STATES, Job, JobState
from shared.kernel.logging import logger
from shared.kernel.metrics import JOBS_FINISHED
from shared.terms.errors import DomainError

MAX_ATTEMPTS = 5
HEARTBEAT_SECONDS = 1.0
STALLED_SECONDS = 6.0
REAP_SECONDS = 2.0
#: Shorter than the time a supervisor grants before it kills.
STOP_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of background work: its name and the function that does it.

    The function must end inside ``context.final(...)``; everything it writes before that must be safe to write again.
    """

    name: str
    run: Callable[[JobContext], Awaitable[None]]


async def run_worker(kernel: Kernel, kinds: Sequence[JobKind], stop: asyncio.Event) -> None:
    """Runs jobs until ``stop`` is set; jobs in hand are finished first (for a while, then left to another worker)."""
    runners = {kind.name: kind for kind in kinds}
    queue = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=_libpq_url(kernel), max_size=4))

    @queue.task(
        name=TASK, queue=QUEUE, retry=procrastinate.RetryStrategy(max_attempts=MAX_ATTEMPTS, exponential_wait=2)
    )
    async def run_job(id: str) -> None:
        await _run(kernel, runners, uuid.UUID(id))

    async with queue.open_async():
        worker = asyncio.create_task(
            queue.run_worker_async(
                queues=[QUEUE],
                name=f"{kernel.service}-worker",
                concurrency=2,
                install_signal_handlers=False,
                fetch_job_polling_interval=2.0,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_SECONDS,
                shutdown_graceful_timeout=STOP_SECONDS,
            )
        )
        reaper = asyncio.create_task(_reap_forever(kernel, queue))
        stopper = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({worker, reaper, stopper}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (reaper, stopper, worker):
                task.cancel()
            *_, ended = await asyncio.gather(reaper, stopper, worker, return_exceptions=True)
        if isinstance(ended, Exception):  # not a cancellation: the supervisor starts a new worker
            raise ended


async def _run(kernel: Kernel, runners: dict[str, JobKind], job_id: uuid.UUID) -> None:
    job = await _claim(kernel, job_id)
    if job is None:
        return
    context = JobContext(kernel, job)
    try:
        await runners[job.kind].run(context)
    except SupersededError:
        logger.warning("job.superseded", job_id=str(job_id), kind=job.kind)
    except CancelledByUserError:
        await _end(kernel, job, JobState.CANCELLED, None)
    except DomainError as error:
        faults = [{"code": fault.code, "params": dict(fault.params)} for fault in error.faults[:100]]
        await _end(kernel, job, JobState.FAILED, {"code": error.code, "params": error.params, "faults": faults})
    except Exception as error:
        logger.error("job.failed", job_id=str(job_id), kind=job.kind, error=type(error).__name__, attempt=job.attempts)
        if job.attempts >= MAX_ATTEMPTS:
            await _end(kernel, job, JobState.FAILED, _exhausted(job))
            return
        raise
    else:
        JOBS_FINISHED.labels(kernel.service, job.kind, JobState.SUCCEEDED).inc()


async def _claim(kernel: Kernel, job_id: uuid.UUID) -> Job | None:
    async with kernel.database.transaction("") as session:
        job = await session.scalar(select(Job).where(Job.id == job_id).with_for_update())
        if job is None or job.state in FINAL_STATES:
            return None
        if job.cancel_requested or job.attempts >= MAX_ATTEMPTS:
            job.state = JobState.CANCELLED if job.cancel_requested else JobState.FAILED
            job.problem = None if job.cancel_requested else _exhausted(job)
            job.finished_at = clock.now()
            return None
        job.state = JobState.RUNNING
        job.attempts += 1
        job.fencing_token += 1
        job.version += 1
        job.started_at = clock.now()
        return job


def _exhausted(job: Job) -> dict[str, object]:
    return {"code": "job.attempts_exhausted", "params": {"attempts": job.attempts}, "faults": []}


async def _end(kernel: Kernel, job: Job, state: JobState, problem: dict[str, object] | None) -> None:
    async with kernel.database.transaction("") as session:
        await session.execute(
            update(Job)
            .where(Job.id == job.id, Job.fencing_token == job.fencing_token)
            .values(state=state, problem=problem, finished_at=clock.now(), version=Job.version + 1)
        )
    JOBS_FINISHED.labels(kernel.service, job.kind, state).inc()


async def _reap_forever(kernel: Kernel, queue: procrastinate.App) -> None:
    """Hands the jobs of dead workers to living ones."""
    while True:
        try:
            for stalled in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
                await _revive(kernel, queue, stalled)
        except Exception as error:  # the database may be restarting; the next round tries again
            logger.warning("jobs.reaper_failed", error=type(error).__name__)
        await asyncio.sleep(REAP_SECONDS)


async def _revive(kernel: Kernel, queue: procrastinate.App, stalled: WakeUp) -> None:
    logger.warning("job.revived", service=kernel.service, wake_up=stalled.id, attempts=stalled.attempts)
    await queue.job_manager.retry_job(stalled)


def _libpq_url(kernel: Kernel) -> str:
    url: str = kernel.settings.database_url.get_secret_value()
    # SQLAlchemy's asyncpg says ssl where libpq says sslmode.
    return re.sub(r"([?&])ssl=", r"\1sslmode=", url.replace("postgresql+asyncpg://", "postgresql://", 1))
