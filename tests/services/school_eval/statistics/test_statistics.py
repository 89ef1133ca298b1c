"""School statistics: by hand, from files with faults in them, confirmed by the school, and what is worked out of them."""

import io
from decimal import Decimal
from typing import Any

import fastexcel
import polars as pl
import pytest

from services.school_eval.statistics.catalog import catalog
from services.school_eval.statistics.rules import derived_values, figure_faults
from shared.terms.actor import Role
from tests.support.city import COUNTY, SCHOOL, SCHOOLS, World, code_of, county_admin, of_school
from tests.support.settings import bearer

pytestmark = pytest.mark.anyio
YEAR = "/statistics/2026-2027"
OWN = f"{YEAR}/{COUNTY}-{SCHOOL}"
FIGURES = {"student_count": "800", "class_count": "20", "teacher_count": "50", "higher_qualified_teacher_count": "40"}
FIGURES |= {"teaching_area": "3650.5", "book_count": "24000"}


async def test_what_is_worked_out_is_never_entered(world: World) -> None:
    answer = await world.put(OWN, {"figures": FIGURES}, of_school())
    assert answer.status_code == 201, answer.text
    derived = {row["code"]: row["value"] for row in answer.json()["derived"]}
    assert derived["higher_qualified_per_hundred"] == "5.0000"  # 40 · 100 / 800
    assert derived["teaching_area_per_student"] == "4.5631"  # 3650.5 / 800 = 4.563125
    assert derived["books_per_student"] == "30.0000"
    assert derived["sport_area_per_student"] is None
    entered = {"figures": FIGURES | {"books_per_student": "30"}}
    assert code_of(await world.put(OWN, entered, of_school(), match=answer)) == "request.invalid"


@pytest.mark.parametrize(
    ("figures", "code"),
    [
        ({"student_count": "800.5"}, "statistics.too_fine"),
        ({"student_count": "20001"}, "statistics.out_of_bounds"),
        ({"teacher_count": "10", "backbone_teacher_count": "11"}, "statistics.part_exceeds_whole"),
        ({"pupils": "1"}, "statistics.item_unknown"),
    ],
)
async def test_a_figure_that_cannot_stand_is_named(world: World, figures: dict[str, str], code: str) -> None:
    answer = await world.put(OWN, {"figures": figures}, of_school())
    assert [error["code"] for error in answer.json()["errors"]] == [code]
    assert answer.json()["errors"][0]["pointer"].startswith("/figures/")
    assert (await world.get(OWN, of_school())).status_code == 404


async def test_a_school_confirms_and_a_change_then_needs_a_reason(world: World) -> None:
    written = await world.put(OWN, {"figures": FIGURES}, of_school(Role.SCHOOL_OPERATOR))
    assert code_of(await world.post(f"{OWN}:confirm", who=county_admin(), match=written)) == "auth.forbidden"
    confirmed = await world.post(f"{OWN}:confirm", who=of_school(), match=written)
    assert confirmed.json()["confirmed_at"] is not None
    changed = {"figures": FIGURES | {"book_count": "25000"}}
    assert code_of(await world.put(OWN, changed, county_admin(), match=confirmed)) == "statistics.reason_missing"
    corrected = await world.put(OWN, changed | {"reason": "盘点后更正册数"}, county_admin(), match=confirmed)
    assert corrected.json()["confirmed_at"] is None
    assert [(row["figures"]["book_count"], row["by"]) for row in corrected.json()["states"]] == [
        ("24000", f"{COUNTY}-{SCHOOL}"),
        ("25000", COUNTY),
    ]


async def test_the_same_figures_again_change_nothing(world: World) -> None:
    first = await world.put(OWN, {"figures": FIGURES}, of_school())
    again = await world.put(OWN, {"figures": FIGURES | {"student_count": "800.0"}}, of_school(), match=first)
    assert (again.status_code, again.json()["version"]) == (200, first.json()["version"])


async def test_schools_see_their_own(world: World) -> None:
    await world.put(OWN, {"figures": FIGURES}, of_school())
    other = next(code for code in SCHOOLS if SCHOOLS[code] == COUNTY and code != SCHOOL)
    assert (await world.get(OWN, of_school(school=other))).status_code == 404
    assert code_of(await world.put(OWN, {"figures": FIGURES}, of_school(school=other))) == "statistics.elsewhere"
    assert code_of(await world.put(f"{YEAR}/{COUNTY}", {"figures": {}}, county_admin())) == "statistics.schools_only"


def csv(*rows: str, header: str = "学校代码,区县代码,在校学生数,专任教师数,book_count") -> bytes:
    return "\n".join([header, *rows]).encode("gb18030")


async def send(world: World, body: bytes, who: Any = None, *, action: str = "import", query: str = "") -> Any:
    headers = bearer(who or county_admin()) | {"Content-Type": "text/csv"}
    return await world.client.post(f"{YEAR}:{action}{query}", content=body, headers=headers)


def row_of(school: str, *figures: str) -> str:
    return ",".join([school, SCHOOLS[school], *figures])


OWN_SCHOOLS = [code for code in SCHOOLS if SCHOOLS[code] == COUNTY]


async def test_a_county_sends_a_file_and_what_is_not_in_it_stays(world: World) -> None:
    await world.put(OWN, {"figures": FIGURES}, of_school())
    body = csv(*(row_of(code, "900", "60", "30000") for code in OWN_SCHOOLS))
    dry = await send(world, body, query="?dry_run=true")
    assert (dry.json()["created"], dry.json()["changed"]) == (len(OWN_SCHOOLS) - 1, 1)
    taken = await send(world, body)
    assert taken.json() == dry.json() | {"dry_run": False}
    figures = (await world.get(OWN)).json()["figures"]
    assert (figures["student_count"], figures["class_count"], figures["book_count"]) == ("900", "20", "30000")
    assert (await send(world, body)).json()["unchanged"] == len(OWN_SCHOOLS)
    coverage = (await world.get(f"{YEAR}/coverage")).json()["items"]
    assert coverage == [{"county_code": COUNTY, "schools": len(OWN_SCHOOLS), "confirmed": 0}]


async def test_one_fault_refuses_the_file_unless_rows_are_asked_for(world: World) -> None:
    stranger = next(code for code in SCHOOLS if SCHOOLS[code] != COUNTY)
    rows = [
        row_of(OWN_SCHOOLS[0], "900", "x", "1"),
        row_of(stranger, "1", "1", "1"),
        row_of(OWN_SCHOOLS[1], "5", "1", "1"),
    ]
    refused = await send(world, csv(*rows))
    assert code_of(refused) == "statistics.file_refused"
    assert [(error["row"], error["code"]) for error in refused.json()["errors"]] == [
        (2, "cell.not_a_number"),
        (3, "statistics.school_elsewhere"),
    ]
    assert (await world.get(YEAR)).json()["items"] == []
    taken = await send(world, csv(*rows), query="?atomic=row")
    assert (taken.json()["created"], taken.json()["refused"]) == (1, 2)
    marked = await send(world, csv(*rows), action="mark")
    sheets = fastexcel.read_excel(marked.content)
    assert len(sheets.sheet_names) == 2
    assert sheets.load_sheet(1).height == 2


@pytest.mark.parametrize("body", [b"", b"\x00\x01\x02", "没有,这些\n1,2".encode()])
async def test_a_file_that_is_none_is_refused_as_a_whole(world: World, body: bytes) -> None:
    assert (await send(world, body)).status_code in (400, 413, 415, 422)
    assert (await world.get(YEAR)).json()["items"] == []


async def test_the_template_is_what_the_import_takes(world: World) -> None:
    answer = await world.get("/statistics/template?format=xlsx", of_school())
    titles = fastexcel.read_excel(answer.content).load_sheet(0).to_polars().columns
    assert titles[:3] == ["学校代码", "区县代码", "在校学生数"]
    frame = pl.DataFrame({title: [None] for title in titles}, schema=dict.fromkeys(titles, pl.String))
    frame = frame.with_columns(
        pl.lit(SCHOOL).alias("学校代码"), pl.lit(COUNTY).alias("区县代码"), pl.lit("7").alias("教学班数")
    )
    target = io.BytesIO()
    frame.write_csv(target)
    assert (await send(world, target.getvalue())).json()["created"] == 1
    assert (await world.get(OWN)).json()["figures"] == {"class_count": "7"}


def test_the_catalog_agrees_with_itself() -> None:
    known = catalog()
    assert len(known.items) == 19
    ones = dict.fromkeys(known.items, Decimal(1))
    assert not list(figure_faults(ones, known))
    assert derived_values(ones, known) == {code: Decimal(entry.per) for code, entry in known.derived.items()}
    assert derived_values(ones | {"student_count": Decimal(0)}, known).keys() == {
        code for code, entry in known.derived.items() if entry.by != "student_count"
    }
