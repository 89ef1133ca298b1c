"""Jobs as callers see them: state, progress, result, error; cancellation."""

import datetime as dt
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.database.repository import one_visible, one_visible_for_update
from shared.kernel.jobs.tables import FINAL_STATES, Job, JobState
from shared.kernel.web.etag import etag
from shared.kernel.web.permissions import Permissions
from shared.kernel.web.problems import language_of, problem_document
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor
from shared.terms.errors import DomainError, Fault

RETRY_AFTER = "1"


class Progress(BaseModel):
    """How far a job is, in units of its own."""

    done: int
    total: int
    step: str | None


class JobOut(BaseModel):
    """A job."""

    id: uuid.UUID
    kind: str
    state: JobState
    progress: Progress
    attempts: int
    result: dict[str, Any] | None
    problem: dict[str, Any] | None
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None


def jobs_router(permissions: Permissions) -> APIRouter:
    """Routes ``/jobs``; the service's table must grant ``jobs.read`` and ``jobs.cancel``."""
    router = APIRouter(route_class=TransactionalRoute, prefix="/jobs", tags=["jobs"])
    reader, canceller = permissions.requires("jobs.read"), permissions.requires("jobs.cancel")

    @router.get("/{job_id}", response_model=JobOut, summary="查询任务 / Read a job")
    async def read_job(
        job_id: uuid.UUID,
        request: Request,
        response: Response,
        session: Session,
        actor: Annotated[Actor, Depends(reader)],
    ) -> JobOut:
        job = await _visible_job(session, actor, job_id)
        response.headers["ETag"] = etag(job.version)
        if job.state not in FINAL_STATES:
            response.headers["Retry-After"] = RETRY_AFTER
        return job_out(job, request.headers.get("accept-language"))

    @router.delete("/{job_id}", response_model=JobOut, summary="取消任务 / Cancel a job")
    async def cancel_job(
        job_id: uuid.UUID, request: Request, session: Session, actor: Annotated[Actor, Depends(canceller)]
    ) -> JobOut:
        job = await one_visible_for_update(session, Job, actor, Job.id == job_id, what=f"job {job_id}")
        if job.state in FINAL_STATES:
            raise DomainError("job.not_cancellable", params={"state": job.state})
        job.cancel_requested = True
        job.version += 1
        return job_out(job, request.headers.get("accept-language"))

    return router


async def _visible_job(session: AsyncSession, actor: Actor, job_id: uuid.UUID) -> Job:
    return await one_visible(session, Job, actor, Job.id == job_id, what=f"job {job_id}")


def job_accepted(request: Request, job: Job) -> JSONResponse:
    """The 202 answer for work that was asked for: the job, and where to follow it."""
    service = "/".join(request.url.path.split("/")[:4])
    headers = {"Location": f"{service}/jobs/{job.id}", "Retry-After": RETRY_AFTER}
    body = job_out(job, request.headers.get("accept-language"))
    return JSONResponse(body.model_dump(mode="json"), 202, headers)


def job_out(job: Job, accept_language: str | None = None) -> JobOut:
    """A job in the caller's language."""
    return JobOut(
        id=job.id,
        kind=job.kind,
        state=JobState(job.state),
        progress=Progress(done=job.progress_done, total=job.progress_total, step=job.step),
        attempts=job.attempts,
        result=job.result,
        problem=_problem(job, accept_language) if job.problem else None,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )


def _problem(job: Job, accept_language: str | None) -> dict[str, Any]:
    stored = job.problem or {}
    faults = [Fault(fault["code"], params=fault["params"]) for fault in stored.get("faults", ())]
    error = DomainError(stored["code"], params=stored.get("params"), faults=faults)
    return problem_document(error, language=language_of(accept_language))[1]
