"""Tables of the tests: a few expected columns, and every format written from the same rows."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import xlsxwriter

from shared.kernel.tabular.columns import Column, ColumnKind

Rows = Sequence[Sequence[str | None]]
Writer = Callable[[Path, Sequence[str], Rows], Path]

COLUMNS = (
    Column("student_code", ColumnKind.CODE, required=True, pattern="[0-9A-Z]{4,19}", hint="4 to 19 characters"),
    Column("name", max_length=40),
    Column("identity_number", ColumnKind.CODE, sensitive=True, optional=True),
    Column("status", required=True, allowed=("present", "absent")),
    Column("score", ColumnKind.DECIMAL, decimals=2),
    Column("rank", ColumnKind.INTEGER, optional=True),
    Column("boarder", ColumnKind.BOOLEAN, optional=True),
)
SHEET = "xl/worksheets/sheet1.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
HEADER = ["student_code", "name", "status", "score"]


def write_csv(path: Path, header: Sequence[str], rows: Rows, *, encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def write_xlsx(path: Path, header: Sequence[str], rows: Rows) -> Path:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet("成绩")
        for row, values in enumerate([header, *rows]):
            for column, value in enumerate(values):
                if value is not None:
                    sheet.write_string(row, column, value)
    return path


def write_ndjson(path: Path, header: Sequence[str], rows: Rows) -> Path:
    lines = [json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def write_parquet(path: Path, header: Sequence[str], rows: Rows) -> Path:
    schema = dict.fromkeys(header, pl.String)
    pl.DataFrame(list(rows), schema=schema, orient="row").write_parquet(path)
    return path


WRITERS: dict[str, Writer] = {
    ".csv": write_csv,
    ".xlsx": write_xlsx,
    ".ndjson": write_ndjson,
    ".parquet": write_parquet,
}


def repacked(path: Path, replace: dict[str, bytes | Callable[[bytes], bytes]]) -> Path:
    """The workbook with some of its parts replaced (or added)."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    for name, new in replace.items():
        parts[name] = new if isinstance(new, bytes) else new(parts[name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def sheet_xml(body: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><worksheet {MAIN}><sheetData>{body}</sheetData></worksheet>'.encode()
