"""Taking in an uploaded item sheet: read, check, hold against the mark sheet, store, put in force."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.repository import counties_of_schools
from services.monitoring.intake.door import Door, Intake, require_open
from services.monitoring.intake.rosters import frozen_roster
from services.monitoring.intake.sheets import SCHOOL, ReadSheet, StoredSheets, store_sheets
from services.monitoring.intake.tables import Upload
from services.monitoring.item_sheets import repository
from services.monitoring.item_sheets.importer import ItemSheetContext, read_item_sheet
from services.monitoring.item_sheets.marks import SubjectOnBothSheets
from services.monitoring.item_sheets.tables import ItemSheet
from services.monitoring.mark_sheets.repository import SheetInForce
from services.monitoring.mark_sheets.repository import current_sheets as current_mark_sheets
from services.monitoring.papers.repository import find_paper
from services.monitoring.papers.service import subject_of
from services.monitoring.papers.tables import Paper
from shared.kernel.changes.feed import Operation, record_changes
from shared.kernel.store.columnar import ColumnarStore
from shared.terms.errors import DomainError
from shared.terms.organization import school_path


async def read_and_store(session: AsyncSession, intake: Intake, path: Path, media_type: str) -> StoredSheets:
    """Reads and checks the file outside the event loop; nothing is in force yet.

    Raises:
        DomainError: ``exam.not_collecting``, ``exam.in_checking``; ``item_sheet.no_paper``; ``resource.not_found`` for an
            unknown subject or a school outside the actor's organization or the exam; ``table.*`` for a file that cannot be
            read at all.
    """
    exam = intake.exam
    await require_open(session, intake)
    paper = await _paper(session, intake)
    taking_part = await counties_of_schools(session, intake.actor, exam, intake.school_code)
    if intake.school_code is not None and intake.school_code not in taking_part:
        raise DomainError("resource.not_found", params={"what": f"school {intake.school_code}"})
    received = await current_mark_sheets(session, intake.actor, exam, intake.school_code)
    both = SubjectOnBothSheets(subject_of(exam, paper.subject), paper.content)
    store, roster = intake.kernel.columns, str(exam.roster_sha256)

    def work() -> StoredSheets:
        context = ItemSheetContext(
            both=both,
            roster=frozen_roster(store, roster),
            participants=taking_part,
            school_code=intake.school_code,
            marks=_marks(store, received, both),
        )
        read = read_item_sheet(path, media_type, context)
        basis = {"paper": paper.version, "mark_sheets": {sheet.school_code: sheet.sha256 for sheet in received}}
        return store_sheets(store, read, dry_run=intake.dry_run, basis=basis)

    return await asyncio.to_thread(work)


async def _paper(session: AsyncSession, intake: Intake) -> Paper:
    subject = str(intake.subject)
    subject_of(intake.exam, subject)
    paper = await find_paper(session, intake.actor, intake.exam, subject)
    if paper is None:
        raise DomainError("item_sheet.no_paper", params={"subject": subject})
    return paper


def _marks(store: ColumnarStore, sheets: Sequence[SheetInForce], both: SubjectOnBothSheets) -> pl.DataFrame:
    columns = [*both.columns, SCHOOL]
    parts = [store.get(sheet.sha256, columns).select(columns) for sheet in sheets]
    return pl.concat(parts) if parts else pl.DataFrame(schema=dict.fromkeys(columns, pl.String))


async def _replace(session: AsyncSession, intake: Intake, upload: Upload, stored: StoredSheets, code: str) -> str:
    file, exam, subject = stored.files[code], intake.exam, str(intake.subject)
    if (await _paper(session, intake)).version != stored.basis["paper"]:
        raise DomainError("item_sheet.paper_changed", params={"subject": subject})
    agrees_with = stored.basis["mark_sheets"].get(code)
    before = await repository.current_sheet(session, exam.id, subject=subject, school_code=code)
    if before is not None and before.sha256 == file.sha256:
        before.agrees_with = agrees_with
        return "unchanged"
    county = stored.read.sheets[code]["county_code"][0]
    sheet = ItemSheet(
        exam_id=exam.id,
        subject=subject,
        upload_id=upload.id,
        school_code=code,
        county_code=county,
        org_path=school_path(county, code),
        sha256=file.sha256,
        row_count=file.rows,
        agrees_with=agrees_with,
    )
    await repository.replace_sheet(session, sheet)
    key = {"exam": exam.code, "subject": subject, "school_code": code}
    await record_changes(session, "item_sheets", Operation.UPSERTED, [(sheet.org_path, key)])
    return "created" if before is None else "replaced"


def _no_report(_: ReadSheet, __: Intake) -> Mapping[str, object]:
    return {}


ITEM_SHEETS = Door(
    resource="item_sheets", job="read_item_sheets", read=read_and_store, replace=_replace, report=_no_report
)
