"""Answers to lists of exclusions: outcome by entry, and every fault where the caller can find it."""

from __future__ import annotations

import dataclasses

from fastapi import Request
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.tables import Exam
from services.monitoring.exclusions.repository import exclusion_for_update
from services.monitoring.exclusions.schemas import ExclusionOutcome, ExclusionsOut, exclusion_out
from services.monitoring.exclusions.service import Accounted
from shared.kernel.web.problems import MAX_FAULTS, fault_document, language_of
from shared.terms.actor import Actor
from shared.terms.errors import DomainError, Fault

_STATUS = {"created": 201, "refused": 422}


async def single_answer(session: AsyncSession, actor: Actor, exam: Exam, done: Accounted) -> JSONResponse:
    """The exclusion: 201 when it is new, 200 when it replaces or repeats one.

    Raises:
        DomainError: ``exclusion.faulty`` with every fault.
    """
    outcome, identity = done.outcomes[1]
    if outcome == "refused":
        faults = [_in_body(fault, "") for fault in done.faults.first(MAX_FAULTS)]
        raise DomainError("exclusion.faulty", faults=faults, fault_count=done.faults.count)
    row = await exclusion_for_update(session, actor, exam, identity)
    return JSONResponse(exclusion_out(row).model_dump(mode="json"), _STATUS.get(outcome, 200))


def list_answer(request: Request, done: Accounted, *, is_file: bool) -> JSONResponse:
    """207 with one outcome per entry; rows of a file as the caller counts them, entries of a body from 1."""
    language = language_of(request.headers.get("accept-language"))
    faults = done.faults.first(MAX_FAULTS)
    if not is_file:
        faults = tuple(_in_body(fault, f"/items/{(fault.row or 1) - 1}") for fault in faults)
    counts = done.counts
    body = ExclusionsOut(
        **{name: counts[name] for name in ("created", "replaced", "unchanged", "refused")},
        items=[
            ExclusionOutcome.model_validate(
                {"row": row, "status": _STATUS.get(outcome, 200), "outcome": outcome, "id": identity}
            )
            for row, (outcome, identity) in done.outcomes.items()
        ],
        error_count=done.faults.count,
        errors=[fault_document(fault, language) for fault in faults],
    )
    return JSONResponse(body.model_dump(mode="json"), 207)


def _in_body(fault: Fault, place: str) -> Fault:
    return dataclasses.replace(fault, pointer=f"{place}/{fault.column}", row=None, column=None)
