"""A city inspects its schools: plan, draw, two inspectors, signature, finding, mending, revisit; each by their own token."""

import uuid
from typing import Any

import pytest

from shared.kernel import clock
from shared.terms.actor import Role
from tests.services.school_eval.inspections.inspecting import (
    FIRST,
    PLAN,
    SECOND,
    SEEN,
    Inspecting,
    plan_body,
    rating_body,
    visit_body,
)
from tests.support.city import COUNTIES, PROVINCE, SCHOOLS, code_of, county_admin, of_school
from tests.support.settings import actor, bearer

pytestmark = pytest.mark.anyio
LISTS = ["management_routine", "teaching_routine"]
FIRE = "management_routine.safety.fire_equipment"


async def test_a_citys_inspection(office: Inspecting) -> None:
    row = await _planned_and_drawn(office)
    school = of_school(school=row["school_code"])
    visit = await _visited(office, row)
    outcome = (await office.get(visit, school)).json()["outcome"]
    assert outcome["items"][FIRE]["ratings"] == [0, 1]
    # Weights add up to 38; of the two of the extinguishers one inspector gave none.
    assert outcome["shares"]["management_routine"] == pytest.approx((38 - 2 / 2) / 38)
    assert outcome["shares"]["teaching_routine"] == 1
    signed = await office.sign(visit, row["school_code"], "两具灭火器确已过期，正在更换")
    assert signed.json()["state"] == "signed"
    finding = await _mended(office, row, visit)
    closed = await _revisited_and_closed(office, row, finding)
    actions = [entry["action"] for entry in closed["entries"]]
    assert actions == ["raise", "comment", "plan", "return", "plan", "report", "close"]
    await _everybody_sees_their_part(office, row)


async def _planned_and_drawn(office: Inspecting) -> dict[str, Any]:
    for code in LISTS:
        adopted = await office.post(f"/checklists/{code}:adopt")
        await office.post(f"/checklists/{code}:publish", {"note": "采用内置清单"}, match=adopted)
    for person in (FIRST, SECOND):
        await office.put(f"/inspectors/{person.subject}", {"staff_code": "T9", "own_schools": []})
    unpublished = plan_body(checklists=["elsewhere"])
    assert (await office.put(PLAN, unpublished)).status_code == 201
    async with office.working():
        await office.finished(await office.post(f"{PLAN}:close-frame"))
        draw = {"seed": 5, "witnessed_by": "纪检组"}
        assert code_of(await office.post(f"{PLAN}:draw", draw)) == "checklist.not_published"
        sound = plan_body(checklists=LISTS, double_rated_rate="1")
        assert (await office.put(PLAN, sound, match=await office.get(SEEN))).status_code == 200
        await office.finished(await office.post(f"{PLAN}:close-frame"))
    assert (await office.post(f"{PLAN}:draw", draw)).status_code == 201
    rows: list[dict[str, Any]] = (await office.get(f"{SEEN}/schools?role=drawn")).json()["items"]
    return rows[0]


async def _visited(office: Inspecting, row: dict[str, Any]) -> str:
    visit = f"/visits/{uuid.uuid4()}"
    assert (await office.put(visit, visit_body(row))).status_code == 201
    await office.post(f"{visit}:start", who=FIRST)
    lists = (await office.get(f"{visit}/checklists", FIRST)).json()["items"]
    best = {
        f"{each['code']}.{section['code']}.{item['code']}": len(each["labels"][item["scale"]]) - 1
        for each in lists
        for section in each["sections"]
        for item in section["items"]
    }
    for person, changes in ((FIRST, {}), (SECOND, {FIRE: 0})):
        items = [
            {"item": key, **rating_body(rating, note="两具灭火器过期" if rating == 0 else None)}
            for key, rating in (best | changes).items()
        ]
        sent = (await office.post(f"{visit}/ratings:sync", {"items": items}, person)).json()["items"]
        assert {outcome["outcome"] for outcome in sent} == {"stored"}
        assert (await office.post(f"{visit}:submit", who=person)).status_code == 200
    return visit


async def _mended(office: Inspecting, row: dict[str, Any], visit: str) -> str:
    school = of_school(Role.SCHOOL_OPERATOR, row["school_code"])
    finding = f"/findings/{uuid.uuid4()}"
    body = {"visit": visit.removeprefix("/visits/"), "item": FIRE, "severity": "critical", "description": "灭火器过期"}
    assert (await office.put(finding, body, SECOND)).status_code == 201
    assert (await office.post(f"{finding}:comment", {"text": "供应商两日内到货"}, school)).status_code == 200
    plan = {"text": "更换灭火器", "responsible_post": "总务主任"}
    for words in ("更换灭火器", "更换灭火器并每月检查"):
        planned = await office.post(f"{finding}:plan", plan | {"text": words}, school, match=await office.get(finding))
        assert planned.json()["state"] == "planned", planned.text
        if words == "更换灭火器":
            back = {"text": "请写明长效措施"}
            await office.post(f"{finding}/judgments/return", back, SECOND, match=await office.get(finding))
    text = {"file": ("检查记录.txt", "十二月检查记录：灭火器十二具，全部在有效期内。".encode(), "text/plain")}
    attached = await office.client.post(f"{finding}/evidence", headers=bearer(school), files=text)
    assert attached.status_code == 201, attached.text
    done = await office.post(f"{finding}:report", {"text": "已全部更换"}, school, match=await office.get(finding))
    assert done.json()["state"] == "reported"
    return finding


async def _revisited_and_closed(office: Inspecting, row: dict[str, Any], finding: str) -> dict[str, Any]:
    revisit = f"/visits/{uuid.uuid4()}"
    body = visit_body(row, (SECOND,), plan=None, checklists=["management_routine"])
    assert (await office.put(revisit, body)).status_code == 201
    closing = {"text": "现场查看属实", "revisit": revisit.removeprefix("/visits/")}
    early = await office.post(f"{finding}/judgments/close", closing, SECOND, match=await office.get(finding))
    assert code_of(early) == "finding.revisit_unfit"
    await office.post(f"{revisit}:start", who=SECOND)
    lists = (await office.get(f"{revisit}/checklists", SECOND)).json()["items"]
    items = [
        {"item": f"management_routine.{section['code']}.{item['code']}", **rating_body(1)}
        for section in lists[0]["sections"]
        for item in section["items"]
    ]
    await office.post(f"{revisit}/ratings:sync", {"items": items}, SECOND)
    assert (await office.post(f"{revisit}:submit", who=SECOND)).json()["state"] == "rated"
    closed = await office.post(f"{finding}/judgments/close", closing, SECOND, match=await office.get(finding))
    assert closed.json()["state"] == "closed", closed.text
    document: dict[str, Any] = closed.json()
    return document


async def _everybody_sees_their_part(office: Inspecting, row: dict[str, Any]) -> None:
    county = county_admin(row["county_code"])
    board = (await office.get("/finding-board", county)).json()
    assert (board["on"], board["items"][0]["states"]) == (clock.today().isoformat(), {"closed": 1})
    other = next(code for code in COUNTIES if code != row["county_code"])
    assert (await office.get("/finding-board", county_admin(other))).json()["items"] == []
    neighbor = next(code for code in SCHOOLS if code != row["school_code"])
    assert (await office.get("/visits", of_school(school=neighbor))).json()["items"] == []
    covered = (await office.get("/inspection-coverage", PROVINCE)).json()["quotas"]
    # A revisit is no second visit.
    assert next(quota["visited"] for quota in covered if quota["quota"] == "city_schools") == 1
    assert code_of(await office.get("/visits", actor(Role.TEACHER, "99/9900/990001/2199000002/"))) == "auth.forbidden"
