"""One school's evaluation: entering, delegating, submitting, judging; who sees what; nothing said is lost."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.school_eval.app import SERVICE
from shared.kernel.app import open_kernel
from shared.terms.actor import Actor, Role
from tests.services.school_eval.campaigns.city import CAMPAIGN, EVIDENCE, RURAL, Round
from tests.support.city import CITY_ADMIN, COUNTY, SCHOOL, SCHOOLS, code_of, county_admin, of_school
from tests.support.settings import actor, bearer

pytestmark = pytest.mark.anyio
CLERK = of_school(Role.SCHOOL_OPERATOR, subject="clerk-7")
OTHER_SCHOOL = next(code for code, county in SCHOOLS.items() if county == COUNTY and code != SCHOOL)
OTHER_COUNTY = next(county for county in SCHOOLS.values() if county != COUNTY)
REVIEWER = county_admin()


@pytest.fixture
async def entering(city: Round) -> Round:
    await city.open_campaign()
    assert (await city.step("begin-self-evaluation")).status_code == 200
    return city


@pytest.fixture
async def reviewing(entering: Round) -> Round:
    for school in SCHOOLS:
        await entering.submit(school)
    assert (await entering.step("begin-county-review")).status_code == 200
    return entering


def pointers(answer: object) -> dict[str, str]:
    """Where each fault is, and its code."""
    return {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]}  # type: ignore[attr-defined]


async def test_a_sheet_says_what_may_be_entered_and_by_whom(entering: Round) -> None:
    sheet = await entering.sheet(SCHOOL)
    leaves = sheet["leaves"]
    assert (leaves["B1"]["value_kind"], leaves["B1"]["choices"]) == ("choice", ["A", "B", "C", "D"])
    assert [code for code, leaf in leaves.items() if "school" in leaf["evaluators"]] == ["B1", "B2", "B5"]
    assert (sheet["state"], sheet["actions"]) == ("open", ["submit"])
    town = next(school for school in SCHOOLS if school not in RURAL)
    assert (await entering.sheet(town))["leaves"]["B5"]["applies"] is False


async def test_values_are_taken_all_or_none_with_every_fault(entering: Round) -> None:
    items = [
        {"leaf": "B1", "value": "E"},
        {"leaf": "B2", "value": "yes"},
        {"leaf": "B3", "value": 20},
        {"leaf": "B9", "value": 1},
    ]
    refused = await entering.at(SCHOOL, "/values:enter", {"items": items})
    assert pointers(refused) == {"/items/3/leaf": "evaluation.leaf_unknown"}
    refused = await entering.at(SCHOOL, "/values:enter", {"items": [*items[:3], {"leaf": "B5", "value": None}]})
    assert pointers(refused) == {
        "/items/0/value": "evaluation.value_invalid",
        "/items/1/value": "evaluation.value_invalid",
        "/items/2/leaf": "evaluation.leaf_not_entered",
        "/items/3/note": "evaluation.absence_unexplained",
    }
    for value in (-1, 1.5, "two", True, 1e300):
        assert pointers(await entering.enter(SCHOOL, B5=value)) == {"/items/0/value": "evaluation.value_invalid"}, value
    assert all(leaf["judge"] is None for leaf in (await entering.sheet(SCHOOL))["leaves"].values())
    assert (await entering.enter(SCHOOL, B1="A", B2=True, B5=2)).status_code == 200
    leaves = (await entering.sheet(SCHOOL))["leaves"]
    assert [leaves[code]["value"] for code in ("B1", "B2", "B5")] == ["A", True, 2]


async def test_submitting_needs_every_value_and_its_evidence(entering: Round) -> None:
    await entering.enter(SCHOOL, B1="A")
    refused = await entering.at(SCHOOL, ":submit")
    assert code_of(refused) == "evaluation.incomplete"
    owed = {
        "leaf:B1": "evaluation.evidence_missing",
        "leaf:B2": "evaluation.value_missing",
        "leaf:B5": "evaluation.value_missing",
    }
    assert pointers(refused) == owed
    missing = (await entering.get(f"/campaigns/{CAMPAIGN}/evaluations/{SCHOOL}/missing", of_school())).json()
    assert {item["pointer"]: item["code"] for item in missing["items"]} == owed
    absent = {"items": [{"leaf": "B5", "value": None, "note": "本校没有校车"}, {"leaf": "B2", "value": True}]}
    assert (await entering.at(SCHOOL, "/values:enter", absent)).status_code == 200
    assert (await entering.attach(SCHOOL)).status_code == 201
    submitted = await entering.at(SCHOOL, ":submit")
    assert (submitted.json()["state"], submitted.json()["actions"]) == ("submitted", ["recall"])
    assert code_of(await entering.enter(SCHOOL, B1="B")) == "evaluation.not_now"
    assert (await entering.at(SCHOOL, ":recall")).json()["state"] == "open"
    assert (await entering.enter(SCHOOL, B1="B")).status_code == 200


async def test_people_of_the_school_enter_what_was_delegated_to_them(entering: Round) -> None:
    refused = await entering.enter(SCHOOL, CLERK, B1="A")
    assert (refused.status_code, code_of(refused)) == (403, "evaluation.not_delegated")
    handed = await entering.at(SCHOOL, "/delegations", {"node": "A1", "account": "clerk-7"})
    assert handed.status_code == 201
    again = await entering.at(SCHOOL, "/delegations", {"node": "A1", "account": "clerk-7"})
    assert (again.status_code, again.json()["id"]) == (200, handed.json()["id"])
    assert (
        code_of(await entering.at(SCHOOL, "/delegations", {"node": "Z", "account": "x"})) == "evaluation.node_unknown"
    )
    assert (await entering.enter(SCHOOL, CLERK, B1="A", B2=True)).status_code == 200
    assert (await entering.attach(SCHOOL, "B1", CLERK)).status_code == 201
    assert code_of(await entering.enter(SCHOOL, CLERK, B5=0)) == "evaluation.not_delegated"
    assert (await entering.attach(SCHOOL, "B5", CLERK)).status_code == 403
    assert (await entering.at(SCHOOL, ":submit", None, CLERK)).status_code == 403
    ended = await entering.at(SCHOOL, f"/delegations/{handed.json()['id']}:end")
    assert ended.json()["ended_at"] is not None
    assert code_of(await entering.enter(SCHOOL, CLERK, B1="B")) == "evaluation.not_delegated"
    assert (await entering.sheet(SCHOOL))["leaves"]["B1"]["value"] == "A"


async def test_the_county_confirms_changes_and_returns(reviewing: Round) -> None:
    items = [{"leaf": "B1"}, {"leaf": "B2", "value": False}, {"leaf": "B4"}]
    refused = await reviewing.at(SCHOOL, "/values:review", {"items": items}, REVIEWER)
    assert pointers(refused) == {
        "/items/1/reason": "evaluation.change_unexplained",
        "/items/2/value": "evaluation.nothing_to_confirm",
    }
    items[1]["reason"] = "课表中缺少劳动课"
    items[2]["value"] = "B"
    assert (await reviewing.at(SCHOOL, "/values:review", {"items": items}, REVIEWER)).status_code == 200
    unfinished = await reviewing.at(SCHOOL, ":review", None, REVIEWER)
    assert (code_of(unfinished), "B5" in unfinished.json()["detail"]) == ("evaluation.unjudged", True)
    leaf = (await reviewing.sheet(SCHOOL))["leaves"]["B2"]
    assert (leaf["value"], leaf["school_value"], leaf["judge"], leaf["action"]) == (False, True, "county", "changed")
    wanted = {"reason": "佐证材料不全", "leaves": [{"leaf": "B1", "reason": "请补充德育工作方案"}]}
    returned = await reviewing.at(SCHOOL, ":return", wanted, REVIEWER)
    assert (returned.json()["state"], returned.json()["state_reason"]) == ("returned", "佐证材料不全")
    # The school mends it although self-evaluation is over, and the county judges what was mended anew.
    assert (await reviewing.enter(SCHOOL, B1="C")).status_code == 200
    assert (await reviewing.at(SCHOOL, ":submit")).status_code == 200
    assert "B1" in (await reviewing.at(SCHOOL, ":review", None, REVIEWER)).json()["detail"]
    rest = {"items": [{"leaf": "B1"}, {"leaf": "B5"}]}
    assert (await reviewing.at(SCHOOL, "/values:review", rest, REVIEWER)).status_code == 200
    assert (await reviewing.at(SCHOOL, ":review", None, REVIEWER)).json()["state"] == "reviewed"
    path = f"/campaigns/{CAMPAIGN}/evaluations/{SCHOOL}/leaves/B1/history"
    history = (await reviewing.get(path, of_school())).json()["items"]
    said = [(entry["judge"], entry["action"], entry["value"]) for entry in history]
    assert said == [
        ("school", "entered", "B"),
        ("county", "confirmed", "B"),
        ("county", "returned", "B"),
        ("school", "entered", "C"),
        ("county", "confirmed", "C"),
    ]
    assert history[2]["note"] == "请补充德育工作方案"


async def test_the_city_judges_drawn_schools_alone(city: Round) -> None:
    await city.open_campaign()
    drawn = await city.to_city_verification()
    other = next(school for school in SCHOOLS if school not in drawn)
    verified = {"items": [{"leaf": "B1", "value": "C", "reason": "现场未见实施记录"}]}
    refused = await city.at(other, "/values:verify", verified, CITY_ADMIN)
    assert pointers(refused) == {"/items/0/leaf": "evaluation.leaf_not_judged"}
    assert code_of(await city.at(drawn[0], ":verify", None, CITY_ADMIN)) == "evaluation.unjudged"
    assert (await city.at(drawn[0], "/values:verify", verified, CITY_ADMIN)).status_code == 200
    assert (await city.at(drawn[0], ":verify", None, CITY_ADMIN)).json()["state"] == "verified"
    leaf = (await city.sheet(drawn[0]))["leaves"]["B1"]
    assert (leaf["value"], leaf["school_value"], leaf["judge"]) == ("C", "B", "city")


async def test_everybody_sees_what_is_theirs(reviewing: Round) -> None:
    board = f"/campaigns/{CAMPAIGN}/evaluations"

    async def shown(who: Actor) -> list[str]:
        return [row["school_code"] for row in (await reviewing.get(board, who)).json()["items"]]

    assert await shown(of_school()) == [SCHOOL]
    assert await shown(REVIEWER) == [code for code, county in SCHOOLS.items() if county == COUNTY]
    assert await shown(CITY_ADMIN) == list(SCHOOLS)
    counts = (await reviewing.get(board, REVIEWER, params={"state": "submitted"})).json()["items"][0]["counts"]
    assert counts == {"school": 3, "county": 0, "city": 0, "dispute": 0, "ruling": 0}
    other = of_school(school=OTHER_SCHOOL)
    for path in ("", "/missing", "/delegations", "/leaves/B1/history", "/leaves/B1/evidence"):
        assert (await reviewing.get(f"{board}/{SCHOOL}{path}", other)).status_code == 404, path
        assert (await reviewing.get(f"{board}/{SCHOOL}{path}", county_admin(OTHER_COUNTY))).status_code == 404, path
    judged = {"items": [{"leaf": "B1"}]}
    assert (await reviewing.at(SCHOOL, "/values:review", judged, county_admin(OTHER_COUNTY))).status_code == 404
    assert (await reviewing.at(SCHOOL, "/values:review", judged, of_school())).status_code == 403
    assert (await reviewing.at(SCHOOL, "/values:verify", judged, REVIEWER)).status_code == 403
    for who in (actor("student", of_school().org), actor("guardian", of_school().org)):
        assert (await reviewing.get(board, who)).status_code == 403


async def test_evidence_belongs_to_its_leaf_and_stays_with_its_school(reviewing: Round) -> None:
    path = f"/campaigns/{CAMPAIGN}/evaluations/{SCHOOL}/leaves/B1/evidence"
    listed = (await reviewing.get(path, REVIEWER)).json()["items"]
    assert [file["file_name"] for file in listed] == ["plan.pdf"]
    content = await reviewing.get(f"{path}/{listed[0]['id']}/content", REVIEWER)
    assert (content.status_code, content.content) == (200, EVIDENCE)
    assert (await reviewing.sheet(SCHOOL))["leaves"]["B1"]["evidence_count"] == 1
    # Submitted: the school can neither add nor withdraw a file.
    assert code_of(await reviewing.attach(SCHOOL, "B2")) == "campaign.not_now"
    gone = await reviewing.post(f"{path}/{listed[0]['id']}:withdraw", {"reason": "传错了文件"}, of_school())
    assert gone.status_code == 409
    assert (await reviewing.attach(SCHOOL, "Z9")).status_code in (409, 422)


async def test_what_was_said_stays_said_and_is_audited(entering: Round) -> None:
    await entering.enter(SCHOOL, B1="A")
    kernel = open_kernel(SERVICE, entering.settings)
    try:
        for statement in (
            "update leaf_entries set value = 'B'",
            "delete from leaf_entries",
            "delete from scheme_versions",
        ):
            with pytest.raises(DBAPIError, match="is final"):
                async with kernel.database.transaction("") as session:
                    await session.execute(text(statement))
        async with kernel.database.transaction("") as session:
            actions = list(
                await session.scalars(text("select payload::jsonb ->> 'action' from audit_log order by seq"))
            )
    finally:
        await kernel.database.close()
    assert actions[-2:] == ["campaign.self_evaluation", "evaluation.values_set_by_school"]
    feed = await entering.client.get("/changes", params={"resources": "evaluations"}, headers=bearer(of_school()))
    assert feed.json()["items"][-1]["key"] == {"campaign": CAMPAIGN, "school_code": SCHOOL}
