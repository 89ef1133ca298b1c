"""Pay in the year of a city's teachers: the county's pool, a school's plan and run, a late appeal, payroll."""

from __future__ import annotations

import io
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from tests.journeys.people import user_of
from tests.journeys.staff import BASE, PDF, Staff

POOL_FEN = 1_234_567_89
CHECKER = Path(__file__).parents[2] / "tools" / "check_pay_certificate.py"


def share_the_countys_pool(staff: Staff, folder: Path) -> None:
    """A county's pool goes to its schools by head count, to the fen; a floor that does not fit is refused with figures."""
    county = staff.counties[staff.ours]
    office, schools = user_of(county), [school for school in staff.schools if staff.counties[school] == county]
    pool = {
        "name": "2026年奖励性绩效",
        "kind": "incentive",
        "organization": county,
        "school_year": "2026-2027",
        "first_month": "2026-09",
        "last_month": "2027-01",
        "amount_fen": POOL_FEN,
        "document": "县教通〔2026〕2号",
    }
    made = staff.platform.ask(office, "PUT", f"{BASE}/pay-pools/autumn", json=pool)
    assert made.status_code == 201, made.text
    shares = [{"school_code": school, "headcount": str(len(staff.keys[school]))} for school in schools]
    too_much = [share | {"floor_fen": POOL_FEN} for share in shares] if len(shares) > 1 else []
    if too_much:
        body = {"document": "县教通〔2026〕2号", "schools": too_much}
        refused = staff.people.post(office, f"{BASE}/pay-pools/autumn:distribute", body, (409, 422))
        assert str(POOL_FEN)[:3] in refused.text
    body = {"document": "县教通〔2026〕2号", "schools": shares}
    shared = staff.people.post(office, f"{BASE}/pay-pools/autumn:distribute", body).json()
    assert shared["distributed"]["fen"] == POOL_FEN
    assert sum(school["amount"]["fen"] for school in shared["schools"]) == POOL_FEN
    bundle = staff.platform.ask(office, "GET", f"{BASE}/pay-pools/autumn/distributions/1/bundle")
    assert_certified(bundle.content, folder / "county.zip")


def assert_certified(bundle: bytes, place: Path) -> None:
    """The separate program agrees with every fen of a bundle."""
    place.write_bytes(bundle)
    ran = subprocess.run([sys.executable, str(CHECKER), str(place)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def plan(*parts: dict[str, Any]) -> dict[str, Any]:
    """A plan of incentive pay: workload equally for all, the rest by the annual evaluation."""
    return {
        "name": "奖励性绩效工资分配办法",
        "pool_kind": "incentive",
        "basis": "学校章程与教代会决议",
        "outside": [{"reason": "principal"}],
        "parts": [*parts, {"code": "base", "name": "出勤", "weight": "30", "method": {"kind": "equal"}}],
    }


def points(name: str) -> dict[str, Any]:
    """A part shared by points."""
    source = {"key": "total", "name": name, "source": "evaluation"}
    return {"code": "work", "name": name, "weight": "70", "method": {"kind": "points_share", "points": source}}


def pay_a_school(staff: Staff, folder: Path) -> str:
    """A plan through law, simulation, congress and filing; a run checked, confirmed and published. Returns the run."""
    ours, head, office = staff.ours, staff.head_of(staff.ours), staff.office_of(staff.ours)
    pool = f"{BASE}/pay-pools/autumn-{ours}"
    own = staff.platform.get(head, pool)["amount"]["fen"]
    staff.people.job(head, staff.people.post(head, f"{pool}/members:from-roster"))
    exclusion = {"exclusion": "principal", "exclusion_reason": "校长绩效由县教育局确定"}
    outside = staff.platform.ask(head, "PUT", f"{pool}/members/{staff.keys[ours][0]}", json=exclusion)
    assert outside.status_code == 200, outside.text

    forbidden = staff.people.post(head, f"{BASE}/pay-plans", plan(points("中考升学率奖励"))).json()["id"]
    refused = step_of_plan(staff, head, forbidden, "check", status=422)
    assert "pay_law.entrance_exams" in {error["code"] for error in refused["errors"]}
    step_of_plan(staff, head, forbidden, "drop", {"reason": "违反规定，另行起草"})

    drafted = staff.people.post(head, f"{BASE}/pay-plans", plan(points("年度考核得分"))).json()["id"]
    step_of_plan(staff, head, drafted, "check")
    unpaid = staff.people.post(head, f"{pool}/scenarios", {"name": "缺分测算", "plans": [drafted]}).json()
    missing = unpaid["content"]["scenarios"][0]["refused"][0]
    assert (missing["code"], missing["params"]["count"]) == ("pay_clash.figure_missing", len(staff.keys[ours]) - 1)
    taken = staff.people.post(head, f"{pool}/members:points", {"key": "total", "cycle": "journey-2026"}).json()
    assert taken["taken"] == len(staff.keys[ours])
    simulated = staff.people.post(head, f"{pool}/scenarios", {"name": "测算", "plans": [drafted]}).json()
    assert simulated["content"]["scenarios"][0]["refused"] == []
    headers = {"Content-Disposition": 'attachment; filename="minutes.pdf"', "Content-Type": "application/octet-stream"}
    minutes = staff.platform.ask(head, "POST", f"{BASE}/pay-plans/{drafted}/evidence", content=PDF, headers=headers)
    assert minutes.status_code == 201, minutes.text
    early = staff.people.post(head, f"{BASE}/pay-runs", {"pool": f"autumn-{ours}", "plan": drafted}, 409)
    assert early.json()["code"] == "pay_plan.not_filed"
    vote = {"held_on": "2026-11-20", "entitled": 12, "present": 11, "in_favor": 10}
    step_of_plan(staff, head, drafted, "pass", vote)
    step_of_plan(staff, office, drafted, "file", {"receipt": "县备〔2026〕66号"})

    run = staff.people.post(head, f"{BASE}/pay-runs", {"pool": f"autumn-{ours}", "plan": drafted}).json()
    assert run["paid"]["fen"] == own
    address = f"{BASE}/pay-runs/{run['id']}"
    assert_certified(staff.platform.ask(head, "GET", f"{address}/bundle").content, folder / "school.zip")
    step_of_run(staff, head, run["id"], "confirm", {"reason": "逐人核对无误"})
    step_of_run(staff, head, run["id"], "publish")
    found: str = run["id"]
    return found


def step_of_plan(
    staff: Staff, who: str, plan_id: str, step: str, body: Any = None, status: int = 200
) -> dict[str, Any]:
    return stepped(staff, who, f"{BASE}/pay-plans/{plan_id}", step, body, status)


def step_of_run(staff: Staff, who: str, run_id: str, step: str, body: Any = None) -> dict[str, Any]:
    return stepped(staff, who, f"{BASE}/pay-runs/{run_id}", step, body, 200)


def stepped(staff: Staff, who: str, address: str, step: str, body: Any, status: int) -> dict[str, Any]:
    """A step on something as it was last seen."""
    seen = staff.platform.ask(who, "GET", address).headers["etag"]
    answer = staff.platform.ask(who, "POST", f"{address}:{step}", json=body or {}, headers={"If-Match": seen})
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


def everybody_sees_their_own_alone(staff: Staff, run: str) -> None:
    """A teacher recomputes the own amount from what is shown; nobody else's can be read."""
    key = staff.keys[staff.ours][1]
    mine = staff.platform.get(staff.own(key), f"{BASE}/pay-runs/{run}/mine")
    assert mine["staff_key"] == key
    shares = [Fraction(step["figures"]["exact_fen"]) for step in mine["steps"] if step["kind"] == "exact_share"]
    parts = [part["amount"]["fen"] for part in mine["parts"]]
    assert all(abs(share - fen) < 1 for share, fen in zip(shares, parts, strict=True))
    assert sum(parts) == mine["amount"]["fen"]
    assert staff.platform.ask(staff.own(key), "GET", f"{BASE}/pay-runs/{run}/people").status_code == 403
    principal = staff.platform.get(staff.own(staff.keys[staff.ours][0]), f"{BASE}/pay-runs/{run}/mine")
    assert principal["amount"]["fen"] == 0
    assert any("校长" in step["zh"] for step in principal["steps"]), principal["steps"]
    other = next(school for school in staff.schools if school != staff.ours)
    staff.people.sign_in(f"t-{staff.keys[other][1]}")
    stranger = staff.platform.ask(staff.own(staff.keys[other][1]), "GET", f"{BASE}/pay-runs/{run}/mine")
    assert stranger.status_code == 404


def appeal_late(staff: Staff, run: str) -> None:
    """After the money went out an upheld appeal is booked in the ledger; the run stays as it was."""
    head, key = staff.head_of(staff.ours), staff.keys[staff.ours][1]
    before = staff.platform.get(head, f"{BASE}/pay-runs/{run}")
    step_of_run(staff, head, run, "pay", {"paid_on": "2026-12-25", "reference": "工资批次202612"})
    address = f"{BASE}/pay-runs/{run}/people/{key}/appeals"
    grounds = {"grounds": "考核得分更正后尚未补发，请予更正。", "points": []}
    appeal = staff.people.post(staff.own(key), address, grounds).json()["id"]
    staff.people.post(head, f"{address}/{appeal}:accept", {"body": "予以受理。"})
    effect = {"amount_fen": 12_345}
    ruling = {"outcome": "upheld", "body": "更正属实，补发差额。", "effect": effect}
    ruled = staff.people.post(head, f"{address}/{appeal}:rule", ruling).json()
    assert ruled["outcome"] == "upheld"
    entries = staff.platform.get(head, f"{BASE}/pay-ledger/entries", params={"page_size": 200})["items"]
    assert sum(entry["amount"]["fen"] for entry in entries) == 0
    assert [entry["amount"]["fen"] for entry in entries if entry["staff_key"] == key] == [12_345]
    assert staff.platform.get(staff.own(key), f"{BASE}/pay-runs/{run}/mine")["corrections"]["fen"] == 12_345
    after = staff.platform.get(head, f"{BASE}/pay-runs/{run}")
    assert (after["paid"], after["parts"]) == (before["paid"], before["parts"])


def hand_to_payroll(staff: Staff, run: str) -> None:
    """The files for the paying office add up to the pool of the school, to the fen."""
    head = staff.head_of(staff.ours)
    own = Decimal(staff.platform.get(head, f"{BASE}/pay-runs/{run}")["amount"]["yuan"])
    csv = staff.platform.ask(head, "GET", f"{BASE}/pay-runs/{run}/payroll", params={"format": "csv"})
    rows = csv.content.decode("utf-8-sig").splitlines()
    amounts = [Decimal(row.rpartition(",")[2]) for row in rows[1:]]
    assert amounts[-1] == own == sum(amounts[:-1])
    xlsx = staff.platform.ask(head, "GET", f"{BASE}/pay-runs/{run}/payroll")
    assert Decimal(str(pl.read_excel(io.BytesIO(xlsx.content))["合计"].to_list()[-1])) == own
