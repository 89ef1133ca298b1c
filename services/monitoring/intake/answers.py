"""The answer to an upload: its receipt, or every fault."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import JSONResponse

from services.monitoring.intake.schemas import upload_out
from services.monitoring.intake.service import Taken
from shared.kernel.jobs.endpoints import RETRY_AFTER
from shared.kernel.web.problems import problem_response
from shared.terms.errors import DomainError


def school_answer(request: Request, taken: Taken, code: str, *, faulty: str) -> JSONResponse:
    """The answer to one school's sheet: 201 for the first one, 200 for a replacement."""
    statuses = [item["status"] for item in taken.upload.report["schools"]]
    return answer(request, taken, code, status=max(statuses, default=200), faulty=faulty)


def answer(request: Request, taken: Taken, code: str, *, status: int, faulty: str) -> JSONResponse:
    """The receipt; or, when nothing was accepted, a problem with why. Not raised: the upload's record is kept.

    Args:
        request: the request answered.
        taken: what came of the file.
        code: the exam.
        status: of the receipt.
        faulty: code of the problem.
    """
    out = upload_out(taken.upload, code)
    links = {"errors_url": out.errors_url or "", "upload_id": str(out.id)}
    if taken.refusal is not None:
        why = taken.refusal
        return problem_response(request, DomainError(why.code, params=why.params, faults=why.faults, links=links))
    if taken.faults and taken.upload.outcome == "refused":
        error = DomainError(
            faulty,
            faults=taken.faults,
            fault_count=out.fault_count,
            links=links,
        )
        return problem_response(request, error)
    headers = {"Location": out.job_url, "Retry-After": RETRY_AFTER} if out.job_url else None
    return JSONResponse(out.model_dump(mode="json"), status, headers)
