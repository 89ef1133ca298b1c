"""The files a vendor has: the roster of the exam's grade, and every school's mark sheet and item sheets.

Even schools send CSV, odd ones Parquet.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bench.exam.papers import Paper, answers, item_rows, paper_of
from bench.exam.scales import GRADE, SEED, Scale
from shared.scoring.subjects import STATUS_LABELS
from tools.synthetic_city import City, CitySettings, build_city
from tools.synthetic_city.city import Chunk
from tools.synthetic_city.places import roster_classes, roster_schools
from tools.synthetic_city.pupils import enrollments
from tools.synthetic_city.settings import SUBJECTS, THIS_YEAR
from tools.synthetic_city.sheets import candidates, exam_definition

EXAM = "exit"
CODE = "city-mock-2026"
PART_ROWS = 25_000
"""Rows of one roster file: what a vendor's export writes at once."""
DONE = "done.json"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file to send: where it lies, whose it is, and what it holds."""

    path: Path
    school_code: str
    subject: str | None
    rows: int
    marks: int

    @property
    def format(self) -> str:
        """``csv`` or ``parquet``."""
        return self.path.suffix.removeprefix(".")


@dataclass(frozen=True, slots=True, eq=False)
class Files:
    """What was written.

    Args:
        folder: where.
        definition: body of the exam's registration.
        papers: body of each subject's paper.
        sheets: every file to send.
        counts: schools, pupils, candidates.
    """

    folder: Path
    definition: dict[str, Any]
    papers: dict[str, dict[str, Any]]
    sheets: list[Sheet]
    counts: dict[str, int]

    def roster(self, collection: str) -> list[Path]:
        """The files of a roster collection, in order."""
        return sorted((self.folder / "roster").glob(f"{collection}-*.parquet"))

    def of(self, kind: str) -> list[Sheet]:
        """The mark sheets (``marks``) or the item sheets (``items``)."""
        return [sheet for sheet in self.sheets if (sheet.subject is None) == (kind == "marks")]


def city_files(folder: Path, scale: Scale) -> Files:
    """Writes the files, unless an earlier run left them there complete."""
    done = folder / DONE
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        done.parent.mkdir(parents=True)
        content = _write(folder, scale)
        done.write_text(json.dumps(content, default=str), "utf-8")
    content = json.loads(done.read_text("utf-8"))
    sheets = [Sheet(folder / entry[0], *entry[1:]) for entry in content["sheets"]]
    return Files(folder, content["definition"], content["papers"], sheets, content["counts"])


def _write(folder: Path, scale: Scale) -> dict[str, Any]:
    chosen = SUBJECTS[: scale.subjects]
    settings = CitySettings(
        schools=scale.schools, pupils=scale.pupils, seed=SEED, subjects=chosen, item_subject=chosen[-1].code
    )
    city = build_city(settings)
    papers = {subject.code: paper_of(city, subject, number) for number, subject in enumerate(chosen)}
    sheets, students, enrolled = [], [], []
    for place, chunk in enumerate(_schools(city)):
        numbers = chunk.students()["student_number"]
        sheets += _of_school(folder, chunk, numbers, papers, suffix="csv" if place % 2 == 0 else "parquet")
        grade = chunk.pupils.grade_level == GRADE
        students.append(chunk.students().filter(pl.Series(grade)))
        # This year's enrollments alone: last year's concern other exams.
        rows = enrollments(chunk.pupils, numbers, city.schools)
        enrolled.append(rows.filter(pl.col("school_year") == THIS_YEAR, pl.col("grade_level") == GRADE))
    roster = folder / "roster"
    roster.mkdir(exist_ok=True)
    _in_parts(roster_schools(city.schools, city.grades), roster, "schools")
    classes = roster_classes(city.schools, city.classes, (THIS_YEAR,))
    _in_parts(classes.filter(pl.col("grade_level") == GRADE), roster, "classes")
    _in_parts(pl.concat(students), roster, "students")
    _in_parts(pl.concat(enrolled), roster, "enrollments")
    definition = exam_definition(settings, EXAM, grade_level=GRADE) | {"kind": "graduation_mock"}
    counts = {"schools": scale.schools, "pupils": scale.pupils, "grade": sum(part.height for part in students)}
    counts |= {"sending": len(students), "candidates": sum(sheet[3] for sheet in sheets if sheet[2] is None)}
    return {
        "definition": definition,
        "papers": {code: paper.body() for code, paper in papers.items()},
        "sheets": sheets,
        "counts": counts | {"item_marks": sum(sheet[4] for sheet in sheets if sheet[2] is not None)},
    }


def _schools(city: City) -> Iterator[Chunk]:
    """The schools that have the exam's grade, one by one."""
    for school in city.grades.filter(pl.col("grade_level") == GRADE)["school"]:
        yield city.school_chunk(int(school))


def _of_school(
    folder: Path, chunk: Chunk, numbers: pl.Series, papers: dict[str, Paper], *, suffix: str
) -> list[tuple[str, str, str | None, int, int]]:
    city, index = chunk.city, chunk.city.exam(EXAM)
    sheet = chunk.import_sheet(EXAM, numbers, grade_level=GRADE)
    rows = np.flatnonzero((chunk.pupils.grade_level == GRADE) & ~chunk.pupils.is_leaver)
    keys = candidates(city.schools, chunk.pupils, city.settings.exams[index], index, rows=rows)
    if not keys["candidate_id"].equals(sheet["candidate_id"]):
        raise AssertionError("rows of the mark sheet are not those of the grade")
    school = str(keys["school_code"][0])
    written = []
    for position, (code, paper) in enumerate(papers.items()):
        codes = chunk.marks.codes[index, position, rows]
        present = codes >= 0
        found = answers(city, paper, codes=codes[present].astype(np.int64), place=chunk.pupils.place[rows][present])
        status = sheet[f"{code}_status"]
        items = item_rows(paper, keys.select("candidate_id", "class_code", status.alias("status")), present, found)
        total = np.zeros(len(rows), np.int64)
        total[present] = found.marks.sum(axis=0, dtype=np.int64)
        sheet = sheet.with_columns(pl.Series(code, total).cast(pl.Float64).set(pl.Series(~present), None).alias(code))
        name = f"items/{code}/{school}.{suffix}"
        _save(items, folder / name)
        written.append((name, school, code, len(rows), int(present.sum()) * len(paper.items)))
    name = f"marks/{school}.{suffix}"
    _save(sheet, folder / name)
    marks = 2 * len(papers) * len(rows)
    return [(name, school, None, len(rows), marks), *written]


def _save(frame: pl.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path, compression="zstd")


def _in_parts(frame: pl.DataFrame, folder: Path, name: str) -> None:
    for number in range(0, frame.height, PART_ROWS):
        frame.slice(number, PART_ROWS).write_parquet(folder / f"{name}-{number // PART_ROWS:04d}.parquet")


PRESENT = STATUS_LABELS[0]
