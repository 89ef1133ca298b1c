"""XLSX: archive check, streaming scan of the XML, then the spreadsheet library with every column as text."""

from __future__ import annotations

import zipfile
from decimal import Decimal
from pathlib import Path

import fastexcel
import polars as pl

from shared.kernel.tabular.columns import ROW, TableLimits
from shared.kernel.tabular.readers.raw import Findings, RawTable
from shared.kernel.tabular.readers.xlsx_archive import check_archive, rebuild
from shared.kernel.tabular.readers.xlsx_cells import SheetCells, scan_cells
from shared.kernel.tabular.readers.xlsx_parts import (
    RELATIONSHIPS,
    WORKBOOK,
    find_worksheet,
    guarded_parser,
    scan_part,
)
from shared.terms.errors import DomainError

PRECISE_DIGITS = 15
"""Significant digits a spreadsheet program shows and keeps of a number."""

SUPPORTING = ("[Content_Types].xml", "xl/styles.xml", "xl/sharedStrings.xml")


def read_xlsx(path: Path, limits: TableLimits, *, text_headers: frozenset[str], sheet: str | None = None) -> RawTable:
    """Read one worksheet as text.

    Args:
        path: the file.
        limits: rows, columns and cells allowed.
        text_headers: headers of columns in which a number cell is a fault (18 digits do not survive as a number).
        sheet: name of the worksheet; the first visible one when ``None``.
    """
    name, workbook, cells = _checked_workbook(path, limits, sheet=sheet)
    if cells.last_row == 0:
        raise DomainError("table.empty")
    reader = fastexcel.read_excel(workbook)
    loaded = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
    if loaded.width != cells.last_column - cells.first_column + 1 or loaded.height > cells.last_row:
        raise DomainError("table.unreadable", params={"format": "XLSX"})
    offset = cells.first_column
    frame = loaded.rename({old: f"c{index}" for index, old in enumerate(loaded.columns)})
    frame = _as_shown(frame.with_row_index(ROW, offset=1), cells, offset)
    return _table(frame, cells, offset=offset, text_headers=text_headers, sheet=name)


def _checked_workbook(path: Path, limits: TableLimits, *, sheet: str | None) -> tuple[str, bytes, SheetCells]:
    """Name of the worksheet, an archive of checked parts only, and what the scan saw."""
    try:
        with zipfile.ZipFile(path) as archive:
            named = check_archive(archive)
            parts = {key: archive.read(key) for key in (WORKBOOK, RELATIONSHIPS, *SUPPORTING) if key in named}
            if RELATIONSHIPS not in parts:
                raise DomainError("table.unreadable", params={"format": "XLSX"})
            worksheet = find_worksheet(parts[WORKBOOK], parts[RELATIONSHIPS], name=sheet)
            if worksheet.part not in named:
                raise DomainError("table.unreadable", params={"format": "XLSX"})
            content = archive.read(worksheet.part)
    except zipfile.BadZipFile:
        raise DomainError("table.unreadable", params={"format": "XLSX"}) from None
    for key in SUPPORTING:
        if key in parts:
            scan_part(parts[key], guarded_parser())
    cells = scan_cells(content, limits)
    parts[worksheet.part] = content
    return worksheet.name, rebuild(parts), cells


def _as_shown(frame: pl.DataFrame, cells: SheetCells, offset: int) -> pl.DataFrame:
    """Number cells of more than 15 digits as the spreadsheet shows them: 0.30000000000000004 is 0.3."""
    for column, rows in cells.numeric.items():
        name = f"c{column - offset}"
        long = (pl.col(name).str.len_bytes() > PRECISE_DIGITS) & pl.col(ROW).is_in(
            pl.Series(rows, dtype=pl.UInt32).implode()
        )
        texts = frame.filter(long).get_column(name).unique()
        if texts.len():
            shown = {text: _fifteen_digits(text) for text in texts}
            frame = frame.with_columns(
                pl.when(long).then(pl.col(name).replace(shown)).otherwise(pl.col(name)).alias(name)
            )
    return frame


def _fifteen_digits(text: str) -> str:
    try:
        return format(Decimal(f"{float(text):.{PRECISE_DIGITS}g}"), "f")
    except ValueError:  # a date, which is a number cell too
        return text


def _table(
    frame: pl.DataFrame, cells: SheetCells, *, offset: int, text_headers: frozenset[str], sheet: str
) -> RawTable:
    names = frame.columns[1:]
    filled = frame.filter(pl.any_horizontal(pl.col(name).str.strip_chars().str.len_bytes() > 0 for name in names))
    if filled.is_empty():
        raise DomainError("table.empty")
    header_row, *titles = filled.row(0)
    headers: list[str | None] = list(titles)
    findings = _findings(cells, offset=offset, headers=headers, text_headers=text_headers)
    body = frame.filter(pl.col(ROW) > header_row)
    return RawTable(body, headers, [header_row] * len(headers), findings.frame(), sheet=sheet)


def _findings(
    cells: SheetCells,
    *,
    offset: int,
    headers: list[str | None],
    text_headers: frozenset[str],
) -> Findings:
    findings = Findings()
    for row, column, text in cells.errors:
        findings.add(row, column - offset, "cell.error_value", value=text)
    failed = {(row, column) for row, column, _ in cells.errors}
    for row, column in cells.formulas:
        if (row, column) not in failed:
            findings.add(row, column - offset, "cell.formula")
    failed.update(cells.formulas)
    for index, header in enumerate(headers):
        if (header or "").strip() in text_headers:
            for row in cells.numeric.get(index + offset, ()):
                if (row, index + offset) not in failed:
                    findings.add(row, index, "cell.number_in_text_column")
    return findings
