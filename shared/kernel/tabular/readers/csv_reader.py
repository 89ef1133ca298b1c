"""CSV: encoding, delimiter, then the standard library's parser, which keeps record numbers right.

Row numbers count records as a spreadsheet program shows them: the header is row 1, a blank line is a row, a line break
inside quotes is not.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import polars as pl

from shared.kernel.tabular.columns import TableLimits
from shared.kernel.tabular.readers.raw import Findings, RawTable, text_frame
from shared.terms.errors import DomainError, Fault

BATCH_ROWS = 50_000
CHUNK_BYTES = 2**20
FIELD_LIMIT = 64 * 2**10
DELIMITERS = (",", "\t", ";")


def read_csv(path: Path, limits: TableLimits) -> RawTable:
    """Read a CSV file as text.

    Raises:
        DomainError: ``table.encoding``, ``table.nul_bytes``, ``table.empty``, ``table.unreadable`` (broken quoting),
            ``table.too_many_rows``, ``table.too_many_columns``.
    """
    encoding = detect_encoding(path)
    csv.field_size_limit(FIELD_LIMIT)
    with path.open("rb") as file:
        first_line = file.readline(FIELD_LIMIT).decode(encoding, "replace")
        file.seek(0)
        text = io.TextIOWrapper(file, encoding=encoding, newline="")
        records = _numbered(csv.reader(text, delimiter=_delimiter(first_line), strict=True))
        header_row, headers = _header(records, limits)
        findings = Findings()
        frames = list(_batches(records, len(headers), findings=findings, limits=limits))
    frame = pl.concat(frames) if frames else text_frame([], [[] for _ in headers])
    return RawTable(frame, list(headers), [header_row] * len(headers), findings.frame(), encoding=encoding)


def detect_encoding(path: Path) -> str:
    """``utf-8-sig`` when every byte is UTF-8, else ``gb18030`` when every byte is that; streamed, so memory is flat."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise DomainError("table.encoding", params={"encoding": "UTF-16"})
    _refuse_nul(path)
    line = _first_undecodable_line(path, "utf-8-sig")
    if line is None:
        return "utf-8-sig"
    if start.startswith(codecs.BOM_UTF8) or _is_mostly_utf8(path):
        raise _undecodable("UTF-8", line)
    gb_line = _first_undecodable_line(path, "gb18030")
    if gb_line is None:
        return "gb18030"
    raise _undecodable("GB18030", gb_line)


def _undecodable(encoding: str, line: int) -> DomainError:
    return DomainError(
        "table.undecodable", params={"encoding": encoding, "line": line}, faults=[Fault("row.encoding", row=line)]
    )


def _refuse_nul(path: Path) -> None:
    line = 1
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            position = chunk.find(b"\0")
            if position < 0:
                line += chunk.count(b"\n")
                continue
            # ASCII text in UTF-16 without a mark has a NUL in every second byte.
            if chunk.count(b"\0") * 3 > len(chunk):
                raise DomainError("table.encoding", params={"encoding": "UTF-16"})
            row = line + chunk.count(b"\n", 0, position)
            raise DomainError("table.nul_bytes", params={"line": row}, faults=[Fault("row.nul_byte", row=row)])


def _first_undecodable_line(path: Path, encoding: str) -> int | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK_BYTES)
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return line + error.object.count(b"\n", 0, error.start)
            if not chunk:
                return None
            line += chunk.count(b"\n")


def _is_mostly_utf8(path: Path) -> bool:
    """Whether most characters beyond ASCII are sound UTF-8: then the file is damaged, not written in GB18030."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            decoded = chunk.decode("utf-8", "replace")
            bad = decoded.count("\ufffd")
            if bad:
                sound = sum(character > "\x7f" for character in decoded) - bad
                return sound > 4 * bad
    return False


def _delimiter(first_line: str) -> str:
    """A comma, unless the header has none and splits at tabs or semicolons."""
    return next((mark for mark in DELIMITERS if mark in first_line), ",")


def _numbered(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    number = 0
    while True:
        number += 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            code = "cell.too_long" if "field limit" in str(error) else "row.quoting"
            fault = Fault(code, row=number, params={"row": number, "limit": FIELD_LIMIT})
            raise DomainError("table.unreadable", params={"format": "CSV"}, faults=[fault]) from None
        yield number, record


def _is_blank(record: list[str]) -> bool:
    return not record or (len(record) == 1 and not record[0].strip())


def _header(records: Iterator[tuple[int, list[str]]], limits: TableLimits) -> tuple[int, list[str]]:
    for number, record in records:
        if _is_blank(record):
            continue
        if len(record) > limits.columns:
            raise DomainError("table.too_many_columns", params={"found": len(record), "limit": limits.columns})
        return number, record
    raise DomainError("table.empty")


def _batches(
    records: Iterator[tuple[int, list[str]]], width: int, *, findings: Findings, limits: TableLimits
) -> Iterator[pl.DataFrame]:
    total = 0
    while batch := list(islice(records, BATCH_ROWS)):
        numbers, rows = zip(*batch, strict=True)
        if set(map(len, rows)) != {width}:
            numbers, rows = _squared(batch, width, findings)
        total += len(rows)
        if total > limits.rows:
            raise DomainError("table.too_many_rows", params={"limit": limits.rows})
        if rows:
            yield text_frame(numbers, list(zip(*rows, strict=True)))


def _squared(
    batch: list[tuple[int, list[str]]], width: int, findings: Findings
) -> tuple[tuple[int, ...], tuple[list[str], ...]]:
    """The batch with blank lines left out and ragged rows reported and cut or filled to ``width``."""
    kept = [(number, record) for number, record in batch if len(record) == width or not _is_blank(record)]
    for position, (number, record) in enumerate(kept):
        if len(record) != width:
            findings.add(number, None, "row.ragged", params={"found": len(record), "expected": width})
            kept[position] = (number, (record + [""] * width)[:width])
    return tuple(number for number, _ in kept), tuple(record for _, record in kept)
