"""The template of a mark sheet, and the copy with faulty cells marked: both survive the round trip."""

import io
import re
import zipfile
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from shared.kernel.tabular.columns import Column
from shared.kernel.tabular.read import ReadTable, read_table
from tests.services.monitoring.world import SCHOOLS, World, csv

pytestmark = pytest.mark.anyio
A, B = list(SCHOOLS)[:2]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}


def as_text(content: bytes, folder: Path) -> ReadTable:
    path = folder / "sheet.xlsx"
    path.write_bytes(content)
    return read_table(path, media_type_or_name="xlsx", columns=[Column("考号", optional=True), Column("班级代码")])


async def template(world: World, school: str = A, **query: str) -> bytes:
    address = f"/exams/mock/mark-sheets/{school}:template"
    answer = await world.client.get(address, params=query, headers=world.as_school(A))
    assert answer.status_code == 200, answer.text
    return answer.content


async def test_the_template_refuses_what_would_be_refused_later(world: World) -> None:
    await world.open_exam()
    files = parts(await template(world))
    page = files["xl/worksheets/sheet1.xml"]
    rules = re.findall(r"<dataValidation .*?</dataValidation>", page)
    assert sum("&lt;=100" in rule and "/0.5" in rule for rule in rules) == 1
    assert sum("缺考" in rule for rule in rules) == 2
    assert sum("template!" in rule for rule in rules) == 1
    assert "<pane" in page
    assert "<f>" not in page
    assert 'name="template" sheetId="3" state="hidden"' in files["xl/workbook.xml"]
    for told in ("mark_sheet", "mock", A, "c1", "考号", "学籍号", "数学状态"):
        assert told in files["xl/sharedStrings.xml"]
    assert all(number not in files["xl/sharedStrings.xml"] for number in world.pupils[A])


async def test_a_template_filled_in_is_taken_without_a_fault(world: World, tmp_path: Path) -> None:
    await world.open_exam()
    table = as_text(await template(world), tmp_path)
    assert table.text.height == 12
    assert set(table.text[f"c{table.headers.index('班级代码')}"]) == {"c1"}
    known = {"考号": "candidate_id", "学籍号": "student_id", "班级代码": "class_code", "数学": "maths", "规模": "size"}
    known |= {"入口": "intake", "数学状态": "maths_status"}
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet("成绩")
        for index, header in enumerate(table.headers):
            page.write_string(0, index, header)
        for place, row in enumerate(world.rows(A), start=1):
            for index, header in enumerate(table.headers):
                value = row.get(known.get(header, ""), "")
                if header in ("数学", "入口"):
                    page.write_number(place, index, float(value))
                elif value:
                    page.write_string(place, index, value)
    headers = world.as_school(A) | {"Content-Type": XLSX}
    taken = await world.client.put(f"/exams/mock/mark-sheets/{A}", content=buffer.getvalue(), headers=headers)
    assert (taken.status_code, taken.json()["rows"]) == (201, 12), taken.text
    filled = pl.read_csv(io.BytesIO(await template(world, format="csv")))
    assert (filled.columns, filled.height) == (list(table.headers), 12)


async def test_a_template_is_for_schools_that_take_part(world: World) -> None:
    await world.put_exam()
    early = await world.client.get(f"/exams/mock/mark-sheets/{A}:template", headers=world.as_school(A))
    assert early.status_code == 404
    await world.run_job(await world.client.post("/exams/mock:open", headers=world.as_city()))
    other = await world.client.get(f"/exams/mock/mark-sheets/{B}:template", headers=world.as_school(A))
    assert other.status_code == 404


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_a_refused_sheet_comes_back_with_its_faulty_cells_marked(world: World, tmp_path: Path, kind: str) -> None:
    await world.open_exam()
    rows = [row | {"姓名": "张三三"} for row in world.rows(A)]
    rows[0]["maths"], rows[1]["maths_status"] = "101", "病"
    content, media_type = csv(rows), "text/csv"
    if kind == "xlsx":
        buffer = io.BytesIO()
        with xlsxwriter.Workbook(buffer) as book:
            page = book.add_worksheet()
            for place, row in enumerate([dict(zip(rows[0], rows[0], strict=True)), *rows]):
                for index, value in enumerate(row.values()):
                    page.write_string(place, index, value)
        content, media_type = buffer.getvalue(), XLSX
    headers = world.as_school(A) | {"Content-Type": media_type}
    refused = await world.client.put(f"/exams/mock/mark-sheets/{A}", content=content, headers=headers)
    assert refused.status_code == 422
    address = f"{refused.json()['errors_url']}?format=xlsx"
    copy = await world.follow(address, world.as_school(A))
    assert (copy.status_code, copy.headers["content-type"]) == (200, XLSX)
    files = parts(copy.content)
    comments = files["xl/comments1.xml"]
    assert [place in comments for place in ('ref="E2"', 'ref="F3"', 'ref="E3"')] == [True, True, False]
    whole = "".join(files.values())
    assert "101" in whole
    # What nobody asked for and what says who a pupil is do not come back, for they were not kept.
    assert "张三三" not in whole
    assert all(number not in whole for number in world.pupils[A])
    assert (await world.follow(address, world.as_school(B))).status_code == 404


async def test_a_file_too_long_to_be_marked_has_its_list_of_faults(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.monitoring.intake.sheets.MOST_MARKED", 5)
    await world.open_exam()
    rows = world.rows(A)
    rows[0]["maths"] = "101"
    refused = await world.send(A, rows)
    address = refused.json()["errors_url"]
    assert (await world.follow(f"{address}?format=xlsx", world.as_vendor())).status_code == 406
    assert (await world.follow(f"{address}?format=csv", world.as_vendor())).status_code == 200
