"""How verdicts look to senders: an outcome per row, or a refusal with every fault in its place."""

from __future__ import annotations

import uuid
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from services.roster.imports.schemas import BatchOut, ImportOut, RowOut
from services.roster.imports.service import Judged, Received
from services.roster.imports.tables import Import, ImportState
from services.roster.intake.take_in import Atomic
from shared.kernel.web.problems import Language, fault_document, language_of, problem_response
from shared.terms.errors import DomainError, Fault

PREFIX = "/api/v1/roster"
SHOWN_FAULTS = 100


def placed(fault: Fault, kind: str) -> Fault:
    """A fault where the sender will look for it: a pointer into JSON, row and column of a table."""
    if kind not in ("json", "ndjson"):
        return fault
    column = "" if fault.column is None else f"/{fault.column}"
    if kind == "ndjson" or fault.row is None:
        return _moved(fault, pointer=column or "/", row=fault.row)
    return _moved(fault, pointer=f"/items/{fault.row - 1}{column}", row=None)


def _moved(fault: Fault, *, pointer: str, row: int | None) -> Fault:
    return Fault(
        fault.code,
        pointer=pointer,
        row=row,
        value=fault.value,
        allowed=fault.allowed,
        source_id=fault.source_id,
        params=fault.params,
    )


def refusal(judged: Judged, received: Received, *, import_id: uuid.UUID | None = None) -> DomainError:
    """The refusal of an upload as a whole."""
    faults = [placed(fault, received.kind) for fault in judged.faults.first(SHOWN_FAULTS)]
    links = {} if import_id is None else {"import_url": _import_url(import_id), "errors_url": _errors_url(import_id)}
    return DomainError(
        "import.refused",
        params={"count": judged.faults.count},
        faults=faults,
        fault_count=judged.faults.count,
        links=links,
    )


def outcomes(
    request: Request, received: Received, judged: Judged, *, receipt: dict[str, Any], import_id: uuid.UUID | None
) -> Response:
    """207: one outcome per row; in a dry run also when all would be refused."""
    verdict = judged.verdict
    language = language_of(request.headers.get("accept-language"))
    errors = _errors_by_row(judged, received.kind, language)
    items = [
        RowOut(
            index=index,
            row=number,
            status=outcome.status,
            key=dict(outcome.key) if outcome.key else None,
            errors=errors.get(number, []),
        )
        for index, (number, outcome) in enumerate(verdict.outcomes.items())
    ]
    answer = BatchOut(
        dry_run=received.options.dry_run,
        atomic=received.options.atomic,
        counts=verdict.counts,
        error_count=judged.faults.count,
        items=items,
        import_id=import_id,
        errors_url=_errors_url(import_id) if import_id and judged.faults else None,
        receipt=receipt,
    )
    return JSONResponse(answer.model_dump(mode="json"), 207)


def _errors_by_row(judged: Judged, kind: str, language: Language) -> dict[int | None, list[dict[str, Any]]]:
    errors: dict[int | None, list[dict[str, Any]]] = {}
    for fault in judged.faults.first(judged.faults.count) if judged.faults else ():
        errors.setdefault(fault.row, []).append(fault_document(placed(fault, kind), language))
    return errors


def refused_but_kept(request: Request, error: DomainError) -> Response:
    """A refusal that still commits what was written: the import with its error file."""
    return problem_response(request, error)


def import_out(row: Import) -> ImportOut:
    """An import as readers get it."""
    return ImportOut(
        id=row.id,
        collection=row.collection,
        format=row.format,
        state=ImportState(row.state),
        dry_run=row.dry_run,
        atomic=Atomic(row.atomic),
        row_count=row.row_count,
        counts=row.counts,
        error_count=row.fault_count,
        errors_url=_errors_url(row.id) if row.fault_count else None,
        receipt=row.receipt,
        job_id=row.job_id,
        job_url=job_url(row.job_id) if row.job_id else None,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def job_url(job_id: uuid.UUID) -> str:
    """Where a job is read."""
    return f"{PREFIX}/jobs/{job_id}"


def _import_url(import_id: uuid.UUID) -> str:
    return f"{PREFIX}/imports/{import_id}"


def _errors_url(import_id: uuid.UUID) -> str:
    return f"{_import_url(import_id)}/errors"
