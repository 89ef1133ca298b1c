"""What a running job may do: report progress, and commit only while it is still the one that runs."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel import clock
from shared.kernel.context import Kernel
from shared.kernel.jobs.tables import Job, JobState
from shared.terms.actor import Actor, Role


class SupersededError(Exception):
    """Another worker has claimed the job since; this run's work must not count."""


class CancelledByUserError(Exception):
    """The job was cancelled through the API."""


class JobContext:
    """One claimed run of a job, holding its fencing token."""

    def __init__(self, kernel: Kernel, job: Job) -> None:
        self.kernel = kernel
        self.id: uuid.UUID = job.id
        self.args: Mapping[str, Any] = job.args
        self.attempt = job.attempts
        self.actor = Actor(job.created_by, f"{kernel.service}-worker", frozenset({Role.INTEGRATION}), frozenset(), "")
        self._token = job.fencing_token

    async def progress(self, done: int, total: int, step: str) -> None:
        """Reports progress in a transaction of its own.

        Raises:
            SupersededError: another worker runs the job now.
            CancelledByUserError: the job was cancelled.
        """
        async with self.kernel.database.transaction("") as session:
            await self._hold(session)
            await self._update(session, progress_done=done, progress_total=total, step=step)

    @asynccontextmanager
    async def commit(self) -> AsyncIterator[AsyncSession]:
        """A transaction that takes effect only if this run still owns the job."""
        async with self.kernel.database.transaction("") as session:
            await self._hold(session)
            yield session

    @asynccontextmanager
    async def final(self, result: dict[str, Any]) -> AsyncIterator[AsyncSession]:
        """The last transaction: the effect and the job's success commit together, once.

        ``result`` may be filled inside the block.
        """
        async with self.commit() as session:
            yield session
            await self._update(
                session,
                state=JobState.SUCCEEDED,
                result=result,
                finished_at=clock.now(),
                progress_done=Job.progress_total,
                step=None,
            )

    async def _hold(self, session: AsyncSession) -> None:
        statement = select(Job.fencing_token, Job.state, Job.cancel_requested).where(Job.id == self.id)
        token, state, cancel_requested = (await session.execute(statement.with_for_update())).one()
        if token != self._token or state != JobState.RUNNING:
            raise SupersededError
        if cancel_requested:
            raise CancelledByUserError

    async def _update(self, session: AsyncSession, **values: Any) -> None:
        await session.execute(update(Job).where(Job.id == self.id).values(version=Job.version + 1, **values))
