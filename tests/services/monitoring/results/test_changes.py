"""A correction is a minor version with an exact list of what it changed, and the list tells no more than the tables."""

import io
from collections.abc import AsyncIterator
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import text

from services.monitoring.stored_files import named_files
from shared.kernel.settings import ServiceSettings
from shared.scoring.disclosure import IDENTITY
from shared.scoring.schemas import SORT_KEYS
from shared.terms.actor import Actor
from tests.services.monitoring.factories import make_exam, put_sheet, set_state, sheet_frame
from tests.services.monitoring.office import Office, open_office
from tests.services.monitoring.results.city import (
    CITY_ADMIN,
    IN_A_PAIR,
    PROVINCE,
    SCHOOLS,
    SMALL,
    TABLES,
    at_county,
    at_school,
)

pytestmark = pytest.mark.anyio
REASON = {"reason": "一所学校的成绩录入有误"}
CORRECTED = SCHOOLS["2199000002"]
FEW = dict(list(SCHOOLS.items())[:3])


async def changes(
    office: Office, table: str, who: Actor, *, version: str = "1.1.0", page_size: int = 1000
) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        params: dict[str, Any] = {"table": table, "page_size": page_size} | ({"cursor": cursor} if cursor else {})
        answer = await office.get(f"/results/versions/{version}/changes", who, params=params)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        items += body["items"]
        cursor = body["next_cursor"]
        if cursor is None:
            assert len(items) == sum(body["counts"][kind] for kind in ("changed", "added", "removed"))
            assert sum(len(item["figures"]) for item in items) == body["counts"]["figures"]
            return items


async def table_of(office: Office, table: str, who: Actor, version: str) -> pl.DataFrame:
    answer = await office.get(f"/results/{table}:download", who, params={"version": version})
    assert answer.status_code == 200, answer.text
    return pl.read_parquet(io.BytesIO(answer.content))


def applied(before: pl.DataFrame, items: list[dict[str, Any]], keys: list[str]) -> pl.DataFrame:
    rows = {tuple(row[key] for key in keys): row for row in before.to_dicts()}
    for item in items:
        key = tuple(item["key"].values())
        if item["change"] == "removed":
            del rows[key]
            continue
        row = rows.setdefault(key, dict.fromkeys(before.columns) | item["key"])
        for figure in item["figures"]:
            assert row[figure["column"]] == figure["before"]
            row[figure["column"]] = figure["after"]
    return pl.DataFrame(list(rows.values()), schema=before.schema).sort(keys)


PEOPLE = [CITY_ADMIN, PROVINCE, at_county("990001"), at_county("990003")]
PEOPLE += [at_school(school) for school in (CORRECTED, SMALL, IN_A_PAIR, SCHOOLS["2199000011"])]


@pytest.mark.parametrize("who", PEOPLE, ids=lambda who: who.subject + who.org.replace("/", "-"))
async def test_the_list_turns_the_old_tables_into_the_new(corrected: Office, who: Actor) -> None:
    for table in TABLES:
        keys = [*SORT_KEYS[table.replace("-", "_")]]
        old, new = [await table_of(corrected, table, who, version) for version in ("1.0.0", "1.1.0")]
        listed = await changes(corrected, table, who)
        assert_frame_equal(applied(old, listed, keys), new.sort(keys))


async def test_short_pages_are_the_same_list(corrected: Office) -> None:
    for who in (PROVINCE, at_school(CORRECTED)):
        short = await changes(corrected, "value-added-schools", who, page_size=3)
        assert short == await changes(corrected, "value-added-schools", who)


async def test_the_manifest_counts_the_changes(corrected: Office) -> None:
    manifest = (await corrected.get("/results", PROVINCE)).json()["manifest"]
    assert manifest["replaces"] == "1.0.0"
    # Counted before anything is withheld.
    listed = await changes(corrected, "summary", CITY_ADMIN)
    assert manifest["changes"]["summary"]["changed"] > len(listed) > 0
    assert "standings" not in manifest["changes"]
    async with corrected.kernel.database.transaction("") as session:
        named = await named_files(session)
    assert {entry["sha256"] for entry in manifest["changes"].values()} <= set(named)


async def test_the_list_downloads_with_a_row_per_figure(corrected: Office) -> None:
    path = "/results/versions/1.1.0/changes:download"
    frames = {}
    for fmt in ("parquet", "arrow", "ndjson"):
        answer = await corrected.get(path, PROVINCE, params={"table": "summary", "format": fmt})
        assert answer.status_code == 200, answer.text
        file = io.BytesIO(answer.content)
        read = {"parquet": pl.read_parquet, "arrow": pl.read_ipc}.get(fmt)
        frames[fmt] = read(file) if read else pl.read_ndjson(file, infer_schema_length=None)
    assert_frame_equal(frames["parquet"], frames["arrow"])
    listed = await changes(corrected, "summary", PROVINCE)
    assert frames["parquet"].height == frames["ndjson"].height == sum(len(item["figures"]) for item in listed)
    first, figure = frames["parquet"].row(0, named=True), listed[0]["figures"][0]
    assert first["column"] == figure["column"]
    assert [first[side] for side in ("before", "after")] == [str(figure[side]) for side in ("before", "after")]


async def test_nothing_withheld_leaks_through_a_difference(corrected: Office) -> None:
    # The small school's own figures changed; nobody above it reads one of them, or that they changed.
    for who in (CITY_ADMIN, PROVINCE, at_county(SMALL.county)):
        for table in TABLES:
            for item in await changes(corrected, table, who):
                if item["key"].get("school_code") == SMALL.code:
                    # Its comparison group may change, which is shown of every school; its figures are not.
                    assert {figure["column"] for figure in item["figures"]} <= IDENTITY, (table, item)
    own = await changes(corrected, "summary", at_school(SMALL))
    assert any(item["key"]["school_code"] == SMALL.code for item in own)
    for school in (SCHOOLS["2199000001"], IN_A_PAIR):
        for table in TABLES:
            for item in await changes(corrected, table, at_school(school)):
                assert item["key"].get("school_code") in (None, school.code)


async def test_candidates_changes_are_for_their_school_and_noted(corrected: Office) -> None:
    path = "/results/versions/1.1.0/changes/candidates/standings"
    for who in (CITY_ADMIN, PROVINCE, at_county("990001")):
        assert (await corrected.get(path, who)).status_code == 403
    own = (await corrected.get(path, at_school(CORRECTED), params={"page_size": 1000})).json()
    assert own["counts"]["changed"] > 0
    assert {figure["column"] for item in own["items"] for figure in item["figures"]}.isdisjoint({"city_rank"})
    refused = await corrected.get(path, at_school(CORRECTED), params={"ranks": True})
    assert (refused.status_code, refused.json()["code"]) == (403, "results.ranks_withheld")
    async with corrected.kernel.database.transaction("") as session:
        noted = await session.scalar(text("select count(*) from audit_log where action = 'standings.read'"))
    assert noted == 1


@pytest.fixture
async def office(monitoring_settings: ServiceSettings) -> AsyncIterator[Office]:
    async with open_office(monitoring_settings) as office:
        await make_exam(office.kernel, FEW)
        await office.publish()
        yield office


async def test_what_is_published_stands_while_it_is_corrected(office: Office) -> None:
    during = await office.post("reopen", REASON)
    assert during.json()["state"] == "collecting"
    assert (await office.get("/results/summary", PROVINCE)).json()["version"] == "1.0.0"
    await put_sheet(office.kernel, CORRECTED, sheet_frame(CORRECTED, seed=3))
    await set_state(office.kernel, "sealed")
    published = await office.publish()
    assert (published["version"], published["manifest"]["replaces"]) == ("1.1.0", "1.0.0")
    assert (await office.get("/results/summary?version=1.*", PROVINCE)).json()["version"] == "1.1.0"
    assert (await office.get("/results/summary?version=1.0.*", PROVINCE)).json()["version"] == "1.0.0"


async def test_versions_count_up_by_what_changed(office: Office) -> None:
    assert (await office.correct())["version"] == "1.0.1"
    missing = await office.get("/results/versions/1.0.0/changes?table=summary")
    assert (missing.status_code, missing.json()["code"]) == (404, "results.replaces_nothing")
    same = (await office.get("/results/versions/1.0.1/changes?table=summary")).json()
    assert (same["items"], same["counts"]["figures"]) == ([], 0)
    assert (await office.correct(CORRECTED))["version"] == "1.1.0"
    # Withdrawn while a correction is under way: the exam stays where it is, the figures are gone.
    await office.post("reopen", REASON)
    withdrawn = await office.post("withdraw", REASON)
    assert (withdrawn.status_code, withdrawn.json()["version"]) == (201, "2.0.0")
    assert (await office.get("")).json()["state"] == "collecting"
    assert (await office.get("/results/summary")).status_code == 410
    assert (await office.get("/results/versions/1.1.0/changes?table=summary")).status_code == 410
    await set_state(office.kernel, "sealed")
    await office.post("analyze")
    published = (await office.post("publish", {})).json()
    assert (published["version"], published["manifest"]["replaces"]) == ("3.0.0", None)
    assert (await office.get("/results/versions/3.0.0/changes?table=summary")).status_code == 404
