"""Set-based upsert: one statement for thousands of rows, which says what became of each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import BigInteger, Column, Date, Integer, LargeBinary, Numeric, SmallInteger, Table, TextClause, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession

CHUNK_ROWS = 5_000
Key = tuple[str, ...]


@dataclass(frozen=True)
class Upsert:
    """How rows of a table are written by natural key.

    Args:
        table: the table; has ``version`` and ``updated_at``.
        compared: columns whose change makes a new version; a row equal in all of them is left alone.
        carried: columns written along, but not compared (a ciphertext differs each time).
    """

    table: Table
    compared: tuple[str, ...]
    carried: tuple[str, ...] = ()

    @cached_property
    def key(self) -> tuple[str, ...]:
        """Columns of the natural key, the table's primary key."""
        return tuple(column.name for column in self.table.primary_key.columns)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Columns written."""
        return (*self.key, *self.compared, *self.carried)

    def key_of(self, values: Mapping[str, Any]) -> Key:
        """A row's natural key."""
        return tuple(values[name] for name in self.key)

    @cached_property
    def statement(self) -> TextClause:
        """The statement; its parameters are one array per column."""
        table, names = self.table.name, self.columns
        kinds = {name: _kind(self.table.c[name]) for name in names}
        arrays = ", ".join(f"cast(:{name} as {kinds[name].sent}[])" for name in names)
        values = ", ".join(f"cast(sent.{name} as {kinds[name].stored})" for name in names)
        changed = ", ".join(f"{name} = excluded.{name}" for name in (*self.compared, *self.carried))
        before = ", ".join(f"{table}.{name}" for name in self.compared)
        after = ", ".join(f"excluded.{name}" for name in self.compared)
        returned = ", ".join(f"{table}.{name}" for name in self.key)
        return text(
            f"insert into {table} ({', '.join(names)}) "  # noqa: S608 - names of our own columns only
            f"select {values} from unnest({arrays}) as sent({', '.join(names)}) "
            f"on conflict ({', '.join(self.key)}) do update set {changed}, "
            f"version = {table}.version + 1, updated_at = now() "
            f"where ({before}) is distinct from ({after}) "
            f"returning {returned}, {table}.xmax = 0"
        )

    async def write(self, session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> dict[Key, bool]:
        """Writes rows of distinct keys, in key order so that writers never wait in a circle.

        Returns:
            Keys of the rows that changed something: true where the row is new.
        """
        changed: dict[Key, bool] = {}
        ordered = sorted(rows, key=self.key_of)
        for start in range(0, len(ordered), CHUNK_ROWS):
            chunk = ordered[start : start + CHUNK_ROWS]
            arrays = {name: [_sent(row[name]) for row in chunk] for name in self.columns}
            for *key, is_new in await session.execute(self.statement, arrays):
                changed[tuple(key)] = is_new
        return changed


@dataclass(frozen=True, slots=True)
class _Kind:
    sent: str
    stored: str


def _kind(column: Column[Any]) -> _Kind:
    match column.type:
        case SmallInteger() | Integer() | BigInteger():
            return _Kind("bigint", "bigint")
        case Numeric():
            return _Kind("numeric", "numeric")
        case Date():
            return _Kind("date", "date")
        case LargeBinary():
            return _Kind("bytea", "bytea")
        case JSONB():
            return _Kind("text", "jsonb")
        case ARRAY():
            # An array of arrays would be one rectangle to unnest, so each goes as a literal of its own.
            return _Kind("text", "text[]")
        case _:
            return _Kind("text", "text")


def _sent(value: Any) -> Any:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    if isinstance(value, list | tuple):
        return "{" + ",".join(f'"{item}"' for item in value) + "}"
    return value
