"""Publication and withdrawal: versions that never change, a manifest that can be checked, an exam that follows."""

import hashlib
import io
from collections.abc import AsyncIterator

import polars as pl
import pytest
from sqlalchemy import text

from shared.kernel.settings import ServiceSettings
from tests.services.monitoring.factories import SchoolOfTest, make_exam, put_sheet, set_state, sheet_frame
from tests.services.monitoring.office import Office, open_office
from tests.services.monitoring.results.city import PROVINCE, SCHOOLS, at_county, at_school

pytestmark = pytest.mark.anyio
FEW: dict[str, SchoolOfTest] = dict(list(SCHOOLS.items())[:3])


@pytest.fixture
async def office(monitoring_settings: ServiceSettings) -> AsyncIterator[Office]:
    async with open_office(monitoring_settings) as office:
        await make_exam(office.kernel, FEW)
        yield office


async def test_nothing_is_there_before_publication(office: Office) -> None:
    for path in ("", "/summary", "/value-added", "/funnel:download"):
        answer = await office.get(f"/results{path}", PROVINCE)
        assert (answer.status_code, answer.json()["code"]) == (404, "results.not_published")
    await office.analyze()
    assert (await office.get("/results", PROVINCE)).status_code == 404


async def test_only_an_analyzed_exam_is_published_and_only_by_the_city(office: Office) -> None:
    refused = await office.post("publish", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "workflow.not_allowed")
    await office.analyze()
    for who in (at_county("990001"), at_school(FEW["2199000001"]), PROVINCE):
        assert (await office.post("publish", {}, who)).status_code == 403
    assert (await office.post("publish", {"remark": "x"})).status_code == 422
    assert (await office.post("withdraw", {"reason": "nothing to withdraw"})).status_code == 409
    assert (await office.post("publish", {"note": "首次发布"})).status_code == 201
    again = await office.post("publish", {})
    assert (again.status_code, again.json()["code"]) == (409, "workflow.not_allowed")


async def test_the_manifest_lets_a_reader_check_a_copy(office: Office) -> None:
    analysis = await office.analyze()
    published = (await office.post("publish", {"note": "首次发布"})).json()
    manifest = published["manifest"]
    assert (published["version"], published["state"], published["reason"]) == ("1.0.0", "published", "首次发布")
    assert manifest["frames"] == analysis["frames"]
    assert manifest["inputs_sha256"] == analysis["inputs_sha256"]
    assert manifest["counts"]["schools"] == len(FEW)
    assert manifest["counts"]["candidates"] == sum(school.size for school in FEW.values())
    assert {method["id"] for method in manifest["methods"]} >= {"distribution.summary", "value_added.random_intercept"}
    assert manifest["data_model_version"] == "1.0.0"
    listing = (await office.get("/results", PROVINCE)).json()
    assert (listing["in_force"], listing["manifest"]) == ("1.0.0", manifest)
    assert (await office.get("")).json()["state"] == "published"
    table = await office.get("/results/value-added-models:download", PROVINCE)
    assert hashlib.sha256(table.content).hexdigest() == table.headers["x-content-sha256"]
    assert table.headers["x-content-sha256"] == manifest["frames"]["value_added_models"]["sha256"]
    assert pl.read_parquet(io.BytesIO(table.content)).height == manifest["frames"]["value_added_models"]["rows"]


async def test_a_divided_table_is_checked_file_by_file(monitoring_settings: ServiceSettings) -> None:
    async with open_office(monitoring_settings) as office:
        models = [{"outcome": subject, "intakes": ["entry"]} for subject in ("maths", "chinese")]
        await make_exam(office.kernel, FEW, value_added_models=models)
        await office.publish()
        await _check_file_by_file(office)


async def _check_file_by_file(office: Office) -> None:
    entry = (await office.get("/results", PROVINCE)).json()["manifest"]["frames"]["transitions"]
    assert entry["divided_by"] == "model"
    lines = "".join(f"{part['value']} {part['sha256']}\n" for part in entry["parts"])
    assert entry["sha256"] == hashlib.sha256(lines.encode()).hexdigest()
    files = []
    for part in entry["parts"]:
        answer = await office.get("/results/transitions:download", PROVINCE, params={"model": part["value"]})
        assert hashlib.sha256(answer.content).hexdigest() == answer.headers["x-content-sha256"] == part["sha256"]
        files.append(pl.read_parquet(io.BytesIO(answer.content)))
    whole = await office.get("/results/transitions:download", PROVINCE)
    assert hashlib.sha256(whole.content).hexdigest() == whole.headers["x-content-sha256"]
    assert pl.read_parquet(io.BytesIO(whole.content)).equals(pl.concat(files))
    assert entry["rows"] == sum(file.height for file in files)


async def test_what_was_analyzed_before_a_change_is_not_published(office: Office) -> None:
    await office.analyze()
    school = FEW["2199000002"]
    await put_sheet(office.kernel, school, sheet_frame(school, seed=3))
    refused = await office.post("publish", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "results.analysis_outdated")
    assert (await office.get("")).json()["state"] == "analyzed"
    async with office.kernel.database.transaction("") as session:
        await session.execute(text("update analyses set state = 'queued'"))
    missing = await office.post("publish", {})
    assert (missing.status_code, missing.json()["code"]) == (409, "results.analysis_missing")


async def test_marks_put_back_as_they_were_are_published_from_their_old_analysis(office: Office) -> None:
    school = FEW["2199000001"]
    first = await office.publish()
    corrected = await office.correct(school, seed=3)
    restored = await office.correct(school, seed=0)
    assert corrected["manifest"]["frames"] != first["manifest"]["frames"]
    assert restored["manifest"]["frames"] == first["manifest"]["frames"]
    assert (restored["manifest"]["analysis"], restored["version"]) == (first["manifest"]["analysis"], "1.2.0")


async def test_a_withdrawal_is_a_newer_version_and_a_correction_a_newer_one_still(office: Office) -> None:
    await office.publish()
    first = (await office.get("/results", PROVINCE)).json()["manifest"]
    assert (await office.post("withdraw", {"reason": "x"})).status_code == 422
    withdrawn = (await office.post("withdraw", {"reason": "一所学校的成绩录入有误"})).json()
    assert (withdrawn["version"], withdrawn["state"]) == ("2.0.0", "withdrawn")
    assert (await office.get("")).json()["state"] == "withdrawn"
    for path in ("/summary", "/value-added", "/bands:download", "/summary?version=1.0.0", "?version=1.*"):
        gone = await office.get(f"/results{path}", PROVINCE)
        assert (gone.status_code, gone.json()["code"]) == (410, "results.withdrawn"), path
        assert "一所学校的成绩录入有误" in gone.json()["detail"]
    listing = (await office.get("/results", PROVINCE)).json()
    assert (listing["in_force"], listing["manifest"]) == (None, None)
    assert [(row["version"], row["state"]) for row in listing["versions"]] == [
        ("2.0.0", "withdrawn"),
        ("1.0.0", "published"),
    ]
    school = FEW["2199000002"]
    await put_sheet(office.kernel, school, sheet_frame(school, seed=3))
    await set_state(office.kernel, "sealed")
    corrected = await office.publish()
    assert corrected["version"] == "3.0.0"
    assert corrected["manifest"]["frames"]["summary"] != first["frames"]["summary"]
    assert (await office.get("/results/summary?version=3.*", PROVINCE)).json()["version"] == "3.0.0"
    assert (await office.get("/results/summary?version=1.*", PROVINCE)).status_code == 410
    assert (await office.get("/results/summary?version=4.*", PROVINCE)).status_code == 404
    assert (await office.get("/results/summary?version=new", PROVINCE)).status_code == 422
    # Figures of the first version are untouched in the store: nothing published is ever edited.
    for part in (part for frame in first["frames"].values() for part in frame["parts"]):
        assert office.kernel.columns.is_sound(part["sha256"])


async def test_every_step_is_noted_and_in_the_change_feed(office: Office) -> None:
    await office.publish()
    await office.post("withdraw", {"reason": "录入有误，重新采集"})
    async with office.kernel.database.transaction("") as session:
        actions = list(await session.scalars(text("select action from audit_log order by seq")))
        feed = await session.execute(text("select key from changes where resource = 'result_sets' order by seq"))
        changes = list(feed.scalars())
    assert [action for action in actions if action.startswith("results.")] == ["results.published", "results.withdrawn"]
    assert changes == [{"exam": "exam", "version": "1.0.0"}, {"exam": "exam", "version": "2.0.0"}]


async def test_a_cursor_does_not_reach_into_another_version(office: Office) -> None:
    await office.publish()
    first = (await office.get("/results/summary?page_size=5", PROVINCE)).json()
    await office.post("withdraw", {"reason": "录入有误，重新采集"})
    school = FEW["2199000002"]
    await put_sheet(office.kernel, school, sheet_frame(school, seed=3))
    await set_state(office.kernel, "sealed")
    await office.publish()
    params = {"page_size": 5, "cursor": first["next_cursor"]}
    stale = await office.get("/results/summary", PROVINCE, params=params)
    assert (stale.status_code, stale.json()["code"]) == (400, "request.cursor_invalid")
