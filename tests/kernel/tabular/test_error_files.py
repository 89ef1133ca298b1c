"""What a vendor gets back: nothing in it runs, every fault is found again, nothing sensitive is copied unasked."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import fastexcel
import polars as pl
import pytest

from shared.kernel.tabular.columns import Column
from shared.kernel.tabular.error_files import MASK, mark_faults_in_xlsx, write_error_csv
from shared.kernel.tabular.read import ReadTable, read_table
from shared.kernel.tabular.safe_csv import neutralized, safe_csv, write_safe_csv
from tests.kernel.tabular.tables import write_csv

HOSTILE = ['=HYPERLINK("http://x","y")', "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "＝1", "http://x.example"]


@pytest.fixture
def table(tmp_path: Path) -> ReadTable:
    rows = [[f"A{index}", value, "5224"] for index, value in enumerate(HOSTILE)]
    rows += [["", "", ""], ["A9", "fine", "5225"]]
    path = write_csv(tmp_path / "t.csv", ["code", "name", "id"], rows)
    columns = [Column("code"), Column("name"), Column("id", sensitive=True, pattern="[0-4]*")]
    return read_table(path, media_type_or_name="t.csv", columns=columns, source_id="code")


def test_error_csv_lists_every_fault_and_runs_nothing(table: ReadTable) -> None:
    buffer = io.BytesIO()
    write_error_csv(table.faults, buffer, language="en")
    frame = pl.read_csv(buffer.getvalue(), infer_schema=False)
    assert frame.columns == ["row", "column", "source_id", "code", "message", "value"]
    assert frame.height == table.faults.count == 6 + 8
    assert frame.row(0)[:4] == ("2", "name", "A0", "cell.formula")
    assert all(value.startswith("'") for value in frame.get_column("value").drop_nulls())
    assert buffer.getvalue().startswith(b"\xef\xbb\xbf")


def test_marked_copy_keeps_rows_colors_cells_and_runs_nothing(table: ReadTable, tmp_path: Path) -> None:
    target = tmp_path / "marked.xlsx"
    mark_faults_in_xlsx(table, table.faults, target)
    with zipfile.ZipFile(target) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}
    assert not any("<f>" in xml or "<hyperlink" in xml for xml in parts.values())
    sheet = parts["xl/worksheets/sheet1.xml"]
    styles = dict(re.findall(r'<c r="([A-Z]+\d+)" s="(\d+)"', sheet))
    assert styles["B2"] != styles["B8"], "a faulty cell looks different from a sound one"
    comments = parts["xl/comments1.xml"]
    assert 'ref="B2"' in comments
    assert "公式" in comments
    reader = fastexcel.read_excel(target)
    assert reader.sheet_names == ["原表", "错误清单"]
    copy = reader.load_sheet(0, header_row=None, skip_rows=0, dtypes="string").to_polars()
    assert copy.row(0) == ("code", "name", "id")
    assert copy.row(1)[1] == HOSTILE[0]
    assert copy.row(9)[:2] == ("A9", "fine")
    assert set(copy.get_column(copy.columns[2]).drop_nulls()) == {"id", MASK}
    listed = reader.load_sheet(1, dtypes="string").to_polars()
    assert listed.height == table.faults.count
    assert listed.columns[:4] == ["行号", "列名", "来源标识", "错误代码"]


def test_sensitive_values_are_copied_only_when_asked(table: ReadTable) -> None:
    buffer = io.BytesIO()
    mark_faults_in_xlsx(table, table.faults, buffer, language="en", include_sensitive=True)
    copy = fastexcel.read_excel(buffer.getvalue()).load_sheet(0, dtypes="string").to_polars()
    assert copy.get_column("id").to_list()[-1] == "5225"


def test_exports_quote_text_that_would_run_and_leave_numbers() -> None:
    frame = pl.DataFrame({"=name": [*HOSTILE[:6], "ok", None], "mark": [-1.5, 2, 3, 4, 5, 6, 7, None]})
    safe = neutralized(frame)
    assert safe.columns == ["'=name", "mark"]
    assert safe.to_series(0).to_list() == [*("'" + text for text in HOSTILE[:6]), "ok", None]
    assert safe.get_column("mark").equals(frame.get_column("mark"))
    buffer = io.BytesIO()
    write_safe_csv(frame, buffer, byte_order_mark=True)
    assert buffer.getvalue() == safe_csv(frame, byte_order_mark=True)
    assert safe_csv(frame).splitlines()[1].endswith(b",-1.5")
