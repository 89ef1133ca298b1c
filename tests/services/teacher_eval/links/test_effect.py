"""Value added of classes for those verified to have taught them: computed with its origin, shown to each alone."""

import dataclasses
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import polars as pl
import pytest

from services.teacher_eval.filling.filled import Wanted
from services.teacher_eval.filling.from_monitoring import MonitoringProvider
from services.teacher_eval.teaching_effect.jobs import compute_job
from services.teacher_eval.teaching_effect.rules import bands_of, link_parts, on_t_scale, totals_of
from shared.contracts.monitoring import CLASS_EFFECT_SCHEMA, FakeMonitoring, PublishedResults
from shared.kernel.settings import ServiceSettings
from shared.terms.actor import Role
from tests.services.teacher_eval.development.conftest import register
from tests.services.teacher_eval.development.town import key, teacher, working
from tests.services.teacher_eval.links.teaching import (
    FIRST,
    LAST,
    MATH,
    YEAR,
    Staffroom,
    assignment,
    linked_roster,
    with_rooms,
)
from tests.support.city import (
    CITY,
    CITY_ADMIN,
    COUNTY,
    SCHOOL,
    SCHOOLS,
    code_of,
    county_admin,
    of_school,
)
from tests.support.client import running

pytestmark = pytest.mark.anyio
#: Residuals of the ten classes, one teacher each: their intake is as it happens.
RESIDUALS = (6.0, 5.0, -6.0, 0.1, -5.0, 4.0, -4.0, 1.0, -1.0, 0.5)
EXPECTED = (52.0, 47.0, 50.0, 53.0, 46.0, 49.0, 51.0, 50.0, 48.0, 54.0)
BODY = {"exams": [{"exam": "autumn", "subjects": {MATH: "math"}}]}
EFFECTS = "/teaching-effects"


def class_figures(expected: tuple[float, ...] = EXPECTED) -> pl.DataFrame:
    """Ten classes of forty pupils, on the T scale."""
    rows = [
        (COUNTY, SCHOOL, f"c{n}", 40, residual, 1.2, level, "t", 20.0)
        for n, (residual, level) in enumerate(zip(RESIDUALS, expected, strict=True))
    ]
    return pl.DataFrame(rows, schema=CLASS_EFFECT_SCHEMA, orient="row")


def published(**changes: Any) -> PublishedResults:
    plain = {
        "exam": "autumn", "kind": "sample_monitoring", "school_year": YEAR, "grade_level": 3, "version": "1.0.0",
        "manifest_sha256": "f" * 64, "models": {"math": "math~entry"}, "held_on": "2027-06-20",
    }  # fmt: skip
    return PublishedResults(**(plain | changes))


def monitoring(frame: pl.DataFrame | None = None, **changes: Any) -> FakeMonitoring:
    """Monitoring with one exam."""
    figures = class_figures() if frame is None else frame
    return FakeMonitoring([published(**changes)], class_effects={("autumn", "math"): figures})


@asynccontextmanager
async def computing(settings: ServiceSettings, fake: FakeMonitoring) -> AsyncIterator[Staffroom]:
    """A service with a worker whose monitoring is in memory, and ten teachers of a class each."""

    @asynccontextmanager
    async def open_monitoring(_: ServiceSettings) -> AsyncIterator[FakeMonitoring]:
        yield fake

    rows = [assignment(n, f"c{n}") for n in range(len(RESIDUALS))]
    service = with_rooms(linked_roster(rows))
    own = compute_job(open_monitoring)
    service = dataclasses.replace(service, jobs=tuple(own if job.name == own.name else job for job in service.jobs))
    assert any(job is own for job in service.jobs)
    await register(settings)
    async with running(service, settings) as (app, client), working(service, settings):
        opened = Staffroom(client, settings)
        opened.kernel = app.state.kernel
        yield opened


@pytest.fixture
async def school(teacher_eval_settings: ServiceSettings) -> AsyncIterator[Staffroom]:
    async with computing(teacher_eval_settings, monitoring()) as opened:
        yield opened


async def verify(room: Staffroom, *silent: int) -> None:
    """Everybody but some confirms, the school finishes, the county freezes."""
    await room.preview()
    for number in range(len(RESIDUALS)):
        if number not in silent:
            assert (await room.say(number, f"c{number}", "confirm")).status_code == 200
    if silent:
        await room.time_passes()
    for step in ("decide", "finish", "close"):
        assert (await room.step(step)).status_code == 200


async def compute(room: Staffroom, body: Any = BODY, who: Any = CITY_ADMIN) -> dict[str, Any]:
    job = await room.run_job(await room.post(f"{EFFECTS}/{YEAR}:compute", body, who))
    return job["result"]  # type: ignore[no-any-return]


async def refused(room: Staffroom, body: Any = BODY) -> str:
    """The problem with which a computation fails."""
    accepted = await room.post(f"{EFFECTS}/{YEAR}:compute", body)
    assert accepted.status_code == 202, accepted.text
    try:
        await room.run_job(accepted)
    except AssertionError as failed:
        return str(failed)
    return "succeeded"


async def test_each_sees_their_own_beside_the_middle_half(school: Staffroom) -> None:
    await verify(school)
    assert (await compute(school))["teachers"] == 10
    (own,) = (await school.get("/own-teaching-effects", teacher(0))).json()["items"]
    assert (own["label"], own["subjects"], own["classes"], own["n"]) == ("above", [MATH], 1, 40)
    assert 0 < own["effect"] < 6
    assert own["ci"][0] < own["effect"] < own["ci"][1]
    assert own["expected"] == 52
    assert own["band"]["people"] == 10
    assert own["band"]["low"] < own["band"]["median"] < own["band"]["high"]
    (middling,) = (await school.get("/own-teaching-effects", teacher(3))).json()["items"]
    assert middling["label"] == "as_expected"
    assert (await school.get("/own-teaching-effects", teacher(11))).json()["items"] == []


async def test_nobody_is_given_a_list_of_teachers(school: Staffroom) -> None:
    await verify(school)
    await compute(school)
    address = f"{EFFECTS}/9900/{YEAR}/1"
    (total,) = (await school.get(f"{address}/schools", of_school())).json()["items"]
    assert (total["teachers"], sum(total["counts"].values())) == (10, 10)
    assert total["counts"]["above"] == 3
    for who in (of_school(), county_admin(), CITY_ADMIN):
        for path in (EFFECTS, address, f"{address}/schools"):
            answer = await school.get(path, who)
            assert answer.status_code == 200, (path, answer.text)
            assert not any(key(n) in answer.text for n in range(12))
    for who in (teacher(0), of_school(Role.SCHOOL_OPERATOR)):
        assert code_of(await school.get(f"{address}/schools", who)) == "auth.forbidden"
    elsewhere = next(code for code in SCHOOLS if code != SCHOOL)
    assert (await school.get(f"{address}/schools", of_school(school=elsewhere))).json()["items"] == []


async def test_a_computation_names_what_it_rests_on(school: Staffroom) -> None:
    await verify(school)
    first = await compute(school)
    again = await compute(school)
    assert (first["sha256"], first["number"], again["number"]) == (again["sha256"], 1, 2)
    run = (await school.get(f"{EFFECTS}/9900/{YEAR}/2")).json()
    assert run["origin"]["exams"] == [{"exam": "autumn", "version": "1.0.0", "manifest_sha256": "f" * 64}]
    assert run["origin"]["links"]["schools"] == 1
    assert [(row["attribute"], row["flagged"]) for row in run["composition"]] == [
        ("expected", False),
        ("class_size", False),
    ]
    assert (await school.get("/own-teaching-effects", teacher(0))).json()["items"][0]["number"] == 2


async def test_without_verified_links_there_is_no_effect(school: Staffroom) -> None:
    await school.preview()
    assert "teaching_effect.no_links" in await refused(school)
    await school.say(0, "c0", "confirm")
    assert "teaching_effect.no_links" in await refused(school)
    assert (await school.get(EFFECTS)).json()["items"] == []


async def test_only_who_is_verified_has_an_effect_and_fills_a_leaf(school: Staffroom) -> None:
    await school.preview(silent_links="drop")
    for number in range(1, 10):
        await school.say(number, f"c{number}", "confirm")
    await school.time_passes()
    for step in ("decide", "finish", "close"):
        assert (await school.step(step)).status_code == 200
    assert (await compute(school))["teachers"] == 9
    assert (await school.get("/own-teaching-effects", teacher(0))).json()["items"] == []
    staff = pl.DataFrame({"staff_key": [key(n) for n in range(12)]})
    async with school.kernel.database.transaction(CITY) as session:
        provider = MonitoringProvider(session, CITY_ADMIN)
        found = await provider.gather(Wanted(YEAR, FIRST, LAST, staff, CITY), ["teaching_effect"])
        earlier = await provider.gather(Wanted("2025-2026", FIRST, LAST, staff, CITY), ["teaching_effect"])
    frame = found["teaching_effect"].frame
    assert (frame.height, earlier) == (9, {})
    assert frame["se"].null_count() == 0
    assert found["teaching_effect"].origin["exams"][0]["version"] == "1.0.0"
    assert provider.knows("teaching_effect")
    assert not provider.knows("pass_rate.math")


async def test_exams_that_decide_admission_are_refused(teacher_eval_settings: ServiceSettings) -> None:
    fake = monitoring(kind="senior_secondary_entrance")
    async with computing(teacher_eval_settings, fake) as room:
        await verify(room)
        assert "teaching_effect.entrance_exam" in await refused(room)
        fake.published["autumn"] = published(school_year="2025-2026")
        assert "teaching_effect.other_year" in await refused(room)
        fake.published["autumn"] = published(models={})
        assert "teaching_effect.no_value_added" in await refused(room)
        fake.published.clear()
        assert "teaching_effect.not_published" in await refused(room)


async def test_figures_that_follow_intake_are_left_out_unless_a_document_says_otherwise(
    teacher_eval_settings: ServiceSettings,
) -> None:
    followed = tuple(50 + residual for residual in RESIDUALS)
    async with computing(teacher_eval_settings, monitoring(class_figures(followed))) as room:
        await verify(room)
        assert await compute(room) | {"sha256": ""} == {"number": 1, "teachers": 0, "flagged": 1, "sha256": ""}
        refusal = await room.post(f"{EFFECTS}/{YEAR}:compute", BODY | {"use_when_flagged": True})
        assert [fault["code"] for fault in refusal.json()["errors"]] == ["teaching_effect.document"]
        decided = BODY | {"use_when_flagged": True, "document": "市教研院评估意见"}
        assert (await compute(room, decided))["teachers"] == 10


async def test_what_is_refused(school: Staffroom) -> None:
    for body, code in (
        ({"exams": [{"exam": "autumn", "subjects": {"xx": "math"}}]}, "teaching_effect.subject"),
        ({"exams": BODY["exams"] * 2}, "teaching_effect.exam_twice"),
        (BODY | {"min_n": 5}, "field.too_low"),
    ):
        answer = await school.post(f"{EFFECTS}/{YEAR}:compute", body)
        assert [fault["code"] for fault in answer.json()["errors"]] == [code]
    assert code_of(await school.post(f"{EFFECTS}/{YEAR}:compute", BODY, of_school())) == "auth.forbidden"
    assert code_of(await school.get(f"{EFFECTS}/9900/{YEAR}/1")) == "resource.not_found"


def test_how_much_of_a_year_a_link_covers() -> None:
    day = dt.date(2027, 6, 20)
    spans = [(FIRST, LAST, 1.0), (FIRST, dt.date(2027, 1, 24), 1.0), (day, LAST, 1.0), (FIRST, LAST, 0.25)]
    links = pl.DataFrame(
        {
            "school_code": ["s"] * 4,
            "class_code": ["a", "b", "c", "d"],
            "staff_key": ["t"] * 4,
            "share": [span[2] for span in spans],
            "starts_on": [span[0] for span in spans],
            "ends_on": [span[1] for span in spans],
        }
    )
    parts = link_parts(links, school_year=YEAR, held_on=day, source="x")["part"].to_list()
    assert parts == [1, pytest.approx(146 / 292), 0, 0.25]


def test_marks_are_brought_to_the_t_scale() -> None:
    raw = class_figures().with_columns(scale=pl.lit("raw"))
    assert on_t_scale(raw, source="x")["mean_residual"].to_list() == [value / 2 for value in RESIDUALS]
    assert on_t_scale(class_figures(), source="x")["mean_residual"].to_list() == list(RESIDUALS)


def test_few_teachers_make_no_band_and_no_counts() -> None:
    effects = pl.DataFrame(
        {
            "subjects": ["14"] * 9,
            "org_path": ["a"] * 4 + ["b"] * 5,
            "effect": [float(n) for n in range(9)],
            "label": ["above"] * 9,
        }
    )
    assert bands_of(effects) == {}
    small, shown = totals_of(effects)
    assert (small["teachers"], small["counts"], small["suppressed"]) == (None, None, True)
    assert (shown["teachers"], shown["counts"]["above"], shown["mean"]) == (5, 5, 6)
