"""Analyses as callers read them."""

import datetime as dt
import uuid
from typing import Any, Literal

from pydantic import BaseModel

from services.monitoring.analyses.tables import Analysis


class MethodOut(BaseModel):
    """A method a run used; the section is that of the scoring definitions."""

    id: str
    version: str
    section: str


class AnalysisOut(BaseModel):
    """One run of the analysis."""

    number: int
    state: Literal["queued", "finished"]
    job_id: uuid.UUID | None
    inputs_sha256: str
    schools: int
    rows: int
    methods: list[MethodOut] | None
    software: dict[str, str] | None
    asked_by: str
    asked_at: dt.datetime
    finished_at: dt.datetime | None


class AnalysisDetail(AnalysisOut):
    """One run with everything it was given and the files it produced."""

    inputs: dict[str, Any]
    frames: dict[str, Any] | None


def _summary(analysis: Analysis) -> dict[str, Any]:
    sheets = analysis.inputs["sheets"]
    return {
        "number": analysis.number,
        "state": analysis.state,
        "job_id": analysis.job_id,
        "inputs_sha256": analysis.inputs_sha256,
        "schools": len(sheets),
        "rows": sum(sheet["rows"] for sheet in sheets),
        "methods": analysis.methods,
        "software": analysis.software,
        "asked_by": analysis.asked_by,
        "asked_at": analysis.asked_at,
        "finished_at": analysis.finished_at,
    }


def analysis_out(analysis: Analysis) -> AnalysisOut:
    """A run in a list."""
    return AnalysisOut(**_summary(analysis))


def analysis_detail(analysis: Analysis) -> AnalysisDetail:
    """A run on its own."""
    return AnalysisDetail(**_summary(analysis), inputs=analysis.inputs, frames=analysis.frames)
