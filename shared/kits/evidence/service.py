"""Handing in evidence, reading it, withdrawing it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.context import Kernel
from shared.kernel.store.blobs import BlobStore
from shared.kernel.virus_scan import NOT_SCANNED, ScanState, Verdict
from shared.kernel.web.upload import SpooledFile
from shared.kits.evidence import repository
from shared.kits.evidence.names import safe_name
from shared.kits.evidence.recognition import FileKind, Recognized, recognize
from shared.kits.evidence.schemas import caption_of
from shared.kits.evidence.tables import EvidenceFile
from shared.kits.subject import Subject, one_row, row_for_update, tell_change
from shared.terms.errors import DomainError

E = TypeVar("E", bound=EvidenceFile)
MIB = 2**20
_FILE_BYTES: Mapping[FileKind, int] = {
    FileKind.DOCUMENT: 30 * MIB,
    FileKind.IMAGE: 15 * MIB,
    FileKind.TEXT: 5 * MIB,
    FileKind.VIDEO: 60 * MIB,
}


@dataclass(frozen=True, slots=True)
class EvidenceLimits:
    """How much may be attached to one thing.

    Args:
        most_files: files that stand at a time.
        most_bytes: bytes of them together.
        file_bytes: the largest file of each kind; kinds left out are not taken.
    """

    most_files: int = 20
    most_bytes: int = 200 * MIB
    file_bytes: Mapping[FileKind, int] = field(default_factory=lambda: _FILE_BYTES)


@dataclass(frozen=True, slots=True)
class InspectedFile:
    """A received file that may be evidence: what it is, and what the scanner said."""

    spooled: SpooledFile
    recognized: Recognized
    verdict: Verdict
    caption: str | None


async def inspect(kernel: Kernel, spooled: SpooledFile, limits: EvidenceLimits) -> InspectedFile:
    """Looks at a received file before any transaction is opened.

    Raises:
        DomainError: ``evidence.type_refused`` and the other refusals of :func:`recognize`, ``evidence.too_large``,
            ``evidence.infected`` (the file lies in quarantine for whoever looks into it), ``request.invalid``.
    """
    caption = caption_of(spooled.fields.get("caption"))
    recognized = await asyncio.to_thread(recognize, spooled.path)
    limit = limits.file_bytes.get(recognized.kind, 0)
    if spooled.size > limit:
        params = {"kind": recognized.kind, "limit": limit // MIB}
        raise DomainError("evidence.too_large", params=params)
    verdict = NOT_SCANNED if kernel.scanner is None else await kernel.scanner.scan(spooled.path)
    if verdict.state is ScanState.INFECTED:
        await asyncio.to_thread(kernel.files.quarantine, spooled.sha256, spooled.path)
        raise DomainError("evidence.infected", params={"signature": verdict.signature or "?"})
    return InspectedFile(spooled, recognized, verdict, caption)


async def attach(
    session: AsyncSession,
    *,
    table: type[E],
    subject: Subject,
    file: InspectedFile,
    blobs: BlobStore,
    limits: EvidenceLimits,
) -> tuple[E, Sequence[E], bool]:
    """Attaches a file: the row, where the same content lies already, and whether it is new here.

    Raises:
        DomainError: ``evidence.too_many``, ``server.storage_full``.
    """
    await repository.hold_subject(session, subject)
    row = await repository.same_file(session, table, subject, file.spooled.sha256)
    is_new = row is None
    if row is None:
        count, size = await repository.attached_size(session, table, subject)
        if count >= limits.most_files or size + file.spooled.size > limits.most_bytes:
            params = {"most_files": limits.most_files, "most_megabytes": limits.most_bytes // MIB}
            raise DomainError("evidence.too_many", params=params)
        await asyncio.to_thread(blobs.put, file.spooled.path, file.spooled.sha256)
        row = _row(table, subject, file)
        session.add(row)
        await session.flush()
        note(session, subject.actor, "evidence.attached", str(row.id), _detail(row))
        await tell_change(session, row)
    return row, await repository.duplicates_of(session, table, subject.actor, row), is_new


def _row(table: type[E], subject: Subject, file: InspectedFile) -> E:
    scanned = file.verdict.state is not ScanState.NOT_SCANNED
    make: Any = table
    row: E = make(
        subject_type=subject.type,
        subject_key=subject.key,
        org_path=subject.org_path,
        sha256=file.spooled.sha256,
        size=file.spooled.size,
        kind=file.recognized.kind,
        media_type=file.recognized.media_type,
        file_name=safe_name(file.spooled.name, file.recognized.suffixes),
        caption=file.caption,
        uploaded_by=subject.actor.subject,
        uploader_org=subject.actor.org,
        uploaded_at=clock.now(),
        scan_state=file.verdict.state,
        scanned_at=clock.now() if scanned else None,
    )
    return row


async def content_of(
    session: AsyncSession, *, table: type[E], subject: Subject, evidence_id: uuid.UUID, blobs: BlobStore, check: bool
) -> tuple[E, Path]:
    """A file and where it lies; reading what another person handed in is noted.

    Args:
        session: the transaction.
        table: the service's table of evidence.
        subject: what the file belongs to.
        evidence_id: which file.
        blobs: the store.
        check: whether the content is held against its hash first.

    Raises:
        DomainError: ``resource.not_found``, ``evidence.withdrawn``, ``evidence.quarantined``, ``evidence.lost``.
    """
    row = await one_row(session, table, subject, evidence_id, what="evidence")
    if row.scan_state == ScanState.INFECTED:
        raise DomainError("evidence.quarantined")
    if row.withdrawn_at is not None:
        raise DomainError("evidence.withdrawn")
    try:
        path = blobs.path(row.sha256)
    except FileNotFoundError as error:
        raise DomainError("evidence.lost", params={"sha256": row.sha256}) from error
    if check and not await asyncio.to_thread(blobs.is_sound, row.sha256):
        raise DomainError("evidence.lost", params={"sha256": row.sha256})
    if subject.actor.subject != row.uploaded_by:
        note(session, subject.actor, "evidence.read", str(row.id), _detail(row))
    return row, path


async def withdraw(
    session: AsyncSession, *, table: type[E], subject: Subject, evidence_id: uuid.UUID, reason: str
) -> E:
    """Takes a file back: the row and the content are kept, nobody is given the content any more.

    Raises:
        DomainError: ``resource.not_found``, ``evidence.withdrawn``.
    """
    row = await row_for_update(session, table, subject, evidence_id, what="evidence")
    if row.withdrawn_at is not None:
        raise DomainError("evidence.withdrawn")
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = clock.now(), subject.actor.subject, reason
    note(session, subject.actor, "evidence.withdrawn", str(row.id), _detail(row))
    await tell_change(session, row)
    await session.flush()
    return row


def _detail(row: EvidenceFile) -> dict[str, object]:
    return {"subject_type": row.subject_type, "subject_key": row.subject_key, "sha256": row.sha256, "kind": row.kind}
