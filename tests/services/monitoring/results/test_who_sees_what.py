"""Every role, every table, every representation: what leaves the service is the caller's and nobody else's."""

import io
from typing import Any

import polars as pl
import pytest

from services.monitoring.results.table_files import TableFiles
from shared.terms.actor import Actor
from tests.services.monitoring.factories import CITY, SchoolOfTest
from tests.services.monitoring.office import Office
from tests.services.monitoring.results.city import (
    ALONE,
    CITY_ADMIN,
    COUNTIES,
    IN_A_PAIR,
    PROVINCE,
    SCHOOLS,
    SMALL,
    TABLES,
    at_county,
    at_school,
)
from tests.support.settings import actor

pytestmark = pytest.mark.anyio
PATHS = ("", "/value-added", *(f"/{table}" for table in TABLES))
FORMATS = ("parquet", "csv", "ndjson")


async def all_text(city: Office, path: str, who: Actor) -> str:
    """Every byte of every page of an address, as text."""
    texts, cursor = [], None
    while True:
        params: dict[str, Any] = {"page_size": 1000} if path else {}
        answer = await city.get(f"/results{path}", who, params=params | ({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        texts.append(answer.text)
        cursor = answer.json().get("next_cursor")
        if cursor is None:
            return "\n".join(texts)


async def downloaded(city: Office, table: str, who: Actor, *, fmt: str = "parquet") -> bytes:
    answer = await city.get(f"/results/{table}:download", who, params={"format": fmt})
    assert answer.status_code == 200, answer.text
    return answer.content


async def table_of(city: Office, table: str, who: Actor) -> pl.DataFrame:
    return pl.read_parquet(io.BytesIO(await downloaded(city, table, who)))


@pytest.mark.parametrize("role", ["school_admin", "school_operator", "teacher", "inspector", "integration"])
@pytest.mark.parametrize("school", [SCHOOLS["2199000001"], SMALL, IN_A_PAIR, ALONE], ids=lambda s: s.code[-2:])
async def test_a_school_never_receives_another_schools_code(city: Office, role: str, school: SchoolOfTest) -> None:
    who = at_school(school, role)
    bodies = [await all_text(city, path, who) for path in PATHS]
    for table in TABLES:
        for fmt in FORMATS if role == "school_admin" else ("ndjson",):
            content = await downloaded(city, table, who, fmt=fmt)
            if fmt == "parquet":
                content = pl.read_parquet(io.BytesIO(content)).write_ndjson().encode()
            bodies.append(content.decode())
    if role in ("school_admin", "school_operator"):
        bodies.append(await all_text(city, "/standings", who))
    everything = "\n".join(bodies)
    assert school.code in everything
    for other in SCHOOLS.values():
        assert other is school or other.code not in everything
    for county in COUNTIES:
        assert county == school.county or f'"{county}"' not in everything


@pytest.mark.parametrize("role", ["county_admin", "county_reviewer", "inspector"])
async def test_a_county_receives_its_own_schools_and_the_city(city: Office, role: str) -> None:
    who = at_county("990001", role)
    everything = "\n".join([await all_text(city, path, who) for path in PATHS])
    for school in SCHOOLS.values():
        assert (school.code in everything) == (school.county == "990001")
    for county in COUNTIES[1:]:
        assert f'"{county}"' not in everything
    summary = await table_of(city, "summary", who)
    assert set(summary["level"]) == {"city", "county", "school", "class"}
    assert summary.filter(level="city")["mean"].null_count() == 0


@pytest.mark.parametrize("who", [CITY_ADMIN, PROVINCE, actor("city_analyst", CITY)], ids=lambda who: who.subject)
async def test_city_and_province_receive_every_group(city: Office, who: Actor) -> None:
    manifest = (await city.get("/results", who)).json()["manifest"]
    for table in TABLES:
        shown = await table_of(city, table, who)
        stored = TableFiles.of(manifest["frames"][table.replace("-", "_")]).get(city.kernel.columns)
        if "suppressed" in stored.columns and table in ("cumulative", "bands", "transitions"):
            stored = stored.filter(~pl.col("suppressed"))
        assert shown.height == stored.height, table


@pytest.mark.parametrize("role", ["student", "guardian"])
async def test_pupils_and_guardians_receive_no_tables(city: Office, role: str) -> None:
    for path in (*PATHS, "/standings", "/summary:download"):
        assert (await city.get(f"/results{path}", actor(role, SMALL.path))).status_code == 403
        assert (await city.get(f"/results{path}", actor(role, f"{SMALL.path}c1/"))).status_code == 403


async def test_other_cities_do_not_know_the_exam(city: Office) -> None:
    for path in PATHS:
        assert (await city.get(f"/results{path}", actor("city_admin", "99/9901/"))).status_code == 404


async def test_asking_for_another_schools_rows_is_asking_for_nothing(city: Office) -> None:
    other = SCHOOLS["2199000002"]
    for who in (at_school(SCHOOLS["2199000001"]), at_county("990002")):
        for path in ("/summary", "/value-added", "/funnel", "/companions", "/comparison", "/transitions"):
            refused = await city.get(f"/results{path}", who, params={"school_code": other.code})
            assert (refused.status_code, refused.json()["code"]) == (404, "resource.not_found")
            assert other.code not in refused.text
        refused = await city.get("/results/summary", who, params={"county_code": "990003"})
        assert refused.status_code == 404
    allowed = await city.get("/results/summary", at_county("990001"), params={"school_code": other.code})
    assert allowed.status_code == 200


async def test_small_groups_are_withheld_from_all_but_their_school(city: Office) -> None:
    for who in (CITY_ADMIN, PROVINCE, at_county(SMALL.county)):
        summary = await table_of(city, "summary", who)
        school = summary.filter(pl.col("school_code") == SMALL.code)
        assert school.height > 0
        assert school["suppressed"].all()
        assert (
            school.select("n_sat", "mean", "pass_rate", "p50").null_count().sum_horizontal().item() == 4 * school.height
        )
        for table in ("cumulative", "bands", "transitions"):
            assert (await table_of(city, table, who)).filter(pl.col("school_code") == SMALL.code).is_empty()
    own = (await table_of(city, "summary", at_school(SMALL))).filter(level="school", subject="chinese")
    assert own["n_sat"].to_list() == [SMALL.size]
    assert own["mean"].null_count() == 0
    assert not (await table_of(city, "bands", at_school(SMALL))).filter(level="school").is_empty()


async def test_what_is_withheld_cannot_be_subtracted_back(city: Office) -> None:
    summary = await table_of(city, "summary", CITY_ADMIN)
    for subject in ("chinese", "maths", "total", "entry"):
        rows = summary.filter(pl.col("subject") == subject)
        for level, above, parent in (("county", "city", []), ("school", "county", ["county_code"])):
            for group in rows.filter(level=above).iter_rows(named=True):
                inside = rows.filter(pl.col("level") == level, *(pl.col(key) == group[key] for key in parent))
                hidden = inside.filter("suppressed")
                if group["suppressed"] or hidden.is_empty():
                    continue
                rest = group["n_sat"] - inside.filter(~pl.col("suppressed"))["n_sat"].sum()
                assert hidden.height >= 2
                assert rest >= 10
    value_added = await table_of(city, "value-added-schools", CITY_ADMIN)
    assert value_added.filter("suppressed").height >= 2
    assert value_added.filter("suppressed")["effect"].null_count() == value_added.filter("suppressed").height


async def test_a_school_cannot_subtract_itself_and_find_its_only_neighbor(city: Office) -> None:
    for school in (IN_A_PAIR, ALONE, SCHOOLS["2199000005"], SCHOOLS["2199000001"]):
        who = at_school(school)
        summary = await table_of(city, "summary", who)
        hidden = summary.filter("suppressed")
        county = summary.filter(level="county")
        # Of a pair's county nothing is shown but that it exists; alone, the county is the school.
        assert county["suppressed"].all() == (school is IN_A_PAIR)
        assert county["mean"].is_null().all() == (school is IN_A_PAIR)
        assert not summary.filter(level="city")["suppressed"].any()
        assert set(hidden["level"]) <= {"county", "school", "class"}
        for table in ("cumulative", "bands"):
            levels = set((await table_of(city, table, who))["level"])
            assert ("county" in levels) == (school is not IN_A_PAIR)


async def test_a_school_without_candidates_cannot_read_its_only_neighbor_from_the_county(city: Office) -> None:
    newcomer = actor("school_admin", f"{CITY}{ALONE.county}/2199000099/")
    summary = await table_of(city, "summary", newcomer)
    county = summary.filter(level="county")
    assert county.height > 0
    assert county["mean"].is_null().all()
    assert county["suppressed"].all()
    # The city without nobody's own figures is the whole city.
    assert not summary.filter(level="city")["suppressed"].any()
    assert summary.filter(pl.col("level").is_in(["school", "class"])).is_empty()


async def test_schools_are_named_only_where_their_row_is_shown(city: Office) -> None:
    for who, expected in ((CITY_ADMIN, len(SCHOOLS)), (at_county("990002"), 4), (at_school(SMALL), 1)):
        items = (await city.get("/results/value-added", who)).json()["items"]
        assert len([item for item in items if item["name_zh"]]) == len(items) == expected
