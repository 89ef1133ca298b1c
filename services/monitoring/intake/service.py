"""Taking in a file: one school's sheet at once, many schools' sheets at once or as a job; always with a receipt."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.repository import hold_exam, participants_for_update
from services.monitoring.intake.door import Door, Intake, require_open
from services.monitoring.intake.sheets import StoredSheets, store_sheets, unreadable
from services.monitoring.intake.tables import Upload
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.ids import new_id
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.kernel.receipt import signed_receipt
from shared.kernel.store.columnar import StoredFile
from shared.kernel.store.incoming import IncomingFiles
from shared.kernel.web.upload import SpooledFile
from shared.terms.errors import DomainError, Fault

#: Rows answered at once; larger files are read by a job.
ROWS_AT_ONCE = 1_000
#: Of a binary file the rows cannot be counted without reading it; a thousand need at least this much.
BYTES_AT_ONCE = 16 * 2**10
#: Codes of refusals of a file as a whole.
_OF_THE_FILE = "table."
#: One school's sheet is always answered at once, unless it is larger than any school's could be.
SCHOOL_BYTES = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a file.

    Args:
        upload: the record, with the receipt.
        faults: the first faults found.
        job: the job that will read the file, if it was too large to be read at once.
        refusal: why the file could not be read at all.
    """

    upload: Upload
    faults: tuple[Fault, ...] = ()
    job: Job | None = None
    refusal: DomainError | None = None


async def take_school_sheet(session: AsyncSession, door: Door, intake: Intake, file: SpooledFile) -> Taken:
    """Takes one school's sheet whole or not at all; the record of a refused or unreadable one is kept.

    Raises:
        DomainError: ``request.too_large``, and what the door refuses as a whole.
    """
    if file.size > SCHOOL_BYTES:
        raise DomainError("request.too_large", params={"limit": SCHOOL_BYTES})
    return await _at_once(session, door, intake, file)


async def take_sheets(session: AsyncSession, door: Door, intake: Intake, file: SpooledFile) -> Taken:
    """Takes a file of many schools, each whole or not at all; a large one as a job."""
    if await asyncio.to_thread(_is_small, file):
        return await _at_once(session, door, intake, file)
    return await _as_job(session, door, intake, file)


async def put_in_force(
    session: AsyncSession,
    door: Door,
    intake: Intake,
    stored: StoredSheets,
    file: SpooledFile,
    *,
    upload: Upload | None = None,
) -> Upload:
    """Records the upload and puts its sound sheets in force, all in the caller's transaction.

    Args:
        session: the transaction.
        door: the kind of sheet.
        intake: whose exam is locked against a change of state.
        stored: what was read.
        file: the body as received.
        upload: the record made when a job was asked for, or ``None``.
    """
    await require_open(session, intake)
    upload = upload or _new_upload(intake, file)
    session.add(upload)
    await session.flush()
    outcomes = [_refused(code, count) for code, count in stored.read.refused.items()]
    for code, sheet in stored.read.sheets.items():
        outcome = "valid" if intake.dry_run else await door.replace(session, intake, upload, stored, code)
        outcomes.append(_sound(code, outcome, rows=sheet.height, file=stored.files.get(code)))
    if door.settle is not None and not intake.dry_run:
        await door.settle(session, intake, upload, stored)
    _conclude(upload, stored, outcomes, intake)
    upload.report |= dict(door.report(stored.read, intake))
    await session.flush()
    if not intake.dry_run:
        detail = {
            "upload": str(upload.id),
            "accepted": len(stored.files),
            "refused": len(stored.read.refused),
            "faults": stored.read.faults.count,
        } | ({"subject": intake.subject} if intake.subject else {})
        note(session, intake.actor, f"{door.resource}.received", intake.exam.code, detail)
    return upload


async def _at_once(session: AsyncSession, door: Door, intake: Intake, file: SpooledFile) -> Taken:
    stored, refusal = await read_or_refuse(session, door, intake, file)
    await _hold(session, intake, stored)
    upload = await put_in_force(session, door, intake, stored, file)
    return Taken(upload, stored.read.faults.first(), refusal=refusal)


async def read_or_refuse(
    session: AsyncSession, door: Door, intake: Intake, file: SpooledFile
) -> tuple[StoredSheets, DomainError | None]:
    """What a file holds; or nothing and why, for a school that sent one has something to mend and is not missing."""
    try:
        return await door.read(session, intake, file.path, file.format), None
    except DomainError as refusal:
        if not refusal.code.startswith(_OF_THE_FILE):
            raise
        read = unreadable(refusal, school_code=intake.school_code, file_format=file.format)
        kept = await asyncio.to_thread(store_sheets, intake.kernel.columns, read, dry_run=intake.dry_run)
        return kept, refusal


async def _hold(session: AsyncSession, intake: Intake, stored: StoredSheets) -> None:
    """Until commit the exam cannot be sealed beneath us, and a school's sheets are taken one at a time."""
    await hold_exam(session, intake.exam)
    await participants_for_update(session, intake.actor, intake.exam, {*stored.read.sheets, *stored.read.refused})


async def _as_job(session: AsyncSession, door: Door, intake: Intake, file: SpooledFile) -> Taken:
    await require_open(session, intake)
    upload = _new_upload(intake, file)
    incoming = IncomingFiles(intake.kernel.columns.root / "incoming")
    await asyncio.to_thread(incoming.keep, file.path, upload.id)
    args = {"upload_id": str(upload.id), "exam_id": str(intake.exam.id), "org": intake.actor.org}
    job = await enqueue(
        session, intake.actor, door.job, args=args, org_path=intake.actor.org, lock=f"exam-{intake.exam.id}"
    )
    upload.job_id = job.id
    session.add(upload)
    await session.flush()
    return Taken(upload, job=job)


def _is_small(file: SpooledFile) -> bool:
    if file.format not in ("csv", "ndjson"):
        return file.size <= BYTES_AT_ONCE
    lines = 0
    with file.path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            lines += chunk.count(b"\n")
            if lines > ROWS_AT_ONCE + 1:
                return False
    return True


def _new_upload(intake: Intake, file: SpooledFile) -> Upload:
    return Upload(
        id=new_id(),
        exam_id=intake.exam.id,
        # It belongs to the sender: a file for many schools may not be read by any one of them.
        org_path=intake.actor.org,
        subject=intake.subject,
        school_code=intake.school_code,
        body_sha256=file.sha256,
        size=file.size,
        format=file.format,
        dry_run=intake.dry_run,
        outcome="pending",
        report={},
        receipt={},
        received_from=intake.actor.client,
    )


def _refused(school_code: str, count: int) -> dict[str, Any]:
    return {"school_code": school_code, "status": 422, "outcome": "refused", "rows": 0, "faults": count}


def _sound(school_code: str, outcome: str, *, rows: int, file: StoredFile | None) -> dict[str, Any]:
    status = {"created": 201}.get(outcome, 200)
    entry = {"school_code": school_code, "status": status, "outcome": outcome, "rows": rows, "faults": 0}
    return entry if file is None else {**entry, "sha256": file.sha256}


def _conclude(upload: Upload, stored: StoredSheets, outcomes: list[dict[str, Any]], intake: Intake) -> None:
    read = stored.read
    sound = len(read.sheets)
    upload.outcome = "refused" if sound == 0 else "partly_accepted" if read.faults else "accepted"
    upload.format, upload.encoding = read.format, read.encoding
    upload.faults_sha256 = stored.faults.sha256 if stored.faults else None
    upload.copy_sha256 = stored.copy.sha256 if stored.copy else None
    upload.report = {
        "rows": read.row_count,
        "fault_count": read.faults.count,
        "faults_by_code": read.faults.counts_by_code(),
        "schools": sorted(outcomes, key=lambda entry: str(entry["school_code"])),
    }
    content = {
        "upload_id": str(upload.id),
        "exam": intake.exam.code,
        "body_sha256": upload.body_sha256,
        "size": upload.size,
        "outcome": upload.outcome,
        "dry_run": upload.dry_run,
        "rows": read.row_count,
        "schools_accepted": 0 if upload.dry_run else sound,
        "schools_refused": len(read.refused),
        "faults": read.faults.count,
        "sheets": {code: file.sha256 for code, file in sorted(stored.files.items())},
        "server_time": clock.now().isoformat(),
    } | ({"subject": intake.subject} if intake.subject else {})
    upload.receipt = signed_receipt(content, intake.kernel.settings.key("receipt_key"))
