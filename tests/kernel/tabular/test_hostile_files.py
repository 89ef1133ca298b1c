"""Files made to hurt: each is refused with a clear problem, quickly, and the process that asked is not affected."""

from __future__ import annotations

import io
import json
import resource
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from shared.kernel.tabular.columns import Column, ColumnKind, TableLimits
from shared.kernel.tabular.read import read_table
from shared.kernel.tabular.readers.xlsx_cells import scan_cells
from shared.kernel.tabular.readers.xlsx_parts import RUN_LIMIT, guarded_parser, scan_part
from shared.terms.errors import DomainError
from tests.kernel.tabular.tables import (
    COLUMNS,
    HEADER,
    MAIN,
    SHEET,
    repacked,
    sheet_xml,
    write_csv,
    write_parquet,
    write_xlsx,
)

ROWS: list[list[str | None]] = [["A001", "张三", "present", "85.5"], ["A002", "李四", "absent", None]]


def refusal(
    path: Path, name: str, *, columns: Sequence[Column] = COLUMNS, limits: TableLimits | None = None
) -> DomainError:
    """The refusal of a file, after checking that it came soon and cost this process next to no memory."""
    peak, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with pytest.raises(DomainError) as caught:
        read_table(path, media_type_or_name=name, columns=columns, limits=limits or TableLimits())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 50_000  # KiB
    assert time.monotonic() - started < 4.5
    return caught.value


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    return write_xlsx(tmp_path / "marks.xlsx", HEADER, ROWS)


def test_two_cells_at_opposite_corners(workbook: Path) -> None:
    corners = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    repacked(workbook, {SHEET: sheet_xml(corners)})
    error = refusal(workbook, "marks.xlsx")
    assert error.code == "table.cell_outside"
    assert error.params["cell"] == "XFD1048576"


def test_sparse_rectangle_within_limits_is_refused_before_it_is_reserved(workbook: Path) -> None:
    body = '<row r="1"><c r="A1"><v>1</v></c></row><row r="900000"><c r="GR900000"><v>1</v></c></row>'
    repacked(workbook, {SHEET: sheet_xml(body)})
    assert refusal(workbook, "marks.xlsx").code == "table.too_many_cells"


def test_style_only_cells_far_out_do_not_count(workbook: Path) -> None:
    far = b'<row r="1048576"><c r="XFC1048576" s="1"/><c r="XFD1048576" s="1"/></row></sheetData>'
    repacked(workbook, {SHEET: lambda xml: xml.replace(b"</sheetData>", far)})
    table = read_table(workbook, media_type_or_name="marks.xlsx", columns=COLUMNS)
    assert table.frame.get_column("student_code").to_list() == ["A001", "A002"]


def test_zip_bomb_by_ratio(workbook: Path) -> None:
    row = '<row><c t="str"><v>aaaaaaaaaa</v></c></row>' * 2_000_000
    repacked(workbook, {SHEET: sheet_xml(row)})
    assert workbook.stat().st_size < 2**20
    assert refusal(workbook, "marks.xlsx").code == "table.zip_bomb"


def test_one_cell_of_a_gigabyte_and_a_half(tmp_path: Path) -> None:
    path = tmp_path / "cell.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open(SHEET, "w", force_zip64=True) as part:
            block = b"a" * 2**24
            part.write(b'<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>')
            for _ in range(96):
                part.write(block)
    assert refusal(path, "cell.xlsx").code == "table.zip_bomb"


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"])
def test_entity_expansion(workbook: Path, part: str) -> None:
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    repacked(workbook, {part: lambda xml: xml.replace(b"?>", b"?>" + entities, 1)})
    assert refusal(workbook, "marks.xlsx").code == "table.unsafe_content"


def test_text_run_over_the_limit_is_refused_in_linear_time(workbook: Path) -> None:
    run = sheet_xml('<row r="1"><c r="A1" t="str"><v>' + "甲乙" * RUN_LIMIT + "</v></c></row>")
    repacked(workbook, {SHEET: run})
    assert refusal(workbook, "marks.xlsx").code == "table.unsafe_content"
    started = time.monotonic()
    cells = (
        b"<r>" + b"<c>" + (b"x" * (RUN_LIMIT - 8) + b"</c><c>") * 1500 + b"</c></r>"
    )  # 98 MB, every run just allowed
    scan_part(cells, guarded_parser())
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "body",
    [
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A2"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        '<row r="1"><c r="AAAAAAA1"><v>1</v></c></row>',
        '<row r="-1"><c r="A1"><v>1</v></c></row>',
        '<row r="99999999999999999999"><c><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v>',
    ],
)
def test_cells_that_two_parsers_would_place_differently(body: str) -> None:
    with pytest.raises(DomainError) as caught:
        scan_cells(sheet_xml(body) if body.endswith("</row>") else body.encode(), TableLimits())
    assert caught.value.code == "table.unreadable"


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/passwd", "..\\evil.xml", "C:evil"])
def test_entry_leaving_the_archive(workbook: Path, name: str) -> None:
    repacked(workbook, {name: b"x"})
    assert refusal(workbook, "marks.xlsx").code == "table.unsafe_content"


def test_too_many_entries(workbook: Path) -> None:
    repacked(workbook, {f"xl/media/{number}.bin": b"x" for number in range(250)})
    assert refusal(workbook, "marks.xlsx").code == "table.zip_bomb"


def test_entry_named_twice(workbook: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(workbook, "a") as archive:
        archive.writestr(SHEET, sheet_xml(""))
    assert refusal(workbook, "marks.xlsx").code == "table.unreadable"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_truncated_xlsx(workbook: Path, share: float) -> None:
    content = workbook.read_bytes()
    workbook.write_bytes(content[: int(len(content) * share)])
    assert refusal(workbook, "marks.xlsx").code == "table.unreadable"


def test_encrypted_xlsx_is_told_from_old_excel(tmp_path: Path) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    path = tmp_path / "marks.xlsx"
    path.write_bytes(ole + "EncryptionInfo".encode("utf-16-le") + bytes(99) + "EncryptedPackage".encode("utf-16-le"))
    assert refusal(path, "marks.xlsx").code == "table.encrypted"
    path.write_bytes(ole + "Workbook".encode("utf-16-le") + bytes(2048))
    assert refusal(path, "marks.xls").code == "table.old_excel"


def test_encrypted_zip_entry(workbook: Path) -> None:
    content = bytearray(workbook.read_bytes())
    at = content.rindex(b"PK\x01\x02")
    content[at + 8] |= 1
    workbook.write_bytes(content)
    assert refusal(workbook, "marks.xlsx").code == "table.encrypted"


@pytest.mark.parametrize(
    ("member", "detected"),
    [("word/document.xml", "DOCX"), ("content.xml", "ODS"), ("a.txt", "ZIP"), ("xl/workbook.bin", "XLSB")],
)
def test_zip_that_is_no_workbook(tmp_path: Path, member: str, detected: str) -> None:
    path = tmp_path / "marks.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, "x")
    error = refusal(path, "marks.xlsx")
    assert (error.code, error.params["detected"]) == ("table.format_mismatch", detected)


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"student_code,name\nA1,x\n", "marks.xlsx", "table.format_mismatch"),
        (b'{"student_code": "A1"}\n', "marks.csv", "table.format_mismatch"),
        (b"PAR1xxxx", "text/csv", "table.format_mismatch"),
        (b"%PDF-1.7 ...", "marks.csv", "table.unsupported_format"),
        (b"<html><table><tr><td>1</td></tr></table>", "marks.xls", "table.unsupported_format"),
        (b'[{"student_code": "A1"}]', "marks.ndjson", "table.json_array"),
        (b"", "marks.csv", "table.empty"),
        (b"\xef\xbb\xbf \n\n", "marks.csv", "table.empty"),
        (b"a,b", "marks.exe", "table.unsupported_format"),
        (b"PAR1xxxxxxxxPARE", "marks.parquet", "table.encrypted"),
        (b"PAR1 and then nothing of the kind PAR1", "marks.parquet", "table.unreadable"),
    ],
)
def test_content_against_declaration(tmp_path: Path, content: bytes, name: str, code: str) -> None:
    path = tmp_path / "upload"
    path.write_bytes(content)
    assert refusal(path, name).code == code


def test_parquet_that_repeats_one_text_without_end(tmp_path: Path) -> None:
    path = tmp_path / "bomb.parquet"
    repeated = pl.DataFrame({"code": ["x" * 3900]}).lazy().select(pl.col("code").repeat_by(150_000)).explode("code")
    repeated.select(student_code="code").sink_parquet(path, compression="zstd")
    assert path.stat().st_size < 2**20
    assert refusal(path, "bomb.parquet").code == "table.too_much_text"


def test_parquet_limits_come_from_the_metadata(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "t.parquet", HEADER, ROWS * 50)
    assert refusal(path, "t.parquet", limits=TableLimits(rows=99)).code == "table.too_many_rows"
    assert refusal(path, "t.parquet", limits=TableLimits(columns=3)).code == "table.too_many_columns"
    assert refusal(path, "t.parquet", limits=TableLimits(cells=399)).code == "table.too_many_cells"


def test_file_larger_than_allowed_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.truncate(2 * 2**30)
    assert refusal(path, "big.csv").code == "table.too_large"


def test_time_is_up(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "slow.csv", HEADER, ROWS * 200_000)
    started = time.monotonic()
    assert refusal(path, "slow.csv", limits=TableLimits(seconds=0.05)).code == "table.too_costly"
    assert time.monotonic() - started < 1.5


def test_json_nested_beyond_reason(tmp_path: Path) -> None:
    path = tmp_path / "deep.ndjson"
    path.write_text('{"student_code": ' + "[" * 200_000 + "]" * 200_000 + "}\n")
    limits = TableLimits(line_bytes=2**20)
    error = refusal(path, "deep.ndjson", limits=limits)
    assert error.code == "table.no_header"
    path.write_text(json.dumps({"student_code": "A001"}) + "\n" + "[" * 100_000 + "\n")
    table = read_table(path, media_type_or_name="deep.ndjson", columns=[Column("student_code", ColumnKind.CODE)])
    assert table.faults.counts_by_code() == {"row.malformed_json": 1}
    assert table.faults.first()[0].row == 2


def test_line_of_ndjson_over_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "long.ndjson"
    path.write_text(json.dumps({"student_code": "A" * 2**20}))
    error = refusal(path, "long.ndjson")
    assert (error.code, error.params["line"]) == ("table.line_too_long", 1)


def test_shared_string_amplification_ends_at_the_memory_limit(tmp_path: Path) -> None:
    buffer = io.StringIO()
    for row in range(1, 30_001):
        buffer.write(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>')
    path = write_xlsx(tmp_path / "amplified.xlsx", ["student_code"], [])
    strings = f'<?xml version="1.0"?><sst {MAIN} count="1" uniqueCount="1"><si><t>{"x" * 32_000}</t></si></sst>'
    repacked(path, {SHEET: sheet_xml(buffer.getvalue()), "xl/sharedStrings.xml": strings.encode()})
    assert refusal(path, "amplified.xlsx", limits=TableLimits(memory_bytes=900 * 2**20)).code == "table.too_costly"
