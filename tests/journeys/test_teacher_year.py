"""A year of a city's teachers through the gateway: evaluation, publicity, an objection that is upheld, pay in two levels, a
late appeal in the ledger, payroll. Each step in the name of the one whose step it is.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.people import People
from tests.journeys.staff import BASE, CYCLE, PDF, Staff
from tests.journeys.staff_pay import (
    appeal_late,
    everybody_sees_their_own_alone,
    hand_to_payroll,
    pay_a_school,
    share_the_countys_pool,
)

SCHEME = "teacher_annual"
MINE = ("B1.1", "B2.2", "B2.5", "B4.2", "B5.2")
VOTED = ("B1.1", "B2.6", "B5.2")


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
