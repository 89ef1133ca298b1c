"""Records out of other systems: nothing is typed twice, every fault has its place, the same file again does nothing."""

import io
from typing import Any

import fastexcel
import polars as pl
import pytest

from tests.services.teacher_eval.development.town import TODAY, Town, key
from tests.services.teacher_eval.records.work import PERIOD, YESTERDAY, attach, teacher
from tests.support.city import SCHOOL, SCHOOLS, code_of, county_admin, of_school
from tests.support.settings import bearer

pytestmark = pytest.mark.anyio
HEADER = "人员代号,来源编号,日期,数量"
FAR = next(code for code in SCHOOLS if SCHOOLS[code] != SCHOOLS[SCHOOL])


def csv(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows]).encode("gb18030")


def visits(number: int, count: Any, *, source: str | None = None, school: str = SCHOOL) -> str:
    return f"{key(number, school)},{source or f'v{number}'},{YESTERDAY},{count}"


async def send(
    town: Town, body: bytes, query: str = "", *, kind: str = "home_visits", who: Any = None, action: str = "import"
) -> Any:
    headers = bearer(who or of_school()) | {"Content-Type": "text/csv"}
    address = f"/records:{action}?kind={kind}&source=visits-app{query}"
    return await town.client.post(address, content=body, headers=headers)


async def test_what_came_by_import_is_handed_in_and_needs_no_typing(town: Town) -> None:
    body = csv(*(visits(number, 10 + number) for number in range(5)))
    dry = await send(town, body, "&dry_run=true")
    assert (await town.get("/records", of_school())).json()["items"] == []
    taken = await send(town, body)
    assert taken.json() == dry.json() | {"dry_run": False}
    assert (taken.json()["created"], taken.json()["refused"]) == (5, 0)
    assert (await send(town, body)).json()["unchanged"] == 5
    ids = [row["id"] for row in (await town.get("/records?state=submitted", of_school())).json()["items"]]
    done = (await town.post("/records:certify", {"records": ids}, of_school())).json()
    assert all(row["is_certified"] for row in done)
    figures = (await town.get("/records/mine/figures", teacher(2), params=PERIOD)).json()["figures"]
    assert {row["figure"]: row["value"] for row in figures}["home_visits.count"] == 12


async def test_a_later_file_corrects_what_nobody_has_certified_yet(town: Town) -> None:
    await send(town, csv(visits(0, 5), visits(1, 6)))
    items = (await town.get(f"/records?staff_key={key(1)}", of_school())).json()["items"]
    await town.post("/records:certify", {"records": [items[0]["id"]]}, of_school())
    again = await send(town, csv(visits(0, 7), visits(1, 8)), "&atomic=row")
    assert (again.json()["changed"], again.json()["refused"]) == (1, 1)
    assert code_of(await send(town, csv(visits(1, 8)))) == "record.file_refused"
    amounts = {row["staff_key"]: row["amount"] for row in (await town.get("/records", of_school())).json()["items"]}
    assert amounts == {key(0): "7.00", key(1): "6.00"}


async def test_every_fault_has_its_row_and_column_and_good_rows_are_kept_when_asked(town: Town) -> None:
    rows = [
        visits(0, 5),
        visits(1, "many"),
        visits(2, 5, school=FAR),
        f"{key(3)},v3,2999-01-01,5",
        f"{key(4)},v4,2026-02-30,5",
        visits(5, 5, source="v0"),
        visits(6, 0),
    ]
    refused = await send(town, csv(*rows))
    assert code_of(refused) == "record.file_refused"
    assert [(fault["row"], fault.get("column"), fault["code"]) for fault in refused.json()["errors"]] == [
        (3, "数量", "cell.not_a_number"),
        (4, "人员代号", "record.staff_unknown"),
        (5, "日期", "record.day_impossible"),
        (6, "日期", "record.day_impossible"),
        (7, "来源编号", "row.duplicate"),
        (8, "数量", "record.value_not_allowed"),
    ]
    assert key(2, FAR) not in refused.text
    assert (await town.get("/records", of_school())).json()["items"] == []
    kept = await send(town, csv(*rows), "&atomic=row")
    assert (kept.json()["created"], kept.json()["refused"]) == (1, 6)
    marked = await send(town, csv(*rows), action="mark")
    assert fastexcel.read_excel(marked.content).load_sheet(1).height == 6


async def test_imported_achievements_wait_for_their_papers(town: Town) -> None:
    header = "人员代号,来源编号,日期,成果名称,颁发单位,级别"
    row = f"{key(0)},h1,{YESTERDAY},优秀教师,某县教育局,county"
    assert (await send(town, csv(row, header=header), kind="honors")).json()["created"] == 1
    (record,) = (await town.get("/records", of_school())).json()["items"]
    lacking = (await town.post("/records:certify", {"records": [record["id"]]}, of_school())).json()
    assert lacking[0]["problem"] == "record.evidence_missing"
    assert (await attach(town, record["id"], "表彰决定".encode(), of_school())).status_code == 201
    done = (await town.post("/records:certify", {"records": [record["id"]]}, of_school())).json()
    assert done[0]["is_certified"]


async def test_a_county_takes_in_records_of_all_its_schools_and_no_others(town: Town) -> None:
    own = [code for code in SCHOOLS if SCHOOLS[code] == SCHOOLS[SCHOOL]]
    body = csv(*(visits(0, 5, school=code, source=f"v-{code}") for code in own))
    assert (await send(town, body, who=county_admin())).json()["created"] == len(own)
    assert {row["organization"] for row in (await town.get("/records", county_admin())).json()["items"]} == {
        f"{SCHOOLS[code]}-{code}" for code in own
    }
    assert code_of(await send(town, body, who=teacher())) == "auth.forbidden"


@pytest.mark.parametrize("kind", ["home_visits", "papers", "posts", "workload"])
async def test_the_template_is_what_the_import_takes(town: Town, kind: str) -> None:
    answer = await town.get(f"/records/template?kind={kind}", of_school())
    titles = fastexcel.read_excel(answer.content).load_sheet(0).to_polars().columns
    known = {"人员代号": key(0), "来源编号": "x1", "日期": str(TODAY), "成果名称": "一篇", "颁发单位": "某刊"}
    known |= {"级别": "city", "等次": "first", "署名次序": "1", "署名人数": "1", "学科": "数学", "学段": "primary"}
    known |= {"职务": "class_teacher", "数量（户次）": "3", "数量（节/周）": "12"}
    frame = pl.DataFrame({title: [known.get(title)] for title in titles}, schema=dict.fromkeys(titles, pl.String))
    target = io.BytesIO()
    frame.write_csv(target)
    answer = await send(town, target.getvalue(), kind=kind)
    assert answer.json().get("created") == 1, answer.text


@pytest.mark.parametrize("body", [b"", b"\x00\x01\x02", "没有,这些\n1,2".encode()])
async def test_a_file_that_is_none_is_refused_as_a_whole(town: Town, body: bytes) -> None:
    assert (await send(town, body)).status_code in (400, 413, 415, 422)
    assert (await town.get("/records", of_school())).json()["items"] == []
