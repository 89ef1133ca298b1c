"""Evidence as callers hand it in and read it."""

import datetime as dt
import uuid

from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.kernel.virus_scan import ScanState
from shared.kernel.web.validation import validation_problem
from shared.kits.evidence.recognition import FileKind
from shared.kits.evidence.tables import EvidenceFile
from shared.kits.fields import Caption

_CAPTION = TypeAdapter[str](Caption)


class EvidenceOut(BaseModel):
    """One file: what it is, who handed it in, what the scanner said, whether it stands."""

    id: uuid.UUID
    subject_type: str
    subject_key: str
    file_name: str
    caption: str | None
    kind: FileKind
    media_type: str
    size: int
    sha256: str
    uploaded_by: str
    uploader_org: str
    uploaded_at: dt.datetime
    scan_state: ScanState
    scanned_at: dt.datetime | None
    withdrawn_at: dt.datetime | None
    withdrawn_by: str | None
    withdrawn_reason: str | None
    is_served: bool
    content_url: str


class DuplicateOut(BaseModel):
    """Where the same content has been handed in before, as far as the caller sees."""

    id: uuid.UUID
    subject_type: str
    subject_key: str
    uploaded_at: dt.datetime
    is_withdrawn: bool


class AttachedOut(EvidenceOut):
    """A file just handed in, and where the same content lies already."""

    duplicates: list[DuplicateOut]


def evidence_out(row: EvidenceFile, address: str) -> EvidenceOut:
    """A file as callers see it; ``address`` is that of the collection."""
    return EvidenceOut(**_members(row, address))


def attached_out(row: EvidenceFile, duplicates: list[EvidenceFile], address: str) -> AttachedOut:
    """A file just handed in."""
    found = [
        DuplicateOut(
            id=other.id,
            subject_type=other.subject_type,
            subject_key=other.subject_key,
            uploaded_at=other.uploaded_at,
            is_withdrawn=other.withdrawn_at is not None,
        )
        for other in duplicates
    ]
    return AttachedOut(**_members(row, address), duplicates=found)


def _members(row: EvidenceFile, address: str) -> dict[str, object]:
    derived = {"is_served", "content_url"}
    plain = {name: getattr(row, name) for name in EvidenceOut.model_fields if name not in derived}
    served = row.withdrawn_at is None and row.scan_state != ScanState.INFECTED
    return {**plain, "is_served": served, "content_url": f"{address}/{row.id}/content"}


def caption_of(given: str | None) -> str | None:
    """The caption sent with a file; raises ``request.invalid``."""
    if not given or not given.strip():
        return None
    try:
        return _CAPTION.validate_python(given)
    except ValidationError as error:
        raise validation_problem([{**fault, "loc": ("body", "caption")} for fault in error.errors()]) from error
