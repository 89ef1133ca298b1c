"""A record's life: entered by the person, certified by others, and never changed without a trace."""

from typing import Any

import pytest

from shared.terms.actor import Role
from tests.services.teacher_eval.development.town import TODAY, Town, key
from tests.services.teacher_eval.records.work import (
    HONOR,
    PAPER,
    PERIOD,
    VISITS,
    attach,
    certified,
    drafted,
    submitted,
    teacher,
)
from tests.support.city import SCHOOLS, code_of, county_admin, of_school

pytestmark = pytest.mark.anyio
OTHER = next(code for code in SCHOOLS if SCHOOLS[code] == SCHOOLS["2199000001"] and code != "2199000001")
REASON = {"reason": "证书上的日期与填写的不一致"}


async def test_a_teacher_enters_the_school_certifies_and_every_step_is_kept(town: Town) -> None:
    draft = await drafted(town, VISITS)
    record = f"/records/{draft.json()['id']}"
    changed = VISITS | {"amount": "13"}
    del changed["kind"]
    edited = await town.put(record, changed, teacher(), match=draft)
    again = await town.put(record, changed, teacher(), match=edited)
    assert (edited.json()["version"], again.json()["version"]) == (2, 2)
    handed_in = await town.post(f"{record}:submit", who=teacher(), match=edited)
    returned = await town.post(f"{record}:return", REASON, of_school(), match=handed_in)
    handed_in = await town.post(f"{record}:submit", who=teacher(), match=returned)
    done = await town.post(f"{record}:certify", who=of_school(), match=handed_in)
    assert done.json()["state"] == "certified"
    found = (await town.get(record, teacher())).json()
    steps = [(row["action"], row["state"], row["content"]["amount"]) for row in found["versions"]]
    assert steps == [
        ("draft", "draft", "12"),
        ("edit", "draft", "13"),
        ("submit", "submitted", "13"),
        ("return", "returned", "13"),
        ("submit", "submitted", "13"),
        ("certify", "certified", "13"),
    ]
    assert found["versions"][3]["reason"] == REASON["reason"]
    assert code_of(await town.put(record, changed, teacher(), match=done)) == "workflow.not_allowed"
    revoked = await town.post(f"{record}:revoke", REASON, county_admin(), match=done)
    assert revoked.json()["state"] == "revoked"


async def test_nobody_certifies_their_own_record(town: Town) -> None:
    head = of_school(person=key(0))
    handed_in = await submitted(town, HONOR, head)
    record = f"/records/{handed_in.json()['id']}"
    assert code_of(await town.post(f"{record}:certify", who=head, match=handed_in)) == "record.own_certified"
    assert code_of(await town.post(f"{record}:certify", who=teacher(), match=handed_in)) == "auth.forbidden"
    assert (await town.post(f"{record}:certify", who=of_school(), match=handed_in)).status_code == 200


async def test_what_the_catalog_leaves_to_the_county_the_county_certifies(town: Town) -> None:
    body = PAPER | {"kind": "teaching_achievements"}
    handed_in = await submitted(town, body)
    record = f"/records/{handed_in.json()['id']}"
    assert code_of(await town.post(f"{record}:certify", who=of_school(), match=handed_in)) == "record.county_certifies"
    assert (await town.post(f"{record}:certify", who=county_admin(), match=handed_in)).status_code == 200


async def test_a_teacher_sees_and_enters_own_records_alone(town: Town) -> None:
    draft = await drafted(town, VISITS)
    record = f"/records/{draft.json()['id']}"
    colleague = teacher(1)
    assert (await town.get(record, colleague)).status_code == 404
    assert (await town.get(f"{record}/evidence", colleague)).status_code == 404
    assert (await town.put(record, {}, colleague, match=draft)).status_code in (404, 422)
    assert (await town.post(f"{record}:submit", who=colleague, match=draft)).status_code == 404
    assert code_of(await town.post("/records", VISITS | {"staff_key": key(0)}, colleague)) == "record.not_own"
    assert code_of(await town.get("/records", colleague)) == "auth.forbidden"
    assert [row["id"] for row in (await town.get("/records/mine", teacher())).json()["items"]] == [draft.json()["id"]]
    assert (await town.get("/records/mine", colleague)).json()["items"] == []
    assert (await town.get(record, of_school(school=OTHER))).status_code == 404
    assert (await town.get(record, county_admin())).status_code == 200
    nobody = of_school(Role.TEACHER)
    assert code_of(await town.get("/records/mine", nobody)) == "development.no_person"


async def test_a_school_enters_posts_for_its_own_staff_alone(town: Town) -> None:
    post = {"kind": "posts", "happened_on": str(TODAY), "category": "class_teacher"}
    assert code_of(await town.post("/records", post, teacher())) == "record.not_entered_by"
    mine = await town.post("/records", post | {"staff_key": key(3)}, of_school())
    assert (mine.status_code, mine.json()["state"]) == (201, "draft")
    stranger = await town.post("/records", post | {"staff_key": key(3, OTHER)}, of_school())
    assert stranger.status_code == 404


@pytest.mark.parametrize(
    ("change", "places"),
    [
        ({"amount": None}, {"/amount": "record.value_missing"}),
        ({"amount": "-1"}, {"/amount": "record.value_not_allowed"}),
        ({"happened_on": "2999-01-01"}, {"/happened_on": "record.day_impossible"}),
        ({"ends_on": "2001-01-01"}, {"/ends_on": "record.day_impossible"}),
        ({"title": "家访"}, {"/title": "record.value_not_asked"}),
        ({"fields": {"weather": "fine"}}, {"/fields/weather": "record.value_not_asked"}),
    ],
)
async def test_a_value_that_cannot_stand_is_named(town: Town, change: dict[str, Any], places: dict[str, str]) -> None:
    answer = await town.post("/records", VISITS | change, teacher())
    assert {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]} == places


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"grade": "fifth"}, "/grade"),
        ({"level": "galaxy"}, "/level"),
        ({"author_rank": 3, "author_count": 2}, "/author_rank"),
    ],
)
async def test_an_achievement_is_held_against_its_table(town: Town, change: dict[str, Any], place: str) -> None:
    answer = await town.post("/records", PAPER | change, teacher())
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [
        (place, "record.value_not_allowed")
    ]


async def test_an_unknown_kind_is_refused_with_those_there_are(town: Town) -> None:
    assert code_of(await town.post("/records", VISITS | {"kind": "magic"}, teacher())) == "record.kind_unknown"


async def test_no_evidence_no_submission(town: Town) -> None:
    draft = await drafted(town, HONOR)
    record = draft.json()["id"]
    refused = await town.post(f"/records/{record}:submit", who=teacher(), match=draft)
    assert code_of(refused) == "record.evidence_missing"
    assert (await attach(town, record, "表彰决定".encode(), teacher())).status_code == 201
    assert (await town.post(f"/records/{record}:submit", who=teacher(), match=draft)).status_code == 200
    assert code_of(await attach(town, record, "又一份".encode(), teacher())) == "record.evidence_closed"


async def test_many_are_certified_at_once_and_the_others_say_why(town: Town) -> None:
    one = await submitted(town, VISITS)
    draft = await drafted(town, VISITS)
    impossible = await submitted(town, VISITS | {"amount": "500"}, teacher(1))
    assert [flag["kind"] for flag in impossible.json()["flags"]] == ["impossible_amount"]
    ids = [answer.json()["id"] for answer in (one, draft, impossible)]
    found = (await town.post("/records:certify", {"records": ids}, of_school())).json()
    assert [row["problem"] for row in found] == [None, "workflow.not_allowed", "record.flag_reason_missing"]
    alone = f"/records/{ids[2]}:certify"
    assert code_of(await town.post(alone, who=of_school(), match=impossible)) == "record.flag_reason_missing"
    told = {"reason": "暑期集中家访，查看台账属实"}
    assert (await town.post(alone, told, of_school(), match=impossible)).json()["state"] == "certified"


async def test_each_sees_their_own_points_step_by_step(town: Town) -> None:
    await certified(town, PAPER | {"author_rank": 2, "author_count": 2})
    await certified(town, PAPER | {"level": "county", "issuer": "某县教育局", "author_rank": 1, "author_count": 1})
    await certified(town, VISITS)
    await submitted(town, HONOR)
    answer = (await town.get("/records/mine/figures", teacher(), params=PERIOD)).json()
    values = {row["figure"]: row["value"] for row in answer["figures"]}
    # The same paper counts once: 2 points for the county's first prize beat 40 % of the city's 3.
    assert (values["research.points"], values["home_visits.count"], values["honors.points"]) == (2.0, 12.0, 0.0)
    told = [(row["standing"], row["base"], row["share"], row["points"]) for row in answer["lines"] if row["base"]]
    assert sorted(told) == [("counted", "2", "1", "2"), ("lower", "3", "0.4", "1.2")]
    same = await town.get(f"/records/figures/{key(0)}", of_school(), params=PERIOD)
    assert same.json() == answer
    assert (await town.get(f"/records/figures/{key(0)}", of_school(school=OTHER), params=PERIOD)).status_code == 404
    assert code_of(await town.get(f"/records/figures/{key(0)}", teacher(1), params=PERIOD)) == "auth.forbidden"


async def test_who_moves_reads_their_records_at_the_school_they_left(town: Town) -> None:
    done = await certified(town, VISITS)
    moved = of_school(Role.TEACHER, OTHER, subject="moved", person=key(0))
    found = await town.get(f"/records/{done.json()['id']}", moved)
    assert (found.status_code, len(found.json()["versions"])) == (200, 3)
    assert [row["id"] for row in (await town.get("/records/mine", moved)).json()["items"]] == [done.json()["id"]]
    assert (await town.get("/records/mine/figures", moved, params=PERIOD)).json()["figures"]
