"""Parquet: limits from the metadata first, then every column as text. Row numbers are index + 2, as in a CSV of the same
table (header = row 1)."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from shared.kernel.tabular.columns import ROW, TableLimits
from shared.kernel.tabular.readers.raw import Findings, RawTable
from shared.terms.errors import DomainError

HEADER_ROW = 1


def read_parquet(path: Path, limits: TableLimits, *, text_headers: frozenset[str]) -> RawTable:
    """Read a Parquet file as text; columns of nested or binary type, and floats where text is needed, are findings.

    Args:
        path: the file.
        limits: rows, columns and cells allowed.
        text_headers: headers of columns in which a floating-point number has lost digits that matter.
    """
    schema = pl.read_parquet_schema(path)
    if len(schema) > limits.columns:
        raise DomainError("table.too_many_columns", params={"found": len(schema), "limit": limits.columns})
    if not schema:
        raise DomainError("table.empty")
    height = pl.scan_parquet(path, glob=False).select(pl.len()).collect().item()
    if height > limits.rows:
        raise DomainError("table.too_many_rows", params={"limit": limits.rows})
    if height * len(schema) > limits.cells:
        raise DomainError("table.too_many_cells", params={"limit": limits.cells})
    findings = Findings()
    exprs = []
    for index, (name, dtype) in enumerate(schema.items()):
        fault = _type_fault(name, dtype, text_headers)
        if fault is None:
            exprs.append(pl.col(name).cast(pl.String).alias(f"c{index}"))
        else:
            findings.add(HEADER_ROW, index, fault, params={"type": str(dtype)[:60]})
            exprs.append(pl.repeat(None, height, dtype=pl.String).alias(f"c{index}"))
    frame = pl.scan_parquet(path, glob=False).select(exprs).collect()
    if frame.height != height:
        raise DomainError("table.unreadable", params={"format": "Parquet"})
    frame = frame.with_row_index(ROW, offset=HEADER_ROW + 1)
    return RawTable(frame, list(schema), [HEADER_ROW] * len(schema), findings.frame())


def _type_fault(name: str, dtype: pl.DataType, text_headers: frozenset[str]) -> str | None:
    if dtype.is_nested() or isinstance(dtype, (pl.Binary, pl.Object, pl.Duration)):
        return "column.type"
    if dtype.is_float() and name.strip() in text_headers:
        return "column.float_in_text_column"
    return None
