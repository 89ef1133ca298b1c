"""A year of a city's teachers through the gateway: evaluation, publicity, an objection that is upheld, pay in two levels, a
late appeal in the ledger, payroll. Each step in the name of the one whose step it is.
"""

from __future__ import annotations

import io
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.journeys.people import People, load, small_city, user_of
from tools.synthetic_city.staff import staff_table

BASE = "/api/v1/teacher-eval"
CYCLE = f"{BASE}/cycles/journey-2026"
SCHEME = "teacher_annual"
PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer << >>\n%%EOF\n"
PRINCIPAL_POST = "31"
MINE = ("B1.1", "B2.2", "B2.5", "B4.2", "B5.2")
VOTED = ("B1.1", "B2.6", "B5.2")
POOL_FEN = 1_234_567_89
CHECKER = Path(__file__).parents[2] / "tools" / "check_pay_certificate.py"


class Staff:
    """The synthetic city's staff by school, the principal first, all of them with accounts."""

    def __init__(self, people: People) -> None:
        self.people, self.platform = people, people.platform
        made, schools = small_city(self.platform)
        self.counties = dict(schools.select("school_code", "county_code").iter_rows())
        self.schools = sorted(self.counties)
        staff = staff_table(made.streams, made.schools, made.grades)
        load(self.platform, "staff", staff.filter(pl.col("school_code").is_in(self.schools)))
        self.keys: dict[str, list[str]] = {}
        for school in self.schools:
            found = self.platform.get(
                "city-admin", "/api/v1/roster/staff", params={"school_code": school, "page_size": 200}
            )
            rows = sorted(found["items"], key=lambda row: (row["post"] != PRINCIPAL_POST, row["staff_key"]))
            self.keys[school] = [row["staff_key"] for row in rows]
        self._sign_up()
        # The largest school is the one we look at closely.
        self.ours = max(self.schools, key=lambda school: len(self.keys[school]))

    def _sign_up(self) -> None:
        paths = {school: f"52/5205/{county}/{school}/" for school, county in self.counties.items()}
        offices = [
            (county, "county_admin", f"52/5205/{county}/", None) for county in sorted(set(self.counties.values()))
        ]
        heads = [(school, "school_admin", path, None) for school, path in paths.items()]
        teachers = [(f"t-{key}", "teacher", paths[school], key) for school, keys in self.keys.items() for key in keys]
        self.people.sign_up_all([*offices, *heads, *teachers])

    def head_of(self, school: str) -> str:
        return user_of(school)

    def office_of(self, school: str) -> str:
        return user_of(self.counties[school])

    def own(self, key: str) -> str:
        """The account of a member of staff."""
        return user_of(f"t-{key}")

    def step(self, school: str, path: str, body: Any = None, who: str | None = None, status: Any = (200, 201)) -> Any:
        """A step of a school's evaluation, by its head unless somebody else is named."""
        answer = self.people.post(who or self.head_of(school), f"{CYCLE}/schools/{school}{path}", body, status)
        return answer.json()


@pytest.fixture(scope="module")
def staff(people: People) -> Staff:
    return Staff(people)


def test_a_year_from_the_scheme_to_the_payroll(staff: Staff, tmp_path: Path) -> None:
    take_in_records(staff)
    begin(staff)
    for school in staff.schools:
        evaluate(staff, school)
    computed = staff.people.job("city-admin", staff.people.post("city-admin", f"{CYCLE}:compute"))
    assert computed["people"] == sum(len(keys) for keys in staff.keys.values())
    for school in staff.schools:
        grade(staff, school)
        staff.step(school, ":begin-publicity")
    object_and_be_right(staff)
    end_publicity(staff)
    seen_by_the_province(staff)
    share_the_countys_pool(staff, tmp_path)
    run = pay_a_school(staff, tmp_path)
    everybody_sees_their_own_alone(staff, run)
    appeal_late(staff, run)
    hand_to_payroll(staff, run)
    look_back(staff)


def take_in_records(staff: Staff) -> None:
    """What the school knows is taken in by file and certified; nobody types it again."""
    staff.people.job("city-admin", staff.people.post("city-admin", f"{BASE}/staff-register:refresh"))
    ours, head = staff.ours, staff.head_of(staff.ours)
    lines = ["人员代号,来源编号,日期,结束日期,数量,学段,学科"]
    lines += [
        f"{key},w{number},2026-01-05,2026-12-31,{8 + number},primary,数学"
        for number, key in enumerate(staff.keys[ours])
    ]
    headers = {"Content-Type": "text/csv"}
    path = f"{BASE}/records:import?kind=workload&source=timetable"
    sent = staff.platform.ask(head, "POST", path, content="\n".join(lines).encode(), headers=headers)
    assert sent.status_code == 200, sent.text
    assert sent.json()["created"] == len(staff.keys[ours])
    again = staff.platform.ask(head, "POST", path, content="\n".join(lines).encode(), headers=headers)
    assert again.json()["unchanged"] == len(staff.keys[ours])


def begin(staff: Staff) -> None:
    """The city adopts the scheme, freezes schools and staff, and fills in what is known."""
    adopted = staff.people.post("city-admin", f"{BASE}/built-in-schemes/{SCHEME}:adopt", {"reason": "采用平台内置方案"})
    body = {
        "name": {"zh": "2026年度考核", "en": "Annual assessment 2026"},
        "school_year": "2026-2027",
        "first_day": "2026-01-01",
        "last_day": "2026-12-31",
        "as_of": "2026-11-01",
        "scheme": SCHEME,
        "scheme_version": adopted.json()["number"],
        "scope": {"schools": staff.schools},
        "least_ballots": 3,
    }
    made = staff.platform.ask("city-admin", "PUT", CYCLE, json=body)
    assert made.status_code == 201, made.text
    opened = staff.people.job("city-admin", staff.people.post("city-admin", f"{CYCLE}:open"))
    assert opened["schools"] == len(staff.schools)
    staff.people.job("city-admin", staff.people.post("city-admin", f"{CYCLE}:fill"))


def evaluate(staff: Staff, school: str) -> None:
    """Self-evaluation, democratic appraisal, comprehensive assessment of everybody at a school."""
    keys, principal = staff.keys[school], staff.keys[school][0]
    if school == staff.ours:
        change = {"track": "principal", "reason": "本校校长，由县考核"}
        address = f"{CYCLE}/schools/{school}/members/{principal}"
        assert staff.platform.ask(staff.head_of(school), "PATCH", address, json=change).status_code == 200
    staff.step(school, ":open")
    staff.step(school, ":begin-self-evaluation")
    for key in keys:
        evaluate_oneself(staff, school, key)
    staff.step(school, f"/members/{principal}:review-material")
    staff.step(school, f"/members/{principal}:show-material")
    staff.step(school, ":begin-democratic-appraisal")
    for leaf in VOTED:
        items = [{"staff_key": key, "value": "AB"[place % 2], "ballots": 12} for place, key in enumerate(keys)]
        body = {"leaf": leaf, "source": "全体教职工大会测评记录，计票人三名", "items": items}
        staff.step(school, "/values:appraise", body)
    staff.step(school, ":begin-comprehensive-assessment")
    for key in keys:
        items = [{"leaf": leaf} for leaf in (*MINE, "B2.6")] + [{"leaf": "B1.6", "value": 0}]
        staff.step(school, f"/members/{key}/values:assess", {"items": items})


def evaluate_oneself(staff: Staff, school: str, key: str) -> None:
    """A teacher enters five levels with a file each, and submits; a colleague cannot do it."""
    own = staff.own(key)
    items = [{"leaf": leaf, "value": "B"} for leaf in MINE]
    staff.people.post(own, f"{CYCLE}/mine/values:enter", {"items": items})
    headers = {"Content-Disposition": 'attachment; filename="work.pdf"', "Content-Type": "application/octet-stream"}
    for leaf in MINE:
        path = f"{CYCLE}/schools/{school}/members/{key}/leaves/{leaf}/evidence"
        sent = staff.platform.ask(own, "POST", path, content=PDF + f"{key}{leaf}".encode(), headers=headers)
        assert sent.status_code == 201, sent.text
    statement = {"statement": "一年来认真履行职责，完成各项工作。"} if key == staff.keys[school][0] else {}
    staff.people.post(own, f"{CYCLE}/mine:submit", statement)


def grading(staff: Staff, school: str) -> dict[str, Any]:
    found: dict[str, Any] = staff.platform.get(staff.head_of(school), f"{CYCLE}/schools/{school}/grades")
    return found


def grade(staff: Staff, school: str) -> None:
    """People decide what is proposed; more than the quota is refused with the figures; principals are the county's."""
    found = grading(staff, school)
    own = [row for row in found["people"] if row["graded_by"] == "school"]
    if school == staff.ours:
        everybody = [{"staff_key": row["staff_key"], "grade": "excellent", "reason": "集体研究决定"} for row in own]
        refused = staff.step(school, "/grades:decide", {"items": everybody}, status=409)
        assert refused["code"] == "grading.quota_exceeded"
        principal = {"staff_key": staff.keys[school][0], "grade": "qualified", "reason": "县教育局考核决定"}
        staff.step(school, "/grades:decide-above", {"items": [principal]}, staff.office_of(school))
    items = [{"staff_key": row["staff_key"], "grade": row["proposed"]} for row in own]
    # Ties are never split silently: who decides them says why.
    items = [
        item | ({"reason": "并列者由考核组投票决定"} if row["note"] else {})
        for item, row in zip(items, own, strict=True)
    ]
    staff.step(school, "/grades:decide", {"items": items})
    quota = grading(staff, school)["quota"]
    assert quota["excellent"] <= quota["seats"] <= quota["base"] * 0.2


def object_and_be_right(staff: Staff) -> None:
    """A teacher objects to the own result during the notice; the ruling changes one value, and the list says what else."""
    ours, key = staff.ours, staff.keys[staff.ours][-1]
    frozen = staff.step(ours, f"/members/{key}/values:assess", {"items": [{"leaf": "B2.2"}]}, status=409)
    assert frozen["code"] == "cycle.not_now"
    address = f"/members/{key}/objections"
    grounds = {"grounds": "教学常规检查全年均为A，记录见附件，请更正。", "points": ["B2.2"]}
    stranger = staff.own(staff.keys[ours][1])
    staff.step(ours, address, grounds, stranger, status=404)
    before = staff.platform.get(staff.own(key), f"{CYCLE}/mine/result")
    objection = staff.step(ours, address, grounds, staff.own(key))["id"]
    staff.step(ours, f"{address}/{objection}:accept", {"body": "材料齐全，予以受理。"})
    effect = {"values": [{"leaf": "B2.2", "value": "A"}]}
    ruling = {"outcome": "upheld", "body": "检查记录属实，改为A等。", "effect": effect}
    applied = staff.step(ours, f"{address}/{objection}:rule", ruling)["applied"]
    staff.platform.finished_job(staff.head_of(ours), f"{BASE}/jobs/{applied['job']}")
    after = staff.platform.get(staff.own(key), f"{CYCLE}/mine/result")
    assert Decimal(str(after["total"])) > Decimal(str(before["total"]))
    path = f"{CYCLE}/schools/{ours}/results/changes"
    changes = staff.platform.get(staff.head_of(ours), path, params={"page_size": 200})["items"]
    assert {row["staff_key"] for row in changes if row["figure"] == "printed_total"} == {key}
    explained = staff.platform.get(staff.own(key), f"{CYCLE}/mine/explanation")
    assert adds_up(explained["root"])


def adds_up(node: dict[str, Any]) -> bool:
    """Whether printed points add up, level by level."""
    parts = [child["printed_points"] for child in node["children"] if child["printed_points"] is not None]
    is_sound = not parts or round(sum(parts), 2) == node["printed_points"]
    return is_sound and all(adds_up(child) for child in node["children"])


def end_publicity(staff: Staff) -> None:
    """Nothing is confirmed before five working days are over; then heads confirm and counties file."""
    early = staff.step(staff.ours, ":confirm", status=409)
    assert early["code"] == "publicity.not_over"
    ours = staff.ours
    heads = [*staff.schools, *sorted(set(staff.counties.values())), *(f"t-{key}" for key in staff.keys[ours])]
    staff.people.let_days_pass(45, *heads)
    for school in staff.schools:
        outdated = [row for row in grading(staff, school)["people"] if row["is_outdated"]]
        if outdated:
            items = [
                {"staff_key": row["staff_key"], "grade": row["proposed"], "reason": "裁定后重新确定"}
                for row in outdated
            ]
            staff.step(school, "/grades:decide", {"items": items})
        assert staff.step(school, ":confirm")["state"] == "confirmed"
        number = {"number": f"县备〔2026〕{school[-3:]}号"}
        staff.step(school, ":file", number, status=403)
        filed = staff.step(school, ":file", number, staff.office_of(school))
        assert filed["receipt"]["people"] == len(staff.keys[school])


def seen_by_the_province(staff: Staff) -> None:
    """Shares of grades by county, and nobody's name or key."""
    shares = staff.platform.ask("province", "GET", f"{CYCLE}/grade-shares")
    assert {row["county_code"] for row in shares.json()["items"]} == set(staff.counties.values())
    assert not any(key in shares.text for keys in staff.keys.values() for key in keys)
    assert staff.platform.ask("province", "GET", f"{CYCLE}/schools/{staff.ours}/results").status_code == 403


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


def look_back(staff: Staff) -> None:
    """The growth record tells the year: total, areas and grade, and prints them."""
    own = staff.own(staff.keys[staff.ours][1])
    record = staff.platform.get(own, f"{BASE}/growth/mine")
    section = next(each for each in record["sections"] if each["code"] == "evaluations")
    year = next(entry for entry in section["entries"] if entry["name"]["zh"].startswith("2026-2027"))
    total, *areas = [figure["value"] for figure in year["figures"]]
    assert len(areas) == 5
    assert round(sum(areas), 2) == total
    assert {series["code"] for series in section["series"]} >= {"annual_total", "area.A1", "area.A5"}
    printed = staff.platform.ask(own, "GET", f"{BASE}/growth/mine:pdf")
    assert (printed.status_code, printed.content[:5]) == (200, b"%PDF-"), printed.text[:300]
