"""Taking in an uploaded mark sheet: read, check, store, put in force."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.corrections.service import close_corrections
from services.monitoring.exams.repository import counties_of_schools, participants_for_update
from services.monitoring.exams.rules import ExamState
from services.monitoring.exclusions.repository import excluded_keys
from services.monitoring.exclusions.service import keep_true
from services.monitoring.intake.door import Door, Intake, require_open
from services.monitoring.intake.rosters import frozen_roster
from services.monitoring.intake.sheets import COUNTY, ReadSheet, StoredSheets, store_sheets
from services.monitoring.intake.tables import Upload
from services.monitoring.item_sheets.service.agreement import settle
from services.monitoring.mark_sheets import repository
from services.monitoring.mark_sheets.checks import STUDENT_KEY, status_counts
from services.monitoring.mark_sheets.importer import SheetContext, read_sheet
from services.monitoring.mark_sheets.tables import MarkSheet
from services.monitoring.samples.rules import is_sample_kind
from shared.kernel.changes.feed import Operation, record_changes
from shared.terms.errors import DomainError
from shared.terms.organization import school_path


async def read_and_store(session: AsyncSession, intake: Intake, path: Path, media_type: str) -> StoredSheets:
    """Reads and checks the file outside the event loop; nothing is in force yet.

    Raises:
        DomainError: ``exam.not_collecting``, ``exam.in_checking``; ``resource.not_found`` for a school outside the actor's
            organization or the exam; ``table.*`` for a file that cannot be read at all.
    """
    await require_open(session, intake)
    is_sample = is_sample_kind(intake.exam.kind)
    taking_part = await counties_of_schools(
        session, intake.actor, intake.exam, None if is_sample else intake.school_code
    )
    if intake.school_code is not None and intake.school_code not in taking_part:
        raise DomainError("resource.not_found", params={"what": f"school {intake.school_code}"})
    excluded = await excluded_keys(session, intake.exam, intake.school_code)
    store, sha256 = intake.kernel.columns, str(intake.exam.roster_sha256)

    def work() -> StoredSheets:
        roster = frozen_roster(store, sha256)
        if is_sample:
            # That a pupil stands in the roster tells that his school was drawn; a school learns that of itself alone.
            roster = roster.filter(pl.col("school_code").is_in(list(taking_part)))
        context = SheetContext(
            definition=intake.exam.definition,
            roster=roster,
            participants=taking_part,
            school_code=intake.school_code,
            excluded=excluded,
            key=intake.kernel.settings.key("person_key"),
        )
        read = read_sheet(path, media_type, context)
        return store_sheets(store, read, dry_run=intake.dry_run)

    return await asyncio.to_thread(work)


async def _replace(session: AsyncSession, intake: Intake, upload: Upload, stored: StoredSheets, code: str) -> str:
    file, exam = stored.files[code], intake.exam
    before = await repository.current_sheet(session, exam.id, code)
    if before is not None and before.sha256 == file.sha256:
        return "unchanged"
    frame = stored.read.sheets[code]
    await keep_true(session, exam=exam, school_code=code, sheet=frame, actor=intake.actor)
    county = frame[COUNTY][0]
    sheet = MarkSheet(
        exam_id=exam.id,
        upload_id=upload.id,
        school_code=code,
        county_code=county,
        org_path=school_path(county, code),
        sha256=file.sha256,
        row_count=file.rows,
        linked_count=file.rows - frame[STUDENT_KEY].null_count(),
    )
    await repository.replace_sheet(session, sheet)
    if exam.state == ExamState.CHECKING:
        await close_corrections(
            session, exam=exam, actor=intake.actor, school_codes=[code], new_sheet_sha256=file.sha256
        )
    key = {"exam": exam.code, "school_code": code}
    await record_changes(session, "mark_sheets", Operation.UPSERTED, [(sheet.org_path, key)])
    await settle(session, intake.kernel.columns, exam=exam, actor=intake.actor, mark_sheet=sheet)
    return "created" if before is None else "replaced"


def _statuses(read: ReadSheet, intake: Intake) -> Mapping[str, Any]:
    """Counts by status of a one-school sheet, which the school confirms; a city's file would make it a book."""
    if len(read.sheets) != 1:
        return {"statuses": {}}
    return {"statuses": status_counts(next(iter(read.sheets.values())), intake.exam.definition)}


async def _settle(session: AsyncSession, intake: Intake, upload: Upload, stored: StoredSheets) -> None:
    """Notes on each school of the file whether it has something to mend now."""
    codes = {*stored.files, *stored.read.refused} | ({intake.school_code} if intake.school_code is not None else set())
    for code, school in (await participants_for_update(session, intake.actor, intake.exam, codes)).items():
        school.refused_upload_id = None if code in stored.files else upload.id


MARK_SHEETS = Door(
    resource="mark_sheets",
    job="read_upload",
    read=read_and_store,
    replace=_replace,
    report=_statuses,
    settle=_settle,
)
