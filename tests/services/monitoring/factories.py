"""Exams with their sheets put straight into database and store: a sealed exam in a moment, of any size."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from sqlalchemy import select

from services.monitoring.exams.rules import ExamState
from services.monitoring.exams.schemas import ExamIn
from services.monitoring.exams.tables import Exam, Participant
from services.monitoring.intake.tables import Upload
from services.monitoring.item_sheets.repository import replace_sheet as replace_items
from services.monitoring.item_sheets.tables import ItemSheet
from services.monitoring.mark_sheets.repository import replace_sheet
from services.monitoring.mark_sheets.tables import MarkSheet
from services.monitoring.papers.tables import Paper
from shared.kernel.context import Kernel
from shared.terms.organization import school_path

CITY = "99/9900/"


@dataclass(frozen=True, slots=True)
class SchoolOfTest:
    """A school and how many candidates it has."""

    code: str
    county: str
    size: int

    @property
    def path(self) -> str:
        """Its organization path."""
        return school_path(self.county, self.code)


def definition(**changes: Any) -> dict[str, Any]:
    """The stored definition of a sample monitoring: two subjects, one intake, one model, two comparisons."""
    body = {
        "name_zh": "六年级抽样监测",
        "name_en": "Grade 6 sample",
        "kind": "sample_monitoring",
        "grade_level": 6,
        "school_year": "2026-2027",
        "held_on": "2026-11-20",
        "sample": "按规模概率抽取",
        "subjects": [
            {"code": "chinese", "name_zh": "语文", "name_en": "Chinese", "full_mark": "100", "step": "1"},
            {"code": "maths", "name_zh": "数学", "name_en": "Mathematics", "full_mark": "100", "step": "0.5"},
            {"code": "entry", "name_zh": "入口", "name_en": "Entry", "role": "intake", "full_mark": "30", "step": "1"},
        ],
        "value_added_models": [{"outcome": "maths", "intakes": ["entry"]}],
        "comparison_attributes": [
            {"code": "place", "name_zh": "城乡", "name_en": "Place"},
            {"code": "entry", "name_zh": "入口", "name_en": "Entry", "grouping": "quartile"},
        ],
        **changes,
    }
    return ExamIn.model_validate(body).model_dump(mode="json")


def sheet_frame(school: SchoolOfTest, *, seed: int = 0) -> pl.DataFrame:
    """A checked sheet as the store holds it, in grid units; a few candidates are absent, void or exempt."""
    chance = np.random.default_rng([seed, *school.code.encode()])
    n = school.size
    entry = chance.integers(5, 31, n)
    maths = np.clip(4 * entry + chance.integers(-30, 90, n), 0, 200)
    chinese = np.clip(2 * entry + chance.integers(0, 40, n), 0, 100)
    status = np.where(np.arange(n) % 23 == 7, "absent", np.where(np.arange(n) % 31 == 11, "void", "present"))
    present = pl.Series(status == "present")
    frame = pl.DataFrame(
        {
            "candidate_id": [f"{school.code}-{number:04d}" for number in range(n)],
            "student_key": pl.Series([None] * n, dtype=pl.String),
            # One class of three candidates, the others of about twelve.
            "class_code": ["c0" if number < 3 else f"c{1 + number // 12}" for number in range(n)],
            "school_code": [school.code] * n,
            "county_code": [school.county] * n,
            "chinese": pl.Series(chinese, dtype=pl.Int32),
            "chinese__status": ["present"] * n,
            "maths": pl.Series(maths, dtype=pl.Int32).set(~present, None),
            "maths__status": status,
            "entry": pl.Series(entry, dtype=pl.Int32),
            "entry__status": ["present"] * n,
            "place": ["城区" if int(school.code[-1]) % 2 else "乡村"] * n,
        }
    )
    return frame.sort("school_code", "class_code", "candidate_id")


async def make_exam(
    kernel: Kernel, schools: Mapping[str, SchoolOfTest], *, code: str = "exam", state: str = "sealed", **changes: Any
) -> None:
    """A sealed exam with a sheet of every school."""
    body = definition(**changes)
    async with kernel.database.transaction("") as session:
        exam = Exam(
            code=code,
            kind=body["kind"],
            grade_level=body["grade_level"],
            school_year=body["school_year"],
            held_on=dt.date.fromisoformat(body["held_on"]),
            state=ExamState(state),
            definition=body,
            roster_sha256="0" * 64,
            created_by="factory",
            org_path=CITY,
        )
        session.add(exam)
        await session.flush()
        upload = _upload(exam, org_path=CITY)
        session.add(upload)
        await session.flush()
        for school in schools.values():
            participant = Participant(
                exam_id=exam.id,
                school_code=school.code,
                county_code=school.county,
                name_zh=f"第{school.code}学校",
                enrolled_count=school.size,
                at_start_count=school.size,
                expected_count=school.size,
                org_path=school.path,
            )
            stored = kernel.columns.put(sheet_frame(school))
            session.add_all([participant, _sheet(upload, school, sha256=stored.sha256, rows=stored.rows)])


async def put_sheet(kernel: Kernel, school: SchoolOfTest, frame: pl.DataFrame, *, code: str = "exam") -> str:
    """Puts a school's sheet in force; returns its hash."""
    stored = kernel.columns.put(frame)
    async with kernel.database.transaction("") as session:
        exam = (await session.execute(select(Exam).where(Exam.code == code))).scalar_one()
        upload = _upload(exam, org_path=school.path)
        session.add(upload)
        await session.flush()
        await replace_sheet(session, _sheet(upload, school, sha256=stored.sha256, rows=stored.rows))
    return stored.sha256


async def put_paper(kernel: Kernel, subject: str, content: dict[str, Any], *, code: str = "exam") -> None:
    """Registers a paper as it is stored."""
    async with kernel.database.transaction("") as session:
        exam = (await session.execute(select(Exam).where(Exam.code == code))).scalar_one()
        paper = Paper(exam_id=exam.id, subject=subject, content=content, corrections=[], org_path=exam.org_path)
        session.add(paper)


async def put_items(
    kernel: Kernel, school: SchoolOfTest, frame: pl.DataFrame, *, subject: str, code: str = "exam"
) -> None:
    """Puts a school's items in force, as the store holds them."""
    stored = kernel.columns.put(frame)
    async with kernel.database.transaction("") as session:
        exam = (await session.execute(select(Exam).where(Exam.code == code))).scalar_one()
        upload = _upload(exam, org_path=school.path)
        session.add(upload)
        await session.flush()
        sheet = ItemSheet(
            exam_id=exam.id,
            subject=subject,
            upload_id=upload.id,
            school_code=school.code,
            county_code=school.county,
            sha256=stored.sha256,
            row_count=stored.rows,
            org_path=school.path,
        )
        await replace_items(session, sheet)


def _upload(exam: Exam, *, org_path: str) -> Upload:
    return Upload(
        exam_id=exam.id,
        body_sha256="0" * 64,
        size=0,
        format="parquet",
        dry_run=False,
        outcome="accepted",
        report={},
        receipt={},
        received_from="factory",
        org_path=org_path,
    )


def _sheet(upload: Upload, school: SchoolOfTest, *, sha256: str, rows: int) -> MarkSheet:
    return MarkSheet(
        exam_id=upload.exam_id,
        upload_id=upload.id,
        school_code=school.code,
        county_code=school.county,
        sha256=sha256,
        row_count=rows,
        linked_count=rows,
        org_path=school.path,
    )


async def set_state(kernel: Kernel, state: str, *, code: str = "exam") -> None:
    """Moves an exam to a state without asking anybody."""
    async with kernel.database.transaction("") as session:
        exam = (await session.execute(select(Exam).where(Exam.code == code))).scalar_one()
        exam.state = ExamState(state)
