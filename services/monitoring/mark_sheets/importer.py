"""From an uploaded file to checked sheets by school, and every fault on the way. Blocks: call it in a thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from services.monitoring.mark_sheets import checks
from shared.kernel.personal import person_key
from shared.kernel.tabular.columns import ROW
from shared.kernel.tabular.faults import FaultTable
from shared.kernel.tabular.read import ReadTable, read_table


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetContext:
    """What a sheet is held against.

    Args:
        definition: the exam's definition.
        roster: the frozen roster.
        participants: county code by school code.
        school_code: the school the address names, or ``None``.
        key: secret of the pupils' pseudonyms.
    """

    definition: Mapping[str, Any]
    roster: pl.DataFrame
    participants: Mapping[str, str]
    school_code: str | None
    key: bytes


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """A file, read and checked.

    Args:
        sheets: sound sheets by school code; a school with any fault is not among them.
        faults: every fault.
        refused: number of faults by school code of the refused schools.
        unplaced: faults that belong to no school (header, unknown school).
        row_count: rows of the file that are not blank.
        encoding: text encoding, for CSV.
        format: format of the file.
    """

    sheets: Mapping[str, pl.DataFrame]
    faults: FaultTable
    refused: Mapping[str, int]
    unplaced: int
    row_count: int
    encoding: str | None
    format: str


def read_sheet(path: Path, media_type: str, context: SheetContext) -> ReadSheet:
    """Reads and checks a mark sheet.

    Raises:
        DomainError: the file as a whole cannot be read (``table.*``).
    """
    given = context.school_code is not None
    columns = checks.sheet_columns(context.definition, school_is_given=given)
    table = read_table(path, media_type_or_name=media_type, columns=columns, source_id=checks.CANDIDATE)
    frame = checks.check_marks(_pseudonymous(table, context), context.definition, table.faults)
    frame = checks.check_places(
        frame,
        table.faults,
        roster=context.roster,
        participants=context.participants,
        school_code=context.school_code,
    )
    checks.check_attributes(frame, context.definition, table.faults)
    return _by_school(table, frame, context)


def _pseudonymous(table: ReadTable, context: SheetContext) -> pl.DataFrame:
    """Pupil numbers become pseudonyms at the door; the plain number goes no further."""
    key = context.key
    numbers = table.frame[checks.STUDENT].unique().drop_nulls()
    names = pl.DataFrame(
        {checks.STUDENT: numbers, checks.STUDENT_KEY: [person_key(number, key) for number in numbers]},
        schema={checks.STUDENT: pl.String, checks.STUDENT_KEY: pl.String},
    )
    return table.frame.join(names, on=checks.STUDENT, how="left", maintain_order="left")


def _by_school(table: ReadTable, frame: pl.DataFrame, context: SheetContext) -> ReadSheet:
    faults = table.faults.frame
    columns = checks.stored_columns(context.definition)
    # A fault that cannot be laid at one school's door (a missing column, a broken row, a row without a school) spoils the
    # whole file; a row of an unknown school spoils only itself.
    placed_rows = frame.filter(pl.col(checks.SCHOOL).is_not_null()).get_column(ROW)
    general = faults.filter(pl.col("row").is_null() | ~pl.col("row").is_in(placed_rows.implode())).height
    places = frame.select(ROW, checks.SCHOOL, checks.COUNTY)
    placed = faults.join(places, left_on="row", right_on=ROW, how="left").filter(pl.col(checks.COUNTY).is_not_null())
    refused = dict(placed.group_by(checks.SCHOOL).len().sort(checks.SCHOOL).iter_rows())
    sheets: dict[str, pl.DataFrame] = {}
    whole = general == 0 and (context.school_code is None or faults.is_empty())
    if whole:
        sound = frame.filter(pl.col(checks.COUNTY).is_not_null(), ~pl.col(checks.SCHOOL).is_in(list(refused)))
        ordered = sound.select(columns).sort(checks.SCHOOL, checks.CLASS, checks.CANDIDATE)
        parts = ordered.partition_by(checks.SCHOOL, as_dict=True, maintain_order=True)
        sheets = {str(key[0]): part for key, part in parts.items()}
    return ReadSheet(
        sheets=sheets,
        faults=table.faults,
        refused=refused,
        unplaced=faults.height - placed.height,
        row_count=table.row_count,
        encoding=table.encoding,
        format=table.format.value,
    )
