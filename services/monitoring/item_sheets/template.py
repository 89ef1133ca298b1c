"""The template of an item sheet, with a school's candidates where its mark sheet names them. Blocks."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import polars as pl

from services.monitoring.intake.sheets import CANDIDATE, CLASS
from services.monitoring.item_sheets.checks import item_columns
from services.monitoring.item_sheets.marks import SubjectOnBothSheets
from shared.kernel.tabular.templates import write_template_csv, write_template_xlsx
from shared.scoring.frame import STATUS_SUFFIX
from shared.scoring.items.frame import STATUS
from shared.scoring.subjects import MarkStatus

_SHEET = "小题分"


def item_sheet_template(both: SubjectOnBothSheets, marks: pl.DataFrame | None, file_format: str) -> bytes:
    """A file to fill in.

    Args:
        both: the subject and its paper.
        marks: the school's mark sheet in force, whose candidates, classes and absences are filled in; ``None`` for none.
        file_format: ``xlsx`` or ``csv``.
    """
    columns = item_columns(both.content, school_is_given=marks is not None)
    if marks is not None:
        columns = [column for column in columns if column.name != "school_code"]
    names = [column.name for column in columns]
    rows = [[known.get(name) for name in names] for known in _candidates(both, marks)]
    buffer = io.BytesIO()
    if file_format == "csv":
        write_template_csv(columns, buffer, rows=rows)
    else:
        highest = {item["code"]: Decimal(item["full_mark"]) for item in both.content["items"]}
        write_template_xlsx(columns, buffer, sheet=_SHEET, rows=rows, highest=highest)
    return buffer.getvalue()


def _candidates(both: SubjectOnBothSheets, marks: pl.DataFrame | None) -> list[dict[str, Any]]:
    if marks is None:
        return []
    status = pl.col(both.subject["code"] + STATUS_SUFFIX)
    absent = pl.when(status != MarkStatus.PRESENT.label).then(status).alias(STATUS)
    return marks.select(CANDIDATE, CLASS, absent).to_dicts()
