"""Taking in an uploaded mark sheet: read, check, store, put in force, give a receipt."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.repository import participants
from services.monitoring.exams.rules import ExamState
from services.monitoring.exams.tables import Exam
from services.monitoring.mark_sheets import repository
from services.monitoring.mark_sheets.checks import status_counts
from services.monitoring.mark_sheets.importer import ReadSheet, SheetContext, read_sheet
from services.monitoring.mark_sheets.tables import MarkSheet, Upload
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.kernel.context import Kernel
from shared.kernel.ids import new_id
from shared.kernel.receipt import signed_receipt
from shared.kernel.store.columnar import StoredFile
from shared.kernel.web.upload import SpooledFile
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import school_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """One file on its way in."""

    kernel: Kernel
    actor: Actor
    exam: Exam
    school_code: str | None
    dry_run: bool


@dataclass(frozen=True, slots=True)
class StoredSheets:
    """A file that has been read, with its sound sheets and its faults in the columnar store."""

    read: ReadSheet
    files: dict[str, StoredFile]
    faults: StoredFile | None


def require_collecting(exam: Exam) -> None:
    """Marks are taken only while the exam collects them; raises ``exam.not_collecting``."""
    if exam.state != ExamState.COLLECTING or exam.roster_sha256 is None:
        raise DomainError("exam.not_collecting", params={"state": exam.state})


async def read_and_store(session: AsyncSession, intake: Intake, path: Path, media_type: str) -> StoredSheets:
    """Reads and checks the file outside the event loop; nothing is in force yet.

    Raises:
        DomainError: ``exam.not_collecting``; ``resource.not_found`` for a school outside the actor's organization or the
            exam; ``table.*`` for a file that cannot be read at all.
    """
    require_collecting(intake.exam)
    taking_part = {row.school_code: row.county_code for row in await participants(session, intake.actor, intake.exam)}
    if intake.school_code is not None and intake.school_code not in taking_part:
        raise DomainError("resource.not_found", params={"what": f"school {intake.school_code}"})
    store, sha256 = intake.kernel.columns, str(intake.exam.roster_sha256)

    def work() -> StoredSheets:
        context = SheetContext(
            definition=intake.exam.definition,
            roster=store.get(sha256),
            participants=taking_part,
            school_code=intake.school_code,
            key=intake.kernel.settings.key("person_key"),
        )
        read = read_sheet(path, media_type, context)
        files = {} if intake.dry_run else {code: store.put(sheet) for code, sheet in read.sheets.items()}
        return StoredSheets(read, files, store.put(read.faults.frame) if read.faults else None)

    return await asyncio.to_thread(work)


async def put_in_force(
    session: AsyncSession, intake: Intake, stored: StoredSheets, file: SpooledFile, *, upload: Upload | None = None
) -> Upload:
    """Records the upload and puts its sound sheets in force, all in the caller's transaction.

    Args:
        session: the transaction.
        intake: whose exam is locked against a change of state.
        stored: what was read.
        file: the body as received.
        upload: the record made when a job was asked for, or ``None``.
    """
    require_collecting(intake.exam)
    upload = upload or new_upload(intake, file)
    session.add(upload)
    await session.flush()
    outcomes = [_refused(code, count) for code, count in stored.read.refused.items()]
    for code, sheet in stored.read.sheets.items():
        outcome = "valid" if intake.dry_run else await _replace(session, intake, upload, stored, code)
        status = {"created": 201}.get(outcome, 200)
        outcomes.append({"school_code": code, "status": status, "outcome": outcome, "rows": sheet.height, "faults": 0})
    _conclude(upload, stored, outcomes, intake)
    await session.flush()
    if not intake.dry_run:
        counts = {
            "accepted": len(stored.files),
            "refused": len(stored.read.refused),
            "faults": stored.read.faults.count,
        }
        note(session, intake.actor, "mark_sheets.received", intake.exam.code, {"upload": str(upload.id), **counts})
    return upload


def new_upload(intake: Intake, file: SpooledFile) -> Upload:
    """The record of a body just received."""
    return Upload(
        id=new_id(),
        exam_id=intake.exam.id,
        # It belongs to the sender: a file for many schools may not be read by any one of them.
        org_path=intake.actor.org,
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


async def _replace(session: AsyncSession, intake: Intake, upload: Upload, stored: StoredSheets, code: str) -> str:
    file, exam = stored.files[code], intake.exam
    before = await repository.current_sheet(session, exam.id, code)
    if before is not None and before.sha256 == file.sha256:
        return "unchanged"
    county = stored.read.sheets[code]["county_code"][0]
    sheet = MarkSheet(
        exam_id=exam.id,
        upload_id=upload.id,
        school_code=code,
        county_code=county,
        org_path=school_path(county, code),
        sha256=file.sha256,
        row_count=file.rows,
    )
    await repository.replace_sheet(session, sheet)
    key = {"exam": exam.code, "school_code": code}
    await record_changes(session, "mark_sheets", Operation.UPSERTED, [(sheet.org_path, key)])
    return "created" if before is None else "replaced"


def _conclude(upload: Upload, stored: StoredSheets, outcomes: list[dict[str, Any]], intake: Intake) -> None:
    read = stored.read
    sound = len(read.sheets)
    upload.outcome = "refused" if sound == 0 else "partly_accepted" if read.faults else "accepted"
    upload.format, upload.encoding = read.format, read.encoding
    upload.faults_sha256 = stored.faults.sha256 if stored.faults else None
    upload.report = {
        "rows": read.row_count,
        "fault_count": read.faults.count,
        "faults_by_code": read.faults.counts_by_code(),
        "schools": sorted(outcomes, key=lambda entry: str(entry["school_code"])),
        "statuses": _statuses(read, intake),
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
        "server_time": clock.now().isoformat(),
    }
    upload.receipt = signed_receipt(content, intake.kernel.settings.key("receipt_key"))


def _statuses(read: ReadSheet, intake: Intake) -> dict[str, Any]:
    """Counts by status of a one-school sheet, which the school confirms; a city's file would make it a book."""
    if len(read.sheets) != 1:
        return {}
    return status_counts(next(iter(read.sheets.values())), intake.exam.definition)
