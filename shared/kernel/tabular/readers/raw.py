"""What a reader hands over: the table as text with the caller's row numbers, and what it noticed on the way."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from shared.kernel.tabular.columns import ROW

FINDING_SCHEMA = {
    ROW: pl.UInt32(),
    "index": pl.Int32(),
    "code": pl.String(),
    "value": pl.String(),
    "params": pl.String(),
}


@dataclass(slots=True)
class Findings:
    """Faults that only the parser can see, by row number and column index (``None``: the whole row)."""

    entries: list[tuple[int, int | None, str, str | None, str | None]] = field(default_factory=list)

    def add(
        self,
        row: int,
        index: int | None,
        code: str,
        *,
        value: str | None = None,
        params: dict[str, object] | None = None,
    ) -> None:
        """Note one fault; ``params`` fill the catalogue's sentence."""
        self.entries.append((row, index, code, value, json.dumps(params) if params else None))

    def frame(self) -> pl.DataFrame:
        """The findings as a frame of ``FINDING_SCHEMA``."""
        return pl.DataFrame(self.entries, schema=FINDING_SCHEMA, orient="row")


@dataclass(slots=True)
class RawTable:
    """A table as text.

    Args:
        frame: ``row`` and one text column per header, named ``c0``, ``c1`` ...; null where there was nothing.
        headers: the caller's headers in file order, ``None`` where a column has none.
        header_rows: row in which each header stands (NDJSON: line on which a key first appears).
        findings: frame of ``FINDING_SCHEMA``.
        encoding: text encoding, for CSV.
        sheet: worksheet read, for XLSX.
    """

    frame: pl.DataFrame
    headers: list[str | None]
    header_rows: list[int]
    findings: pl.DataFrame
    encoding: str | None = None
    sheet: str | None = None


def text_frame(numbers: Iterable[int], columns: Sequence[Sequence[str | None]]) -> pl.DataFrame:
    """A text frame from row numbers and as many value sequences as there are headers."""
    data: dict[str, pl.Series] = {ROW: pl.Series(ROW, list(numbers), dtype=pl.UInt32)}
    for position, values in enumerate(columns):
        data[f"c{position}"] = pl.Series(f"c{position}", values, dtype=pl.String)
    return pl.DataFrame(data)
