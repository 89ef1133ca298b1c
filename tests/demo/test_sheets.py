"""Mark sheets: complete, in every format, the same bytes each time; and the broken one."""

from __future__ import annotations

import io
from collections import Counter

import polars as pl
import pytest

from demo.exam import MARKS, agrees, definition, round_full_mark
from demo.mapping import roster
from demo.sheets import CHINESE, Format, Sheet, broken_copy, file_of, joined, mark_sheets


@pytest.fixture(scope="module")
def sheets(pupils: pl.DataFrame) -> tuple[Sheet, ...]:
    return mark_sheets(pupils)


def test_every_school_and_every_way_of_sending_is_there(sheets: tuple[Sheet, ...]) -> None:
    ways = Counter(sheet.format for sheet in sheets)
    assert set(ways) == set(Format)
    assert sum(ways.values()) == 131
    assert ways[Format.CSV] > 65
    assert sum(sheet.frame.height for sheet in sheets) == 2_287


def test_marks_are_those_of_the_data(sheets: tuple[Sheet, ...], pupils: pl.DataFrame) -> None:
    frame = pl.concat([sheet.frame for sheet in sheets])
    assert frame.select(*MARKS).sum().row(0) == pupils.select(*MARKS).sum().row(0)
    first = frame.filter(pl.col("candidate_id") == "0017001").row(0, named=True)
    assert (first["language"], first["arithmetic"], first["language_intake"]) == (46, 24, 36)
    assert (first["class_code"], first["denomination"], first["school_ses"]) == ("180", "1", 11)


def test_numbers_agree_with_the_roster(sheets: tuple[Sheet, ...], pupils: pl.DataFrame, areas: tuple[str, ...]) -> None:
    enrolled = {
        (row["student_number"], row["school_code"], row["class_code"]) for row in roster(pupils, areas).enrollments
    }
    columns = ["student_id", "school_code", "class_code"]
    assert {row for sheet in sheets for row in sheet.frame.select(columns).iter_rows()} == enrolled


@pytest.mark.parametrize("kind", [Format.CSV, Format.GBK, Format.PARQUET, Format.XLSX])
def test_a_file_holds_the_sheet_and_is_made_alike_each_time(kind: Format, sheets: tuple[Sheet, ...]) -> None:
    frame = sheets[0].frame
    body = file_of(frame, kind)
    assert body == file_of(frame, kind)
    assert _read(body, kind)["candidate_id"].to_list() == frame["candidate_id"].to_list()


def _read(body: bytes, kind: Format) -> pl.DataFrame:
    if kind is Format.PARQUET:
        return pl.read_parquet(io.BytesIO(body))
    if kind is Format.XLSX:
        english = {zh: en for en, zh in CHINESE.items()}
        return pl.read_excel(io.BytesIO(body), engine="calamine").rename(english, strict=False)
    text = body.decode("gbk" if kind is Format.GBK else "utf-8")
    table = pl.read_csv(io.StringIO(text), infer_schema=False)
    return table.rename({zh: en for en, zh in CHINESE.items()}, strict=False)


def test_the_joined_file_is_all_of_them(sheets: tuple[Sheet, ...]) -> None:
    table = pl.read_csv(io.BytesIO(joined(sheets[:3])), infer_schema=False)
    assert table.height == sum(sheet.frame.height for sheet in sheets[:3])
    assert table["school_code"].n_unique() == 3


def test_the_broken_copy_is_wrong_where_it_says_and_nowhere_else(sheets: tuple[Sheet, ...]) -> None:
    chosen, other = sheets[10], sheets[11]
    frame, breaks = broken_copy(chosen, other)
    rows = frame.to_dicts()
    assert [entry.row for entry in breaks] == [2, 3, 4, len(rows), len(rows) + 1]
    assert (rows[0]["arithmetic"], rows[1]["language"]) == ("31", "17.5")
    assert (rows[2]["arithmetic"], rows[2]["arithmetic_status"]) == ("0", "缺考")
    assert rows[-2]["student_id"] in other.frame["student_id"].to_list()
    assert rows[-1] == rows[3]
    untouched = pl.DataFrame(rows[3:-2])[chosen.frame.columns]
    assert untouched.equals(chosen.frame[3:].cast(pl.String))


def test_full_marks_hold_the_data_and_are_stated(pupils: pl.DataFrame) -> None:
    body = definition(pupils, ["2152900001"])
    full = {subject["code"]: int(subject["full_mark"]) for subject in body["subjects"]}
    assert full == {"language": 58, "arithmetic": 30, "language_intake": 50, "arithmetic_intake": 20}
    assert all(max(pupils[code].to_list()) <= mark for code, mark in full.items())
    assert (round_full_mark(49), round_full_mark(50), round_full_mark(51)) == (50, 50, 60)


def test_a_definition_agrees_despite_defaults_but_not_despite_changes(pupils: pl.DataFrame) -> None:
    body = definition(pupils, ["2152900001"])
    stored = body | {"rates": [], "subjects": [subject | {"band_width": "10"} for subject in body["subjects"]]}
    assert agrees(stored, body)
    assert not agrees(stored | {"min_n": 10}, body)
    assert not agrees(stored | {"subjects": stored["subjects"][:3]}, body)
