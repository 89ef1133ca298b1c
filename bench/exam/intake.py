"""How fast item sheets are read, checked and stored once they have been received: on one core, without the network."""

from __future__ import annotations

import tempfile
import time
from typing import Any

import polars as pl

from bench.exam.city import Files, Sheet
from bench.exam.report import Intake
from services.monitoring.exams.schemas import ExamIn
from services.monitoring.item_sheets.importer import ItemSheetContext, read_item_sheet
from services.monitoring.item_sheets.marks import SubjectOnBothSheets
from services.monitoring.mark_sheets.importer import SheetContext, read_sheet
from services.monitoring.papers.schemas import PaperIn
from services.monitoring.papers.service import paper_content
from shared.kernel.personal import person_key
from shared.kernel.store.columnar import ColumnarStore

KEY = b"benchmark benchmark benchmark 32"
MOST = 200


def measure_intake(files: Files) -> Intake:
    """Reads up to two hundred CSV item sheets as the service does, each against roster and mark sheet of its school."""
    definition = ExamIn(**files.definition).model_dump(mode="json")
    roster, counties = _roster(files)
    sheets = [sheet for sheet in files.of("items") if sheet.format == "csv"]
    sheets = sheets[:: max(1, len(sheets) // MOST)][:MOST]
    marks = {sheet.school_code: sheet for sheet in files.of("marks")}
    ready = []
    for sheet in sheets:
        both = _subject(definition, files, str(sheet.subject))
        stored = _marks(marks[sheet.school_code], definition, roster, counties).select(*both.columns, "school_code")
        context = ItemSheetContext(
            both=both, roster=roster, participants=counties, school_code=sheet.school_code, marks=stored
        )
        ready.append((sheet, context))
    with tempfile.TemporaryDirectory(prefix="bench-store-") as folder:
        store = ColumnarStore(folder)
        read_item_sheet(ready[0][0].path, "csv", ready[0][1])
        began = time.process_time()
        for sheet, context in ready:
            found = read_item_sheet(sheet.path, "csv", context)
            if found.faults:
                raise AssertionError(f"{sheet.path.name}: {found.faults.counts_by_code()}")
            store.put(found.sheets[sheet.school_code])
        taken = time.process_time() - began
    return Intake(len(sheets), sum(sheet.marks for sheet in sheets), taken)


def _subject(definition: dict[str, Any], files: Files, code: str) -> SubjectOnBothSheets:
    subject = next(entry for entry in definition["subjects"] if entry["code"] == code)
    return SubjectOnBothSheets(subject, paper_content(PaperIn(**files.papers[code]), subject))


def _marks(sheet: Sheet, definition: dict[str, Any], roster: pl.DataFrame, counties: dict[str, str]) -> pl.DataFrame:
    context = SheetContext(
        definition=definition, roster=roster, participants=counties, school_code=sheet.school_code, key=KEY
    )
    return read_sheet(sheet.path, sheet.format, context).sheets[sheet.school_code]


def _roster(files: Files) -> tuple[pl.DataFrame, dict[str, str]]:
    schools = pl.concat([pl.read_parquet(path) for path in files.roster("schools")])
    counties = dict(schools.select("school_code", "county_code").iter_rows())
    enrolled = pl.concat([pl.read_parquet(path) for path in files.roster("enrollments")])
    keys = [person_key(number, KEY) for number in enrolled["student_number"]]
    return enrolled.select(pl.Series("student_key", keys), "school_code", "class_code"), counties
