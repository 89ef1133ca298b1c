"""What a caller expects of a table: its columns, its limits, its formats."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from enum import StrEnum

import polars as pl

ROW = "row"
"""Name of the row-number column in every frame of this package (``UInt32``, as the caller counts)."""

DECIMAL_DIGITS = 18
"""Digits a decimal column holds in all, so that a scaled value always fits in an ``Int64``."""


class TableFormat(StrEnum):
    """The formats accepted; the value is what users are shown."""

    CSV = "CSV"
    XLSX = "XLSX"
    PARQUET = "Parquet"
    NDJSON = "NDJSON"


class ColumnKind(StrEnum):
    """How the text of a cell is to be understood."""

    TEXT = "text"
    DECIMAL = "decimal"
    INTEGER = "integer"
    CODE = "code"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Column:
    """One expected column.

    Args:
        name: header as it must be written, and the name in the typed frame.
        kind: ``text`` and ``code`` give ``String`` (a code is NFKC-normalized), ``decimal`` gives an exact
            ``Decimal(18, decimals)``, ``integer`` ``Int64``, ``boolean`` ``Boolean``.
        required: every row must have a value.
        optional: the whole column may be absent; it is then all null in the typed frame.
        aliases: other headers accepted for the same column, e.g. the Chinese title of a template.
        pattern: regular expression (Rust syntax) the whole value must match.
        hint: what ``pattern`` means, shown to people instead of it.
        allowed: the closed set of values.
        max_length: longest value in characters; ``TableLimits.cell_length`` when ``None``.
        decimals: digits after the decimal point of a ``decimal`` column; a finer value is a fault, never rounded.
        sensitive: values are never repeated in a fault and never serve as ``source_id``.
    """

    name: str
    kind: ColumnKind = ColumnKind.TEXT
    _: KW_ONLY
    required: bool = False
    optional: bool = False
    aliases: tuple[str, ...] = ()
    pattern: str | None = None
    hint: str | None = None
    allowed: tuple[str, ...] | None = None
    max_length: int | None = None
    decimals: int = 6
    sensitive: bool = False

    def __post_init__(self) -> None:
        if self.name == ROW:
            raise ValueError(f"a column may not be called {ROW!r}: it is the row number's name")
        if not 0 <= self.decimals <= 9:
            raise ValueError("decimals must lie between 0 and 9")

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header accepted for this column, its own name first."""
        return (self.name, *self.aliases)

    @property
    def must_be_text(self) -> bool:
        """Whether a spreadsheet cell of number type has lost digits or leading zeros that matter here."""
        return self.kind is ColumnKind.CODE or (self.kind is ColumnKind.TEXT and self.sensitive)

    @property
    def dtype(self) -> pl.DataType:
        """Type of this column in the typed frame."""
        match self.kind:
            case ColumnKind.DECIMAL:
                return pl.Decimal(DECIMAL_DIGITS, self.decimals)
            case ColumnKind.INTEGER:
                return pl.Int64()
            case ColumnKind.BOOLEAN:
                return pl.Boolean()
            case ColumnKind.TEXT | ColumnKind.CODE:
                return pl.String()

    def scaled(self) -> pl.Expr:
        """The typed decimal column as an exact ``Int64``: value × 10^decimals.

        ``column.scaled() % column.scale(step) == 0`` tells whether a mark lies on the grid of ``step`` and
        ``column.scaled() // column.scale(step)`` is its number of steps, both in integers.
        """
        return pl.col(self.name).to_physical().cast(pl.Int64)

    def scale(self, value: Decimal | str | int) -> int:
        """``value`` × 10^decimals as an exact integer; raises ``ValueError`` when ``value`` is finer than the column."""
        scaled = Decimal(value).scaleb(self.decimals)
        if scaled != int(scaled):
            raise ValueError(f"{value} has more than {self.decimals} decimals")
        return int(scaled)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLimits:
    """How much a table may cost.

    Args:
        bytes: size of the file.
        rows: rows below the header.
        columns: columns.
        cells: rows × columns of the used rectangle.
        cell_length: characters in one cell.
        line_bytes: bytes of one NDJSON line.
        text_bytes: bytes of all cells as text; compressed formats can repeat one long text millions of times.
        seconds: wall time of the parsing child.
        cpu_seconds: its CPU time.
        memory_bytes: its address space.
    """

    bytes: int = 256 * 2**20
    rows: int = 2_000_000
    columns: int = 256
    cells: int = 40_000_000
    cell_length: int = 4_000
    line_bytes: int = 2**20
    text_bytes: int = 512 * 2**20
    seconds: float = 60.0
    cpu_seconds: int = 30
    memory_bytes: int = 2 * 2**30
