"""The files of a result table: one, or one for every value of the key that divides it (decision 17)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import Any

import polars as pl

from services.monitoring.results.catalog import TABLES
from shared.kernel.store.columnar import ColumnarStore

Entry = dict[str, Any]
"""Files of a table as a manifest holds them: ``{"sha256", "rows", "size", "columns", "divided_by", "parts"}``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPart:
    """One file of a table.

    Args:
        value: of the key that divides the table; ``None`` where nothing does, and of a part without rows.
        sha256: of its bytes, and its name in the store.
        rows: how many.
        size: bytes.
        columns: types by name.
    """

    value: str | None
    sha256: str
    rows: int
    size: int
    columns: Mapping[str, str]

    @classmethod
    def put(cls, store: ColumnarStore, name: str, frame: pl.DataFrame) -> StoredPart:
        """Stores a part of a table, or all of it; also a frame that is no table of results."""
        key = TABLES[name].divided_by if name in TABLES else None
        values = [] if key is None else frame[key].unique().to_list()
        if len(values) > 1:
            raise ValueError(f"{name} is divided by {key}: a part holds one value, not {values}")
        stored = store.put(frame)
        columns = {column: str(dtype) for column, dtype in frame.schema.items()}
        value = values[0] if values else None
        return cls(value=value, sha256=stored.sha256, rows=stored.rows, size=stored.size, columns=columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFiles:
    """A table: its rows are those of its files, one after another.

    Args:
        parts: at least one; where the table is divided, by ascending value.
        divided_by: the key column that divides it, if any.
    """

    parts: tuple[StoredPart, ...]
    divided_by: str | None

    @classmethod
    def joined(cls, store: ColumnarStore, name: str, parts: Sequence[StoredPart]) -> TableFiles:
        """The table that parts make: a divided one keeps their files, another one's rows are put together in their order."""
        filled = [part for part in parts if part.rows] or parts[:1]
        table = TABLES[name]
        if table.divided_by is not None:
            filled = sorted(filled, key=lambda part: part.value or "")
        elif len(filled) > 1:
            rows = store.scan(*(part.sha256 for part in filled)).collect()
            descending = [key == table.top_down for key in table.keys]
            nulls_last = [key in table.nulls_last for key in table.keys]
            ordered = rows.sort(list(table.keys), descending=descending, nulls_last=nulls_last)
            filled = [StoredPart.put(store, name, ordered)]
        return cls(parts=tuple(filled), divided_by=table.divided_by)

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> TableFiles:
        """The files that a manifest names."""
        columns = entry["columns"]
        parts = tuple(StoredPart(**part, columns=columns) for part in entry["parts"])
        return cls(parts=parts, divided_by=entry["divided_by"])

    def entry(self) -> Entry:
        """As a manifest holds it; the columns once for all parts."""
        parts = [asdict(part) for part in self.parts]
        columns = [part.pop("columns") for part in parts]
        return {
            "sha256": self.sha256,
            "rows": self.rows,
            "size": sum(part.size for part in self.parts),
            "columns": columns[0],
            "divided_by": self.divided_by,
            "parts": parts,
        }

    @property
    def sha256(self) -> str:
        """Names the table's content: of its only file, or of the lines ``value sha256`` of the files of a divided one."""
        if self.divided_by is None:
            return self.parts[0].sha256
        lines = "".join(f"{part.value} {part.sha256}\n" for part in self.parts)
        return hashlib.sha256(lines.encode()).hexdigest()

    @property
    def rows(self) -> int:
        """Rows of all files."""
        return sum(part.rows for part in self.parts)

    @property
    def firsts(self) -> list[int]:
        """Position in the table of every file's first row."""
        return list(accumulate((part.rows for part in self.parts[:-1]), initial=0))

    def scan(self, store: ColumnarStore) -> pl.LazyFrame:
        """The rows, to be filtered before they are collected."""
        return store.scan(*(part.sha256 for part in self.parts))

    def get(self, store: ColumnarStore, columns: list[str] | None = None) -> pl.DataFrame:
        """All rows; blocks."""
        rows = self.scan(store)
        return (rows if columns is None else rows.select(columns)).collect()
