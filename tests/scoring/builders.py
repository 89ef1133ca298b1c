"""Tiny exams for the tests: rows as a person would write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import polars as pl

from shared.scoring.frame import MarkSheet, check_sheet
from shared.scoring.levels import LEVELS
from shared.scoring.plan import AnalysisPlan
from shared.scoring.subjects import Subject
from shared.scoring.summaries.exam_summary import gather_summary
from shared.scoring.summaries.mark_histogram import MarkHistogram, level_histograms
from shared.terms.organization import OrgLevel

STATUSES = ("absent", "void", "exempt", "not_entered")
TEN = Subject("math", full_mark=Decimal(10), step=Decimal("0.5"), band_width=Decimal(2))
HUNDRED = Subject("math", full_mark=Decimal(100), step=Decimal(1))

Cell = float | str
"""A mark, or the word of a status."""


def sheet_frame(
    rows: Sequence[Mapping[str, Cell]], *, subjects: Sequence[str] = ("math",), attributes: Sequence[str] = ()
) -> pl.DataFrame:
    """A mark sheet; rows give subjects and, where it matters, ``county``, ``school``, ``class``, ``id``."""
    columns: dict[str, list[object]] = {
        "candidate_id": [row.get("id", f"c{number:04d}") for number, row in enumerate(rows)],
        "county_code": [row.get("county", "k1") for row in rows],
        "school_code": [row.get("school", "s1") for row in rows],
        "class_code": [row.get("class", "1") for row in rows],
    }
    for subject in subjects:
        cells = [row[subject] for row in rows]
        columns[subject] = [None if cell in STATUSES else cell for cell in cells]
        columns[subject + "__status"] = [cell if cell in STATUSES else "present" for cell in cells]
    columns |= {attribute: [row[attribute] for row in rows] for attribute in attributes}
    schema = dict.fromkeys(subjects, pl.Float64) | {f"{s}__status": pl.String for s in subjects}
    return pl.DataFrame(columns, schema_overrides=schema)


def math_rows(*marks: Cell, **keys: str) -> list[dict[str, Cell]]:
    """Rows with the given marks in mathematics, all in one place."""
    return [{"math": mark, **keys} for mark in marks]


def math_histogram(*marks: Cell, subject: Subject = TEN, level: OrgLevel = OrgLevel.CITY) -> MarkHistogram:
    """Histogram of some marks in one group."""
    return histograms(math_rows(*marks), AnalysisPlan(outcomes=(subject,)))["math", level]


def histograms(rows: Sequence[Mapping[str, Cell]], plan: AnalysisPlan):
    """Histograms of all subjects and levels."""
    summary = gather_summary(sheet(rows, plan), plan)
    return level_histograms(summary.histograms.values(), LEVELS)


def sheet(rows: Sequence[Mapping[str, Cell]], plan: AnalysisPlan) -> MarkSheet:
    """A checked sheet."""
    subjects = [subject.code for subject in plan.marked]
    return check_sheet(
        sheet_frame(rows, subjects=subjects, attributes=[attribute.code for attribute in plan.attributes]), plan
    )
