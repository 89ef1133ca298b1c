"""Templates: the columns a caller expects, as a workbook to fill in or as CSV, with whatever is known already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl
import xlsxwriter
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from shared.kernel.tabular.columns import Column, ColumnKind
from shared.kernel.tabular.safe_csv import write_safe_csv

NOTES = "填写说明"
HIDDEN = "template"
_NOTE_TITLES = ("列名 / column", "也可写作 / or", "必填 / required", "可用的值 / allowed", "最大值 / highest")
#: A drop-down list of a cell holds at most so many characters.
_LIST_LENGTH = 255
_ROWS = 5_000
"""Rows whose cells are checked while they are filled in."""
Cells = Sequence[Sequence[str | None]]


def title_of(column: Column) -> str:
    """The header of a column in templates: its Chinese title where it has one."""
    return column.aliases[0] if column.aliases else column.name


def write_template_xlsx(
    columns: Sequence[Column],
    target: Path | BinaryIO,
    *,
    sheet: str,
    rows: Cells = (),
    highest: Mapping[str, Decimal] | None = None,
    steps: Mapping[str, Decimal] | None = None,
    choices: Mapping[str, Sequence[str]] | None = None,
    stamp: Mapping[str, str] | None = None,
) -> None:
    """Write a workbook: a sheet with one header row and cells that refuse what would be refused later, and a sheet of notes.

    Args:
        columns: in order.
        target: file to write, or a binary stream.
        sheet: name of the sheet to fill in.
        rows: what is known already, as text.
        highest: highest value of decimal columns, by name; the lowest is 0.
        steps: grid of decimal columns that have a highest value, by name.
        choices: values offered for a column in a drop-down list; others are let through.
        stamp: what the template is (its version, what it is for), kept on a hidden sheet.
    """
    bounds = highest or {}
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        heading = book.add_format({"bold": True, "num_format": "@", "bg_color": "#DDEBF7"})
        text, number = book.add_format({"num_format": "@"}), book.add_format({"num_format": "General"})
        page = book.add_worksheet(sheet)
        page.freeze_panes(1, 0)
        for index, column in enumerate(columns):
            is_number = column.kind in (ColumnKind.DECIMAL, ColumnKind.INTEGER)
            page.set_column(index, index, 14, number if is_number else text)
            page.write_string(0, index, title_of(column), heading)
            rule = _validation(column, bounds.get(column.name), (steps or {}).get(column.name), index)
            if rule is not None:
                page.data_validation(1, index, _ROWS, index, rule)
        for place, row in enumerate(rows, start=1):
            for index, (column, value) in enumerate(zip(columns, row, strict=True)):
                if value is not None:
                    _write_cell(page, (place, index), value, column)
        _write_notes(book.add_worksheet(NOTES), columns, bounds, heading)
        if stamp or choices:
            _write_hidden(book.add_worksheet(HIDDEN), page, columns, stamp or {}, choices or {})


def write_template_csv(columns: Sequence[Column], target: Path | BinaryIO, *, rows: Cells = ()) -> None:
    """Write the same columns and rows as UTF-8 CSV with byte order mark."""
    schema = {title_of(column): pl.String for column in columns}
    write_safe_csv(pl.DataFrame([list(row) for row in rows], schema, orient="row"), target, byte_order_mark=True)


def _write_cell(page: Any, place: tuple[int, int], value: str, column: Column) -> None:
    if column.kind in (ColumnKind.DECIMAL, ColumnKind.INTEGER):
        page.write_number(*place, float(value))
    else:
        page.write_string(*place, value)


def _validation(column: Column, highest: Decimal | None, step: Decimal | None, index: int) -> dict[str, Any] | None:
    shown = {"error_title": title_of(column)[:32], "ignore_blank": True}
    if column.allowed is not None and len(",".join(column.allowed)) <= _LIST_LENGTH:
        return {"validate": "list", "source": list(column.allowed), **shown}
    if highest is not None:
        message = f"0–{highest}" if step is None else f"0–{highest}，步长 / step {step}"
        if step is not None:
            cell = xl_rowcol_to_cell(1, index)
            # Not MOD: spreadsheet programs count in binary, where 0.3 / 0.1 is not 3.
            grid = f"ABS(ROUND({cell}/{step},0)-{cell}/{step})<0.000001"
            formula = f"=AND(ISNUMBER({cell}),{cell}>=0,{cell}<={highest},{grid})"
            return {"validate": "custom", "value": formula, "error_message": message, **shown}
        return {
            "validate": "decimal",
            "criteria": "between",
            "minimum": 0,
            "maximum": float(highest),
            "error_message": message,
            **shown,
        }
    return None


def _write_hidden(
    hidden: Any, page: Any, columns: Sequence[Column], stamp: Mapping[str, str], choices: Mapping[str, Sequence[str]]
) -> None:
    """What the template is, and the lists that its cells offer: a list in the cell itself may hold few characters."""
    hidden.hide()
    for row, (name, value) in enumerate(stamp.items()):
        hidden.write_string(row, 0, name)
        hidden.write_string(row, 1, value)
    names = [column.name for column in columns]
    for place, (name, values) in enumerate(choices.items(), start=2):
        for row, value in enumerate(values):
            hidden.write_string(row, place, value)
        if values:
            index = names.index(name)
            source = f"={HIDDEN}!{xl_range_abs(0, place, len(values) - 1, place)}"
            rule = {"validate": "list", "source": source, "error_type": "warning", "ignore_blank": True}
            page.data_validation(1, index, _ROWS, index, rule)


def _write_notes(page: Any, columns: Sequence[Column], highest: Mapping[str, Decimal], heading: Any) -> None:
    page.set_column(0, len(_NOTE_TITLES) - 1, 28)
    for index, title in enumerate(_NOTE_TITLES):
        page.write_string(0, index, title, heading)
    for row, column in enumerate(columns, start=1):
        others = [header for header in column.headers if header != title_of(column)]
        bound = highest.get(column.name)
        cells = (
            title_of(column),
            "、".join(others),
            "是 / yes" if column.required else "",
            "、".join(column.allowed) if column.allowed else column.hint or "",
            "" if bound is None else str(bound),
        )
        for index, cell in enumerate(cells):
            page.write_string(row, index, cell)
