"""Named candidates: the own school's people only, ranks by stage and on request, every reading noted."""

import io
from collections.abc import AsyncIterator
from typing import Any

import polars as pl
import pytest
from sqlalchemy import text

from shared.kernel.settings import ServiceSettings
from tests.services.monitoring.factories import make_exam
from tests.services.monitoring.office import Office, open_office
from tests.services.monitoring.results.city import CITY_ADMIN, IN_A_PAIR, PROVINCE, SCHOOLS, at_county, at_school

pytestmark = pytest.mark.anyio
OWN = SCHOOLS["2199000005"]
LEVELS = ("city", "county", "school", "class")


async def notes(office: Office) -> list[dict[str, Any]]:
    async with office.kernel.database.transaction("") as session:
        statement = text("select payload::jsonb from audit_log where action = 'standings.read' order by seq")
        return list((await session.execute(statement)).scalars())


@pytest.fixture
async def seniors(monitoring_settings: ServiceSettings) -> AsyncIterator[Office]:
    """A graduation-year mock of grade 12."""
    async with open_office(monitoring_settings) as office:
        few = dict(list(SCHOOLS.items())[4:7])
        await make_exam(office.kernel, few, kind="college_entrance_results", grade_level=12, sample=None)
        await office.publish()
        yield office


async def test_nobody_but_the_own_schools_people(city: Office) -> None:
    others = (CITY_ADMIN, PROVINCE, at_county(OWN.county), at_school(OWN, "teacher"), at_school(OWN, "inspector"))
    for who in others:
        for path in ("/standings", "/standings:download"):
            assert (await city.get(f"/results{path}", who)).status_code == 403
    for role in ("school_admin", "school_operator"):
        assert (await city.get("/results/standings", at_school(OWN, role))).status_code == 200


async def test_candidates_of_the_own_school_without_ranks(city: Office) -> None:
    before = len(await notes(city))
    answer = await city.get("/results/standings", at_school(OWN), params={"subject": "maths", "page_size": 10})
    assert answer.headers["cache-control"] == "private, no-store"
    items = answer.json()["items"]
    assert len(items) == 10
    for item in items:
        assert item["candidate_id"].startswith(OWN.code)
        assert not [name for name in item if "rank" in name or "normalized" in name]
    assert {f"{level}_t_score" for level in LEVELS} <= set(items[0])
    [note] = (await notes(city))[before:]
    assert note["detail"] == {
        "table": "standings",
        "version": "1.0.0",
        "school_code": OWN.code,
        "rows": 10,
        "ranks": False,
    }
    assert note["subject"] == at_school(OWN).subject


async def test_in_compulsory_education_ranks_are_refused_with_the_rule(city: Office) -> None:
    before = len(await notes(city))
    for path in ("/standings", "/standings:download"):
        refused = await city.get(f"/results{path}", at_school(OWN), params={"ranks": True})
        assert (refused.status_code, refused.json()["code"]) == (403, "results.ranks_withheld")
        assert "H2" in refused.json()["detail"]
    assert len(await notes(city)) == before


async def test_a_download_holds_all_candidates_and_is_noted(city: Office) -> None:
    before = len(await notes(city))
    answer = await city.get("/results/standings:download", at_school(OWN))
    frame = pl.read_parquet(io.BytesIO(answer.content))
    assert frame.height == 3 * OWN.size
    assert frame["school_code"].unique().to_list() == [OWN.code]
    assert not [name for name in frame.columns if name.endswith(("_rank", "_normalized_t_score"))]
    [note] = (await notes(city))[before:]
    assert note["detail"]["rows"] == frame.height


async def test_scores_do_not_tell_what_aggregates_may_not(city: Office) -> None:
    # z and T of the county would give its mean and sd, and so the one other school's.
    answer = await city.get("/results/standings:download", at_school(IN_A_PAIR))
    frame = pl.read_parquet(io.BytesIO(answer.content)).filter(status="present")
    for name in ("z_score", "t_score", "n"):
        assert frame[f"county_{name}"].is_null().all()
        assert not frame[f"city_{name}"].is_null().any()
        assert not frame[f"school_{name}"].is_null().any()


async def test_filters_of_candidates(city: Office) -> None:
    filters = {"class_code": "c0", "subject": "chinese"}
    items = (await city.get("/results/standings", at_school(OWN), params=filters)).json()["items"]
    assert len(items) == 3
    refused = await city.get("/results/standings", at_school(OWN), params={"candidate_id": "x"})
    assert refused.status_code == 422


async def test_ranks_of_seniors_on_request_only(seniors: Office) -> None:
    who = at_school(OWN)
    plain = (await seniors.get("/results/standings", who, params={"subject": "maths"})).json()["items"]
    assert not [name for name in plain[0] if "rank" in name]
    asked = await seniors.get("/results/standings", who, params={"subject": "maths", "ranks": True})
    ranked = asked.json()["items"]
    assert {f"{level}_rank" for level in LEVELS} <= set(ranked[0])
    best = max((item for item in ranked if item["mark"] is not None), key=lambda item: item["mark"])
    assert best["school_rank"] == 1
    assert [note["detail"]["ranks"] for note in await notes(seniors)] == [False, True]


async def test_schools_are_not_ranked_by_entrance_exams(seniors: Office) -> None:
    for who in (CITY_ADMIN, at_school(OWN)):
        answer = await seniors.get("/results/comparison", who)
        assert answer.json()["items"]
        assert "rank_in_group" not in answer.text
    download = await seniors.get("/results/comparison:download")
    assert "rank_in_group" not in pl.read_parquet(io.BytesIO(download.content)).columns


async def test_other_exams_keep_ranks_inside_groups(city: Office) -> None:
    items = (await city.get("/results/comparison", params={"metric": "mean", "attribute": "place"})).json()["items"]
    assert any(item["rank_in_group"] == 1 for item in items)
