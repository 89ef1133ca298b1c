"""``read_table``: an untrusted file in, typed columns and every fault out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from shared.kernel.tabular.cells import type_columns
from shared.kernel.tabular.columns import ROW, Column, TableFormat, TableLimits
from shared.kernel.tabular.faults import FaultTable
from shared.kernel.tabular.header import match_header
from shared.kernel.tabular.readers.raw import RawTable
from shared.kernel.tabular.sandbox import read_confined
from shared.kernel.tabular.sniffing import decide_format
from shared.kernel.tabular.text_rules import clean_header, stripped
from shared.terms.errors import DomainError

DEFAULT_LIMITS = TableLimits()


@dataclass(frozen=True, slots=True)
class ReadTable:
    """A table as read.

    Args:
        frame: ``row`` and every expected column by its name, typed, in file order. Rows that are wholly blank or broken
            as rows (ragged) are left out; a cell at fault is null.
        faults: every fault found; callers add their own.
        format: format of the file.
        encoding: text encoding it was in (``utf-8-sig``, ``gb18030``, ``utf-8``), ``None`` for binary formats.
        sheet: worksheet read, for XLSX.
        header_row: row the header stands in.
        headers: the caller's headers in file order.
        text: ``row`` and the cells as text, one column per header, named ``c0``, ``c1`` ...
        sensitive_headers: headers whose values may not leave the process unmasked.
        plain_headers: the caller's headers of expected columns that are not sensitive; what stands in others nobody knows.
    """

    frame: pl.DataFrame
    faults: FaultTable
    format: TableFormat
    encoding: str | None
    sheet: str | None
    header_row: int
    headers: tuple[str, ...]
    text: pl.DataFrame
    sensitive_headers: frozenset[str]
    plain_headers: frozenset[str]

    @property
    def row_count(self) -> int:
        """Rows that are not blank, those broken as rows included."""
        return self.text.height


def read_table(
    path: Path,
    *,
    media_type_or_name: str | None,
    columns: Sequence[Column],
    limits: TableLimits = DEFAULT_LIMITS,
    source_id: str | None = None,
    sheet: str | None = None,
) -> ReadTable:
    """Read an untrusted table.

    Row numbers are the caller's: for CSV and XLSX as a spreadsheet program shows them (header = 1, blank lines count,
    a line break inside quotes does not), for NDJSON the line number, for Parquet the index + 2.

    Synchronous: call it in a thread or a worker. Parsing happens in a confined child; see ``sandbox``.

    Args:
        path: the uploaded file.
        media_type_or_name: what the caller says it is: a media type, a file name or a suffix; ``None`` lets the content
            decide.
        columns: what is expected.
        limits: how much it may cost.
        source_id: name of the column that holds the caller's own key of a row, repeated with each fault; not a
            sensitive one.
        sheet: worksheet to read; the first visible one when ``None``.

    Raises:
        DomainError: the file as a whole cannot be read (``table.*``). Faults of rows and columns are not raised; they
            are in ``faults``.
    """
    _check_call(columns, source_id)
    size = path.stat().st_size
    if size > limits.bytes:
        raise DomainError("table.too_large", params={"size": size, "limit": limits.bytes})
    table_format = decide_format(path, media_type_or_name)
    raw = read_confined(path, table_format, columns=columns, limits=limits, sheet=sheet)
    return _typed(raw, columns, table_format=table_format, limits=limits, source_id=source_id)


def _check_call(columns: Sequence[Column], source_id: str | None) -> None:
    names = [header for column in columns for header in column.headers]
    if len(set(names)) != len(names):
        raise ValueError("two columns share a header")
    if any(column.sensitive and column.name == source_id for column in columns):
        raise ValueError("a sensitive column cannot be the source id")


def _typed(
    raw: RawTable, columns: Sequence[Column], *, table_format: TableFormat, limits: TableLimits, source_id: str | None
) -> ReadTable:
    text = _without_blank_rows(raw)
    header_faults = FaultTable()
    found = match_header(raw, columns, header_faults)
    titles = tuple(clean_header(title) for title in raw.headers)
    headers = {name: titles[index] for name, index in found.items()}
    faults = FaultTable(
        source_ids=_source_ids(text, found.get(source_id or "")),
        headers=headers,
        sensitive=frozenset(column.name for column in columns if column.sensitive),
    )
    faults.add_frame(header_faults.frame)
    reported = _add_findings(raw.findings, found, faults)
    broken = raw.findings.filter(pl.col("index").is_null()).get_column(ROW)
    body = text.filter(~pl.col(ROW).is_in(broken.implode()))
    there = {
        column.name: found[column.name] for column in columns if found.get(column.name) not in (None, *reported.columns)
    }
    typed = type_columns(
        body.select(ROW, *(pl.col(f"c{index}").alias(name) for name, index in there.items())),
        [column for column in columns if column.name in there],
        faults,
        reported={name: reported.rows.get(index, frozenset()) for name, index in there.items()},
        cell_length=limits.cell_length,
    )
    blank = {c.name: pl.Series(c.name, [None] * body.height, dtype=c.dtype) for c in columns if c.name not in typed}
    series = [body.get_column(ROW), *((typed | blank)[column.name] for column in columns)]
    return ReadTable(
        frame=pl.DataFrame(series),
        faults=faults,
        format=table_format,
        encoding=raw.encoding,
        sheet=raw.sheet,
        header_row=min(raw.header_rows, default=1),
        headers=titles,
        text=text,
        sensitive_headers=frozenset(header for column in columns if column.sensitive for header in column.headers),
        plain_headers=frozenset(
            headers[column.name] for column in columns if column.name in headers and not column.sensitive
        ),
    )


def _without_blank_rows(raw: RawTable) -> pl.DataFrame:
    names = raw.frame.columns[1:]
    if names and raw.frame.select(stripped(pl.col(names[0])).is_not_null().all()).item():
        return raw.frame
    broken = raw.findings.get_column(ROW).unique()
    filled = pl.any_horizontal(stripped(pl.col(name)).is_not_null() for name in names) if names else pl.lit(False)
    return raw.frame.filter(filled | pl.col(ROW).is_in(broken.implode()))


def _source_ids(text: pl.DataFrame, index: int | None) -> pl.DataFrame | None:
    if index is None:
        return None
    return text.select(ROW, source_id=stripped(pl.col(f"c{index}")).str.slice(0, 80))


@dataclass(frozen=True, slots=True)
class _Reported:
    """Cells the reader has already found fault with: rows per column index, and columns that are wholly at fault."""

    rows: Mapping[int, frozenset[int]]
    columns: frozenset[int]


def _add_findings(findings: pl.DataFrame, found: Mapping[str, int], faults: FaultTable) -> _Reported:
    name_of = {index: name for name, index in found.items()}
    rows: dict[int, frozenset[int]] = {}
    whole: set[int] = set()
    for (index,), part in findings.partition_by("index", as_dict=True, maintain_order=True).items():
        name = name_of.get(index) if isinstance(index, int) else None
        if isinstance(index, int) and name is None:
            continue  # an unknown column is a fault already
        if isinstance(index, int):
            rows[index] = frozenset(part.get_column(ROW))
            if part.get_column("code").str.starts_with("column.").any():
                whole.add(index)
        faults.add_findings(part, column=name)
    return _Reported(rows, frozenset(whole))
