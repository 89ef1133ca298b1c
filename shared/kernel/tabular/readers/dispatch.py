"""From a request to the reader of its format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from shared.kernel.tabular.columns import ROW, TableFormat, TableLimits
from shared.kernel.tabular.readers.csv_reader import read_csv
from shared.kernel.tabular.readers.ndjson_reader import read_ndjson
from shared.kernel.tabular.readers.parquet_reader import read_parquet
from shared.kernel.tabular.readers.raw import RawTable
from shared.terms.errors import DomainError


def read_raw(request: dict[str, Any]) -> RawTable:
    """Read the file a request names; the request is what ``sandbox`` wrote.

    Raises:
        DomainError: what the reader refuses, and ``table.too_much_text``.
    """
    table = _read(request)
    limit = request["limits"]["text_bytes"]
    texts = table.frame.select(pl.exclude(ROW).str.len_bytes().cast(pl.UInt64).sum())
    if texts.width and texts.sum_horizontal().item() > limit:
        raise DomainError("table.too_much_text", params={"limit": limit})
    return table


def _read(request: dict[str, Any]) -> RawTable:
    path = Path(request["path"])
    limits = TableLimits(**request["limits"])
    text_headers = frozenset(request["text_headers"])
    match TableFormat(request["format"]):
        case TableFormat.CSV:
            return read_csv(path, limits)
        case TableFormat.NDJSON:
            return read_ndjson(path, limits)
        case TableFormat.PARQUET:
            return read_parquet(path, limits, text_headers=text_headers)
        case TableFormat.XLSX:
            from shared.kernel.tabular.readers.xlsx_reader import read_xlsx

            return read_xlsx(path, limits, text_headers=text_headers, sheet=request["sheet"])
