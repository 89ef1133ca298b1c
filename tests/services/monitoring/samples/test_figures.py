"""Figures of a drawn sample: weighted, with standard errors, and never mistaken for those of the tested."""

from __future__ import annotations

import io
import json
from typing import Any

import polars as pl
import pytest
from pypdf import PdfReader

from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.printed_figures import printed
from shared.scoring.sampling.draws import SampleDraw
from shared.scoring.sampling.estimates import estimated
from shared.scoring.sampling.estimators import mean
from shared.scoring.sampling.pupils import PupilDraw
from shared.scoring.sampling.weights import sample_weights
from shared.scoring.sampling.zones import variance_zones
from shared.terms.actor import Role
from tests.services.monitoring.reports.test_printing import words_of
from tests.services.monitoring.samples.office import addresses, drawn_rows, execute, get, open_drawn, post
from tests.services.monitoring.world import SCHOOLS, World

pytestmark = pytest.mark.anyio
ABOVE = ("summary", "cumulative", "bands", "transitions")


async def finish(world: World) -> None:
    """Checks, seals, analyzes and publishes an exam whose sheets are there."""
    await world.check_and_confirm()
    sealed = await world.seal(reason="抽样监测，缺考已核实")
    assert sealed.status_code == 200, sealed.text
    await world.run_job(await world.client.post("/exams/mock:analyze", headers=world.as_city()))
    published = await world.client.post("/exams/mock:publish", json={}, headers=world.as_city())
    assert published.status_code == 201, published.text


async def whole_check(world: World) -> dict[str, Any]:
    """Weights of the whole sample held against the frame, in maths."""
    rows = await rows_of(world, "sample-weight-check")
    return next(row for row in rows if (row["subject"], row["stratum"]) == ("maths", None))


@pytest.fixture
async def monitored(world: World) -> World:
    """A published sample: four of six schools, five pupils in each, one of them absent."""
    for school in await open_drawn(world, min_n=1, min_n_reason="测试用小样本"):
        rows = await drawn_rows(world, school)
        rows[0] |= {"maths": "", "maths_status": "absent"}
        assert (await world.send(school, rows)).status_code == 201
    await finish(world)
    return world


async def rows_of(world: World, table: str, headers: Any = None, exam: str = "mock") -> list[dict[str, Any]]:
    answer = await get(world, f"results/{table}", exam=exam, headers=headers, page_size=1000)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def expected_mean(world: World) -> pl.DataFrame:
    """The same figure from the draw's files and the sheets, with the scoring core alone."""
    columns = ColumnarStore(str(world.settings.store_url))
    files = (await get(world, "sample")).json()["draw"]
    draw, pupils = files["draw_sha256"], files["pupils_sha256"]
    drawn = PupilDraw.from_json(columns.get(pupils)["json"].item()).pupils
    sheets = await execute(world, "select sha256 from mark_sheets where superseded_at is null")
    marks = pl.concat([columns.get(sha256) for sha256 in sheets])
    marks = marks.select(pl.col("student_key").alias("student_id"), (pl.col("maths") / 2).alias("y"))
    state = pl.when(pl.col("y").is_null()).then(pl.lit("absent")).otherwise(pl.lit("participated"))
    taken = drawn.join(marks, on="student_id").with_columns(state.alias("participation"))
    weighted = sample_weights(SampleDraw.from_json(columns.get(draw)["json"].item()), taken)
    return estimated(variance_zones(weighted).join(marks, on="student_id"), "y", mean(), min_n=1)


async def test_the_city_gets_weighted_figures_with_their_standard_errors(monitored: World) -> None:
    shown = next(
        row for row in await rows_of(monitored, "sample-estimates")
        if (row["level"], row["subject"], row["metric"]) == ("city", "maths", "mean")
    )  # fmt: skip
    expected = (await expected_mean(monitored)).row(0, named=True)
    assert shown["estimate"]["value"] == pytest.approx(expected["estimate"])
    assert shown["estimate"]["se"] == pytest.approx(expected["se"])
    assert shown["estimate"]["ci"] == pytest.approx([expected["ci_low"], expected["ci_high"]])
    assert (shown["n"], shown["schools"], shown["estimate"]["method"]) == (16, 4, "sampling.estimates")
    assert shown["population"]["value"] == pytest.approx(72)
    whole = next(
        row
        for row in await rows_of(monitored, "sample-weight-check")
        if (row["subject"], row["stratum"]) == ("maths", None)
    )
    assert (whole["pupils_drawn"], whole["pupils_present"], whole["is_near"]) == (20, 16, True)


async def test_groups_that_the_sheets_declare_are_domains(monitored: World) -> None:
    rows = [
        row
        for row in await rows_of(monitored, "sample-domains")
        if row["metric"] == "mean" and row["subject"] == "maths"
    ]
    assert {(row["attribute"], row["group_value"]) for row in rows} == {("size", "large"), ("size", "small")}
    assert sum(row["population"]["value"] for row in rows) == pytest.approx(72)


async def test_plain_figures_above_the_school_are_nobodys(monitored: World) -> None:
    participants = (await get(monitored, "participants")).json()["items"]
    school = participants[0]["school_code"]
    callers = (
        monitored.as_city(),
        monitored.as_county(SCHOOLS[school]),
        monitored.as_school(school, Role.SCHOOL_ADMIN),
    )
    for headers in callers:
        for table in ABOVE:
            levels = {row["level"] for row in await rows_of(monitored, table, headers)}
            assert not levels & {"city", "county"}, table
            text = (await get(monitored, f"results/{table}:download", headers=headers, format="ndjson")).text
            assert not {json.loads(line)["level"] for line in text.splitlines()} & {"city", "county"}
    own = {row["school_code"] for row in await rows_of(monitored, "summary", callers[2])}
    assert own == {school}
    candidate = (await rows_of(monitored, "standings", callers[2]))[0]
    assert "school_t_score" in candidate
    assert not any(name.startswith(("city_", "county_")) and name != "county_code" for name in candidate)


async def test_each_caller_sees_the_estimates_of_its_place(monitored: World) -> None:
    participants = (await get(monitored, "participants")).json()["items"]
    school, county = participants[0]["school_code"], participants[0]["county_code"]

    async def places(headers: Any) -> set[tuple[str, str | None]]:
        return {(row["level"], row["county_code"]) for row in await rows_of(monitored, "sample-estimates", headers)}

    assert await places(monitored.as_city()) == {("city", None), ("county", "990001"), ("county", "990002")}
    assert await places(monitored.as_county(county)) == {("city", None), ("county", county)}
    assert await places(monitored.as_school(school)) == {("city", None)}
    for table in ("sample-domains", "sample-weight-check"):
        assert await rows_of(monitored, table, monitored.as_school(school)) == []


async def test_no_address_of_a_published_sample_names_another_school_to_a_school(monitored: World) -> None:
    school = (await get(monitored, "participants")).json()["items"][0]["school_code"]
    told = 0
    for role in (Role.SCHOOL_ADMIN, Role.TEACHER):
        for path in addresses(school):
            answer = await monitored.client.get(path, headers=monitored.as_school(school, role))
            assert answer.status_code < 500, (path, answer.text)
            assert not any(other in answer.text for other in SCHOOLS if other != school), path
            told += answer.status_code == 200
    assert told > 40


async def test_the_manifest_says_what_is_known_and_keeps_the_seed(monitored: World) -> None:
    manifest = (await get(monitored, "results")).json()["manifest"]
    assert manifest["sample"]["probabilities"] == "known"
    sample = (await get(monitored, "sample")).json()
    for secret in (str(sample["draw"]["seed"]), sample["draw"]["draw_sha256"], sample["frame"]["frame_hash"]):
        assert secret not in json.dumps(manifest)
    assert {"sampling.two_stage_draw", "sampling.weights", "sampling.estimates"} <= {
        m["id"] for m in manifest["methods"]
    }


async def test_a_listed_sample_has_plain_figures_and_says_that_no_probabilities_are_known(world: World) -> None:
    await world.open_exam(min_n=1, min_n_reason="测试用小样本")
    for school in SCHOOLS:
        assert (await world.send(school)).status_code == 201
    await finish(world)
    manifest = (await get(world, "results")).json()["manifest"]
    note = {"sampling": "listed", "probabilities": "unknown", "standard_errors": None, "population_tables": []}
    assert manifest["sample"] == note
    assert "city" in {row["level"] for row in await rows_of(world, "summary")}
    assert "sample_estimates" not in manifest["frames"]
    absent = await get(world, "results/sample-estimates")
    assert absent.status_code == 404


async def test_a_replaced_school_counts_as_non_response_and_its_replacement_stands_in(world: World) -> None:
    await open_drawn(world, min_n=1, min_n_reason="测试用小样本")
    named = (await get(world, "sample/schools")).json()["items"]
    refusing = next(school["replaces"] for school in named if school["role"] == "replacement")
    assert (await post(world, "replace", {"school_code": refusing, "reason": "学校停课，无法参加"})).status_code == 200
    await world.run_job(await world.client.post("/exams/mock:open", headers=world.as_city()))
    active = [row["school_code"] for row in (await get(world, "participants")).json()["items"]]
    for school in active:
        assert (await world.send(school, await drawn_rows(world, school))).status_code == 201
    await finish(world)
    whole = next(
        row
        for row in await rows_of(world, "sample-weight-check")
        if (row["subject"], row["stratum"]) == ("maths", None)
    )
    assert refusing not in active
    assert (whole["schools_drawn"], whole["schools_present"], whole["weight_sum"]["value"]) == (4, 4, pytest.approx(72))


async def test_a_pupil_who_is_no_part_of_the_population_weighs_nothing_and_one_who_was_ill_is_stood_for(
    world: World,
) -> None:
    active = await open_drawn(world, min_n=1, min_n_reason="测试用小样本")
    for school, reason in zip(active, ("deceased", "long_term_illness", None, None), strict=True):
        rows = await drawn_rows(world, school)
        if reason is not None:
            gone = {"student_id": rows.pop()["student_id"], "school_code": school, "reason_code": reason}
            url = "/exams/mock/exclusions:batch"
            made = await world.client.post(url, json={"items": [gone]}, headers=world.as_city())
            assert made.status_code in (200, 201, 207), made.text
        assert (await world.send(school, rows)).status_code == 201
    await finish(world)
    whole = await whole_check(world)
    assert (whole["pupils_drawn"], whole["pupils_eligible"], whole["pupils_present"]) == (20, 19, 18)
    # Systematic in strata of 36 by schools of 12, five pupils of twelve: each drawn pupil stands for 36 / 2 / 5.
    assert whole["weight_sum"]["value"] == pytest.approx(72 - 36 / 2 / 5)


async def test_the_report_of_the_city_rests_on_estimates_and_says_so(monitored: World) -> None:
    answer = await get(monitored, "reports/maths", level="city")
    assert answer.status_code == 200, answer.text
    report = answer.json()
    [section] = report["sections"]
    rows = [row for row in await rows_of(monitored, "sample-estimates") if row["subject"] == "maths"]
    city = {row["metric"]: row for row in rows if row["level"] == "city"}
    group = section["group"]
    assert report["basis"] == "sample_estimate"
    for name in ("mean", "sd", "score_rate"):
        assert {key: group[name][key] for key in ("value", "se", "ci", "n")} == {
            key: city[name]["estimate"][key] for key in ("value", "se", "ci", "n")
        }
    assert group["mean"]["method"] == "sampling.estimates"
    assert group["quantiles"]["p50"]["value"] == city["p50"]["estimate"]["value"]
    by_code = {rate["code"]: rate["of_present"]["value"] for rate in group["rates"]}
    assert by_code == {code: city[f"{code}_rate"]["estimate"]["value"] for code in by_code}
    assert (group["estimate"]["n"], group["estimate"]["schools"]) == (16, 4)
    assert group["estimate"]["population"] == pytest.approx(72)
    counties = {row["county_code"] for row in rows if row["level"] == "county"}
    assert {member["county_code"] for member in section["members"]} == counties == {"990001", "990002"}
    # Nothing that only a census could say.
    assert (section["reference"], section["references"], section["distribution"]) == (None, [], [])
    assert (section["value_added"], section["findings"], group["gaps"]) == ([], [], [])
    assert group["participation"]["n_registered"] is None


async def test_the_printed_report_of_a_sample_calls_itself_an_estimate(monitored: World) -> None:
    answer = await get(monitored, "reports/maths:pdf", level="city")
    assert answer.status_code == 200, answer.text
    text = words_of(PdfReader(io.BytesIO(answer.content)))
    report = (await get(monitored, "reports/maths", level="city")).json()
    mean = report["sections"][0]["group"]["mean"]
    for expected in (
        "由抽样推算",
        "16人",
        "4所学校，代表72人",
        "不是全体学生的实测结果",
        printed(mean["value"]),
        "各县（区、市）情况",
    ):
        assert str(expected) in text, expected


async def test_a_county_reads_its_own_estimates_and_a_school_the_citys(monitored: World) -> None:
    school = (await get(monitored, "participants")).json()["items"][0]["school_code"]
    county = SCHOOLS[school]
    own = await get(monitored, "reports/maths", headers=monitored.as_county(county), level="county")
    assert own.status_code == 200, own.text
    [section] = own.json()["sections"]
    assert (section["group"]["county_code"], section["members"]) == (county, [])
    assert [group["level"] for group in section["references"]] == ["city"]
    other = next(code for code in SCHOOLS.values() if code != county)
    params = {"level": "county", "county_code": other}
    assert (await get(monitored, "reports/maths", headers=monitored.as_county(county), **params)).status_code == 404
    city = await get(monitored, "reports/maths", headers=monitored.as_county(county), level="city")
    assert [member["county_code"] for member in city.json()["sections"][0]["members"]] == [county]
    head = monitored.as_school(school, Role.SCHOOL_ADMIN)
    seen = await get(monitored, "reports/maths", headers=head, level="city")
    assert (seen.status_code, seen.json()["sections"][0]["members"]) == (200, [])
    assert not any(code in seen.text for code in SCHOOLS)


async def test_reports_and_queries_of_a_drawn_sample_hold_no_plain_figures_of_the_city(monitored: World) -> None:
    school = (await get(monitored, "participants")).json()["items"][0]["school_code"]
    own = await get(monitored, "reports/maths", headers=monitored.as_school(school, Role.SCHOOL_ADMIN), level="school")
    assert own.status_code == 200, own.text
    assert [section["references"] for section in own.json()["sections"]] == [[]]
    for headers in (monitored.as_city(), monitored.as_school(school, Role.SCHOOL_ADMIN)):
        asked = await monitored.client.post("/exams/mock/results/summary:query", json={}, headers=headers)
        assert asked.status_code == 200, asked.text
        assert not {row["level"] for row in asked.json()["items"]} & {"city", "county"}
