"""What is written can be imported: by the roster's own readers and by the check of mark sheets."""

from __future__ import annotations

import polars as pl
import pytest

from services.monitoring.exams.rules import analysis_plan
from services.monitoring.exams.schemas import ExamIn
from services.monitoring.mark_sheets.importer import SheetContext, read_sheet
from services.roster.collections import COLLECTIONS, collection_named
from services.roster.imports.reading import read_upload
from services.roster.intake.rows import parse_rows
from shared.kernel.personal import person_key
from tools.synthetic_city.files import FileFormat, write_city
from tools.synthetic_city.settings import LAST_YEAR, THIS_YEAR
from tools.synthetic_city.sheets import exam_definition

KEY = b"0" * 32
GRADE = 9
#: The city has classes and staff, and nobody is said to teach anything yet.
NOT_WRITTEN = {"teaching_assignments"}


@pytest.fixture(scope="module", params=list(FileFormat))
def written(request, city, tmp_path_factory):
    folder = tmp_path_factory.mktemp("city")
    write_city(city, folder, file_format=request.param, grade_levels=(GRADE,))
    return folder, request.param.value


@pytest.mark.parametrize("name", sorted({collection.name for collection in COLLECTIONS} - NOT_WRITTEN))
def test_the_roster_reads_every_row(written, name):
    folder, kind = written
    collection = collection_named(name)
    (path,) = [*folder.glob(f"roster/{name}.{kind}"), *folder.glob(f"roster/{name}/*.{kind}")]
    upload = read_upload(collection, kind, path)
    assert upload.faults == []
    expected = (pl.read_parquet if kind == "parquet" else pl.read_csv)(path).height
    assert upload.row_count == len(upload.rows) == expected > 0
    # Every row of a small table, and a thousand of a large one, through the row model.
    rows, faults = parse_rows(upload.rows[:1_000], collection.row, sensitive=frozenset())
    assert faults == []
    assert len(rows) == min(1_000, expected)


@pytest.mark.parametrize("exam", ["entry", "midyear", "exit"])
def test_mark_sheets_pass_every_check(written, city, whole, students, exam):
    folder, kind = written
    definition = ExamIn(**exam_definition(city.settings, exam, grade_level=GRADE)).model_dump(mode="json")
    analysis_plan(definition)
    (path,) = folder.glob(f"sheets/{exam}/grade-{GRADE:02d}/*.{kind}")
    context = SheetContext(
        definition=definition,
        roster=_roster(city, whole, students, exam),
        participants=_counties(city),
        school_code=None,
        key=KEY,
    )
    found = read_sheet(path, kind, context)
    assert found.faults.counts_by_code() == {}
    assert found.refused == {}
    assert sum(sheet.height for sheet in found.sheets.values()) == found.row_count > 0


def _roster(city, whole, students, exam):
    past = exam == "entry"
    pupils = whole.pupils
    sheet = whole.import_sheet(exam, students["student_number"])
    assert pupils.place.size >= sheet.height
    keys = [person_key(number, KEY) for number in sheet["student_id"]]
    year = LAST_YEAR if past else THIS_YEAR
    assert year == next(entry.school_year for entry in city.settings.exams if entry.code == exam)
    return sheet.select("school_code", "class_code").with_columns(pl.Series("student_key", keys))


def _counties(city):
    return dict(city.schools.select("school_code", "county_code").iter_rows())
