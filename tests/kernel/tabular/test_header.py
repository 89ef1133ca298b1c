"""The header: every misfit named, with what was probably meant."""

from __future__ import annotations

import polars as pl
import pytest

from shared.kernel.tabular.columns import ROW, Column
from shared.kernel.tabular.faults import FaultTable
from shared.kernel.tabular.header import match_header
from shared.kernel.tabular.readers.raw import Findings, RawTable, text_frame
from shared.terms.errors import DomainError

COLUMNS = (Column("student_code", aliases=("学号",)), Column("score"), Column("note", optional=True))


def matched(
    *headers: str | None, cell: str | None = "x"
) -> tuple[dict[str, int], list[tuple[str, str | None, str | None]]]:
    frame = text_frame([2], [[cell] for _ in headers])
    faults = FaultTable()
    raw = RawTable(frame, list(headers), [1] * len(headers), Findings().frame())
    found = match_header(raw, COLUMNS, faults)
    assert set(faults.frame.get_column(ROW)) <= {1}
    return found, list(faults.frame.select("code", "column", "allowed").iter_rows())


def test_names_aliases_and_surrounding_blanks() -> None:
    assert matched("学号", " score\u3000") == ({"student_code": 0, "score": 1}, [])


def test_unknown_columns_are_told_what_was_probably_meant() -> None:
    _, faults = matched("student_code", "scores", "zzz")
    assert faults == [
        ("column.unknown_near", "scores", "score"),
        ("column.unknown", "zzz", "note、score、student_code、学号"),
        ("column.missing", "score", "score"),
    ]


@pytest.mark.parametrize("header", ["Score", "SCORE", "ｓｃｏｒｅ", "s c o r e"])
def test_miscased_header_is_one_fault_not_two(header: str) -> None:
    assert matched("student_code", header) == ({"student_code": 0}, [("column.miscased", header, "score")])


def test_duplicates_also_by_alias() -> None:
    found, faults = matched("student_code", "score", "score", "学号")
    assert found == {"student_code": 0, "score": 1}
    assert faults == [("column.duplicate", "score", None), ("column.duplicate", "学号", None)]


def test_column_without_a_name_matters_only_when_filled() -> None:
    assert matched("student_code", "score", None)[1] == [("column.unnamed", None, None)]
    assert matched("student_code", "score", "", cell=" ")[1] == []


def test_optional_column_may_be_absent_a_required_one_not() -> None:
    assert matched("score")[1] == [("column.missing", "student_code", "student_code、学号")]


def test_no_known_name_at_all_is_no_header() -> None:
    with pytest.raises(DomainError) as caught:
        matched("20240001", "张三")
    assert caught.value.code == "table.no_header"
    assert "张三" not in str(caught.value.params)


def test_frame_of_a_table_without_rows() -> None:
    raw = RawTable(text_frame([], [[], []]), ["student_code", "score"], [1, 1], Findings().frame())
    assert match_header(raw, COLUMNS, FaultTable()) == {"student_code": 0, "score": 1}
    assert raw.frame.schema == {ROW: pl.UInt32, "c0": pl.String, "c1": pl.String}
