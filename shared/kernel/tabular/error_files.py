"""What a vendor gets back: the list of faults as CSV, or a copy of the sheet with the faulty cells marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import polars as pl
import xlsxwriter

from shared.kernel.tabular.columns import ROW
from shared.kernel.tabular.faults import FaultTable
from shared.kernel.tabular.messages import Language, with_messages
from shared.kernel.tabular.read import ReadTable
from shared.kernel.tabular.safe_csv import write_safe_csv

ERROR_COLUMNS = ("row", "column", "source_id", "code", "message", "value")
SHEET_ROWS = 1_048_576
CELL_LENGTH = 32_767
COMMENT_LIMIT = 5_000
"""Cells with a comment; beyond that, cells are colored only, for spreadsheet programs draw comments slowly."""

MASK = "••••"
SHEET_NAMES: Mapping[Language, tuple[str, str]] = {"zh": ("原表", "错误清单"), "en": ("Sheet", "Errors")}
TITLES: Mapping[Language, tuple[str, ...]] = {
    "zh": ("行号", "列名", "来源标识", "错误代码", "说明", "原值"),
    "en": ("Row", "Column", "Source id", "Code", "Message", "Value"),
}
TEXT_ONLY = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


class Sheet(Protocol):
    """A table as its sender laid it out: a :class:`ReadTable`, or a :class:`KeptSheet`."""

    @property
    def header_row(self) -> int:
        """Row the header stands in."""

    @property
    def headers(self) -> tuple[str, ...]:
        """Headers in file order."""

    @property
    def text(self) -> pl.DataFrame:
        """``row`` and the cells as text: ``c0``, ``c1`` ..."""

    @property
    def sensitive_headers(self) -> frozenset[str]:
        """Headers whose values are masked."""


@dataclass(frozen=True, slots=True)
class KeptSheet:
    """A table that was kept to be marked later, without what nobody should keep.

    Args:
        header_row: row the header stands in.
        headers: headers in file order.
        text: ``row`` and the cells as text: ``c0``, ``c1`` ...
        sensitive_headers: headers whose values are masked again when it is shown.
    """

    header_row: int
    headers: tuple[str, ...]
    text: pl.DataFrame
    sensitive_headers: frozenset[str] = frozenset()

    @classmethod
    def of(cls, kept: pl.DataFrame) -> KeptSheet:
        """What :func:`kept_sheet` made."""
        header_row, *headers = kept.row(0)
        return cls(header_row, tuple(headers), kept.slice(1))


def kept_sheet(table: ReadTable) -> pl.DataFrame:
    """The table's cells as text, for :class:`KeptSheet`: the header as first row; all but expected, plain columns masked."""
    masked = [
        pl.when(pl.col(f"c{index}").is_not_null()).then(pl.lit(MASK)).alias(f"c{index}")
        for index, header in enumerate(table.headers)
        if header not in table.plain_headers
    ]
    body = table.text.with_columns(masked)
    header = pl.DataFrame([(table.header_row, *table.headers)], schema=body.schema, orient="row")
    return pl.concat([header, body.filter(pl.col(ROW) != table.header_row)])


def write_error_csv(faults: FaultTable, target: Path | BinaryIO, *, language: Language = "zh") -> None:
    """Write every fault as CSV: ``row, column, source_id, code, message, value``; UTF-8 with byte order mark."""
    frame = with_messages(faults.frame, language=language).select(ERROR_COLUMNS)
    write_safe_csv(frame, target, byte_order_mark=True)


def mark_faults_in_xlsx(
    table: Sheet,
    faults: FaultTable,
    target: Path | BinaryIO,
    *,
    language: Language = "zh",
    include_sensitive: bool = False,
) -> None:
    """Write a copy of the sheet with faulty cells colored and commented, and a second sheet listing all faults.

    Every cell stands in the row it had in the caller's file and is written as text, so nothing in it can run. Rows and
    faults beyond what a worksheet holds (1,048,576) are left out; ``write_error_csv`` has no such limit.

    Args:
        table: what was read, from a file of any format.
        faults: the faults to mark.
        target: file to write, or a binary stream.
        language: of the comments and the second sheet.
        include_sensitive: copy the values of sensitive columns instead of masking them.
    """
    listed = with_messages(faults.frame, language=language)
    options = {"constant_memory": True, **TEXT_ONLY}
    with xlsxwriter.Workbook(target, options) as book:
        styles = _Styles.made(book)
        copy_name, list_name = SHEET_NAMES[language]
        hidden = frozenset() if include_sensitive else table.sensitive_headers
        _write_copy(book.add_worksheet(copy_name), table, marks=_marks(listed, table), styles=styles, hidden=hidden)
        _write_list(book.add_worksheet(list_name), listed, titles=TITLES[language], heading=styles.heading)


@dataclass(frozen=True, slots=True)
class _Styles:
    heading: Any
    text: Any
    fault: Any

    @classmethod
    def made(cls, book: Any) -> _Styles:
        return cls(
            heading=book.add_format({"bold": True, "num_format": "@"}),
            text=book.add_format({"num_format": "@"}),
            fault=book.add_format({"num_format": "@", "bg_color": "#FFC7CE", "font_color": "#9C0006"}),
        )


def _marks(listed: pl.DataFrame, table: Sheet) -> dict[int, dict[int, str]]:
    """Messages by row and column position; a fault of a whole row marks its first cell."""
    position = {header: index for index, header in reversed(list(enumerate(table.headers)))}
    marks: dict[int, dict[int, str]] = {}
    for row, column, message in listed.select(ROW, "column", "message").iter_rows():
        cells = marks.setdefault(table.header_row if row is None else row, {})
        index = position.get(column, 0)
        cells[index] = f"{cells[index]}\n{message}" if index in cells else message
    return marks


def _rows(table: Sheet, hidden: frozenset[str]) -> Iterator[tuple[int, list[str | None]]]:
    yield table.header_row, list(table.headers)
    masked = [
        pl.when(pl.col(f"c{index}").is_not_null()).then(pl.lit(MASK)).alias(f"c{index}")
        for index, header in enumerate(table.headers)
        if header in hidden
    ]
    for row, *values in table.text.with_columns(masked).iter_rows():
        if row != table.header_row:
            yield row, values


def _write_copy(
    sheet: Any, table: Sheet, *, marks: Mapping[int, Mapping[int, str]], styles: _Styles, hidden: frozenset[str]
) -> None:
    comments = 0
    sheet.freeze_panes(table.header_row, 0)
    for row, values in _rows(table, hidden):
        if row > SHEET_ROWS:
            break
        cells = marks.get(row, {})
        plain = styles.heading if row == table.header_row else styles.text
        for index, value in enumerate(values):
            if value is not None or index in cells:
                style = styles.fault if index in cells else plain
                sheet.write_string(row - 1, index, (value or "")[:CELL_LENGTH], style)
        for index, message in cells.items():
            if comments < COMMENT_LIMIT:
                sheet.write_comment(row - 1, index, message[:CELL_LENGTH], {"x_scale": 2})
                comments += 1


def _write_list(sheet: Any, listed: pl.DataFrame, *, titles: tuple[str, ...], heading: Any) -> None:
    sheet.freeze_panes(1, 0)
    for index, title in enumerate(titles):
        sheet.write_string(0, index, title, heading)
    for position, entry in enumerate(listed.select(ERROR_COLUMNS).head(SHEET_ROWS - 1).iter_rows(), start=1):
        for index, value in enumerate(entry):
            if isinstance(value, int):
                sheet.write_number(position, index, value)
            elif value is not None:
                sheet.write_string(position, index, value[:CELL_LENGTH])
