"""Plans: a document that the law is asked about, that the congress passes and the county files, and that then stays."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.kernel.database.engine import Database
from shared.terms.actor import Role
from tests.services.teacher_eval.pay.paying import (
    COUNTY_OFFICE,
    HEAD,
    VOTE,
    attach_minutes,
    draft,
    faults,
    plan,
    points_part,
    step,
    teacher,
)
from tests.support.city import World, code_of, of_school

pytestmark = pytest.mark.anyio


async def test_a_plan_that_pays_for_entrance_exams_is_refused_with_the_rule(world: World) -> None:
    prize = {"code": "prize", "name": "中考突出贡献奖", "purpose": "award", "rate_fen": 100, "count": "wins"}
    hidden = points_part("40", code="merit", name="教学贡献")
    hidden["method"]["points"] = {"key": "admission_rate", "name": "贡献分"}
    plan_id = await draft(world, plan(points_part("60"), hidden, fixed_items=[prize]))
    answer = await world.post(f"/pay-plans/{plan_id}:check", who=HEAD)
    assert code_of(answer) == "pay_plan.unlawful"
    assert faults(answer) == ["pay_law.entrance_exams", "pay_law.entrance_source"]
    assert "H4" in answer.json()["errors"][0]["detail"]
    assert (await world.get(f"/pay-plans/{plan_id}", HEAD)).json()["state"] == "drafted"


async def test_what_is_only_told_is_kept_beside_the_plan(world: World) -> None:
    equal = {"code": "all", "name": "平均部分", "weight": "100", "method": {"kind": "equal"}}
    plan_id = await draft(world, plan(equal))
    checked = await step(world, f"pay-plans/{plan_id}:check")
    assert checked["state"] == "checked"
    assert [each["code"] for each in checked["remarks"]] == ["pay_law.egalitarian"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (plan(parts=[]), "pay_plan.empty"),
        (plan(points_part("60"), points_part("39", code="b")), "pay_plan.weights_not_whole"),
        (plan(points_part("60"), points_part("40")), "pay_plan.code_twice"),
        (plan(points_part(floor_fen=200, cap_fen=100)), "pay_plan.cap_below_floor"),
        (plan(points_part(code="adjustment")), "pay_plan.code_reserved"),
    ],
)
async def test_a_document_that_says_nothing_sound_is_refused(world: World, body: dict[str, object], code: str) -> None:
    answer = await world.post("/pay-plans", body, HEAD)
    assert faults(answer) == [code]


@pytest.mark.parametrize(
    ("tiers", "code"),
    [
        ([("0.5", "2"), ("0.4", "1")], "pay_plan.tiers_not_whole"),
        ([("0.5", "1"), ("0.5", "2")], "pay_plan.tiers_not_falling"),
    ],
)
async def test_tiers_take_everybody_and_fall(world: World, tiers: list[tuple[str, str]], code: str) -> None:
    made = [{"name": "一档", "share": share, "coefficient": each} for share, each in tiers]
    method = {"kind": "tiers", "points": {"key": "total", "name": "得分"}, "tiers": made}
    answer = await world.post("/pay-plans", plan(points_part(method=method)), HEAD)
    assert faults(answer) == [code]


async def test_a_draft_changes_and_what_was_checked_does_not(world: World) -> None:
    plan_id = await draft(world)
    changed = await world.put(f"/pay-plans/{plan_id}", plan(name="办法（二稿）"), HEAD, match=1)
    assert (changed.status_code, changed.json()["name"]) == (200, "办法（二稿）")
    other = await world.put(f"/pay-plans/{plan_id}", plan(pool_kind="class_teacher"), HEAD, match=changed)
    assert code_of(other) == "pay_plan.kind_changed"
    checked = await world.post(f"/pay-plans/{plan_id}:check", who=HEAD)
    late = await world.put(f"/pay-plans/{plan_id}", plan(name="办法（三稿）"), HEAD, match=checked)
    assert code_of(late) == "pay_plan.final"
    database = Database(world.settings.database_url.get_secret_value())
    with pytest.raises(DBAPIError, match="a plan that was checked is final"):
        async with database.transaction("") as session:
            await session.execute(text("""update pay_plans set document = '{}'"""))
    await database.close()


async def test_the_congress_votes_on_what_was_checked_and_simulated(world: World) -> None:
    plan_id = await draft(world)
    early = await world.post(f"/pay-plans/{plan_id}:pass", VOTE, HEAD)
    assert code_of(early) == "workflow.not_allowed"
    await step(world, f"pay-plans/{plan_id}:check")
    unseen = await world.post(f"/pay-plans/{plan_id}:pass", VOTE, HEAD)
    assert code_of(unseen) == "workflow.not_allowed"


async def test_a_version_may_be_dropped_and_the_next_counts_up(world: World) -> None:
    plan_id = await draft(world)
    dropped = await step(world, f"pay-plans/{plan_id}:drop", {"reason": "教代会建议重拟"})
    assert (dropped["state"], dropped["steps"][-1]["note"]) == ("dropped", "教代会建议重拟")
    again = await world.get(f"/pay-plans/{await draft(world)}", HEAD)
    assert again.json()["number"] == 2


async def test_who_drafts_files_and_reads(world: World) -> None:
    assert (await world.post("/pay-plans", plan(), COUNTY_OFFICE)).status_code == 403
    assert (await world.post("/pay-plans", plan(), teacher(1))).status_code == 403
    plan_id = await draft(world)
    assert (await world.post(f"/pay-plans/{plan_id}:file", {"receipt": "备案1号"}, HEAD)).status_code == 403
    assert (await world.get(f"/pay-plans/{plan_id}", teacher(1))).status_code == 200
    elsewhere = of_school(Role.SCHOOL_ADMIN, "2199000003")
    assert (await world.get(f"/pay-plans/{plan_id}", elsewhere)).status_code == 404
    await attach_minutes(world, plan_id)
    listed = await world.get("/pay-plans?kind=incentive", HEAD)
    assert [each["id"] for each in listed.json()["items"]] == [plan_id]
