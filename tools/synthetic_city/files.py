"""A city as files: what the platform imports under ``roster`` and ``sheets``, item sheets, and the truth beside them."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path

import polars as pl

from tools.synthetic_city import truth
from tools.synthetic_city.city import CHUNK_PUPILS, Chunk, City
from tools.synthetic_city.items import item_table
from tools.synthetic_city.places import roster_classes, roster_schools
from tools.synthetic_city.pupils import enrollments
from tools.synthetic_city.settings import LAST_YEAR, THIS_YEAR
from tools.synthetic_city.sheets import exam_definition
from tools.synthetic_city.staff import staff_table


class FileFormat(StrEnum):
    """How tables are written."""

    PARQUET = "parquet"
    CSV = "csv"


def write_city(
    city: City,
    folder: Path,
    *,
    file_format: FileFormat = FileFormat.PARQUET,
    chunk_pupils: int = CHUNK_PUPILS,
    grade_levels: tuple[int | None, ...] = (None,),
) -> None:
    """Writes a city; tables of pupils in numbered parts, one per run of schools.

    Args:
        folder: made if absent; files of the same names are replaced.
        chunk_pupils: about how many pupils are held at a time.
        grade_levels: mark sheets are written for each of these grades apart, or for all together (``None``).
    """
    write = _Writer(folder, file_format)
    write.table(roster_schools(city.schools, city.grades), "roster/schools")
    write.table(roster_classes(city.schools, city.classes, (LAST_YEAR, THIS_YEAR)), "roster/classes")
    write.table(staff_table(city.streams, city.schools, city.grades), "roster/staff")
    _write_truth(city, write)
    for number, chunk in enumerate(city.chunks(chunk_pupils)):
        _write_chunk(chunk, write, part=f"part-{number:04d}", grade_levels=grade_levels)


def _write_chunk(chunk: Chunk, write: _Writer, *, part: str, grade_levels: tuple[int | None, ...]) -> None:
    students = chunk.students()
    numbers = students["student_number"]
    write.table(students, f"roster/students/{part}")
    write.table(enrollments(chunk.pupils, numbers, chunk.city.schools), f"roster/enrollments/{part}")
    for exam in chunk.city.settings.exams:
        for grade in grade_levels:
            sheet = chunk.import_sheet(exam.code, numbers, grade_level=grade)
            if sheet.height:
                place = exam.code if grade is None else f"{exam.code}/grade-{grade:02d}"
                write.table(sheet, f"sheets/{place}/{part}")
    write.table(chunk.item_sheet(), f"items/{chunk.city.settings.exams[-1].code}/{part}", always_parquet=True)


def _write_truth(city: City, write: _Writer) -> None:
    write.table(truth.school_effects(city), "truth/school_effects", always_parquet=True)
    write.table(item_table(city.items), "truth/items", always_parquet=True)
    write.json(truth.anomalies(city), "truth/anomalies")
    write.json(truth.parameters(city), "truth/parameters")
    for exam in city.settings.exams:
        definition = exam_definition(city.settings, exam.code, grade_level=9)
        write.json(definition, f"sheets/{exam.code}.definition")


class _Writer:
    def __init__(self, folder: Path, file_format: FileFormat) -> None:
        self._folder = folder
        self._format = file_format

    def table(self, frame: pl.DataFrame, name: str, *, always_parquet: bool = False) -> None:
        if always_parquet or self._format is FileFormat.PARQUET:
            frame.write_parquet(self._path(f"{name}.parquet"), compression="lz4")
        else:
            frame.write_csv(self._path(f"{name}.csv"))

    def json(self, content: object, name: str) -> None:
        text = json.dumps(content, ensure_ascii=False, indent=2, default=str)
        self._path(f"{name}.json").write_text(text + "\n", "utf-8")

    def _path(self, name: str) -> Path:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path
