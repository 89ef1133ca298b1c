"""From an uploaded file to checked item sheets by school, and every fault on the way. Blocks: call it in a thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from services.monitoring.intake.checks import check_classes, check_schools
from services.monitoring.intake.sheets import CANDIDATE, CLASS, COUNTY, SCHOOL, ReadSheet, divide_by_school
from services.monitoring.item_sheets.checks import check_items, item_columns, stored_columns
from services.monitoring.item_sheets.marks import MARK, SUM, SubjectOnBothSheets, compare
from shared.kernel.tabular.columns import ROW
from shared.kernel.tabular.faults import FaultTable
from shared.kernel.tabular.read import read_table
from shared.scoring.items.frame import STATUS


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSheetContext:
    """What an item sheet is held against.

    Args:
        both: the subject and its paper.
        roster: the frozen roster.
        participants: county code by school code.
        school_code: the school the address names, or ``None``.
        marks: the mark sheets in force of the schools that have one, with ``school_code``.
    """

    both: SubjectOnBothSheets
    roster: pl.DataFrame
    participants: Mapping[str, str]
    school_code: str | None
    marks: pl.DataFrame


def read_item_sheet(path: Path, media_type: str, context: ItemSheetContext) -> ReadSheet:
    """Reads and checks an item sheet.

    Raises:
        DomainError: the file as a whole cannot be read (``table.*``).
    """
    content, given = context.both.content, context.school_code is not None
    columns = item_columns(content, school_is_given=given)
    table = read_table(path, media_type_or_name=media_type, columns=columns, source_id=CANDIDATE)
    frame = check_items(table.frame, content, table.faults)
    frame = check_schools(frame, table.faults, participants=context.participants, school_code=context.school_code)
    check_classes(frame.filter(pl.col(COUNTY).is_not_null()), table.faults, context.roster)
    _check_agreement(frame, context, table.faults)
    kept = stored_columns(content)
    return divide_by_school(table, frame, columns=kept, school_code=context.school_code)


def _check_agreement(frame: pl.DataFrame, context: ItemSheetContext, faults: FaultTable) -> None:
    """Reports candidates of whom the mark sheet in force says something else; rows with other faults are left out."""
    spoiled = faults.faulty_rows()
    schools = frame.filter(pl.col(COUNTY).is_not_null()).group_by(SCHOOL).agg(pl.col(ROW).min().alias("first_row"))
    marks = context.marks.join(schools.select(SCHOOL), on=SCHOOL, how="semi")
    held = frame.filter(pl.col(SCHOOL).is_in(marks[SCHOOL].unique().implode()), pl.col(CANDIDATE).is_not_null())
    held = held.unique(CANDIDATE, keep="first", maintain_order=True)
    if held.is_empty():
        return
    found = compare(held, marks, context.both)
    rows = held.select(CANDIDATE, ROW)
    found = found.join(rows, on=CANDIDATE, how="left", maintain_order="left")
    found = found.filter(pl.col(ROW).is_null() | ~pl.col(ROW).is_in(spoiled.implode()))
    # A candidate without a row is laid at the door of the school: at its first row.
    homes = marks.select(CANDIDATE, SCHOOL).join(schools, on=SCHOOL, how="left").select(CANDIDATE, "first_row")
    found = found.join(homes, on=CANDIDATE, how="left", maintain_order="left")
    found = found.with_columns(pl.coalesce(ROW, "first_row").alias(ROW))
    for name, column, value, params in (
        ("candidate_unknown", CANDIDATE, CANDIDATE, {}),
        ("candidate_missing", CANDIDATE, CANDIDATE, {"candidate": pl.col(CANDIDATE)}),
        ("class_differs", CLASS, None, {"class_code": pl.col(CLASS)}),
        ("status_differs", STATUS, None, {"status": pl.col(STATUS)}),
        ("sum_differs", None, SUM, {"sum": pl.col(SUM), "mark": pl.col(MARK)}),
    ):
        differing = found.filter(pl.col("difference") == name)
        faults.add_rows(differing, f"item_sheet.{name}", column=column, value=value, params=params)
