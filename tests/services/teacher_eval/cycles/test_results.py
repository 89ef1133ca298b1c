"""Results: computed, graded within the quota, shown, objected to, confirmed, reviewed, filed; who sees what."""

import datetime as dt
import types
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.grading import conduct_gate
from services.teacher_eval.results.points import points_of
from shared.kernel import clock
from shared.kernel.database.engine import Database
from shared.kits.publicity import service as publicity
from shared.policy.annual_assessment import AnnualGrade
from shared.terms.organization import school_path
from tests.services.teacher_eval.cycles.staffroom import CYCLE, TEACHERS, Staffroom, person, staff_key
from tests.support.city import (
    CITY_ADMIN,
    COUNTY,
    PROVINCE,
    SCHOOL,
    code_of,
    county_admin,
    of_school,
)

pytestmark = pytest.mark.anyio
HERE = f"/cycles/{CYCLE}/schools/{SCHOOL}"
OTHER = "2199000003"
EVERYBODY = range(TEACHERS + 1)
BEST, GOOD = "excellent", "qualified"
HEAD_OF_OFFICE = county_admin()


def total(number: int, appraised: float = 80.0) -> Decimal:
    """Total of somebody: 20 of appraisal, level B of 20, a tenth of 30 per place, 2 of 4 of 30."""
    return Decimal(str(round(20 * appraised / 100 + 20 * 0.8 + 30 * min(number / 10, 1) + 30 * 0.5, 2)))


def wait(monkeypatch: pytest.MonkeyPatch, *, days: int) -> None:
    """Lets time pass where windows are looked at; tokens live by the true clock."""
    later = types.SimpleNamespace(now=lambda: clock.now() + dt.timedelta(days=days), CHINA=clock.CHINA)
    monkeypatch.setattr(publicity, "clock", later)


async def computed(staffroom: Staffroom, **changes: Any) -> None:
    """Takes the school to its first results."""
    await staffroom.open_cycle(**changes)
    await staffroom.to_assessment()
    job = await staffroom.run_job(await staffroom.post(f"/cycles/{CYCLE}:compute", {}, of_school()))
    assert (job["result"]["people"], job["result"]["version"]) == (TEACHERS + 1, "1.0")


async def grading(staffroom: Staffroom) -> dict[str, Any]:
    """Where the grading of the school stands; its people by key."""
    answer = await staffroom.get(f"{HERE}/grades", of_school())
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found | {"people": {row["staff_key"]: row for row in found["people"]}}


async def decide(staffroom: Staffroom, changed: Mapping[int, str] | None = None, **more: Any) -> Any:
    """Decides what was proposed, but for some."""
    people = (await grading(staffroom))["people"]
    grades = {key: row["proposed"] for key, row in people.items()}
    grades |= {staff_key(number): grade for number, grade in (changed or {}).items()}
    items = [{"staff_key": key, "grade": grade} | more for key, grade in grades.items()]
    return await staffroom.at("/grades:decide", {"items": items})


async def shown(staffroom: Staffroom, **changes: Any) -> None:
    """Takes the school to its publicity."""
    await computed(staffroom, **changes)
    assert (await decide(staffroom)).status_code == 200
    await staffroom.done(":begin-publicity")


async def test_totals_are_those_of_the_arithmetic(staffroom: Staffroom) -> None:
    await computed(staffroom)
    rows = (await staffroom.get(f"{HERE}/results", of_school(), params={"page_size": 50})).json()["items"]
    assert {row["staff_key"]: Decimal(row["total"]) for row in rows} == {staff_key(n): total(n) for n in EVERYBODY}
    assert [area["printed_points"] for area in rows[1]["areas"]] == [32.0, 18.0]
    explained = (await staffroom.get(f"{HERE}/members/{staff_key(3)}/explanation", of_school())).json()
    leaves = [leaf for area in explained["root"]["children"] for leaf in area["children"]]
    assert sum(Decimal(str(leaf["printed_points"])) for leaf in leaves) == total(3)
    assert explained["origins"]["L3"]["source"] == "test"
    # Computing anew without a change of values gives the same inputs, and nothing that differs.
    await staffroom.run_job(await staffroom.post(f"/cycles/{CYCLE}:compute", {}, CITY_ADMIN))
    versions = (await staffroom.get(f"{HERE}/results/versions", of_school())).json()["versions"]
    assert [(row["version"], row["changes"] and row["changes"]["figures"]) for row in versions] == [
        ("2.0", 0),
        ("1.0", None),
    ]
    assert versions[0]["inputs_sha256"] == versions[1]["inputs_sha256"]


async def test_proposals_keep_to_the_quota_and_a_person_decides(staffroom: Staffroom) -> None:
    await computed(staffroom)
    found = await grading(staffroom)
    # 20 % of eleven, rounded down; the leader is one group, ten teachers another.
    assert (found["quota"]["base"], found["quota"]["seats"]) == (11, 2)
    proposed = {key for key, row in found["people"].items() if row["proposed"] == BEST}
    assert proposed == {staff_key(10), staff_key(9)}
    assert found["missing"] == 11
    unexplained = await staffroom.at("/grades:decide", {"items": [{"staff_key": staff_key(8), "grade": BEST}]})
    assert [fault["code"] for fault in unexplained.json()["errors"]] == ["grading.departure_unexplained"]
    exceeded = await decide(staffroom, {8: BEST}, reason="教学成果突出，考核组集体研究")
    assert code_of(exceeded) == "grading.quota_exceeded"
    assert "3" in exceeded.json()["detail"]
    assert "2" in exceeded.json()["detail"]
    own = of_school(person=staff_key(10))
    mine = {"items": [{"staff_key": staff_key(10), "grade": BEST}]}
    assert [fault["code"] for fault in (await staffroom.at("/grades:decide", mine, own)).json()["errors"]] == [
        "grading.own"
    ]
    assert (await staffroom.at("/grades:decide", mine, person(1))).status_code == 403
    assert code_of(await staffroom.at(":begin-publicity")) == "grading.members_ungraded"
    assert (await decide(staffroom)).status_code == 200
    assert (await grading(staffroom))["quota"]["excellent"] == 2


async def test_an_approval_raises_the_quota_up_to_the_law(staffroom: Staffroom) -> None:
    await computed(staffroom)
    document = {"document": "县人社〔2026〕12号"}
    above = await staffroom.at("/quota:approve", {"rate": "0.4", **document}, HEAD_OF_OFFICE)
    assert code_of(above) == "grading.rate_above_law"
    assert (await staffroom.at("/quota:approve", {"rate": "0.25", **document})).status_code == 403
    await staffroom.done("/quota:approve", {"rate": "0.25", **document}, HEAD_OF_OFFICE)
    assert (await grading(staffroom))["quota"]["seats"] == 2
    not_shared = await staffroom.at("/quota:allot", {"seats": 3, **document}, HEAD_OF_OFFICE)
    assert code_of(not_shared) == "grading.not_county_quota"


async def test_a_county_shares_its_quota_out(staffroom: Staffroom) -> None:
    await computed(staffroom, quota={"unit": "county"})
    assert (await grading(staffroom))["quota"]["seats"] == 0
    document = {"document": "县教科局名额分配表"}
    # 20 % of the county's 22 is four.
    await staffroom.done("/quota:allot", {"seats": 3, **document}, HEAD_OF_OFFICE)
    exceeded = await staffroom.at("/quota:allot", {"seats": 2, **document}, HEAD_OF_OFFICE, school=OTHER)
    assert code_of(exceeded) == "grading.county_quota_exceeded"
    await staffroom.done("/quota:allot", {"seats": 1, **document}, HEAD_OF_OFFICE, school=OTHER)
    found = await grading(staffroom)
    assert (found["quota"]["seats"], found["quota"]["is_allotted"], found["quota"]["proposed"]) == (3, True, 3)


async def test_ties_are_decided_by_a_person_with_a_reason(staffroom: Staffroom) -> None:
    await staffroom.open_cycle()
    # 9 has as much as 10: 3 points of workload less, 3 of appraisal more; 8 lies between nobody.
    await staffroom.to_assessment(scores={9: 95.0, 8: 95.0, 10: 80.0})
    await staffroom.run_job(await staffroom.post(f"/cycles/{CYCLE}:compute", {}, of_school()))
    people = (await grading(staffroom))["people"]
    assert people[staff_key(9)]["total"] == people[staff_key(10)]["total"]
    await staffroom.done(f"/members/{staff_key(8)}:remove", {"reason": "年内调离，由调入学校考核"})
    await staffroom.run_job(await staffroom.post(f"/cycles/{CYCLE}:compute", {}, of_school()))
    await staffroom.ask(
        "PATCH", f"{HERE}/members/{staff_key(0)}", of_school(), {"ungraded": "seconded", "reason": "借调到县教科局"}
    )
    await staffroom.ask(
        "PATCH", f"{HERE}/members/{staff_key(1)}", of_school(), {"ungraded": "seconded", "reason": "借调到县教科局"}
    )
    await staffroom.run_job(await staffroom.post(f"/cycles/{CYCLE}:compute", {}, of_school()))
    found = await grading(staffroom)
    assert found["quota"]["seats"] == 1
    assert {key for key, row in found["people"].items() if row["note"] == "tied"} == {staff_key(9), staff_key(10)}
    silent = await decide(staffroom, {10: BEST})
    assert {fault["code"] for fault in silent.json()["errors"]} == {"grading.departure_unexplained"}
    assert (await decide(staffroom, {10: BEST}, reason="并列者由考核组投票决定")).status_code == 200


async def test_the_cap_of_conduct_comes_before_the_quota(staffroom: Staffroom, monkeypatch: pytest.MonkeyPatch) -> None:
    await computed(staffroom)

    async def capped(session: AsyncSession, keys: Any, first: dt.date, last: dt.date) -> dict[str, AnnualGrade]:
        assert (first, last) == (dt.date(2026, 1, 1), dt.date(2026, 12, 31))
        return {staff_key(10): AnnualGrade.UNQUALIFIED}

    monkeypatch.setattr(conduct_gate, "SOURCES", [capped])
    found = await grading(staffroom)
    assert (found["people"][staff_key(10)]["proposed"], found["people"][staff_key(10)]["note"]) == (
        "unqualified",
        "capped",
    )
    assert {key for key, row in found["people"].items() if row["proposed"] == BEST} == {staff_key(9), staff_key(8)}
    refused = await decide(staffroom, {10: GOOD}, reason="工作成绩突出，请予考虑")
    assert [fault["code"] for fault in refused.json()["errors"]] == ["grading.above_cap"]
    assert (await decide(staffroom)).status_code == 200
    # A decision that takes effect later shows before anything is posted.
    monkeypatch.setattr(conduct_gate, "SOURCES", [])
    await decide(staffroom, {10: GOOD}, reason="师德处理已撤销，重新评定")
    monkeypatch.setattr(conduct_gate, "SOURCES", [capped])
    assert code_of(await staffroom.at(":begin-publicity")) == "grading.grades_outdated"


async def test_nothing_is_shown_that_has_changed_since(staffroom: Staffroom) -> None:
    await computed(staffroom)
    await decide(staffroom)
    change = {"items": [{"leaf": "L4", "value": 4, "reason": "补交公开课证明"}]}
    await staffroom.done(f"/members/{staff_key(2)}/values:assess", change)
    assert code_of(await staffroom.at(":begin-publicity")) == "grading.values_changed"
    items = {"items": [{"staff_key": staff_key(2), "grade": GOOD}]}
    assert code_of(await staffroom.at("/grades:decide", items)) == "grading.values_changed"


async def test_people_see_their_own_once_it_is_shown(staffroom: Staffroom) -> None:
    await computed(staffroom)
    assert code_of(await staffroom.mine(3, "/result")) == "resource.not_found"
    await decide(staffroom)
    begun = await staffroom.done(":begin-publicity")
    assert begun["publicity_ends_at"]
    own = (await staffroom.mine(4, "/result")).json()
    assert (Decimal(own["total"]), own["grade"]) == (total(4), GOOD)
    assert (own["band"]["people"], own["band"]["quarter"]) == (10, 3)
    leader = (await staffroom.mine(0, "/result")).json()
    assert leader["band"]["quartiles"] is None
    assert (await staffroom.mine(3, "/explanation")).json()["staff_key"] == staff_key(3)
    assert (await staffroom.get(f"{HERE}/results", person(3))).status_code == 403
    assert (await staffroom.get(f"{HERE}/grades", person(3))).status_code == 403
    notice = (await staffroom.get(f"{HERE}/notices", person(3))).json()["items"][0]
    assert {row["staff_key"] for row in notice["content"]["people"]} == {staff_key(9), staff_key(10)}
    assert notice["content"]["counts"][GOOD] == 9
    elsewhere = await staffroom.get(f"{HERE}/notices", person(1, OTHER))
    assert code_of(elsewhere) == "resource.not_found"
    frozen = await staffroom.at("/grades:decide", {"items": [{"staff_key": staff_key(2), "grade": GOOD}]})
    assert code_of(frozen) == "grading.grade_settled"
    change = {"items": [{"leaf": "L4", "value": 4, "reason": "补交公开课证明"}]}
    assert code_of(await staffroom.at(f"/members/{staff_key(2)}/values:assess", change)) == "cycle.not_now"
    assert code_of(await staffroom.at(":confirm")) == "publicity.not_over"


async def test_a_notice_shows_what_the_cycle_says(staffroom: Staffroom) -> None:
    await shown(staffroom, publicity={"posted": "all", "area_scores": True, "working_days": 7})
    notice = (await staffroom.get(f"{HERE}/notices", of_school())).json()["items"][0]
    assert len(notice["content"]["people"]) == 11
    assert notice["content"]["people"][1]["areas"] == {"A1": 32.0, "A2": 18.0}
    assert notice["working_days"] == 7


async def test_an_upheld_objection_becomes_a_minor_version(
    staffroom: Staffroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shown(staffroom)
    address = f"/members/{staff_key(8)}/objections"
    grounds = {"grounds": "公开课共四次，学校只认定两次，证明见附件。", "points": ["L4"]}
    assert code_of(await staffroom.at(address, grounds, person(7))) == "resource.not_found"
    filed = await staffroom.at(address, grounds, person(8))
    assert filed.status_code == 201, filed.text
    one = f"{address}/{filed.json()['id']}"
    assert (await staffroom.get(f"{HERE}{one}", person(7))).status_code == 404
    await staffroom.done(f"{one}:accept", {"body": "材料齐全，予以受理。"})
    wrong = {
        "outcome": "upheld",
        "body": "证明属实，予以支持。",
        "effect": {"values": [{"leaf": "L4", "value": "many"}]},
    }
    assert [fault["code"] for fault in (await staffroom.at(f"{one}:rule", wrong)).json()["errors"]] == [
        "evaluation.value_invalid"
    ]
    ruling = wrong | {"effect": {"values": [{"leaf": "L4", "value": 4}]}}
    ruled = await staffroom.done(f"{one}:rule", ruling)
    assert ruled["applied"]["values"] == [{"leaf": "L4", "before": "2", "after": "4"}]
    await staffroom.ended(ruled["applied"]["job"])
    versions = (await staffroom.get(f"{HERE}/results/versions", of_school())).json()["versions"]
    assert [row["version"] for row in versions] == ["1.1", "1.0"]
    changed = (await staffroom.get(f"{HERE}/results/changes", of_school(), params={"page_size": 200})).json()["items"]
    assert {row["staff_key"] for row in changed if row["figure"] == "printed_total"} == {staff_key(8)}
    found = await grading(staffroom)
    assert Decimal(found["people"][staff_key(8)]["total"]) == total(8) + 15
    # 8 is first now, and 9 has to give way: whoever decides it says why.
    assert {key for key, row in found["people"].items() if row["is_outdated"]} == {staff_key(8), staff_key(9)}
    wait(monkeypatch, days=30)
    assert code_of(await staffroom.at(":confirm")) == "grading.objections_open"
    await staffroom.done(f"{one}:request-review", {"body": "同意裁定，请复核名次。"}, person(8))
    await staffroom.done(f"{one}:withdraw-review", {"body": "不再需要复核。"}, person(8))
    assert code_of(await staffroom.at(":confirm")) == "grading.grades_outdated"
    items = [
        {"staff_key": staff_key(9), "grade": GOOD, "reason": "裁定后名次改变"},
        {"staff_key": staff_key(8), "grade": BEST, "reason": "裁定后名次改变"},
    ]
    await staffroom.done("/grades:decide", {"items": items})
    assert (await staffroom.done(":confirm"))["state"] == "confirmed"


async def test_the_county_files_and_gives_a_receipt(staffroom: Staffroom, monkeypatch: pytest.MonkeyPatch) -> None:
    await shown(staffroom)
    wait(monkeypatch, days=30)
    database = Database(staffroom.settings.database_url.get_secret_value())
    async with database.transaction(CITY_ADMIN.org) as session:
        path = school_path(COUNTY, SCHOOL)
        assert await points_of(session, CITY_ADMIN, cycle=CYCLE, school_path=path) is None
    await staffroom.done(":confirm")
    async with database.transaction(CITY_ADMIN.org) as session:
        points = await points_of(session, CITY_ADMIN, cycle=CYCLE, school_path=path)
        assert points == {staff_key(n): float(total(n)) for n in EVERYBODY}
    await database.close()
    assert (await staffroom.at(":file", {"number": "县备〔2026〕8号"})).status_code == 403
    returned = await staffroom.done(":return", {"reason": "附件不全，请补充后再报"}, HEAD_OF_OFFICE)
    assert (returned["state"], returned["confirmed_at"]) == ("comprehensive_assessment", None)
    await staffroom.done(":begin-publicity")
    wait(monkeypatch, days=60)
    await staffroom.done(":confirm")
    filed = await staffroom.done(":file", {"number": "县备〔2026〕8号"}, HEAD_OF_OFFICE)
    assert (filed["state"], filed["receipt"]["people"], len(filed["receipt"]["sha256"])) == ("filed", 11, 64)
    shares = (await staffroom.get(f"/cycles/{CYCLE}/grade-shares", PROVINCE)).json()["items"]
    # Two excellent ones are fewer than may be told, and the others would tell them.
    assert shares == [
        {
            "county_code": COUNTY,
            "people": 11,
            "graded": 11,
            "counts": {"excellent": None, "qualified": None, "basically_qualified": 0, "unqualified": 0},
            "rates": {"excellent": None, "qualified": None, "basically_qualified": 0.0, "unqualified": 0.0},
        }
    ]
    assert (await staffroom.get(f"{HERE}/results", PROVINCE)).status_code == 403
    assert (await staffroom.get(f"/cycles/{CYCLE}/grade-shares", of_school())).status_code == 403
    assert code_of(await staffroom.post(f"/cycles/{CYCLE}:archive")) == "cycle.schools_not_filed"
    assert (await staffroom.done(":archive", {}, HEAD_OF_OFFICE))["state"] == "archived"


async def test_low_grades_are_reviewed_after_confirmation(
    staffroom: Staffroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    await computed(staffroom)
    await decide(staffroom, {1: "basically_qualified"}, reason="考核组集体研究决定")
    await staffroom.done(":begin-publicity")
    address = f"/members/{staff_key(1)}/reviews"
    grounds = {"grounds": "本人全年无过失，完成全部工作，请求复核档次。"}
    assert code_of(await staffroom.at(address, grounds, person(1))) == "grading.not_reviewable"
    wait(monkeypatch, days=30)
    await staffroom.done(":confirm")
    assert (await staffroom.mine(1, "/result")).json()["review_until"]
    assert (
        code_of(await staffroom.at(f"/members/{staff_key(2)}/reviews", grounds, person(2))) == "grading.not_reviewable"
    )
    asked = await staffroom.at(address, grounds, person(1))
    assert asked.status_code == 201, asked.text
    one = f"{address}/{asked.json()['id']}"
    await staffroom.done(f"{one}:accept", {"body": "予以受理。"})
    ruling = {"outcome": "rejected", "body": "经复核，维持原定档次。"}
    ruled = await staffroom.done(f"{one}:rule", ruling)
    due = dt.datetime.fromisoformat(ruled["due_at"])
    assert 30 <= (due - clock.now()).days <= 40
    await staffroom.done(f"{one}:request-review", {"body": "不服复核决定，向县教育局申诉。"}, person(1))
    upheld = {"outcome": "upheld", "body": "原定档次依据不足，予以更正。", "effect": {"grade": GOOD}}
    decided = await staffroom.done(f"{one}:decide-review", upheld, HEAD_OF_OFFICE)
    assert decided["review_applied"] == {"grade": {"before": "basically_qualified", "after": GOOD}}
    history = (await staffroom.get(f"{HERE}/members/{staff_key(1)}/grades", of_school())).json()["items"]
    assert [row["grade"] for row in history] == ["basically_qualified", GOOD]


async def test_principals_are_graded_by_the_county(staffroom: Staffroom) -> None:
    await staffroom.open_cycle()
    address = f"{HERE}/members/{staff_key(0)}"
    await staffroom.ask("PATCH", address, of_school(), {"track": "principal", "reason": "本校校长，由县考核"})
    await staffroom.to_assessment()
    await staffroom.run_job(await staffroom.post(f"/cycles/{CYCLE}:compute", {}, of_school()))
    found = await grading(staffroom)
    assert (found["quota"]["base"], found["people"][staff_key(0)]["graded_by"]) == (10, "county")
    item = {"items": [{"staff_key": staff_key(0), "grade": GOOD, "reason": "县教育局考核决定"}]}
    refused = await staffroom.at("/grades:decide", item)
    assert [fault["code"] for fault in refused.json()["errors"]] == ["grading.not_graded_here"]
    best = {"items": [{"staff_key": staff_key(0), "grade": BEST, "reason": "县教育局考核决定"}]}
    assert code_of(await staffroom.at("/grades:decide-above", best, HEAD_OF_OFFICE)) == "grading.county_quota_exceeded"
    assert (await staffroom.at("/grades:decide-above", item, HEAD_OF_OFFICE)).status_code == 200
