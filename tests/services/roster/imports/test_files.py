"""``:import``: files of schools, in the formats and encodings schools have, and the error file they get back."""

import datetime as dt
import io
import zipfile
from pathlib import Path

import fastexcel
import polars as pl
import pytest
import xlsxwriter
from sqlalchemy import text

from services.roster.imports.repository import forget_bodies
from shared.kernel import clock
from shared.kernel.database.engine import Database
from shared.kernel.settings import ServiceSettings
from tests.services.roster.senders import PATH_B, SCHOOL_A, Sender, pupil, pupil_number

pytestmark = pytest.mark.anyio
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PARQUET = "application/vnd.apache.parquet"
CHINESE = ("学籍号", "姓名", "性别", "民族", "出生日期", "学校标识码", "来源系统", "来源标识")


def line(serial: int, **changes: str) -> list[str]:
    cells = {
        "学籍号": pupil_number(serial),
        "姓名": "张测试",
        "性别": "男" if serial % 2 else "女",
        "民族": "彝族",
        "出生日期": "2014/9/1",
        "学校标识码": SCHOOL_A,
        "来源系统": "sis",
        "来源标识": f"s-{serial}",
    }
    return list({**cells, **changes}.values())


def csv(*lines: list[str], header: tuple[str, ...] = CHINESE) -> str:
    return "\r\n".join(",".join(cells) for cells in [list(header), *lines])


def xlsx(*lines: list[str]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate([list(CHINESE), *lines]):
            for column, cell in enumerate(cells):
                sheet.write_string(row, column, cell)
    return buffer.getvalue()


async def test_a_chinese_csv_in_either_encoding(city: Sender) -> None:
    for encoding in ("gb18030", "utf-8-sig"):
        answer = await city.upload("students", csv(line(1), line(2)).encode(encoding))
        assert answer.status_code == 207, answer.text
    (first, _) = (await city.get("/students")).json()["items"]
    assert (first["name"], first["ethnicity"], first["birth_date"]) == ("张测试", "07", "2014-09-01")
    assert answer.json()["counts"]["unchanged"] == 2


async def test_a_spreadsheet_and_a_parquet_file(city: Sender) -> None:
    assert (await city.upload("students", xlsx(line(1)), media_type=XLSX)).json()["counts"]["created"] == 1
    buffer = io.BytesIO()
    pl.DataFrame([pupil(1), pupil(2)]).write_parquet(buffer)
    answer = await city.upload("students", buffer.getvalue(), media_type=PARQUET)
    # The Parquet file says no ethnicity, so the first pupil changes.
    assert {name: number for name, number in answer.json()["counts"].items() if number} == {"updated": 1, "created": 1}


async def test_a_date_cell_of_a_spreadsheet(city: Sender) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for column, (title, cell) in enumerate(zip(CHINESE, line(1), strict=True)):
            sheet.write_string(0, column, title)
            if title == "出生日期":
                sheet.write_datetime(1, column, dt.date(2014, 9, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
            else:
                sheet.write_string(1, column, cell)
    answer = await city.upload("students", buffer.getvalue(), media_type=XLSX)
    assert answer.status_code == 207, answer.text
    assert answer.json()["counts"]["created"] == 1
    assert (await city.get("/students")).json()["items"][0]["birth_date"] == "2014-09-01"


async def test_every_fault_has_its_row_and_column_and_nothing_is_stored(city: Sender) -> None:
    faulty = csv(
        line(1),
        line(2, 性别="男"),
        line(3, 学籍号="G123", 民族="火星族"),
        line(4, 学校标识码=""),
        line(5, 姓名='"=HYPERLINK(""x"")"'),
    )
    answer = await city.upload("students", faulty.encode())
    assert (answer.status_code, answer.json()["code"]) == (422, "import.refused")
    found = {(fault["row"], fault["column"], fault["code"], fault["source_id"]) for fault in answer.json()["errors"]}
    assert found == {
        (3, "性别", "roster.identity_sex_differs", "s-2"),
        (4, "学籍号", "identity.format", "s-3"),
        (4, "民族", "roster.code_unknown", "s-3"),
        (5, "学校标识码", "cell.missing", "s-4"),
        (6, "姓名", "cell.formula", "s-5"),
    }
    assert (await city.get("/students")).json()["items"] == []
    stored = (await city.get(answer.json()["import_url"].removeprefix("/api/v1/roster"))).json()
    assert (stored["state"], stored["error_count"], stored["receipt"]["outcome"]) == ("refused", 5, "refused")


async def test_the_error_file(city: Sender, tmp_path: Path) -> None:
    answer = await city.upload("students", xlsx(line(1), line(2, 性别="男")), media_type=XLSX)
    url = answer.json()["errors_url"].removeprefix("/api/v1/roster")
    listed = pl.read_csv((await city.get(url)).content)
    assert listed.select("row", "column", "source_id", "code").rows() == [
        (3, "性别", "s-2", "roster.identity_sex_differs")
    ]
    assert "公民身份号码" in listed.get_column("message")[0]
    book = await city.get(url, format="xlsx")
    path = tmp_path / "errors.xlsx"
    path.write_bytes(book.content)
    copy = fastexcel.read_excel(path).load_sheet(0, header_row=None).to_polars()
    assert copy.row(2)[0] == pupil_number(2)
    assert "comment" in " ".join(zipfile.ZipFile(path).namelist())
    stranger = Sender(city.client, "school_operator", PATH_B)
    assert (await stranger.get(url)).status_code == 404


async def test_row_by_row(city: Sender) -> None:
    answer = await city.upload("students", csv(line(1), line(2, 性别="男")).encode(), atomic="row")
    assert answer.json()["counts"]["created"] == 1
    assert [item["status"] for item in answer.json()["items"]] == ["created", "refused"]
    assert answer.json()["errors_url"]


async def test_a_wrong_column_refuses_the_whole_file(city: Sender) -> None:
    extra = csv([*line(1), "某单位"], header=(*CHINESE, "家长单位"))
    answer = await city.upload("students", extra.encode(), atomic="row")
    assert answer.status_code == 422
    assert [(fault["row"], fault["code"]) for fault in answer.json()["errors"]] == [(1, "column.unknown")]
    missing = await city.upload("students", b"name\nx\n")
    assert {fault["code"] for fault in missing.json()["errors"]} == {"column.missing"}


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 300_000_000)
    return buffer.getvalue()


async def test_files_that_are_no_tables(city: Sender) -> None:
    whole = xlsx(line(1))
    for content, media_type in (
        (whole[: len(whole) // 2], XLSX),
        (bomb(), XLSX),
        (b"", "text/csv"),
        (whole, "text/csv"),
    ):
        answer = await city.upload("students", content, media_type=media_type)
        assert 400 <= answer.status_code < 500, answer.text
        assert answer.json()["code"].startswith("table."), answer.text
    assert (await city.get("/imports")).json()["items"] == []


async def test_bodies_are_kept_sealed_only_while_needed(city: Sender, roster_settings: ServiceSettings) -> None:
    await city.upload("students", csv(line(1)).encode())
    await city.upload("students", csv(line(2, 性别="男")).encode())
    database = Database(roster_settings.database_url.get_secret_value())
    async with database.transaction("") as session:
        bodies = (await session.execute(text("select state, body_sealed from imports order by id"))).all()
        assert [(row.state, row.body_sealed is None) for row in bodies] == [("applied", True), ("refused", False)]
        assert pupil_number(2).encode() not in bodies[1].body_sealed
        assert await forget_bodies(session, before=clock.now()) == 1
    await database.close()
    (newest, _) = sorted((await city.get("/imports")).json()["items"], key=lambda item: item["id"], reverse=True)
    url = f"/imports/{newest['id']}/errors"
    assert (await city.get(url)).status_code == 200
    assert (await city.get(url, format="xlsx")).json()["code"] == "import.body_gone"


async def test_other_collections_by_file(city: Sender) -> None:
    schools = (
        "学校标识码,学校名称,行政区划码,办学类型码,学段,城乡类型码,比较属性\n"
        '2199000008,测试学校（本部）,990001,九年一贯制学校,小学；初中,220,"{""ses"": 1.5}"\n'
    )
    assert (await city.upload("schools", schools.encode())).json()["counts"]["created"] == 1
    stored = (await city.get("/schools/2199000008")).json()
    assert (stored["name"], stored["attributes"]) == ("测试学校（本部）", {"ses": 1.5})
    classes = "学校标识码,学年,班级代码,班级名称,年级\n2199000008,2026-2027,1,一（1）班,1\n"
    assert (await city.upload("classes", classes.encode())).json()["counts"]["created"] == 1
