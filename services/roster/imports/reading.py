"""Reading uploaded rows, whatever their format, into (row number, content) pairs and faults. Blocks: call in a thread."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from services.roster.intake.collection import Collection
from services.roster.intake.rows import VALUE_LENGTH, RowFault
from shared.kernel.tabular.columns import ROW
from shared.kernel.tabular.faults import FAULT_SCHEMA, FaultTable
from shared.kernel.tabular.read import ReadTable, read_table
from shared.terms.errors import DomainError, Fault

MAX_LINE_BYTES = 2**20
TABLE_FORMATS = frozenset({"csv", "xlsx", "parquet"})
_RECURSION = (ValueError, RecursionError)


@dataclass(slots=True)
class Upload:
    """Rows as read.

    Args:
        rows: (row number, content); empty cells are left out of the content.
        faults: what reading found, by field name.
        table: the table, for formats that are one.
        headers: the sender's header by field name.
    """

    rows: list[tuple[int, Mapping[str, Any]]]
    faults: list[RowFault] = field(default_factory=list)
    table: ReadTable | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def row_count(self) -> int:
        """Rows sent, those that could not be read included."""
        return self.table.row_count if self.table is not None else len(self.rows)


def read_body(collection: Collection[Any], kind: str, body: bytes) -> Upload:
    """Reads rows from a body in memory."""
    with tempfile.TemporaryDirectory(prefix="upload-") as folder:
        path = Path(folder) / f"body.{kind}"
        path.write_bytes(body)
        return read_upload(collection, kind, path)


def read_upload(collection: Collection[Any], kind: str, path: Path) -> Upload:
    """Reads rows of a collection.

    Args:
        collection: what the rows are.
        kind: ``json``, ``ndjson``, ``csv``, ``xlsx`` or ``parquet``.
        path: the body.

    Raises:
        DomainError: the body as a whole cannot be read.
    """
    if kind == "json":
        return _from_json(path.read_bytes())
    if kind == "ndjson":
        return _from_lines(path)
    return _from_table(collection, kind, path)


def _from_json(body: bytes) -> Upload:
    try:
        content = json.loads(body)
    except _RECURSION as error:
        raise DomainError("request.malformed", params={"format": "JSON"}) from error
    items = content.get("items") if isinstance(content, dict) else None
    if not isinstance(items, list):
        raise DomainError("request.invalid", faults=[Fault("field.missing", pointer="/items")])
    if unknown := sorted(content.keys() - {"items"}):
        raise DomainError("request.invalid", faults=[Fault("field.unknown", pointer=f"/{name}") for name in unknown])
    upload = Upload([])
    for number, item in enumerate(items, start=1):
        _add(upload, number, item)
    return upload


def _from_lines(path: Path) -> Upload:
    upload = Upload([])
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_LINE_BYTES + 1):
            number += 1
            if len(line) > MAX_LINE_BYTES:
                raise DomainError("table.line_too_long", params={"line": number, "limit": MAX_LINE_BYTES})
            if not line.strip():
                continue
            try:
                _add(upload, number, json.loads(line))
            except _RECURSION:
                upload.rows.append((number, {}))
                upload.faults.append(RowFault(number, None, "row.malformed_json"))
    return upload


def _add(upload: Upload, number: int, item: Any) -> None:
    if isinstance(item, dict):
        upload.rows.append((number, item))
        return
    upload.rows.append((number, {}))
    upload.faults.append(RowFault(number, None, "row.not_an_object"))


def _from_table(collection: Collection[Any], kind: str, path: Path) -> Upload:
    columns = collection.columns
    has_source = any(column.name == "source_id" for column in columns)
    source_id = "source_id" if has_source else None
    table = read_table(path, media_type_or_name=f"body.{kind}", columns=columns, source_id=source_id)
    field_of = {header: column.name for column in columns for header in column.headers}
    entries = table.faults.frame.iter_rows(named=True)
    faults = [_row_fault(entry, field_of, header_row=table.header_row) for entry in entries]
    headers = {field_of[header]: header for header in table.headers if header in field_of}
    names = [name for name in table.frame.columns if name != ROW]
    rows: list[tuple[int, Mapping[str, Any]]] = [
        (number, {name: value for name, value in zip(names, values, strict=True) if value is not None})
        for number, *values in table.frame.select(ROW, *names).iter_rows()
    ]
    return Upload(rows, faults, table, headers)


def _row_fault(entry: Mapping[str, Any], field_of: Mapping[str, str], *, header_row: int) -> RowFault:
    """A reader's fault; one of the header is the whole table's."""
    column = field_of.get(entry["column"] or "", entry["column"])
    number = None if entry[ROW] == header_row else entry[ROW]
    return RowFault(number, column, entry["code"], value=entry["value"])


def all_faults(upload: Upload, faults: list[RowFault]) -> FaultTable:
    """Every fault of an upload as a table under the sender's own headers; ``faults`` begins with those of reading."""
    parts = [_frame(faults[len(upload.faults) :] if upload.table else faults, upload.headers)]
    if upload.table is not None:
        parts.insert(0, upload.table.faults.frame)
    frame = pl.concat(parts)
    source_ids = {row: own for row, own in frame.select(ROW, "source_id").iter_rows() if row is not None}
    for number, content in upload.rows:
        if number in source_ids and (own := content.get("source_id")) is not None:
            source_ids[number] = str(own)[:VALUE_LENGTH]
    schema = {ROW: FAULT_SCHEMA[ROW], "source_id": FAULT_SCHEMA["source_id"]}
    found = FaultTable(source_ids=pl.DataFrame(list(source_ids.items()), schema=schema, orient="row"))
    found.add_frame(frame)
    return found


def _frame(faults: list[RowFault], headers: Mapping[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            ROW: [fault.number for fault in faults],
            "column": [headers.get(fault.column or "", fault.column) for fault in faults],
            "source_id": [None for _ in faults],
            "code": [fault.code for fault in faults],
            "allowed": [fault.allowed for fault in faults],
            "value": [fault.value for fault in faults],
            "params": [json.dumps(dict(fault.params), ensure_ascii=False, default=str) for fault in faults],
        },
        schema=FAULT_SCHEMA,
    )
