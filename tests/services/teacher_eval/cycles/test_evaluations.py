"""The way from the list of members to the comprehensive assessment: every gate, every refusal, whose is whose."""

from typing import Any

import pytest

from tests.services.teacher_eval.cycles.staffroom import (
    CYCLE,
    SCHEME,
    TEACHERS,
    Staffroom,
    cycle_body,
    person,
    staff_key,
)
from tests.support.city import CITY_ADMIN, PROVINCE, SCHOOL, code_of, county_admin, of_school

pytestmark = pytest.mark.anyio
HERE = f"/cycles/{CYCLE}/schools/{SCHOOL}"
OTHER = "2199000003"


def faults(answer: Any) -> list[str]:
    return [fault["code"] for fault in answer.json()["errors"]]


async def test_opening_freezes_the_staff_of_every_school(staffroom: Staffroom) -> None:
    await staffroom.open_cycle()
    assert code_of(await staffroom.post(f"/cycles/{CYCLE}:open")) == "workflow.not_allowed"
    schools = (await staffroom.get(f"/cycles/{CYCLE}/schools")).json()["items"]
    assert [(row["school_code"], row["state"]) for row in schools] == [(SCHOOL, "draft"), (OTHER, "draft")]
    rows = (await staffroom.get(f"{HERE}/members", of_school(), params={"page_size": 50})).json()["items"]
    assert len(rows) == TEACHERS + 1
    assert [row["track"] for row in rows] == ["leader"] + ["teacher"] * TEACHERS
    assert rows[0]["asked_count"] == 2
    burden = (await staffroom.get(f"/cycles/{CYCLE}/burden")).json()
    assert (burden["members"], burden["asked_median"], burden["computed_leaves"]) == (22, 2, 1)
    changed = await staffroom.put(f"/cycles/{CYCLE}", cycle_body(school_year="2025-2026"), match=3)
    assert code_of(changed) == "cycle.not_editable"


async def test_a_definition_keeps_to_the_law(staffroom: Staffroom) -> None:
    above = await staffroom.put(f"/cycles/{CYCLE}", cycle_body(quota={"rate": "0.3"}))
    assert faults(above) == ["cycle.quota_above_law"]
    admission = SCHEME.replace("公开课", "中考升学率").replace("Open lessons", "Admission rate")
    assert code_of(await staffroom.publish_scheme(admission.replace("staff_of_test", "admission"))) == "scheme.faulty"
    schools = SCHEME.replace("of: staff", "of: school").replace("evaluators: [appraisers]", "evaluators: [county]")
    assert code_of(await staffroom.draft_scheme(schools)) == "scheme.of_elsewhere"
    ranked = SCHEME.replace("{kind: linear, min: 0, max: 4}", "{kind: rank_in_group}").replace(
        "[school_code]", "[track]"
    )
    published = await staffroom.publish_scheme(ranked.replace("staff_of_test", "ranked"))
    assert published.status_code == 201, published.text
    beyond = await staffroom.put(f"/cycles/{CYCLE}", cycle_body(scheme="ranked"))
    assert code_of(beyond) == "cycle.ranked_beyond_school"
    assert code_of(await staffroom.put(f"/cycles/{CYCLE}", cycle_body(scheme="unheard_of"))) == "resource.not_found"
    assert (await staffroom.put(f"/cycles/{CYCLE}", cycle_body(), county_admin())).status_code == 403


async def test_members_change_for_a_reason(staffroom: Staffroom) -> None:
    await staffroom.open_cycle()
    address = f"{HERE}/members/{staff_key(1)}"
    body = {"ungraded": "retired", "reason": "十月退休，不再考核"}
    assert (await staffroom.ask("PATCH", address, of_school(), body)).json()["ungraded"] == "retired"
    unknown = await staffroom.ask("PATCH", address, of_school(), {"ungraded": "tired", "reason": "说不出的原因"})
    assert code_of(unknown) == "member.reason_unknown"
    track = await staffroom.ask("PATCH", address, of_school(), {"track": "boss", "reason": "没有这个类别"})
    assert code_of(track) == "member.track_unknown"
    own = of_school(person=staff_key(1))
    assert code_of(await staffroom.ask("PATCH", address, own, body)) == "member.own_grade"
    assert (await staffroom.ask("PATCH", address, county_admin(), body)).status_code == 403
    removed = await staffroom.at(f"/members/{staff_key(2)}:remove", {"reason": "误列入名单"})
    assert removed.status_code == 200
    assert (
        code_of(await staffroom.get(f"{HERE}/members/{staff_key(2)}/evaluation", of_school())) == "resource.not_found"
    )
    await staffroom.done(f"/members/{staff_key(2)}:restore", {"reason": "核实后恢复"})
    job = await staffroom.run_job(await staffroom.at("/members:refresh", {"reason": "核对名册新增人员"}))
    assert (job["result"]["added"], job["result"]["listed_elsewhere"]) == (0, 0)


async def test_everybody_evaluates_oneself_and_nobody_else(staffroom: Staffroom) -> None:
    await staffroom.open_cycle()
    items = {"items": [{"leaf": "L4", "value": 2}]}
    assert code_of(await staffroom.mine(1, "/values:enter", items)) == "cycle.not_now"
    await staffroom.done(":open")
    await staffroom.done(":begin-self-evaluation")
    assert (await staffroom.mine(1, "/values:enter", items)).status_code == 200
    computed = await staffroom.mine(1, "/values:enter", {"items": [{"leaf": "L3", "value": 1}]})
    assert faults(computed) == ["evaluation.leaf_not_entered"]
    wrong = await staffroom.mine(
        1, "/values:enter", {"items": [{"leaf": "L2", "value": "E"}, {"leaf": "L4", "value": None}]}
    )
    assert faults(wrong) == ["evaluation.value_invalid", "evaluation.absence_unexplained"]
    incomplete = await staffroom.mine(1, ":submit", {})
    assert code_of(incomplete) == "evaluation.incomplete"
    assert faults(incomplete) == ["evaluation.value_missing", "evaluation.evidence_missing"]
    assert (await staffroom.mine(1, "/missing")).json()["count"] == 2
    leader = await staffroom.mine(0, ":submit", {})
    assert "evaluation.statement_missing" in faults(leader)
    # A teacher reaches nobody else's.
    other = f"{HERE}/members/{staff_key(2)}"
    assert (await staffroom.get(f"{other}/evaluation", person(1))).status_code == 403
    assert code_of(await staffroom.get(f"{other}/leaves/L4/evidence", person(1))) == "resource.not_found"
    assert (await staffroom.get(f"{HERE}/members", person(1))).status_code == 403
    outsider = of_school(school=OTHER)
    assert code_of(await staffroom.get(f"{other}/evaluation", outsider)) == "resource.not_found"
    assert (await staffroom.get(f"{other}/evaluation", PROVINCE)).status_code == 403
    sheet = (await staffroom.mine(1)).json()
    assert {leaf["leaf"]: leaf["value"] for leaf in sheet["leaves"]} == {"L1": None, "L2": None, "L3": 0.1, "L4": 2.0}
    nobody = of_school("teacher", subject="no-person")
    assert code_of(await staffroom.get(f"/cycles/{CYCLE}/mine", nobody)) == "resource.not_found"


async def test_figures_are_disputed_until_others_judge(staffroom: Staffroom) -> None:
    await staffroom.open_cycle()
    await staffroom.done(":open")
    claim = {"leaf": "L3", "claimed_value": 0.9, "reason": "漏记了代课课时"}
    raised = await staffroom.mine(1, "/disputes", claim)
    assert (raised.status_code, raised.json()["shown_value"]) == (201, "0.1")
    assert code_of(await staffroom.mine(1, "/disputes", claim)) == "dispute.already_open"
    entered = await staffroom.mine(1, "/disputes", claim | {"leaf": "L4", "claimed_value": 3})
    assert code_of(entered) == "dispute.not_computed"
    assert code_of(await staffroom.mine(1, ":confirm-figures", {})) == "evaluation.dispute_open"
    dispute = f"/disputes/{raised.json()['id']}"
    assert code_of(await staffroom.mine(2, f"{dispute}:withdraw", {})) == "resource.not_found"
    decision = {"reason": "核对课表后更正", "value": 0.8}
    own = of_school(person=staff_key(1))
    assert code_of(await staffroom.at(f"{dispute}:accept", decision, own)) == "evaluation.own"
    accepted = await staffroom.done(f"{dispute}:accept", decision)
    assert (accepted["state"], accepted["decided_value"]) == ("accepted", "0.8")
    assert code_of(await staffroom.at(f"{dispute}:refuse", decision)) == "workflow.not_allowed"
    leaf = next(leaf for leaf in (await staffroom.mine(1)).json()["leaves"] if leaf["leaf"] == "L3")
    assert (leaf["value"], leaf["judge"], leaf["figure"]["value"]) == (0.8, "dispute", 0.1)
    assert (await staffroom.mine(1, ":confirm-figures", {})).status_code == 200


async def test_gates_say_who_is_missing(staffroom: Staffroom) -> None:
    await staffroom.open_cycle()
    await staffroom.done(":open")
    await staffroom.done(":begin-self-evaluation")
    held = await staffroom.at(":begin-democratic-appraisal")
    assert code_of(held) == "cycle.members_missing"
    gate = (await staffroom.get(f"{HERE}/gate", of_school())).json()
    assert (gate["step"], len(gate["missing"]["not_submitted"])) == ("begin_democratic_appraisal", TEACHERS + 1)
    gone_on = await staffroom.done(":begin-democratic-appraisal", {"accept_reason": "长期病假人员不再等待"})
    assert gone_on["accepted"][0]["not_submitted"] == TEACHERS + 1
    appraisal = await staffroom.at(":begin-comprehensive-assessment")
    assert code_of(appraisal) == "cycle.members_missing"
    items = [{"staff_key": staff_key(1), "value": 90, "ballots": 2}, {"staff_key": "z" * 26, "value": 90, "ballots": 9}]
    few = await staffroom.at("/values:appraise", {"leaf": "L1", "source": "民主测评记录", "items": items})
    assert faults(few) == ["evaluation.ballots_too_few", "evaluation.member_unknown"]


async def test_leaders_report_before_others_judge(staffroom: Staffroom) -> None:
    await staffroom.open_cycle()
    await staffroom.done(":open")
    await staffroom.done(":begin-self-evaluation")
    leader = f"/members/{staff_key(0)}"
    assert code_of(await staffroom.at(f"{leader}:review-material")) == "evaluation.step_not_next"
    await staffroom.evaluate_oneself(0)
    assert code_of(await staffroom.at(f"{leader}:show-material")) == "evaluation.step_not_next"
    assert (
        code_of(await staffroom.at(f"{leader}:review-material", {}, of_school(person=staff_key(0)))) == "evaluation.own"
    )
    await staffroom.done(f"{leader}:review-material")
    assert code_of(await staffroom.mine(0, ":recall", {})) == "evaluation.not_submitted"
    assert (await staffroom.get(f"{HERE}/materials", person(3))).json()["items"] == []
    await staffroom.done(f"{leader}:show-material")
    shown = (await staffroom.get(f"{HERE}/materials", person(3))).json()["items"]
    assert [row["staff_key"] for row in shown] == [staff_key(0)]
    await staffroom.evaluate_oneself(1)
    assert code_of(await staffroom.at(f"/members/{staff_key(1)}:review-material")) == "evaluation.step_not_next"
    returned = await staffroom.done(f"/members/{staff_key(1)}:return", {"reason": "请补充公开课证明"})
    assert returned["next_step"] == "submitted"


async def test_the_school_judges_what_people_said(staffroom: Staffroom) -> None:
    await staffroom.open_cycle()
    await staffroom.to_appraisal()
    one = f"/members/{staff_key(1)}"
    early = await staffroom.at(f"{one}/values:assess", {"items": [{"leaf": "L2"}]})
    assert code_of(early) == "cycle.not_now"
    ballots = [{"staff_key": staff_key(n), "value": 80, "ballots": 12} for n in range(TEACHERS + 1)]
    await staffroom.done("/values:appraise", {"leaf": "L1", "source": "民主测评记录", "items": ballots})
    await staffroom.done(":begin-comprehensive-assessment")
    own = of_school(person=staff_key(1))
    assert code_of(await staffroom.at(f"{one}/values:assess", {"items": [{"leaf": "L2"}]}, own)) == "evaluation.own"
    silent = await staffroom.at(
        f"{one}/values:assess", {"items": [{"leaf": "L4", "value": 1}, {"leaf": "L1", "value": 1}]}
    )
    assert faults(silent) == ["evaluation.change_unexplained", "evaluation.leaf_not_judged"]
    change = {"items": [{"leaf": "L4", "value": 1, "reason": "一次不在考核期内"}, {"leaf": "L2"}]}
    await staffroom.done(f"{one}/values:assess", change)
    history = (await staffroom.get(f"/cycles/{CYCLE}/mine/leaves/L4/history", person(1))).json()["items"]
    assert [(row["judge"], row["value"], row["action"]) for row in history] == [
        ("self", 2.0, "entered"),
        ("school", 1.0, "changed"),
    ]
    # The county reads its schools, and what it reads is noted.
    assert (await staffroom.get(f"{HERE}/members/{staff_key(1)}/evaluation", county_admin())).status_code == 200
    assert (await staffroom.get(f"/cycles/{CYCLE}", CITY_ADMIN)).json()["actions"] == ["archive"]
