"""From text cells to typed columns, whole columns at a time; each bad cell becomes null and one fault."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import polars as pl

from shared.kernel.tabular.columns import DECIMAL_DIGITS, ROW, Column, ColumnKind
from shared.kernel.tabular.faults import FaultTable
from shared.kernel.tabular.text_rules import CONTROL, NUMBER, looks_like_formula, normalized, stripped

TRUTHS = {"true": True, "1": True, "是": True, "yes": True, "y": True}
FALSEHOODS = {"false": False, "0": False, "否": False, "no": False, "n": False}
REPORTED = ""
"""Stands for a fault that the reader has already noted for this cell."""

_CODE = "_fault_code"
BLOCK_CELLS = 4_000_000
"""Cells looked at together: the columns of a small table in one query, those of a large one a few at a time."""


def type_columns(
    text: pl.DataFrame,
    columns: Sequence[Column],
    faults: FaultTable,
    *,
    reported: Mapping[str, Collection[int]],
    cell_length: int,
) -> dict[str, pl.Series]:
    """The typed values of many columns, as :func:`type_column` gives them; columns without a fault cost one query.

    Args:
        text: ``row`` and each column's raw text under its name.
        columns: what is expected.
        faults: receives the faults, in the order of the columns.
        reported: by column, rows whose cell already has a fault.
        cell_length: longest text of a column that names no length of its own.
    """
    typed: dict[str, pl.Series] = {}
    for block in _blocks(columns, text.height):
        cleaned = _all_cleaned(text, block)
        sound = _sound_columns(cleaned, [c for c in block if not reported.get(c.name)], cell_length=cell_length)
        values = cleaned.select(pl.col(column.name).cast(column.dtype) for column in sound)
        typed |= dict(zip(values.columns, values.get_columns(), strict=True))
        for column in block:
            if column.name not in typed:
                rows = reported.get(column.name, frozenset())
                cells = text.select(ROW, column.name)
                typed[column.name] = type_column(cells, column, faults, reported_rows=rows, cell_length=cell_length)
    return typed


def _blocks(columns: Sequence[Column], height: int) -> Iterator[Sequence[Column]]:
    most = max(1, BLOCK_CELLS // max(height, 1))
    for first in range(0, len(columns), most):
        yield columns[first : first + most]


def _all_cleaned(text: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    """Cells without surrounding blanks, and numbers and codes in ordinary characters."""
    cleaned = text.select(stripped(pl.col(column.name)) for column in columns)
    folded = [pl.col(column.name) for column in columns if column.kind is not ColumnKind.TEXT]
    ascii_only = cleaned.select((cell.str.len_bytes() == cell.str.len_chars()).all() for cell in folded)
    odd = [
        name
        for name, value in zip(ascii_only.columns, ascii_only.rows()[0] if folded else (), strict=True)
        if not value
    ]
    return cleaned.with_columns(stripped(normalized(pl.col(name))) for name in odd)


def _sound_columns(cleaned: pl.DataFrame, columns: Sequence[Column], *, cell_length: int) -> list[Column]:
    """Columns that need no second look: plain numbers, and text or codes without any fault."""
    checks = {column.name: _soundness(column, cell_length) for column in columns}
    asked = {name: check for name, check in checks.items() if check is not None}
    found = cleaned.select(check.all().alias(name) for name, check in asked.items())
    known = dict(zip(found.columns, found.rows()[0] if asked else (), strict=True))
    return [column for column in columns if known.get(column.name)]


def _soundness(column: Column, cell_length: int) -> pl.Expr | None:
    """Whether a cell is beyond doubt; ``None`` for a column that has to be looked at cell by cell."""
    if column.kind in (ColumnKind.TEXT, ColumnKind.CODE):
        return _first_fault(column, (), length=column.max_length or cell_length).is_null()
    pattern = _plain_number(column)
    if pattern is None:
        return None
    plain = pl.col(column.name).str.contains(pattern)
    return plain.fill_null(value=False) if column.required else plain


def type_column(
    text: pl.DataFrame, column: Column, faults: FaultTable, *, reported_rows: Collection[int], cell_length: int
) -> pl.Series:
    """The typed values of one column, null where the cell is blank or at fault.

    Args:
        text: ``row`` and the column's raw text under its name.
        column: what is expected.
        faults: receives one fault per bad cell, the first rule that applies.
        reported_rows: rows whose cell in this column already has a fault.
        cell_length: longest text of a column that names no length of its own.
    """
    cleaned = text.select(ROW, _cleaned(text, column))
    length = column.max_length or cell_length
    if not reported_rows and _is_plain(cleaned, column):
        return cleaned.get_column(column.name).cast(column.dtype)
    typed = cleaned.with_columns(_first_fault(column, reported_rows, length=length).alias(_CODE))
    sound = pl.when(pl.col(_CODE).is_null()).then(pl.col(column.name))
    typed = typed.with_columns(_typed=_cast(sound, column))
    # The rules should leave nothing that does not convert; whatever does not is still a fault, never a silent blank.
    lost = pl.col(_CODE).is_null() & pl.col(column.name).is_not_null() & pl.col("_typed").is_null()
    typed = typed.with_columns(pl.when(lost).then(pl.lit("cell.not_a_number")).otherwise(pl.col(_CODE)).alias(_CODE))
    _report(typed.filter(pl.col(_CODE) != REPORTED), column, faults, length=length)
    return typed.get_column("_typed").alias(column.name)


def _cleaned(text: pl.DataFrame, column: Column) -> pl.Expr:
    value = stripped(pl.col(column.name))
    if column.kind is ColumnKind.TEXT or _is_ascii(text.get_column(column.name)):
        return value
    return stripped(normalized(value))


def _is_ascii(values: pl.Series) -> bool:
    return bool((values.str.len_bytes() == values.str.len_chars()).all())


def _is_plain(cleaned: pl.DataFrame, column: Column) -> bool:
    """Whether a number column holds nothing but plain short numbers, as most do: then no rule needs to look twice."""
    pattern = _plain_number(column)
    values = cleaned.get_column(column.name)
    if pattern is None or (column.required and values.null_count()):
        return False
    return bool(values.str.contains(pattern).all())


def _plain_number(column: Column) -> str | None:
    """What a plain short number of a column looks like; ``None`` where that is not all that is asked of it."""
    if column.allowed is not None or column.pattern is not None or column.max_length is not None:
        return None
    match column.kind:
        case ColumnKind.DECIMAL:
            digits = rf"(?:\.[0-9]{{1,{column.decimals}}})?" if column.decimals else ""
            return rf"^-?[0-9]{{1,9}}{digits}$"
        case ColumnKind.INTEGER:
            return "^-?[0-9]{1,9}$"
        case _:
            return None


def _first_fault(column: Column, reported_rows: Collection[int], *, length: int) -> pl.Expr:
    value = pl.col(column.name)
    rules: list[tuple[pl.Expr, str]] = []
    if reported_rows:
        rows = pl.Series(list(reported_rows), dtype=pl.UInt32)
        rules.append((pl.col(ROW).is_in(rows.implode()), REPORTED))
    if column.required:
        rules.append((value.is_null(), "cell.missing"))
    # Codes are folded to NFKC, which may bring a blank or control character to light, so this looks at the result.
    rules.append((value.str.contains(CONTROL), "cell.control_character"))
    rules.append((value.str.len_chars() > length, "cell.too_long"))
    rules += _kind_rules(value, column)
    if column.allowed is not None:
        rules.append((~value.is_in(pl.Series(column.allowed, dtype=pl.String).implode()), "cell.not_allowed"))
    if column.pattern is not None:
        rules.append((~value.str.contains(f"^(?:{column.pattern})$"), "cell.pattern"))
    return pl.coalesce([pl.when(mask).then(pl.lit(code)) for mask, code in rules])


def _kind_rules(value: pl.Expr, column: Column) -> list[tuple[pl.Expr, str]]:
    match column.kind:
        case ColumnKind.TEXT | ColumnKind.CODE:
            return [(looks_like_formula(value), "cell.formula")]
        case ColumnKind.BOOLEAN:
            known = pl.Series([*TRUTHS, *FALSEHOODS], dtype=pl.String)
            return [(~value.str.to_lowercase().is_in(known.implode()), "cell.not_a_boolean")]
        case ColumnKind.DECIMAL:
            return [
                *_number_rules(value, column.decimals),
                (_fraction(value) > column.decimals, "cell.too_many_decimals"),
            ]
        case ColumnKind.INTEGER:
            return [*_number_rules(value, 0), (_fraction(value) > 0, "cell.not_an_integer")]


def _number_rules(value: pl.Expr, decimals: int) -> list[tuple[pl.Expr, str]]:
    whole = value.str.extract(r"^[+-]?0*([0-9]*)").str.len_bytes()
    return [
        (value.str.contains("^[=@]"), "cell.formula"),
        (~value.str.contains(NUMBER), "cell.not_a_number"),
        (whole > DECIMAL_DIGITS - decimals, "cell.out_of_range"),
    ]


def _fraction(value: pl.Expr) -> pl.Expr:
    """Digits after the decimal point, without trailing zeros."""
    return value.str.extract(r"\.([0-9]*)$").str.strip_chars_end("0").str.len_bytes().fill_null(0)


def _cast(value: pl.Expr, column: Column) -> pl.Expr:
    match column.kind:
        case ColumnKind.TEXT | ColumnKind.CODE:
            return value
        case ColumnKind.BOOLEAN:
            return value.str.to_lowercase().replace_strict(TRUTHS | FALSEHOODS, default=None, return_dtype=pl.Boolean)
        case ColumnKind.DECIMAL:
            return _plain(value).cast(column.dtype, strict=False)
        case ColumnKind.INTEGER:
            return _plain(value).str.replace(r"\..*$", "").cast(pl.Int64, strict=False)


def _plain(value: pl.Expr) -> pl.Expr:
    """A number without plus sign, leading zeros or a long tail of zeros, which the cast would not take."""
    text = value.str.replace(r"^([+-]?)0+([0-9])", "$1$2").str.strip_prefix("+")
    return text.str.replace(r"(\.[0-9]*?)0+$", "$1").str.strip_suffix(".").str.replace(r"^(-?)$", "${1}0")


def _report(typed: pl.DataFrame, column: Column, faults: FaultTable, *, length: int) -> None:
    digits = DECIMAL_DIGITS - (column.decimals if column.kind is ColumnKind.DECIMAL else 0)
    params: dict[str, dict[str, object]] = {
        "cell.too_long": {"limit": length},
        "cell.too_many_decimals": {"decimals": column.decimals},
        "cell.out_of_range": {"digits": digits},
    }
    allowed = {
        "cell.not_allowed": "、".join(column.allowed or ()),
        "cell.pattern": column.hint or column.pattern,
        "cell.not_a_boolean": "true、false、1、0、是、否",
    }
    for (code,), part in typed.partition_by(_CODE, as_dict=True, maintain_order=True).items():
        name = str(code)
        faults.add_rows(
            part, name, column=column.name, value=column.name, allowed=allowed.get(name), params=params.get(name)
        )
