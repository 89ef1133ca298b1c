"""A grade 12 mock: conversion labeled as simulated, tracks ranked apart, lines for observation only, progress."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import polars as pl
import pytest

from services.monitoring.app import SERVICE
from services.monitoring.exams.analysis_settings import conversion_settings, cut_lines, selection_scheme
from services.monitoring.exams.rules import analysis_plan
from shared.kernel.settings import ServiceSettings
from shared.scoring.conversion.tracks import conversion_tables, track_sheets
from shared.scoring.cut_lines.lines import draw_lines
from shared.scoring.cut_lines.summary import gather_track
from shared.scoring.frame import MarkUnit, check_sheet
from shared.scoring.levels import index_groups
from shared.scoring.summaries.mark_histogram import gather_histogram
from shared.terms.actor import Actor
from tests.services.monitoring.factories import CITY, definition, make_exam, put_sheet
from tests.services.monitoring.office import CITY_ADMIN, Office, open_office, worker
from tests.services.monitoring.results.senior import SCHOOLS, changes, sheet
from tests.support.databases import TestDatabases
from tests.support.settings import actor, bearer

pytestmark = pytest.mark.anyio
ALONE, OWN = SCHOOLS["3499000008"], SCHOOLS["3499000002"]


def at(school: Any, role: str = "school_admin") -> Actor:
    return actor(role, school.path)


@pytest.fixture(scope="module")
def senior_settings(databases: TestDatabases) -> Iterator[ServiceSettings]:
    with databases.of(SERVICE, gateway_url="http://127.0.0.1:9", client_id="service-monitoring") as settings:
        yield settings


@pytest.fixture(scope="module")
async def senior(senior_settings: ServiceSettings) -> AsyncIterator[Office]:
    """Published results of the mock; tests must not change them."""
    async with open_office(senior_settings) as office:
        await make_exam(office.kernel, SCHOOLS, code="before", **changes(cut_lines=[]))
        await make_exam(office.kernel, SCHOOLS, **changes(progress_from="before"))
        for school in SCHOOLS.values():
            await put_sheet(office.kernel, school, sheet(school, seed=1), code="before")
            await put_sheet(office.kernel, school, sheet(school))
        asked = await office.post("analyze")
        assert (asked.status_code, asked.json()["code"]) == (409, "analysis.earlier_missing")
        await analyze(office, "before")
        await office.publish()
        yield office


async def analyze(office: Office, exam: str) -> None:
    asked = await office.post("analyze", exam=exam)
    assert asked.status_code == 202, asked.text
    async with worker(office.kernel.settings):
        assert (await office.finished(asked.headers["location"]))["state"] == "succeeded"


async def rows(office: Office, table: str, who: Actor = CITY_ADMIN, **filters: Any) -> list[dict[str, Any]]:
    answer = await office.get(f"/results/{table}", who, params={"page_size": 1000, **filters})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_figures_are_those_of_the_core_and_conversion_is_called_simulated(senior: Office) -> None:
    body = definition(**changes())
    plan, scheme = analysis_plan(body), selection_scheme(body)
    whole = check_sheet(pl.concat([sheet(s) for s in SCHOOLS.values()]), plan, unit=MarkUnit.GRID_UNIT)
    keys, index = index_groups(whole.keys)
    assert scheme is not None
    histograms = {
        code: gather_histogram(keys, index, whole.frame[code], subject=plan.subject(code)) for code in scheme.electives
    }
    tables = conversion_tables(histograms, scheme, conversion_settings(body, area=CITY))
    grades = await rows(senior, "conversion-grades", subject="chemistry")
    assert [row["count"] for row in grades] == tables["chemistry"].grades["count"].to_list()
    assert {row["population"] for row in grades} == {"simulated"}

    tracks = track_sheets(whole, plan, tables=tables, scheme=scheme)
    summary = gather_track(tracks["physics"])
    [line] = draw_lines(cut_lines(body), summary.total, track="physics")
    online = {(row["track"], row["level"]): row for row in await rows(senior, "online-rates", level="city")}
    assert online["physics", "city"]["n_online"] == line.reached
    assert online["physics", "city"]["online_rate"]["value"] == line.reached / online["physics", "city"]["n_sat"]
    lines = await rows(senior, "cut-lines")
    assert {(row["track"], row["line"]) for row in lines} == {("history", "places"), ("physics", "undergraduate")}
    assert all(row["reached"] >= 100 for row in lines if row["line"] == "places")
    totals = await rows(senior, "track-summary", level="city", subject="total")
    assert {row["track"] for row in totals} == {"physics", "history"}
    sat = int((tracks["history"].sheet.frame["total"] >= 0).sum())
    assert next(row["n_sat"] for row in totals if row["track"] == "history") == sat
    quadrants = await rows(senior, "quadrants", level="city", track="physics", subject="maths")
    [row] = quadrants
    assert row["n"] == row["double_online"] + row["total_only"] + row["subject_only"] + row["neither"]


async def test_a_school_sees_itself_and_the_city_and_no_county_or_other_school(senior: Office) -> None:
    for table in ("online-rates", "quadrants"):
        seen = await rows(senior, table, at(OWN))
        assert {row["level"] for row in seen} == {"city", "school", "class"}
        assert {row["school_code"] for row in seen} == {None, OWN.code}
    assert {row["level"] for row in await rows(senior, "online-rates", actor("county_admin", "99/9900/990001/"))} == {
        "city", "county", "school", "class",
    }  # fmt: skip
    assert (await senior.get("/results/value-added-schools")).json()["items"] == []
    assert (await senior.get("/results/school-labels")).status_code == 404, "an exam without models has no labels"


async def test_candidates_are_read_by_their_own_school_alone_and_noted(senior: Office) -> None:
    for table in ("track-standings", "borderline", "candidate-balance", "candidate-progress"):
        answer = await senior.get(f"/results/candidates/{table}", at(OWN), params={"page_size": 1000})
        assert answer.status_code == 200, answer.text
        found = answer.json()["items"]
        assert found, table
        assert {row["school_code"] for row in found} == {OWN.code}
        assert not [name for name in found[0] if "rank" in name], "ranks are given on request only"
        for who in (CITY_ADMIN, actor("county_admin", "99/9900/990001/"), actor("teacher", OWN.path)):
            assert (await senior.get(f"/results/candidates/{table}", who)).status_code == 403
        assert (await senior.get(f"/results/{table}")).status_code == 404
    ranked = await senior.get("/results/candidates/track-standings", at(OWN), params={"ranks": True, "track": "x"})
    assert ranked.status_code == 422
    ranked = await senior.get("/results/candidates/track-standings", at(OWN), params={"ranks": True})
    assert "city_rank" in ranked.json()["items"][0]


async def test_progress_follows_pupils_from_the_earlier_exam(senior: Office) -> None:
    city = await rows(senior, "progress", level="city", subject="maths")
    assert {row["measure"] for row in city} == {"delta_t", "delta_percentile_rank"}
    for row in city:
        assert row["n"] == 480
        assert row["mean"]["value"] == pytest.approx(0, abs=1e-9)
        assert row["mean"]["ci"] is not None
    balance = await rows(senior, "subject-balance", level="city", subject="maths")
    assert balance[0]["n"] == 480


@pytest.mark.parametrize(
    ("change", "code", "fault"),
    [
        ({"kind": "sample_monitoring", "sample": "抽样", "participants": ["3499000001"]}, "exam.lines_not_allowed", None),
        ({"cut_lines": [{"code": "a", "name_zh": "a", "name_en": "a", "track": "arts", "mark": "1"}]},
         "scoring.plan_invalid", "exam.line_track_unknown"),
        ({"cut_lines": [{"code": "a", "name_zh": "a", "name_en": "a", "track": "physics"}]},
         "scoring.plan_invalid", "scoring.line_definition"),
        ({"selection": {"common": ["chinese"], "first_choices": ["physics"], "electives": ["art"]}},
         "scoring.plan_invalid", "exam.selection_subject_unknown"),
        ({"progress_from": "nowhere"}, "resource.not_found", None),
    ],
)  # fmt: skip
async def test_settings_that_contradict_are_refused_at_registration(
    senior: Office, change: dict[str, Any], code: str, fault: str | None
) -> None:
    body = definition(**changes(school_year="2027-2028"))
    body |= change
    answer = await senior.client.put("/exams/wrong", json=body, headers=bearer(CITY_ADMIN))
    assert answer.json()["code"] == code, answer.text
    if fault:
        assert fault in {entry["code"] for entry in answer.json()["errors"]}
