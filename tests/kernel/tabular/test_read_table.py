"""Reading: row numbers as the caller counts them, encodings, faults named by row and column, limits."""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from shared.kernel.tabular.columns import Column, ColumnKind, TableFormat, TableLimits
from shared.kernel.tabular.read import ReadTable, read_table
from shared.terms.errors import DomainError
from tests.kernel.tabular.tables import COLUMNS, HEADER, SHEET, WRITERS, repacked, sheet_xml, write_csv, write_xlsx

ROWS: list[list[str | None]] = [
    ["A001", " 张三　", "present", "85.50"],
    ["Ａ００２", "李四", "absent", None],
    ["A003", "王五", "present", "１００"],
]


def read(path: Path, columns: Sequence[Column] = COLUMNS, **options: object) -> ReadTable:
    return read_table(path, media_type_or_name=path.name, columns=columns, source_id="student_code", **options)  # type: ignore[arg-type]


def found(table: ReadTable) -> list[tuple[int | None, str | None, str]]:
    return [(fault.row, fault.column, fault.code) for fault in table.faults.first()]


@pytest.mark.parametrize("suffix", WRITERS)
def test_same_table_from_every_format(tmp_path: Path, suffix: str) -> None:
    table = read(WRITERS[suffix](tmp_path / f"marks{suffix}", HEADER, ROWS))
    first = 1 if suffix == ".ndjson" else 2
    assert table.frame.get_column("row").to_list() == [first, first + 1, first + 2]
    assert table.frame.get_column("student_code").to_list() == ["A001", "A002", "A003"]
    assert table.frame.get_column("name").to_list() == ["张三", "李四", "王五"]
    assert table.frame.get_column("score").to_list() == [Decimal("85.50"), None, Decimal("100.00")]
    assert table.frame.columns == ["row", *(column.name for column in COLUMNS)]
    assert not table.faults
    assert table.row_count == 3


def test_marks_are_exact_integers(tmp_path: Path) -> None:
    score = Column("score", ColumnKind.DECIMAL, decimals=3)
    values = [f"{number / 10:.1f}" for number in range(1510)]
    path = write_csv(tmp_path / "marks.csv", ["student_code", "score"], [["A001", value] for value in values])
    table = read(path, [Column("student_code"), score])
    steps = table.frame.select(score.scaled() // score.scale("0.1"), rest=score.scaled() % score.scale("0.1"))
    assert steps.to_series(0).to_list() == list(range(1510))
    assert steps.get_column("rest").sum() == 0
    with pytest.raises(ValueError, match="decimals"):
        score.scale("0.0001")


def test_csv_rows_are_records_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    path = tmp_path / "marks.csv"
    path.write_bytes(
        b"\xef\xbb\xbfstudent_code,name,status,score\r\n"
        b'A001,"one ""quoted""\r\nand, a comma",present,1\r\n'
        b"\r\n"
        b"A002,two,present,bad\r\n"
        b",,,\r\n"
        b"A003,three,present\r\n"
        b"A004,four,present,1,2\r\n"
        b"A005,five,present,x\r\n"
        b"\r\n\r\n"
    )
    table = read(path)
    assert table.encoding == "utf-8-sig"
    assert table.frame.get_column("row").to_list() == [2, 4, 8]
    assert table.frame.item(0, "name") == 'one "quoted"\r\nand, a comma'
    assert found(table) == [
        (4, "score", "cell.not_a_number"),
        (6, None, "row.ragged"),
        (7, None, "row.ragged"),
        (8, "score", "cell.not_a_number"),
    ]
    ragged = table.faults.first()[2]
    assert (ragged.params["found"], ragged.params["expected"], ragged.source_id) == (5, 4, "A004")


@pytest.mark.parametrize(
    ("encoding", "reported"), [("gbk", "gb18030"), ("gb18030", "gb18030"), ("utf-8-sig", "utf-8-sig")]
)
def test_encodings_accepted(tmp_path: Path, encoding: str, reported: str) -> None:
    table = read(write_csv(tmp_path / "marks.csv", HEADER, ROWS, encoding=encoding))
    assert table.encoding == reported
    assert table.frame.get_column("name").to_list() == ["张三", "李四", "王五"]
    assert not table.faults


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_refused_by_name(tmp_path: Path, encoding: str) -> None:
    path = write_csv(tmp_path / "marks.csv", HEADER, [["A001", "x", "present", "1"]], encoding=encoding)
    with pytest.raises(DomainError) as caught:
        read(path)
    assert (caught.value.code, caught.value.params) == ("table.encoding", {"encoding": "UTF-16"})


def test_damaged_utf_8_is_not_mistaken_for_gbk(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "marks.csv", HEADER, [["A001", "张三李四王五赵六", "present", "1"]] * 20)
    content = path.read_bytes()
    at = content.index("赵".encode(), 200)
    path.write_bytes(content[:at] + content[at + 1 :])
    with pytest.raises(DomainError) as caught:
        read(path)
    assert caught.value.code == "table.undecodable"
    assert caught.value.params["line"] == content.count(b"\n", 0, at) + 1


def test_nul_byte_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "marks.csv"
    path.write_bytes(b"student_code,name,status,score\nA001,x,present,1\nA0\x0002,y,present,1\n")
    with pytest.raises(DomainError) as caught:
        read(path)
    assert (caught.value.code, caught.value.faults[0].row) == ("table.nul_bytes", 3)


def test_unbalanced_quote_names_its_row(tmp_path: Path) -> None:
    path = tmp_path / "marks.csv"
    path.write_text('student_code,name,status,score\nA001,x,present,1\nA002,"y,present,1\nA003,z,present,1\n')
    with pytest.raises(DomainError) as caught:
        read(path)
    assert (caught.value.code, caught.value.faults[0].code, caught.value.faults[0].row) == (
        "table.unreadable",
        "row.quoting",
        3,
    )


def test_tabs_and_semicolons_separate_too(tmp_path: Path) -> None:
    for mark in "\t;":
        path = tmp_path / "marks.csv"
        path.write_text(mark.join(HEADER) + "\n" + mark.join(["A001", "x", "present", "1"]) + "\n")
        assert read(path).frame.item(0, "status") == "present"


def test_all_faults_at_once_with_the_callers_key(tmp_path: Path) -> None:
    rows: list[list[str | None]] = [
        ["A001", "=cmd()", "present", "151"],
        ["A002", "x" * 41, "late", "8O"],
        ["a3", "-1+2", None, "1.005"],
        [None, "ok", "present", "1234567890123456789"],
    ]
    table = read(write_csv(tmp_path / "marks.csv", HEADER, rows))
    assert found(table) == [
        (2, "name", "cell.formula"),
        (3, "name", "cell.too_long"),
        (3, "status", "cell.not_allowed"),
        (3, "score", "cell.not_a_number"),
        (4, "student_code", "cell.pattern"),
        (4, "name", "cell.formula"),
        (4, "status", "cell.missing"),
        (4, "score", "cell.too_many_decimals"),
        (5, "student_code", "cell.missing"),
        (5, "score", "cell.out_of_range"),
    ]
    assert [fault.source_id for fault in table.faults.first()][:4] == ["A001", "A002", "A002", "A002"]
    assert table.frame.get_column("score").to_list() == [Decimal("151.00"), None, None, None]


def test_sensitive_values_are_never_repeated(tmp_path: Path) -> None:
    column = Column("identity_number", ColumnKind.CODE, pattern="[0-9X]{18}", sensitive=True)
    number = "52240119900101123"
    path = write_csv(
        tmp_path / "marks.csv", ["student_code", "identity_number"], [["A001", number], ["A002", "=" + number]]
    )
    table = read(path, [Column("student_code"), column])
    assert table.faults.counts_by_code() == {"cell.formula": 1, "cell.pattern": 1}
    assert number not in str(table.faults.frame.to_dicts()) + str(table.faults.first())


def test_a_file_without_header_does_not_have_its_first_pupil_repeated(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "marks.csv", ["A001", "张三", "present", "85"], [["A002", "李四", "present", "1"]])
    with pytest.raises(DomainError) as caught:
        read(path)
    assert caught.value.code == "table.no_header"
    assert "张三" not in str(caught.value.params)


def test_blank_lines_and_a_title_do_not_shift_rows_in_xlsx(tmp_path: Path) -> None:
    path = tmp_path / "marks.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for index, header in enumerate(HEADER):
            sheet.write_string(2, index + 1, header)
        sheet.write_row(3, 1, ["A001", "x", "present", 85.5])
        sheet.write_row(6, 1, ["A002", "y", "present", "bad"])
    table = read(path, [column for column in COLUMNS if column.name != "student_code"] + [Column("student_code")])
    assert table.header_row == 3
    assert table.frame.get_column("row").to_list() == [4, 7]
    assert found(table) == [(7, "score", "cell.not_a_number")]


def test_what_a_spreadsheet_hides_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "marks.xlsx"
    header = ["student_code", "identity_number", "name", "status", "score", "rank", "boarder"]
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, header)
        sheet.write_row(1, 0, ["A001", "", "NA", "present"])
        sheet.write_formula(1, 4, "=1+1", None, 2)
        sheet.write_row(2, 0, ["A002"])
        sheet.write_number(2, 1, 522401199001011234)
        sheet.write_row(2, 2, [3, "present", 0.1 + 0.2])
        sheet.write_row(3, 0, ["A003", "", "", "present"])
        sheet.write_formula(3, 4, "=NA()", None, "#N/A")
        sheet.write_number(4, 0, 1234)
        sheet.write_row(4, 3, ["present"])
        sheet.write_datetime(4, 4, datetime.datetime(2024, 5, 1), book.add_format({"num_format": "yyyy-mm-dd"}))  # noqa: DTZ001
        sheet.write_row(5, 0, ["A005", "", "", "present", 1e3, 7, True])
    table = read(path)
    assert found(table) == [
        (2, "score", "cell.formula"),
        (3, "identity_number", "cell.number_in_text_column"),
        (4, "score", "cell.error_value"),
        (5, "student_code", "cell.number_in_text_column"),
        (5, "score", "cell.not_a_number"),
    ]
    assert table.faults.first()[2].value == "#N/A"
    assert "5224" not in str(table.faults.first())
    assert table.frame.get_column("score").to_list() == [None, Decimal("0.30"), None, None, Decimal(1000)]
    assert table.frame.get_column("name").to_list() == ["NA", "3", None, None, None]
    assert table.frame.row(4)[-2:] == (7, True)


def test_sheet_is_the_first_visible_one_or_the_one_named(tmp_path: Path) -> None:
    path = tmp_path / "marks.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, code in (("藏", "H001"), ("一", "A001"), ("二", "B001")):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["student_code"])
            sheet.write_row(1, 0, [code])
            if name == "藏":
                sheet.hide()
            if name == "一":
                sheet.activate()
                sheet.set_first_sheet()
    columns = [Column("student_code")]
    assert (read(path, columns).sheet, read(path, columns).frame.item(0, 1)) == ("一", "A001")
    assert read(path, columns, sheet="二").frame.item(0, 1) == "B001"
    for name in ("藏", "三"):
        with pytest.raises(DomainError) as caught:
            read(path, columns, sheet=name)
        assert caught.value.code == "table.sheet_not_found"
        assert caught.value.params["sheets"] == "一、二"


def test_ndjson_lines_and_keys(tmp_path: Path) -> None:
    path = tmp_path / "marks.ndjson"
    good = {"student_code": "A001", "name": None, "status": "present", "score": 85.5}
    lines = [
        json.dumps(good),
        "",
        json.dumps(good | {"score": [1]}),
        '{"student_code": "A001", "student_code": "A002"}',
        "[1, 2]",
        '"{"',
        "{not json",
        '{"student_code": "A009", "score": NaN}',
        json.dumps(good | {"Score": 1, "score": "x", "rank": 3.0, "boarder": False}),
        '{"student_code": "A01\\ud800", "status": "present"}',
        '{"student_code": "A010", "status": "present", "score": 12345678901234567.12, "name": "\\u0000"}',
    ]
    path.write_text("\n".join(lines))
    table = read(path)
    assert found(table) == [
        (3, None, "row.nested_value"),
        (4, None, "row.duplicate_key"),
        (5, None, "row.not_an_object"),
        (6, None, "row.not_an_object"),
        (7, None, "row.malformed_json"),
        (8, None, "row.malformed_json"),
        (9, "Score", "column.miscased"),
        (9, "score", "cell.not_a_number"),
        (10, None, "row.bad_character"),
        (11, "name", "cell.control_character"),
        (11, "score", "cell.out_of_range"),
    ]
    assert table.frame.get_column("row").to_list() == [1, 9, 11]
    assert table.frame.row(1)[-2:] == (3, False)


def test_parquet_types_become_text_exactly(tmp_path: Path) -> None:
    path = tmp_path / "marks.parquet"
    frame = pl.DataFrame(
        {
            "student_code": [522401199001011234, 522401199001011235],
            "identity_number": [1.5, 2.5],
            "name": [["nested"], ["list"]],
            "status": pl.Series(["present", "absent"], dtype=pl.Categorical),
            "score": [85.25, float("nan")],
            "rank": pl.Series([1, None], dtype=pl.Int8),
            "boarder": [True, False],
        }
    )
    frame.write_parquet(path)
    table = read(path)
    assert table.format is TableFormat.PARQUET
    assert table.frame.get_column("student_code").to_list() == ["522401199001011234", "522401199001011235"]
    assert table.frame.get_column("score").to_list() == [Decimal("85.25"), None]
    assert found(table) == [
        (1, "identity_number", "column.float_in_text_column"),
        (1, "name", "column.type"),
        (3, "score", "cell.not_a_number"),
    ]


def test_limits_of_rows_columns_and_cells(tmp_path: Path) -> None:
    rows: list[list[str | None]] = [["A001", "x", "present", "1"]] * 10
    path = write_csv(tmp_path / "marks.csv", HEADER, rows)
    for limits, code in (
        (TableLimits(rows=9), "table.too_many_rows"),
        (TableLimits(columns=3), "table.too_many_columns"),
    ):
        with pytest.raises(DomainError) as caught:
            read(path, limits=limits)
        assert caught.value.code == code
    assert read(path, limits=TableLimits(rows=10, columns=4)).row_count == 10
    book = write_xlsx(tmp_path / "marks.xlsx", HEADER, rows)
    with pytest.raises(DomainError) as caught:
        read(book, limits=TableLimits(rows=9))
    assert caught.value.params["cell"] == "A11"


def test_hundred_thousand_rows_of_twelve_in_a_few_seconds(tmp_path: Path) -> None:
    scores = [Column(f"s{index}", ColumnKind.DECIMAL, decimals=1) for index in range(10)]
    path = tmp_path / "marks.xlsx"
    values = [f"<c><v>{index}.5</v></c>" for index in range(10)]
    titles = "".join(
        f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in ["student_code", "name", *(c.name for c in scores)]
    )
    rows = "".join(
        f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>A{row:08}</t></is></c><c t="inlineStr"><is><t>n</t></is></c>'
        + "".join(values)
        + "</row>"
        for row in range(2, 100_002)
    )
    repacked(write_xlsx(path, ["x"], []), {SHEET: sheet_xml(f'<row r="1">{titles}</row>{rows}')})
    started = time.monotonic()
    table = read(path, [Column("student_code", ColumnKind.CODE), Column("name"), *scores])
    assert time.monotonic() - started < 5
    assert table.frame.height == 100_000
    assert not table.faults
    assert table.frame.get_column("s3").sum() == Decimal("350000.0")
