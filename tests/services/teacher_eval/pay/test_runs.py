"""Runs: refused with figures, confirmed by a person, seen by each, certified; scenarios that are thrown away."""

import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.kernel.database.engine import Database
from tests.services.teacher_eval.pay.paying import (
    COUNTY_OFFICE,
    HEAD,
    POOL,
    checked,
    confirmed,
    draft,
    faults,
    filed,
    member,
    plan,
    points_part,
    pool,
    put_members,
    set_pool,
    staff_key,
    step,
    teacher,
    unpacked,
)
from tests.support.city import CITY_ADMIN, World, code_of

pytestmark = pytest.mark.anyio
CLASS_TEACHER = {
    "code": "class_teacher",
    "name": "班主任费",
    "purpose": "class_teacher",
    "rate_fen": 100,
    "count": "pupil_months",
    "unit": "生·月",
}


async def compute(world: World, plan_id: str) -> Any:
    """Computes a run of the plan on the pool."""
    return await world.post("/pay-runs", {"pool": POOL, "plan": plan_id}, HEAD)


async def amounts(world: World, run_id: str) -> dict[str, int]:
    """What everybody is paid, by person."""
    answer = await world.get(f"/pay-runs/{run_id}/people", HEAD)
    return {each["staff_key"]: each["amount"]["fen"] for each in answer.json()["items"]}


async def test_a_pool_is_shared_to_the_fen(world: World) -> None:
    await set_pool(world, pool(3_334))
    await put_members(world, [member("90"), member("90"), member("90"), member("90")])
    run = (await compute(world, await filed(world))).json()
    assert (run["amount"]["fen"], run["paid"]["fen"], run["people"]) == (3_334, 3_334, 4)
    assert sorted((await amounts(world, run["id"])).values(), reverse=True) == [834, 834, 833, 833]


async def test_fixed_items_first_then_parts_by_months_and_posts(world: World) -> None:
    await set_pool(world, pool(100_000))
    part = points_part(post_coefficients={"31": "1.5"})
    people = [
        member("80", counts={"pupil_months": "200"}),
        member("80", stay={"joined_on": "2025-12-01"}),
        member("80", post="31"),
        member("80", exclusion="principal", exclusion_reason="绩效由县局核定"),
    ]
    await put_members(world, people)
    plan_id = await filed(world, plan(part, fixed_items=[CLASS_TEACHER]))
    run = (await compute(world, plan_id)).json()
    paid = await amounts(world, run["id"])
    assert [paid[staff_key(number)] for number in (1, 2, 3, 4)] == [20_000 + 27_586, 11_035, 41_379, 0]
    assert {each["code"]: each["amount"]["fen"] for each in run["parts"]} == {
        "class_teacher": 20_000,
        "assessment": 80_000,
    }


POINTS = {"key": "total", "name": "年度考核得分"}
METHODS: dict[str, tuple[dict[str, Any], list[dict[str, Any]], list[int]]] = {
    "workload": (
        {"kind": "workload_ratio", "count": "weekly_lessons"},
        [member(counts={"weekly_lessons": "10"}), member(counts={"weekly_lessons": "15"})],
        [40_000, 60_000],
    ),
    "tiers": (
        {
            "kind": "tiers",
            "points": POINTS,
            "tiers": [
                {"name": "一档", "share": "0.25", "coefficient": "2"},
                {"name": "二档", "share": "0.75", "coefficient": "1"},
            ],
        },
        [member("70"), member("95"), member("80"), member("75")],
        [20_000, 40_000, 20_000, 20_000],
    ),
    "tiers of groups": (
        {
            "kind": "tiers",
            "points": POINTS,
            "by_group": True,
            "money_by_group": True,
            "tiers": [
                {"name": "一档", "share": "0.5", "coefficient": "90"},
                {"name": "二档", "share": "0.5", "coefficient": "70"},
            ],
        },
        [
            member(points, group=group)
            for points, group in (("99", "平行班"), ("98", "平行班"), ("60", "班乙"), ("50", "班乙"))
        ],
        [28_125, 21_875, 28_125, 21_875],
    ),
    "entitlement": (
        {"kind": "own_entitlement", "points": POINTS, "leftover": "keep"},
        [member("80", entitlement_fen=50_000), member("90.5", entitlement_fen=50_000)],
        [40_000, 45_250],
    ),
    "power": (
        {"kind": "points_share", "points": POINTS, "gamma": "2"},
        [member("60"), member("80")],
        [36_000, 64_000],
    ),
}


@pytest.mark.parametrize("name", METHODS)
async def test_every_method_of_real_plans(world: World, name: str) -> None:
    method, people, expected = METHODS[name]
    await set_pool(world)
    await put_members(world, people)
    run = (await compute(world, await filed(world, plan(points_part(method=method))))).json()
    paid = await amounts(world, run["id"])
    assert [paid[staff_key(number)] for number in range(1, len(people) + 1)] == expected
    assert run["paid"]["fen"] + run["kept"]["fen"] == 100_000


async def test_points_missing_of_somebody_eligible_are_named_with_how_to_mend_it(world: World) -> None:
    await set_pool(world)
    await put_members(
        world, [member("80"), member(None), member(None, exclusion="left", exclusion_reason="九月调离本校")]
    )
    answer = await compute(world, await filed(world, simulate=False))
    assert code_of(answer) == "pay_run.refused"
    (fault,) = answer.json()["errors"]
    assert fault["code"] == "pay_clash.figure_missing"
    assert staff_key(2) in fault["detail"]
    assert staff_key(3) not in fault["detail"]
    assert "年度考核得分" in fault["detail"]


@pytest.mark.parametrize(
    ("body", "people", "code", "figures"),
    [
        (
            plan(points_part(floor_fen=60_000)),
            [member(), member()],
            "pay_clash.floors_above_money",
            ("1200.00", "200.00"),
        ),
        (
            plan(fixed_items=[CLASS_TEACHER]),
            [member(counts={"pupil_months": "1000.01"})],
            "pay_clash.fixed_above_pool",
            ("1000.01", "0.01"),
        ),
        (plan(), [member("0"), member("0")], "pay_clash.no_weights", ("1000.00",)),
    ],
)
async def test_what_clashes_is_refused_with_its_figures(
    world: World, body: dict[str, Any], people: list[dict[str, Any]], code: str, figures: tuple[str, ...]
) -> None:
    await set_pool(world)
    await put_members(world, people)
    answer = await compute(world, await filed(world, body, simulate=False))
    assert faults(answer) == [code]
    assert all(figure in answer.json()["errors"][0]["detail"] for figure in figures)


async def test_nobody_is_paid_by_a_plan_that_was_not_passed_and_filed(world: World) -> None:
    await set_pool(world)
    await put_members(world, [member()])
    plan_id = await draft(world)
    assert code_of(await compute(world, plan_id)) == "pay_plan.not_filed"
    await step(world, f"pay-plans/{plan_id}:check")
    assert code_of(await compute(world, plan_id)) == "pay_plan.not_filed"


async def test_an_empty_pool_and_a_plan_of_another_kind_are_refused(world: World) -> None:
    await set_pool(world)
    plan_id = await filed(world, simulate=False)
    assert code_of(await compute(world, plan_id)) == "pay_run.nobody"
    await put_members(world, [member()])
    other = await filed(world, plan(pool_kind="after_school"), simulate=False)
    assert code_of(await compute(world, other)) == "pay_plan.other_kind"


async def test_a_person_answers_for_a_run_and_then_nothing_changes(world: World) -> None:
    await set_pool(world)
    await put_members(world, [member("80"), member("90")])
    plan_id = await filed(world)
    run = (await compute(world, plan_id)).json()
    assert (await world.post(f"/pay-runs/{run['id']}:confirm", {}, HEAD)).status_code == 422
    await put_members(world, [member("85")])
    stale = await world.post(f"/pay-runs/{run['id']}:confirm", {"reason": "考核组已核对无误"}, HEAD)
    assert code_of(stale) == "pay_run.inputs_changed"
    again = (await compute(world, plan_id)).json()
    done = await step(world, f"pay-runs/{again['id']}:confirm", {"reason": "考核组已核对无误"})
    assert (done["state"], done["reason"]) == ("confirmed", "考核组已核对无误")
    assert (await world.get(f"/pay-plans/{plan_id}", HEAD)).json()["state"] == "in_use"
    frozen = await world.put(f"/pay-pools/{POOL}/members/{staff_key(1)}", member("99"), HEAD)
    assert code_of(frozen) == "pay_pool.in_payment"
    answer = await world.get(f"/pay-pools/{POOL}", COUNTY_OFFICE)
    body = {"amount_fen": 1, "document": "县教通〔2026〕9号", "reason": "误发了文件"}
    late = await world.post(f"/pay-pools/{POOL}:supersede", body, COUNTY_OFFICE, match=answer)
    assert code_of(late) == "workflow.not_allowed"
    database = Database(world.settings.database_url.get_secret_value())
    with pytest.raises(DBAPIError, match="a run is final"):
        async with database.transaction("") as session:
            await session.execute(text("update pay_runs set people = 1"))
    await database.close()


async def test_a_run_that_nobody_has_seen_may_be_dropped(world: World) -> None:
    await set_pool(world)
    await put_members(world, [member("80")])
    run_id = await confirmed(world)
    second = await compute(world, await filed(world, simulate=False))
    assert code_of(second) == "pay_pool.in_payment"
    await step(world, f"pay-runs/{run_id}:drop", {"reason": "发现分数录入有误"})
    await put_members(world, [member("85")])
    await confirmed(world)


async def test_each_sees_the_own_payment_and_nobody_elses(world: World) -> None:
    await set_pool(world)
    await put_members(world, [member("80"), member("90")])
    run_id = await confirmed(world)
    early = await world.get(f"/pay-runs/{run_id}/mine", teacher(1))
    assert code_of(early) == "pay_run.not_shown"
    assert (await world.get(f"/pay-runs/{run_id}", teacher(1))).status_code == 404
    assert (await world.get("/pay-runs", teacher(1))).json()["items"] == []
    await step(world, f"pay-runs/{run_id}:publish")
    mine = (await world.get(f"/pay-runs/{run_id}/mine", teacher(1))).json()
    assert (await world.get(f"/pay-runs/{run_id}", teacher(1))).json()["state"] == "published"
    assert (mine["staff_key"], mine["amount"]["yuan"]) == (staff_key(1), "470.59")
    assert [each["kind"] for each in mine["steps"]] == [
        *("pool", "part_money", "weight", "exact_share", "rounding", "total")
    ]
    assert mine["steps"][3]["figures"]["decimal_fen"].startswith("47058.8")
    assert mine["steps"][-1]["result"] == mine["amount"]
    assert staff_key(2) not in str(mine)
    assert (await world.get(f"/pay-runs/{run_id}/mine", teacher(3))).status_code == 404
    assert (await world.get(f"/pay-runs/{run_id}/people", teacher(1))).status_code == 403
    assert (await world.get(f"/pay-runs/{run_id}/people", CITY_ADMIN)).status_code == 403
    formula = (await world.get(f"/pay-runs/{run_id}/formula", teacher(1))).json()
    assert (formula["amount"]["fen"], formula["people"]) == (100_000, 2)
    assert (await world.get(f"/pay-runs/{run_id}/posted", teacher(1))).status_code == 404
    (payment,) = (await world.get("/pay-payments/mine", teacher(1))).json()["items"]
    assert payment["run"] == run_id


async def test_a_plan_may_post_amounts_inside_the_school(world: World) -> None:
    await set_pool(world)
    await put_members(world, [member("80"), member("90")])
    run_id = await confirmed(world, plan(posting={"amounts": "school", "formula": "own"}))
    await step(world, f"pay-runs/{run_id}:publish")
    posted = (await world.get(f"/pay-runs/{run_id}/posted", teacher(1))).json()
    assert len(posted["items"]) == 2
    assert (await world.get(f"/pay-runs/{run_id}/formula", teacher(1))).status_code == 404


async def test_scenarios_stand_side_by_side_and_are_saved_or_not(world: World) -> None:
    await set_pool(world)
    await put_members(world, [member(str(60 + 5 * number)) for number in range(8)])
    plan_id = await draft(world)
    await step(world, f"pay-plans/{plan_id}:check")
    body = {
        "name": "三案对比",
        "plans": [plan_id],
        "documents": [plan(points_part(method={"kind": "equal"})), plan(points_part(floor_fen=50_000))],
    }
    tried = await step(world, f"pay-pools/{POOL}/scenarios", body)
    ours, equal, impossible = tried["content"]["scenarios"]
    assert (ours["refused"], equal["refused"]) == ([], [])
    assert (ours["comparison"]["baseline"], equal["comparison"]["gain_count"]) == ("equal", 0)
    assert (ours["comparison"]["n"], ours["comparison"]["gini_before"]) == (8, "0.0000")
    assert float(ours["comparison"]["gini_after"]) > 0
    assert [each["code"] for each in impossible["refused"]] == ["pay_clash.floors_above_money"]
    assert [each["code"] for each in equal["law"]] == ["pay_law.egalitarian"]
    assert (await world.get(f"/pay-plans/{plan_id}", HEAD)).json()["state"] == "simulated"
    assert (await world.get("/pay-scenarios", HEAD)).json()["items"] == []
    saved = await step(world, f"pay-pools/{POOL}/scenarios", {**body, "save": True})
    assert (await world.get(f"/pay-scenarios/{saved['id']}", HEAD)).json()["content"] == tried["content"]
    thrown = await world.ask("DELETE", f"/pay-scenarios/{saved['id']}", HEAD)
    assert thrown.status_code == 204
    assert (await world.get(f"/pay-scenarios/{saved['id']}", HEAD)).status_code == 404
    assert code_of(await world.post(f"/pay-pools/{POOL}/scenarios", {"name": "空"}, HEAD)) == "pay_run.scenarios_same"


async def test_the_separate_program_checks_the_certificate(world: World, tmp_path: Path) -> None:
    await set_pool(world, pool(1_002))
    await put_members(world, [member("33"), member("33"), member("34")])
    run_id = await confirmed(world)
    answer = await world.get(f"/pay-runs/{run_id}/bundle", HEAD)
    (tmp_path / "bundle.zip").write_bytes(answer.content)
    assert checked(tmp_path / "bundle.zip") == 0
    unpacked(answer.content, tmp_path)
    issued = json.loads((tmp_path / "certificate.json").read_text("utf-8"))
    assert issued == (await world.get(f"/pay-runs/{run_id}/certificate", HEAD)).json()
    assert checked(tmp_path) == 0
    payments = (tmp_path / "payments.csv").read_text("utf-8")
    assert ",331," in payments
    (tmp_path / "payments.csv").write_text(payments.replace(",331,", ",332,"), "utf-8")
    assert checked(tmp_path) != 0


async def test_payroll_adds_up_and_no_cell_is_run(world: World) -> None:
    await set_pool(world)
    await put_members(world, [member("80"), member("90")])
    run_id = await confirmed(world, plan(points_part(name="=考核")))
    csv = await world.get(f"/pay-runs/{run_id}/payroll?format=csv", HEAD)
    lines = csv.content.decode("utf-8-sig").splitlines()
    assert lines[0].split(",")[2] == "'=考核（assessment）"
    assert lines[-1].split(",")[-1] == "1000.00"
    xlsx = await world.get(f"/pay-runs/{run_id}/payroll", HEAD)
    frame = pl.read_excel(io.BytesIO(xlsx.content))
    assert frame["合计"].to_list() == [470.59, 529.41, 1000.0]
    assert (await world.get(f"/pay-runs/{run_id}/payroll", teacher(1))).status_code == 403
