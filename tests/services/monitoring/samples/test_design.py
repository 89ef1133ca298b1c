"""Designing a sample: everything wrong at once, and what precision to expect."""

from typing import Any

import polars as pl
import pytest

from shared.scoring.sampling.design import SampleDesign
from shared.scoring.sampling.draws import draw_schools
from shared.scoring.sampling.precision import design_summary
from tests.services.monitoring.samples.office import DRAWN, close_frame, get, job_ended, post, put_design
from tests.services.monitoring.world import SCHOOLS, World

pytestmark = pytest.mark.anyio


async def test_every_contradiction_is_answered_at_once(world: World) -> None:
    await world.put_exam(**DRAWN)
    wrong = {
        "schools": 0,
        "take": 0,
        "replacements": 3,
        "strata": ["county", "county", "weather"],
        "sort_by": ["county"],
    }
    refused = await put_design(world, **wrong, allocation="neyman")
    assert (refused.status_code, refused.json()["code"]) == (422, "scoring.sample_design_invalid")
    found = {(fault["code"], fault["pointer"]) for fault in refused.json()["errors"]}
    assert found == {
        ("scoring.sample_number", "/schools"),
        ("scoring.sample_number", "/take"),
        ("scoring.sample_number", "/replacements"),
        ("sample.attribute_not_known", "/strata"),
        ("sample.strata_twice", "/strata"),
        ("sample.sorted_by_stratum", "/sort_by"),
        ("sample.spread_missing", "/spread"),
    }
    assert (await get(world, "sample")).status_code == 404


@pytest.mark.parametrize("changes", [{"take": "many"}, {"Schools": 3}, {"selection": "by_hand"}])
async def test_bad_bodies_are_refused_by_their_member(world: World, changes: dict[str, Any]) -> None:
    await world.put_exam(**DRAWN)
    refused = await put_design(world, **changes)
    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json()["errors"]] == [f"/{next(iter(changes))}"]


async def test_the_preview_is_the_expected_precision_on_the_rosters_sizes(world: World) -> None:
    await world.put_exam(**DRAWN)
    designed = await put_design(world)
    await job_ended(world, designed.json()["job_id"])
    shown = (await get(world, "sample-design:preview", icc=0.2, sd=15)).json()
    frame = pl.DataFrame({"school_code": list(SCHOOLS), "stratum": list(SCHOOLS.values()), "size": [12] * len(SCHOOLS)})
    draw = draw_schools(frame, SampleDesign(schools=4, take=5, replacements=2), seed=0)
    expected = design_summary(draw, icc=0.2, sd=15).to_dicts()
    assert shown["basis"] == "sizes"
    names = ("stratum", "population", "schools", "pupils", "design_effect", "se", "margin")
    assert [{name: item[name] for name in names} for item in shown["items"]] == [
        {name: row[name] for name in names} for row in expected
    ]
    assert [item["frame_schools"] for item in shown["items"]] == [3, 3, 6]
    for wrong in ({"icc": 2}, {"icc": 0.2, "sd": 0}, {}):
        assert (await get(world, "sample-design:preview", **wrong)).status_code == 422


async def test_a_design_that_the_roster_cannot_give_is_refused_with_words(world: World) -> None:
    await world.put_exam(**DRAWN)
    for changes, code in [
        ({"schools": 7}, "scoring.sample_allocation"),
        ({"strata": ["ownership"]}, "scoring.sample_frame_invalid"),
        ({"strata": ["attributes.altitude"]}, "scoring.sample_frame_invalid"),
        ({"allocation": "neyman", "spread": {"990001": 3.0}}, "scoring.sample_allocation"),
    ]:
        designed = await put_design(world, **changes)
        await job_ended(world, designed.json()["job_id"])
        refused = await get(world, "sample-design:preview", icc=0.2)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        closing = await post(world, "close-frame")
        with pytest.raises(AssertionError, match=code):
            await world.run_job(closing)
    assert (await get(world, "sample")).json()["state"] == "designed"


async def test_only_drafts_whose_schools_are_drawn_have_a_design(world: World) -> None:
    await world.put_exam("listed")
    refused = await put_design(world, exam="listed")
    assert (refused.status_code, refused.json()["code"]) == (409, "sample.schools_are_listed")
    for changes in (
        {"participants": sorted(SCHOOLS)},
        {"kind": "graduation_mock", "grade_level": 9},
        {"student_linking": "optional"},
    ):
        assert (await world.put_exam("wrong", **{**DRAWN, **changes})).status_code == 422
    await world.put_exam(**DRAWN)
    opened = await world.client.post("/exams/mock:open", headers=world.as_city())
    assert (opened.status_code, opened.json()["code"]) == (409, "sample.not_drawn")


async def test_a_changed_design_opens_the_frame_again(world: World) -> None:
    closed = await close_frame(world)
    assert (closed["state"], closed["frame"]["schools"], closed["frame"]["pupils"]) == ("frame_closed", 6, 72)
    assert (await put_design(world)).json() == closed
    changed = (await put_design(world, take=6)).json()
    assert (changed["state"], changed["frame"]) == ("designed", None)
    refused = await post(world, "draw", {"seed": 1, "witnessed_by": "督导室"})
    assert (refused.status_code, refused.json()["code"]) == (409, "sample.frame_open")
