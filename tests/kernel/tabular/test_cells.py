"""Rules of one column: specification by example, then exactness as a property."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel.tabular.cells import type_column, type_columns
from shared.kernel.tabular.columns import ROW, Column, ColumnKind
from shared.kernel.tabular.faults import FaultTable
from shared.kernel.tabular.text_rules import BLANKS


def typed(values: list[str | None], column: Column) -> tuple[list[object], dict[int, str]]:
    """Typed values and the fault code of each bad row (rows count from 2)."""
    rows = pl.Series(ROW, range(2, 2 + len(values)), dtype=pl.UInt32)
    text = pl.DataFrame([rows, pl.Series(column.name, values, dtype=pl.String)])
    faults = FaultTable()
    result = type_column(text, column, faults, reported_rows=(), cell_length=100)
    assert result.dtype == column.dtype
    return result.to_list(), dict(faults.frame.select(ROW, "code").iter_rows())


SCORE = Column("score", ColumnKind.DECIMAL, decimals=2)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("85", "85"),
        ("85.50", "85.5"),
        ("085.5000000000", "85.5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-0.25", "-0.25"),
        ("+3", "3"),
        ("８５．５", "85.5"),
        ("\u3000 85\u00a0", "85"),
        ("\t85\r\n", "85"),
        ("9999999999999999.99", "9999999999999999.99"),
        ("0000000000000000000000001", "1"),
        ("-0", "0"),
        ("0.000", "0"),
        (".0", "0"),
    ],
)
def test_numbers_people_write(text: str, value: str) -> None:
    # A value that is no plain number rides along, so that the careful path is taken as well as the quick one.
    assert typed([text], SCORE)[0] == [Decimal(value)]
    assert typed([text, "x"], SCORE) == ([Decimal(value), None], {3: "cell.not_a_number"})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("8O", "cell.not_a_number"),
        ("1,5", "cell.not_a_number"),
        ("1e3", "cell.not_a_number"),
        ("NaN", "cell.not_a_number"),
        ("inf", "cell.not_a_number"),
        ("--1", "cell.not_a_number"),
        (".", "cell.not_a_number"),
        ("-", "cell.not_a_number"),
        ("٣", "cell.not_a_number"),
        ("85分", "cell.not_a_number"),
        ("true", "cell.not_a_number"),
        ("=1+1", "cell.formula"),
        ("＝1", "cell.formula"),
        ("1.005", "cell.too_many_decimals"),
        ("12345678901234567", "cell.out_of_range"),
        ("1" * 101, "cell.too_long"),
        ("8\x005", "cell.control_character"),
    ],
)
def test_what_is_not_a_mark(text: str, code: str) -> None:
    assert typed([text, "1"], SCORE) == ([None, Decimal(1)], {2: code})


def test_integers_booleans_and_codes() -> None:
    rank = Column("rank", ColumnKind.INTEGER)
    assert typed(["7", "7.00", "7.5", "１", "-3", "999999999999999999"], rank) == (
        [7, 7, None, 1, -3, 999_999_999_999_999_999],
        {4: "cell.not_an_integer"},
    )
    boarder = Column("boarder", ColumnKind.BOOLEAN)
    assert typed(["是", "否", "TRUE", "n", "0", "maybe", None], boarder) == (
        [True, False, True, False, False, None, None],
        {7: "cell.not_a_boolean"},
    )
    code = Column("code", ColumnKind.CODE, required=True, pattern="[0-9]+|[A-Z]+")
    assert typed(["０１２", "AB", "A1", None, " "], code) == (
        ["012", "AB", None, None, None],
        {4: "cell.pattern", 5: "cell.missing", 6: "cell.missing"},
    )


@pytest.mark.parametrize("start", ["=", "+", "@", "-", "＝", "＋", "＠", "－", "\t=", "\r+", "\u3000@"])
def test_texts_that_would_run(start: str) -> None:
    assert typed([start + "cmd|' /C calc'!A0", "ok"], Column("name")) == ([None, "ok"], {2: "cell.formula"})


def test_texts_that_only_look_dangerous() -> None:
    values = ["-5", "-3.5", "－５", "a=b", "１年级", "'=1", "\t522401", "a\nb"]
    assert typed(list(values), Column("name"))[0] == ["-5", "-3.5", "－５", "a=b", "１年级", "'=1", "522401", "a\nb"]


def test_one_fault_a_cell_and_none_where_the_reader_found_one() -> None:
    column = Column("status", required=True, allowed=("present",))
    rows = pl.DataFrame({ROW: [2, 3, 4], "status": [None, "x", "present"]}, schema_overrides={ROW: pl.UInt32})
    faults = FaultTable()
    result = type_column(rows, column, faults, reported_rows={2, 4}, cell_length=100)
    assert result.to_list() == [None, None, None]
    assert faults.frame.select(ROW, "code", "allowed").rows() == [(3, "cell.not_allowed", "present")]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.decimals(min_value=1 - 10**15, max_value=10**15 - 1, places=3),
            st.sampled_from(["", "0", "00000"]),
            st.sampled_from(["", " ", "\u3000"]),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_every_decimal_comes_back_exactly(entries: list[tuple[Decimal, str, str]]) -> None:
    column = Column("score", ColumnKind.DECIMAL, decimals=3)
    texts: list[str | None] = [f"{blank}{number:f}{zeros}{blank}" for number, zeros, blank in entries]
    values, faults = typed(texts, column)
    assert values == [number for number, _, _ in entries]
    assert not faults
    frame = pl.DataFrame({"score": pl.Series(values, dtype=column.dtype)})
    assert frame.select(column.scaled()).to_series().to_list() == [int(number * 1000) for number, _, _ in entries]


@settings(deadline=None)
@given(st.lists(st.one_of(st.text(max_size=12), st.from_regex(r"[-+0-9.０-９ ]{0,12}")), min_size=1, max_size=20))
def test_every_cell_is_a_value_a_blank_or_a_fault(texts: list[str]) -> None:
    for column in (SCORE, Column("rank", ColumnKind.INTEGER), Column("flag", ColumnKind.BOOLEAN), Column("name")):
        values, faults = typed(list(texts), column)
        for row, (text, value) in enumerate(zip(texts, values, strict=True), start=2):
            blank = not unicodedata.normalize("NFKC", text.strip(BLANKS)).strip(BLANKS)
            assert [value is not None, row in faults, blank].count(True) == 1


CELLS = st.lists(
    st.sampled_from(["85", "85.5", " 7 ", "９", "A1", "=1+1", "x\x01", "", None, "-1", "缺考", "12345678901"])
)
MANY = [
    SCORE,
    Column("whole", ColumnKind.INTEGER, required=True),
    Column("code", ColumnKind.CODE, max_length=4),
    Column("words", allowed=("85", "缺考")),
    Column("truth", ColumnKind.BOOLEAN),
]


@given(st.lists(CELLS.filter(lambda cells: len(cells) >= 6), min_size=5, max_size=5), st.sets(st.integers(2, 7)))
@settings(max_examples=60, deadline=None)
def test_columns_typed_together_are_those_typed_one_by_one(cells: list[list[str | None]], reported: set[int]) -> None:
    rows = pl.Series(ROW, range(2, 8), dtype=pl.UInt32)
    columns = [pl.Series(c.name, values[:6], dtype=pl.String) for c, values in zip(MANY, cells, strict=True)]
    text = pl.DataFrame([rows, *columns])
    together, apart = FaultTable(), FaultTable()
    found = type_columns(text, MANY, together, reported={"whole": reported}, cell_length=10)
    for column in MANY:
        seen = reported if column.name == "whole" else ()
        one = type_column(text.select(ROW, column.name), column, apart, reported_rows=seen, cell_length=10)
        assert found[column.name].equals(one, check_dtypes=True, null_equal=True)
    assert together.frame.sort(pl.all()).equals(apart.frame.sort(pl.all()))
