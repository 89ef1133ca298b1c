"""Spot checks: the frame before the seed, one draw that anybody can repeat, and what does not hold is revoked."""

from typing import Any

import polars as pl
import pytest

from tests.services.teacher_eval.development.conftest import register
from tests.services.teacher_eval.development.town import TODAY, Town, key, people
from tests.services.teacher_eval.records.work import VISITS, YESTERDAY, certified, teacher
from tests.support.city import COUNTIES, COUNTY, SCHOOL, SCHOOLS, code_of, county_admin, of_school

pytestmark = pytest.mark.anyio
CHECK = {"code": "autumn", "first": YESTERDAY, "last": str(TODAY), "rate": 0.5}
DRAW = {"seed": 20261125, "witnessed_by": "县纪检组、督学代表"}
OTHER = next(code for code in SCHOOLS if SCHOOLS[code] == SCHOOLS[SCHOOL] and code != SCHOOL)


async def certified_by_two_schools(town: Town) -> None:
    for number in range(4):
        await certified(town, VISITS, teacher(number))
    await certified(town, VISITS, teacher(0, OTHER))


async def test_the_frame_is_closed_before_the_seed_and_the_draw_can_be_repeated(town: Town) -> None:
    await certified_by_two_schools(town)
    closed = await town.post("/record-checks", CHECK, county_admin())
    assert (closed.status_code, closed.json()["record_count"], closed.json()["seed"]) == (201, 5, None)
    await certified(town, VISITS, teacher(5))  # after the frame was closed
    wrong = DRAW | {"frame_hash": "0" * 64}
    draw = "/record-checks/autumn:draw"
    assert code_of(await town.post(draw, wrong, county_admin(), match=closed)) == "record_check.frame_differs"
    told = DRAW | {"frame_hash": closed.json()["frame_hash"]}
    drawn = await town.post(draw, told, county_admin(), match=closed)
    assert drawn.json()["state"] == "drawn"
    assert code_of(await town.post(draw, DRAW, county_admin(), match=drawn)) == "record_check.drawn"
    rows = (await town.get("/record-checks/autumn/records", county_admin())).json()["items"]
    # Half of four, and half of one rounded up.
    assert sorted(row["school_code"] for row in rows) == sorted([SCHOOL, SCHOOL, OTHER])
    verified = (await town.get("/record-checks/autumn/verification", county_admin())).json()
    assert verified == {"is_verified": True, "differences": []}


async def test_what_does_not_hold_is_revoked_and_counts_no_more(town: Town) -> None:
    await certified(town, VISITS)
    closed = await town.post("/record-checks", CHECK, county_admin())
    await town.post("/record-checks/autumn:draw", DRAW, county_admin(), match=closed)
    (row,) = (await town.get("/record-checks/autumn/records", county_admin())).json()["items"]
    judge = f"/record-checks/autumn/records/{row['record']}:judge"
    found: dict[str, Any] = {"outcome": "overturned", "reason": "走访家长，未见家访"}
    assert code_of(await town.post(judge, found, of_school())) == "auth.forbidden"
    assert (await town.post(judge, found, county_admin())).json()["outcome"] == "overturned"
    assert code_of(await town.post(judge, found, county_admin())) == "record_check.judged"
    record = (await town.get(f"/records/{row['record']}", teacher())).json()
    assert (record["state"], record["versions"][-1]["reason"]) == ("revoked", found["reason"])


async def test_schools_see_no_check_and_nothing_is_drawn_from_nothing(town: Town) -> None:
    assert code_of(await town.post("/record-checks", CHECK, county_admin())) == "record_check.nothing_to_draw"
    await certified(town, VISITS)
    await town.post("/record-checks", CHECK, county_admin())
    assert code_of(await town.post("/record-checks", CHECK, county_admin())) == "record_check.known"
    assert code_of(await town.get("/record-checks", of_school())) == "auth.forbidden"
    neighbor = county_admin(next(county for county in COUNTIES if county != COUNTY))
    assert (await town.get("/record-checks/autumn", neighbor)).status_code == 404
    assert code_of(await town.get("/record-checks/autumn/verification", county_admin())) == "record_check.not_drawn"
    backwards = CHECK | {"code": "x", "first": str(TODAY), "last": YESTERDAY}
    assert code_of(await town.post("/record-checks", backwards, county_admin())) == "request.invalid"


async def test_posts_of_the_register_need_no_typing(town: Town) -> None:
    staff = people().with_columns(
        post=pl.when(pl.col("staff_key") == key(1)).then(pl.lit("23")).otherwise(pl.col("post"))
    )
    await register(town.settings, staff)
    body = {"starts_on": YESTERDAY}
    assert (await town.post("/records:take-posts", body, of_school())).json() == {"created": 1, "known": 0}
    assert (await town.post("/records:take-posts", body, of_school())).json() == {"created": 0, "known": 1}
    (row,) = (await town.get("/records", of_school())).json()["items"]
    assert (row["staff_key"], row["category"], row["state"]) == (key(1), "class_teacher", "submitted")
    await town.post("/records:certify", {"records": [row["id"]]}, of_school())
    period = {"first": YESTERDAY, "last": str(TODAY)}
    figures = (await town.get("/records/mine/figures", teacher(1), params=period)).json()["figures"]
    values = {figure["figure"]: figure["value"] for figure in figures}
    assert (values["posts.class_teacher_rate"], values["workload.hours_ratio"]) == (1.0, 0.5)
    late = await town.post("/records:take-posts", {"starts_on": "2999-09-01"}, of_school())
    assert [fault["code"] for fault in late.json()["errors"]] == ["record.day_impossible"]
