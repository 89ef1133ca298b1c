"""The template of a mark sheet, with a school's classes filled in. Blocks."""

from __future__ import annotations

import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

import polars as pl

from services.monitoring.intake.sheets import CLASS, SCHOOL
from services.monitoring.mark_sheets.checks import sheet_columns
from shared.kernel.tabular.templates import write_template_csv, write_template_xlsx

#: Counts up when the template's columns come to mean something else.
VERSION = "1"
_SHEET = "成绩"


def mark_sheet_template(
    definition: Mapping[str, Any],
    roster: pl.DataFrame,
    *,
    exam_code: str,
    school_code: str,
    file_format: Literal["xlsx", "csv"],
) -> bytes:
    """A file to fill in: one row for every pupil of the frozen roster, with the class; numbers come from the school.

    Args:
        definition: the exam's definition.
        roster: the frozen roster: ``school_code, class_code``.
        exam_code: the exam it is for.
        school_code: the school it is for.
        file_format: ``xlsx`` or ``csv``.
    """
    columns = [column for column in sheet_columns(definition, school_is_given=True) if column.name != SCHOOL]
    classes = roster.filter(pl.col(SCHOOL) == school_code)[CLASS].drop_nulls().sort().to_list()
    rows = [[class_code if column.name == CLASS else None for column in columns] for class_code in classes]
    buffer = io.BytesIO()
    if file_format == "csv":
        write_template_csv(columns, buffer, rows=rows)
        return buffer.getvalue()
    subjects = definition["subjects"]
    write_template_xlsx(
        columns,
        buffer,
        sheet=_SHEET,
        rows=rows,
        highest={subject["code"]: Decimal(subject["full_mark"]) for subject in subjects},
        steps={subject["code"]: Decimal(subject["step"]) for subject in subjects},
        choices={CLASS: list(dict.fromkeys(classes))},
        stamp={"template": "mark_sheet", "version": VERSION, "exam": exam_code, "school_code": school_code},
    )
    return buffer.getvalue()
