"""The closed frame and the seed: the draw can be repeated, and nothing about it can be chosen."""

import hashlib
import json
from typing import Any

import polars as pl
import pytest

from services.monitoring.samples.service.stored import get_pupils, get_schools
from shared.kernel.store.columnar import ColumnarStore
from tests.services.monitoring.samples.office import SEED, close_frame, draw, execute, get, open_drawn, post, schools
from tests.services.monitoring.world import SCHOOLS, World

pytestmark = pytest.mark.anyio


def store(world: World) -> ColumnarStore:
    return ColumnarStore(str(world.settings.store_url))


async def test_the_fingerprints_are_those_of_the_downloads(world: World) -> None:
    frame = (await close_frame(world))["frame"]
    for part, name in (("schools", "frame_hash"), ("pupils", "roster_hash")):
        text = (await get(world, "sample/frame:download", part=part)).content
        assert hashlib.sha256(text).hexdigest() == frame[name]
    first = json.loads(text.splitlines()[0])
    assert set(first) == {"school_code", "class_code", "student_id"}


async def test_same_frame_and_seed_give_the_same_draw_byte_for_byte(world: World) -> None:
    one = await draw(world)
    two = await draw(world, exam="again")
    other = await draw(world, exam="other", seed=SEED + 1)
    for name in ("draw_sha256", "pupils_sha256"):
        assert one["draw"][name] == two["draw"][name] != other["draw"][name]
    assert one["frame"]["frame_hash"] == other["frame"]["frame_hash"]
    stored = get_schools(store(world), one["draw"]["draw_sha256"])
    assert (stored.seed, stored.frame_hash) == (SEED, one["frame"]["frame_hash"])
    pupils = get_pupils(store(world), one["draw"]["pupils_sha256"])
    assert pupils.pupils.group_by("school_code").len()["len"].to_list() == [5] * pupils.pupils["school_code"].n_unique()
    verified = (await get(world, "sample:verify")).json()
    assert verified == {"is_verified": True, "differences": []}


async def test_a_draw_that_was_meddled_with_is_named(world: World) -> None:
    sample = await draw(world)
    columns = store(world)
    text = columns.get(sample["draw"]["draw_sha256"])["json"].item()
    swapped = json.loads(text)
    codes = swapped["schools"]["school_code"]
    swapped["schools"]["school_code"] = codes[1:] + codes[:1]
    forged = columns.put(pl.DataFrame({"json": [json.dumps(swapped, ensure_ascii=False, sort_keys=True)]})).sha256
    await execute(world, "update exam_samples set draw_sha256 = :sha256", sha256=forged)
    assert (await get(world, "sample:verify")).json() == {"is_verified": False, "differences": ["schools"]}
    await execute(
        world, "update exam_samples set draw_sha256 = :sha256, seed = 7", sha256=sample["draw"]["draw_sha256"]
    )
    assert "pupils" in (await get(world, "sample:verify")).json()["differences"]
    columns.path(sample["draw"]["pupils_sha256"]).write_bytes(b"")
    assert (await get(world, "sample:verify")).json()["differences"] == ["files"]


async def test_a_sample_is_drawn_once_from_the_frame_that_was_read_out(world: World) -> None:
    closed = await close_frame(world)
    body: dict[str, Any] = {"seed": 5, "witnessed_by": "督导室"}
    refused = await post(world, "draw", {**body, "frame_hash": "0" * 64})
    assert (refused.status_code, refused.json()["code"]) == (409, "sample.frame_differs")
    for wrong in ({**body, "seed": -1}, {**body, "seed": 2**53}, {"seed": 5}, {**body, "witnessed_by": ""}):
        assert (await post(world, "draw", wrong)).status_code == 422
    assert (await post(world, "draw", {**body, "frame_hash": closed["frame"]["frame_hash"]})).status_code == 201
    for again in (
        await post(world, "draw", {**body, "seed": 6}),
        await post(world, "close-frame"),
        await world.client.put("/exams/mock/sample-design", json={"schools": 5}, headers=world.as_city()),
    ):
        assert (again.status_code, again.json()["code"]) == (409, "sample.already_drawn")


async def test_taking_everybody_is_refused_as_a_census(world: World) -> None:
    await close_frame(world, schools=6, take=12)
    refused = await post(world, "draw", {"seed": 5, "witnessed_by": "督导室"})
    assert (refused.status_code, refused.json()["code"]) == (422, "exam.must_be_sample")
    assert (await get(world, "sample")).json()["state"] == "frame_closed"


async def test_the_exam_opens_with_drawn_schools_and_pupils_only(world: World) -> None:
    active = await open_drawn(world)
    listed = (await get(world, "participants")).json()["items"]
    assert [(row["school_code"], row["enrolled_count"]) for row in listed] == [(code, 5) for code in sorted(active)]
    outside = next(code for code in SCHOOLS if code not in active)
    assert (await world.send(outside)).status_code == 404
    refused = await world.send(active[0])
    assert (refused.status_code, refused.json()["code"]) == (422, "mark_sheet.faulty")
    assert {fault["code"] for fault in refused.json()["errors"]} == {"student.not_drawn"}
    assert refused.json()["error_count"] == 12 - 5


async def test_a_replacement_takes_the_place_of_a_school_that_refuses(world: World) -> None:
    await open_drawn(world)
    named = await schools(world)
    replacement = next(school for school in named if school["role"] == "replacement")
    refusing = replacement["replaces"]
    done = await post(world, "replace", {"school_code": refusing, "reason": "学校停课，无法参加"})
    assert done.status_code == 200, done.text
    assert [(r["school_code"], r["replacement"]) for r in done.json()["replacements"]] == [
        (refusing, replacement["school_code"])
    ]
    await world.run_job(await world.client.post("/exams/mock:open", headers=world.as_city()))
    listed = {row["school_code"] for row in (await get(world, "participants")).json()["items"]}
    assert replacement["school_code"] in listed
    assert refusing not in listed
    again = await post(world, "replace", {"school_code": refusing, "reason": "学校停课，无法参加"})
    assert (again.status_code, again.json()["code"]) == (409, "sample.school_not_active")
    last = await post(world, "replace", {"school_code": replacement["school_code"], "reason": "也无法参加监测"})
    assert (last.status_code, last.json()["code"]) == (409, "sample.no_replacement_left")
    assert (await get(world, "sample:verify")).json()["is_verified"]


async def test_a_pupil_who_has_left_is_no_longer_expected(world: World) -> None:
    sample = await draw(world)
    gone = get_pupils(store(world), sample["draw"]["pupils_sha256"]).pupils
    active = {school["school_code"] for school in await schools(world) if school["is_active"]}
    school, student = gone.filter(pl.col("school_code").is_in(list(active))).select("school_code", "student_id").row(0)
    world.roster._enrollments = world.roster._enrollments.filter(pl.col("student_key") != student)
    await world.run_job(await world.client.post("/exams/mock:open", headers=world.as_city()))
    listed = {row["school_code"]: row["enrolled_count"] for row in (await get(world, "participants")).json()["items"]}
    assert listed == {code: 4 if code == school else 5 for code in active}
