"""What came of rows and files."""

import datetime as dt
import uuid
from typing import Any

from pydantic import BaseModel

from services.roster.imports.tables import ImportState
from services.roster.intake.take_in import Atomic, RowStatus


class RowOut(BaseModel):
    """What became of one row; ``index`` counts from 0, ``row`` is the sender's own number."""

    index: int
    row: int
    status: RowStatus
    key: dict[str, str] | None
    errors: list[dict[str, Any]]


class BatchOut(BaseModel):
    """One outcome per row, and the receipt."""

    dry_run: bool
    atomic: Atomic
    counts: dict[str, int]
    error_count: int
    items: list[RowOut]
    import_id: uuid.UUID | None
    errors_url: str | None
    receipt: dict[str, Any]


class ImportOut(BaseModel):
    """An upload that was, or is being, checked as a whole."""

    id: uuid.UUID
    collection: str
    format: str
    state: ImportState
    dry_run: bool
    atomic: Atomic
    row_count: int
    counts: dict[str, int]
    error_count: int
    errors_url: str | None
    receipt: dict[str, Any] | None
    job_id: uuid.UUID | None
    job_url: str | None
    created_at: dt.datetime
    finished_at: dt.datetime | None
