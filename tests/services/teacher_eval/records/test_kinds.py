"""The catalog of kinds: the platform's, a bureau's own versions, and the figures evaluations are filled with."""

import datetime as dt
from typing import Any

import polars as pl
import pytest

from services.teacher_eval.filling.filled import Wanted
from services.teacher_eval.filling.from_records import RecordProvider
from services.teacher_eval.filling.providers import PROVIDERS
from services.teacher_eval.record_kinds.scoring import rules_of
from services.teacher_eval.record_kinds.service import built_in
from shared.scoring.scheme.tree import SourceKind
from tests.services.teacher_eval.development.town import TODAY, Town, key
from tests.services.teacher_eval.records.work import HONOR, VISITS, certified, submitted, teacher
from tests.support.city import CITY, CITY_ADMIN, SCHOOL, SCHOOLS, code_of, of_school

REASON = "教育局核定本年度分值"


def test_the_platforms_catalog_is_whole_and_no_value_of_it_claims_to_be_law() -> None:
    catalog = built_in().catalog
    assert not catalog.verified
    rules = rules_of(catalog)
    assert {"workload.hours_ratio", "home_visits.count", "honors.points", "research.points"} <= rules.figures.keys()
    pointed = {kind for kind, entry in catalog.kinds.items() if entry.is_achievement}
    assert set(rules.points["kind"]) == pointed
    assert all(kind.bound for code, kind in catalog.kinds.items() if code not in pointed | {"posts"})


@pytest.mark.parametrize(
    ("key_", "is_record", "providers"),
    [
        ("honors.points", True, 1),
        ("own_choir.count", True, 1),
        ("choir.count", False, 0),
        ("conduct.standing", False, 1),
        ("training.hours", False, 1),
    ],
)
def test_each_key_is_known_to_one_provider_at_most(key_: str, is_record: bool, providers: int) -> None:
    assert RecordProvider.knows(key_) is is_record
    records = [provider for provider in PROVIDERS if provider.kind is SourceKind.RECORDS and provider.knows(key_)]
    assert len(records) == providers


async def catalog(town: Town) -> Any:
    return (await town.get("/record-kinds", teacher())).json()["catalog"]


@pytest.mark.anyio
async def test_a_bureau_sets_its_values_and_points_follow(town: Town) -> None:
    await certified(town, HONOR)
    own = await catalog(town)
    own["kinds"]["honors"]["points"].append(
        {"from": "2026-01-01", "document": "教育局〔2026〕1号", "table": {"county": "7", "city": "9"}}
    )
    own["issuers"] = ["某市教育局"]
    answer = await town.put("/record-kinds", {"catalog": own, "reason": REASON})
    assert (answer.status_code, answer.json()["number"]) == (200, 1)
    again = await town.put("/record-kinds", {"catalog": own, "reason": REASON})
    assert again.json()["number"] == 1
    days = {"first": str(TODAY - dt.timedelta(days=300)), "last": str(TODAY)}
    figures = (await town.get("/records/mine/figures", teacher(), params=days)).json()
    assert {row["figure"]: row["value"] for row in figures["figures"]}["honors.points"] == 7
    assert figures["catalog_number"] == 1
    unlisted = await town.post("/records", HONOR | {"title": "先进教师"}, teacher())
    assert [fault["code"] for fault in unlisted.json()["errors"]] == ["record.issuer_not_listed"]
    assert code_of(await town.put("/record-kinds", {"catalog": own, "reason": REASON}, of_school())) == "auth.forbidden"


def _shares(own: Any) -> None:
    own["shares"]["2"] = ["0.7", "0.4"]


def _points(own: Any) -> None:
    own["kinds"]["honors"]["points"] = []


def _grades(own: Any) -> None:
    own["kinds"]["papers"]["points"][0]["table"]["city"] = {"golden": "3"}


def _figure(own: Any) -> None:
    own["figures"]["own_choir.count"] = {"measure": "amount", "kinds": ["own_choir"]}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("break_", "code"),
    [
        (_shares, "record_kind.shares"),
        (_points, "record_kind.points"),
        (_grades, "record_kind.grades"),
        (_figure, "record_kind.unknown_kinds"),
    ],
)
async def test_a_catalog_that_contradicts_itself_is_refused(town: Town, break_: Any, code: str) -> None:
    own = await catalog(town)
    break_(own)
    answer = await town.put("/record-kinds", {"catalog": own, "reason": REASON})
    assert [fault["code"] for fault in answer.json()["errors"]] == [code]
    assert (await town.get("/record-kinds")).json()["number"] == 0


@pytest.mark.anyio
async def test_kinds_of_ones_own_are_named_so_and_known_ones_stay(town: Town) -> None:
    own = await catalog(town)
    choir = {"name": {"zh": "合唱", "en": "Choir"}, "nature": "quantity", "entered_by": ["teacher"]}
    named = own | {"kinds": own["kinds"] | {"choir": choir}}
    assert code_of(await town.put("/record-kinds", {"catalog": named, "reason": REASON})) == "record_kind.not_own"
    dropped = own | {"kinds": {code: kind for code, kind in own["kinds"].items() if code != "clubs"}}
    dropped["figures"] = {name: figure for name, figure in own["figures"].items() if name != "clubs.count"}
    assert code_of(await town.put("/record-kinds", {"catalog": dropped, "reason": REASON})) == "record_kind.dropped"
    added = own | {"kinds": own["kinds"] | {"own_choir": choir}}
    assert (await town.put("/record-kinds", {"catalog": added, "reason": REASON})).json()["number"] == 1
    sung = {"kind": "own_choir", "happened_on": str(TODAY), "amount": "2"}
    assert (await town.post("/records", sung, teacher())).status_code == 201


@pytest.mark.anyio
async def test_evaluations_are_filled_from_certified_records_alone(town: Town) -> None:
    await certified(town, VISITS)
    await submitted(town, VISITS, teacher(1))
    people = [key(number) for number in range(3)]
    staff = pl.DataFrame(
        {"staff_key": people, "school_code": SCHOOL, "org_path": f"99/9900/{SCHOOLS[SCHOOL]}/{SCHOOL}/"}
    )
    wanted = Wanted("2026-2027", TODAY - dt.timedelta(days=100), TODAY, staff, CITY)
    async with town.kernel.database.transaction(CITY) as session:
        found = await RecordProvider(session, CITY_ADMIN).gather(
            wanted, ["home_visits.count", "workload.hours_ratio", "own_unheard.count"]
        )
    assert sorted(found) == ["home_visits.count", "workload.hours_ratio"]
    assert dict(found["home_visits.count"].frame.select("staff_key", "value").iter_rows()) == {
        people[0]: 12,
        people[1]: 0,
        people[2]: 0,
    }
    assert found["workload.hours_ratio"].frame.is_empty()
    assert found["home_visits.count"].origin["catalog"] == 0
