"""A file of sheets, read and checked, divided by school: what both kinds of sheets have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from shared.kernel.store.columnar import ColumnarStore, StoredFile
from shared.kernel.tabular.columns import ROW
from shared.kernel.tabular.error_files import kept_sheet
from shared.kernel.tabular.faults import FaultTable
from shared.kernel.tabular.read import ReadTable
from shared.terms.errors import DomainError

CANDIDATE, CLASS, SCHOOL, COUNTY = "candidate_id", "class_code", "school_code", "county_code"

#: Rows of a file whose faulty cells are marked; of a longer one the list of faults has to do.
MOST_MARKED = 20_000


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
        table: the file as it was laid out, for a copy with its faulty cells marked; ``None`` if it could not be read.
    """

    sheets: Mapping[str, pl.DataFrame]
    faults: FaultTable
    refused: Mapping[str, int]
    unplaced: int
    row_count: int
    encoding: str | None
    format: str
    table: ReadTable | None


@dataclass(frozen=True, slots=True)
class StoredSheets:
    """A file that has been read, with its sound sheets and its faults in the columnar store.

    Args:
        read: the file.
        files: sound sheets by school code.
        faults: every fault, if there is any.
        copy: the cells as text with pupil numbers masked, of a file with faults that is not too long to be marked.
        basis: what the checks rested on beside the exam, for the door to see whether it still holds.
    """

    read: ReadSheet
    files: dict[str, StoredFile]
    faults: StoredFile | None
    copy: StoredFile | None = None
    basis: Mapping[str, Any] = field(default_factory=dict)


def store_sheets(
    store: ColumnarStore, read: ReadSheet, *, dry_run: bool, basis: Mapping[str, Any] | None = None
) -> StoredSheets:
    """Stores what came of a file: its sound sheets unless nothing is to be put in force, its faults, a copy to mark."""
    to_mark = read.table if read.faults and read.row_count <= MOST_MARKED else None
    return StoredSheets(
        read,
        files={} if dry_run else {code: store.put(sheet) for code, sheet in read.sheets.items()},
        faults=store.put(read.faults.frame) if read.faults else None,
        copy=store.put(kept_sheet(to_mark)) if to_mark is not None else None,
        basis=basis or {},
    )


def unreadable(refusal: DomainError, *, school_code: str | None, file_format: str) -> ReadSheet:
    """What is kept of a file that could not be read at all: why, as its fault, and whose it was."""
    faults = FaultTable()
    faults.add(refusal.code, params=refusal.params)
    for fault in refusal.faults:
        faults.add(fault.code, row=fault.row, column=fault.column, params=fault.params)
    return ReadSheet(
        sheets={},
        faults=faults,
        refused={} if school_code is None else {school_code: faults.count},
        unplaced=faults.count if school_code is None else 0,
        row_count=0,
        encoding=None,
        format=file_format,
        table=None,
    )


def divide_by_school(
    table: ReadTable, frame: pl.DataFrame, *, columns: Sequence[str], school_code: str | None
) -> ReadSheet:
    """Every school's rows whole or not at all.

    A fault that cannot be laid at one school's door (a missing column, a broken row, a row without a school) spoils the
    whole file; a row of an unknown school spoils only itself.

    Args:
        table: the file as read, with every fault found.
        frame: its checked rows, with ``row``, school and county (null where the school does not take part).
        columns: the columns that are kept, in order.
        school_code: the school the address names, or ``None`` for a file of many schools.
    """
    faults = table.faults.frame
    placed_rows = frame.filter(pl.col(SCHOOL).is_not_null()).get_column(ROW)
    general = faults.filter(pl.col("row").is_null() | ~pl.col("row").is_in(placed_rows.implode())).height
    places = frame.select(ROW, SCHOOL, COUNTY)
    placed = faults.join(places, left_on="row", right_on=ROW, how="left").filter(pl.col(COUNTY).is_not_null())
    refused = dict(placed.group_by(SCHOOL).len().sort(SCHOOL).iter_rows())
    sheets: dict[str, pl.DataFrame] = {}
    whole = general == 0 and (school_code is None or faults.is_empty())
    if whole:
        sound = frame.filter(pl.col(COUNTY).is_not_null(), ~pl.col(SCHOOL).is_in(list(refused)))
        ordered = sound.select(columns).sort(SCHOOL, CLASS, CANDIDATE)
        parts = ordered.partition_by(SCHOOL, as_dict=True, maintain_order=True)
        sheets = {str(key[0]): part for key, part in parts.items()}
    return ReadSheet(
        sheets=sheets,
        faults=table.faults,
        refused=refused,
        unplaced=faults.height - placed.height,
        row_count=table.row_count,
        encoding=table.encoding,
        format=table.format.value,
        table=table,
    )
