"""A whole campaign of school evaluation through the gateway, each step in the name of the one whose step it is.

Every compulsory school of a small synthetic city is judged by the built-in scheme: figures are collected once and filled in,
schools evaluate themselves, counties review, the city verifies whom it drew, results are shown for five working days, one
school appeals and is right, and the province reads what came of it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.journeys.people import People, small_city, user_of

BASE = "/api/v1/school-eval"
CAMPAIGN = f"{BASE}/campaigns/journey"
SCHEME = "compulsory_school"
YEAR = "2026-2027"
PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer << >>\n%%EOF\n"
TODAY = dt.datetime.now(dt.UTC).astimezone(dt.timezone(dt.timedelta(hours=8))).date()


class City:
    """The schools and counties of a campaign, by the names their people sign in with."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.platform = people.platform
        _, schools = small_city(self.platform)
        self.counties = dict(schools.select("school_code", "county_code").iter_rows())
        self.schools = sorted(self.counties)
        for school, county in self.counties.items():
            people.sign_up(school, "school_admin", f"52/5205/{county}/{school}/")
        for county in sorted(set(self.counties.values())):
            people.sign_up(county, "county_admin", f"52/5205/{county}/")

    def head_of(self, school: str) -> str:
        return user_of(school)

    def county_of(self, school: str) -> str:
        return user_of(self.counties[school])

    def leaves(self, school: str, who: str) -> dict[str, dict[str, Any]]:
        """What stands on a school's sheet, by leaf."""
        sheet = self.platform.get(who, f"{CAMPAIGN}/evaluations/{school}")
        return {leaf["leaf"]: leaf for leaf in sheet["leaves"] if leaf["applies"]}


@pytest.fixture(scope="module")
def city(people: People) -> City:
    return City(people)


def campaign_body(schools: list[str], number: int) -> dict[str, Any]:
    days = {name: (TODAY + dt.timedelta(days=after)).isoformat() for name, after in WINDOWS.items()}
    return {
        "name": {"zh": "学校办学质量评价", "en": "Evaluation of schools"},
        "school_year": YEAR,
        "scheme": SCHEME,
        "scheme_version": number,
        "as_of": "2026-11-01",
        "scope": {"schools": schools},
        "calendar": days | {"publicity_working_days": 5},
        "verification": {"mode": "sampled", "share": 0.5, "least": 1},
    }


WINDOWS = {
    "data_checking_ends_on": 5,
    "self_evaluation_ends_on": 20,
    "county_review_ends_on": 40,
    "city_verification_ends_on": 60,
}


def test_a_campaign_from_its_scheme_to_what_an_appeal_changed(city: City) -> None:
    collect_once(city)
    published = city.people.post(
        "city-admin", f"{BASE}/built-in-schemes/{SCHEME}:adopt", {"reason": "采用平台内置方案"}
    ).json()
    body = campaign_body(city.schools, published["number"])
    made = city.platform.ask("city-admin", "PUT", CAMPAIGN, json=body)
    assert made.status_code == 201, made.text
    opened = city.people.job("city-admin", city.people.post("city-admin", f"{CAMPAIGN}:open"))
    assert opened["schools"] == len(city.schools)
    city.people.job(
        "city-admin", city.people.post("city-admin", f"{CAMPAIGN}:prefill", {"exams": {"demo-bdf-2026": None}})
    )
    look_at_what_was_filled_in(city)
    city.people.post("city-admin", f"{CAMPAIGN}:begin-self-evaluation", {"accept_reason": "学校均已核对数据"})
    for school in city.schools:
        evaluate_oneself(city, school)
    drawn = draw(city)
    for school in city.schools:
        review(city, school)
    city.people.post("city-admin", f"{CAMPAIGN}:begin-city-verification")
    for school in drawn:
        verify(city, school)
    computed = city.people.job("city-admin", city.people.post("city-admin", f"{CAMPAIGN}:compute"))
    assert computed["version"] == "1.0"
    city.people.post("city-admin", f"{CAMPAIGN}:begin-publicity")
    appeal_and_be_right(city, city.schools[0])
    end_publicity(city)
    seen_by_the_province(city)


def collect_once(city: City) -> None:
    """Statistics and timetables, once, before anybody is asked to evaluate anything."""
    lessons = dict.fromkeys(["11", "13", "14", "15", "22", "23", "41", "60", "61", "62"], "2")
    week = {"class_code": "c1", "grade_level": 6, "lessons": lessons, "sport_minutes": [60] * 5}
    for school in city.schools:
        org = f"{city.counties[school]}-{school}"
        figures = {"figures": {"student_count": "800", "book_count": "24000"}}
        for path, body in ((f"statistics/{YEAR}", figures), (f"timetables/{YEAR}/1", {"weeks": [week]})):
            answer = city.platform.ask(city.head_of(school), "PUT", f"{BASE}/{path}/{org}", json=body)
            assert answer.status_code == 201, answer.text


def look_at_what_was_filled_in(city: City) -> None:
    """A school sees its own figures before anything is asked, and where each is from."""
    school = city.schools[0]
    leaves = city.leaves(school, city.head_of(school))
    filled = {code: leaf["prefilled"] for code, leaf in leaves.items() if leaf["prefilled"]}
    keys = {leaves[code]["source"]["key"]: filled[code] for code in filled}
    assert keys["sport_hour_rate"]["value"] == 1
    assert keys["sport_hour_rate"]["origin"]["source"] == "timetables"
    other = city.schools[1]
    assert city.platform.ask(city.head_of(school), "GET", f"{CAMPAIGN}/evaluations/{other}").status_code == 404


def evaluate_oneself(city: City, school: str) -> None:
    """A school enters everything it is asked, with a file where documents are looked at, and submits."""
    head, address = city.head_of(school), f"{CAMPAIGN}/evaluations/{school}"
    own = {code: leaf for code, leaf in city.leaves(school, head).items() if leaf["evaluators"][0] == "school"}
    items = [{"leaf": code, "value": entered(leaf)} for code, leaf in own.items()]
    city.people.post(head, f"{address}/values:enter", {"items": items})
    headers = {"Content-Disposition": 'attachment; filename="plan.pdf"', "Content-Type": "application/octet-stream"}
    for code, leaf in own.items():
        if "documents" in leaf["methods"]:
            path = f"{address}/leaves/{code}/evidence"
            sent = city.platform.ask(head, "POST", path, content=PDF + code.encode(), headers=headers)
            assert sent.status_code == 201, sent.text
    city.people.post(head, f"{address}:submit")
    refused = city.platform.ask(head, "POST", f"{address}/values:enter", json={"items": items})
    assert refused.status_code == 409


def entered(leaf: dict[str, Any]) -> Any:
    """The second best level, yes where the school is asked, no where others look for a veto, nothing counted."""
    return {"choice": leaf["choices"][1] if leaf["choices"] else None, "yes_no": leaf["evaluators"][0] == "school"}.get(
        leaf["value_kind"], 0
    )


def draw(city: City) -> list[str]:
    drawn = city.people.post(
        "city-admin", f"{CAMPAIGN}:draw", {"seed": "20261125-0417", "source": "市教育局公开摇号记录"}
    )
    assert drawn.json()["draw"]["seed"] == "20261125-0417"
    city.people.post("city-admin", f"{CAMPAIGN}:begin-county-review")
    board = city.platform.get("city-admin", f"{CAMPAIGN}/evaluations", params={"is_drawn": "true"})
    return [row["school_code"] for row in board["items"]]


def review(city: City, school: str) -> None:
    """A county confirms what its school said and judges what it has to see itself."""
    county, address = city.county_of(school), f"{CAMPAIGN}/evaluations/{school}"
    leaves = {code: leaf for code, leaf in city.leaves(school, county).items() if "county" in leaf["evaluators"]}
    items = [
        {"leaf": code} if leaf["value"] is not None else {"leaf": code, "value": entered(leaf)}
        for code, leaf in leaves.items()
    ]
    city.people.post(county, f"{address}/values:review", {"items": items})
    city.people.post(county, f"{address}:review")


def verify(city: City, school: str) -> None:
    """The city looks itself at a school it drew, and confirms."""
    leaves = city.leaves(school, "city-admin")
    items = [{"leaf": code} for code, leaf in leaves.items() if "city" in leaf["evaluators"]]
    city.people.post("city-admin", f"{CAMPAIGN}/evaluations/{school}/values:verify", {"items": items})
    city.people.post("city-admin", f"{CAMPAIGN}/evaluations/{school}:verify")


def appeal_and_be_right(city: City, school: str) -> None:
    """A school appeals during the notice; the ruling changes one value, and everything that follows is listed."""
    head, address = city.head_of(school), f"{CAMPAIGN}/evaluations/{school}/appeals"
    leaf = next(code for code, leaf in city.leaves(school, head).items() if leaf["evaluators"][0] == "school")
    before = city.platform.get(head, f"{CAMPAIGN}/results/schools/{school}")["school"]["total"]
    grounds = {"grounds": "佐证材料已补齐，请按实际情况认定。", "points": [leaf], "asks_for": "将该项改为A等"}
    appeal = city.people.post(head, address, grounds).json()["id"]
    city.people.post("city-admin", f"{address}/{appeal}:accept", {"body": "予以受理，三个工作日内核实。"})
    effect = {"values": [{"leaf": leaf, "value": "A"}]}
    ruling = {"outcome": "upheld", "body": "现场核实属实，改为A等。", "effect": effect}
    applied = city.people.post("city-admin", f"{address}/{appeal}:rule", ruling).json()["applied"]
    city.platform.finished_job("city-admin", f"{BASE}/jobs/{applied['job']}")
    after = city.platform.get(head, f"{CAMPAIGN}/results/schools/{school}")["school"]["total"]
    assert after > before
    changes = city.platform.get("city-admin", f"{CAMPAIGN}/results/changes", params={"version": "1.1"})["items"]
    own = {(row["node"], row["figure"]) for row in changes if row["school_code"] == school}
    assert (leaf, "choice") in own
    assert ("", "printed_total") in own
    # Of the others only places can have moved.
    others = {row["figure"] for row in changes if row["school_code"] != school}
    assert others <= {"rank_in_group", "tie_count", "group_count"}
    explanation = city.platform.get(head, f"{CAMPAIGN}/results/schools/{school}/explanation")
    assert adds_up(explanation["root"])
    report = city.platform.ask(head, "GET", f"{CAMPAIGN}/results/schools/{school}:pdf")
    assert (report.status_code, report.content[:5]) == (200, b"%PDF-")


def adds_up(node: dict[str, Any]) -> bool:
    """Whether printed points add up, level by level."""
    parts = [child["printed_points"] for child in node["children"] if child["printed_points"] is not None]
    is_sound = not parts or round(sum(parts), 2) == node["printed_points"]
    return is_sound and all(adds_up(child) for child in node["children"])


def end_publicity(city: City) -> None:
    """Results cannot be final before five working days are over; a head cannot make them so at all."""
    early = city.platform.ask("city-admin", "POST", f"{CAMPAIGN}:finalize", json={})
    assert early.json()["code"] == "publicity.not_over"
    # Enough for five working days and the deadlines of the appeal, whatever holidays lie between.
    city.people.let_days_pass(45, city.schools[0])
    assert city.platform.ask(city.head_of(city.schools[0]), "POST", f"{CAMPAIGN}:finalize", json={}).status_code == 403
    assert city.people.post("city-admin", f"{CAMPAIGN}:finalize").json()["state"] == "final"
    assert city.people.post("city-admin", f"{CAMPAIGN}:publish").json()["state"] == "published"


def seen_by_the_province(city: City) -> None:
    found = city.platform.get("province", f"{CAMPAIGN}/results/schools")["items"]
    assert sorted(row["school_code"] for row in found) == sorted(city.schools)
    versions = city.platform.get("province", f"{CAMPAIGN}/results")["versions"]
    assert [row["version"] for row in versions] == ["1.1", "1.0"]
