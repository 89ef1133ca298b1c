"""A senior class's term through the gateway: from the first record to a sealed archive, and a correction after it.

Each step is in the name of the one whose step it is: pupils write, choose and sign, the class teacher guides and verifies,
the operator imports, the head shows and reopens, the committee checks, the principal seals.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.journeys.people import People, load, user_of
from tools.synthetic_city import CitySettings, build_city
from tools.synthetic_city.places import roster_classes, roster_schools
from tools.synthetic_city.pupils import enrollments
from tools.synthetic_city.settings import THIS_YEAR

BASE = "/api/v1/student-eval"
SCHOOL, COUNTY, CLASS = "3452900021", "520527", "1001"
PATH = f"52/5205/{COUNTY}/{SCHOOL}/"
HEAD, OPERATOR, TEACHER, PRINCIPAL = "senior-head", "senior-operator", "senior-teacher", "senior-principal"
PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer << >>\n%%EOF\n"
LABOR = {
    "type": "public_labor",
    "fields": {"began_on": "2025-10-11", "minutes": 180, "place": "敬老院", "certifier": "院方"},
    "text": "打扫院落，陪老人聊天。",
}
ORDER = {"reason": "核对签到表，时长登记有误", "document": "校综评〔2026〕7号"}


class SeniorClass:
    """The class, its pupils in order, and the numbers the school knows them by."""

    def __init__(self, people: People) -> None:
        self.people, self.platform = people, people.platform
        self.numbers = self._enroll()
        found = self.platform.get(
            "city-admin", "/api/v1/roster/enrollments", params={"school_code": SCHOOL, "school_year": THIS_YEAR}
        )
        self.keys = sorted(row["student_key"] for row in found["items"] if row["class_code"] == CLASS)
        roles = {HEAD: "school_admin", OPERATOR: "school_operator", TEACHER: "teacher", PRINCIPAL: "school_admin"}
        staff = [(name, role, PATH, None) for name, role in roles.items()]
        pupils = [(f"pupil-{place}", "student", PATH, key) for place, key in enumerate(self.keys)]
        people.sign_up_all([*staff, *pupils, ("senior-county", "county_admin", f"52/5205/{COUNTY}/", None)])
        self.term = ""

    def _enroll(self) -> list[str]:
        """A vendor loads the class; returns the pupils' numbers."""
        made = build_city(CitySettings(schools=30, pupils=900, seed=7))
        here = pl.col("school_code") == SCHOOL
        load(self.platform, "schools", roster_schools(made.schools, made.grades).filter(here))
        load(self.platform, "classes", roster_classes(made.schools, made.classes, (THIS_YEAR,)).filter(here))
        chunk = next(iter(made.chunks(10**6)))
        students = chunk.students()
        rows = enrollments(chunk.pupils, students["student_number"], made.schools)
        rows = rows.filter(here, pl.col("class_code") == CLASS, pl.col("school_year") == THIS_YEAR)
        load(self.platform, "students", students.join(rows, on="student_number", how="semi"))
        load(self.platform, "enrollments", rows)
        return rows["student_number"].to_list()

    def ask(self, who: str, method: str, path: str, body: Any = None, status: int = 200, **options: Any) -> Any:
        """One request below the service's address; its JSON."""
        if body is not None:
            options["json"] = body
        answer = self.platform.ask(user_of(who), method, BASE + path, **options)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:600])
        return answer.json()

    def step(self, who: str, action: str, body: Any = None, status: int = 200) -> Any:
        """A step of the term as it was last seen."""
        address = f"{BASE}/archive-terms/{self.term}"
        seen = self.platform.ask(user_of(who), "GET", address).headers["etag"]
        headers = {"If-Match": seen}
        return self.ask(who, "POST", f"/archive-terms/{self.term}:{action}", body or {}, status, headers=headers)

    def at(self, place: int, path: str = "") -> str:
        """Address of a pupil's term."""
        return f"/archive-terms/{self.term}/students/{self.keys[place]}{path}"

    def whole(self, place: int, path: str = "") -> str:
        """Address of a pupil's archive."""
        return f"/archives/{self.keys[place]}{path}"


@pytest.fixture(scope="module")
def senior(people: People) -> SeniorClass:
    return SeniorClass(people)


def test_a_term_from_the_first_record_to_a_corrected_archive(senior: SeniorClass) -> None:
    open_term(senior)
    records = write_records(senior)
    choose_and_sign(senior, records)
    show_and_freeze(senior, records)
    doubt_and_be_right(senior, records)
    verify(senior)
    sealed = graduate(senior)
    correct_after_sealing(senior, records, sealed)


def open_term(senior: SeniorClass) -> None:
    """The head opens the term of the class as the roster has it."""
    opened = senior.ask(
        HEAD,
        "POST",
        f"/schools/{COUNTY}-{SCHOOL}/{THIS_YEAR}/archive-terms",
        {"class_code": CLASS, "semester": 1},
        201,
    )
    assert (opened["state"], opened["student_count"], opened["grade_level"]) == ("recording", len(senior.keys), 10)
    senior.term = opened["id"]
    assert senior.ask(PRINCIPAL, "GET", f"/archive-terms/{senior.term}/students")["items"][0]["name"]


def write_records(senior: SeniorClass) -> list[str]:
    """Each pupil writes one, with a file; nobody writes in a pupil's place; results come from the school."""
    records = []
    for place in range(len(senior.keys)):
        record = senior.ask(f"pupil-{place}", "POST", senior.at(place, "/records"), LABOR, 201)["id"]
        records.append(record)
    for who in (TEACHER, HEAD, OPERATOR):
        refused = senior.ask(who, "POST", senior.at(0, "/records"), LABOR, 403)
        assert refused["code"] == "archive.students_write"
    senior.ask("pupil-1", "POST", senior.at(0, "/records"), LABOR, 404)
    headers = {"Content-Disposition": 'attachment; filename="list.pdf"', "Content-Type": "application/octet-stream"}
    address = senior.at(0, f"/records/{records[0]}/evidence")
    senior.ask("pupil-0", "POST", address, None, 201, content=PDF, headers=headers)
    guided = senior.ask(TEACHER, "POST", senior.at(0, f"/records/{records[0]}/guidance"), {"text": "写写收获。"}, 201)
    assert (guided["guidance"], guided["text"]) == (["写写收获。"], LABOR["text"])
    lines = ["学籍号,subject,held_on,result", *(f"{number},数学,2025-12-20,合格" for number in senior.numbers)]
    path = f"/archive-terms/{senior.term}/records:import?type=proficiency_results"
    content, headers = "\n".join(lines).encode(), {"Content-Type": "text/csv"}
    taken = senior.ask(OPERATOR, "POST", path, content=content, headers=headers)
    assert (taken["written"], taken["known"]) == (len(senior.keys), 0)
    refused = senior.ask("pupil-0", "POST", path, None, 403, content=content, headers=headers)
    assert refused["code"] == "auth.forbidden"
    return records


def choose_and_sign(senior: SeniorClass, records: list[str]) -> None:
    """Pupils choose and sign what they saw; the last chooses nothing, which is allowed."""
    senior.step(HEAD, "begin-selection")
    for place, record in enumerate(records):
        chosen = [] if place == len(records) - 1 else [record]
        seen = senior.ask(f"pupil-{place}", "PUT", senior.at(place, "/choice"), {"records": chosen})
        if place == 0:
            changed = senior.ask("pupil-0", "POST", senior.at(0, "/choice:sign"), {"content_sha256": "0" * 64}, 409)
            assert changed["code"] == "archive.choice_changed"
            assert senior.step(HEAD, "begin-publicity", {}, 409)["code"] == "archive.unsigned"
        signature = {"content_sha256": seen["choice_sha256"]}
        signed = senior.ask(f"pupil-{place}", "POST", senior.at(place, "/choice:sign"), signature)
        assert signed["is_signed"] is True


def show_and_freeze(senior: SeniorClass, records: list[str]) -> None:
    """While the choice is shown, nothing is written, changed or taken back."""
    assert senior.step(HEAD, "begin-publicity", {})["state"] == "in_publicity"
    notice = senior.ask("pupil-2", "GET", f"/archive-terms/{senior.term}/notice")
    assert len(notice["content"]["students"]) == len(senior.keys)
    anew = {"fields": LABOR["fields"], "text": "改一改。"}
    for method, path, body in (
        ("PUT", f"/records/{records[0]}", anew),
        ("POST", "/records", LABOR),
        ("POST", f"/records/{records[0]}:withdraw", {"reason": "不想要这一条了"}),
        ("PUT", "/choice", {"records": []}),
    ):
        assert senior.ask("pupil-0", method, senior.at(0, path), body, 409)["code"] == "archive.frozen"
    assert senior.step(TEACHER, "verify", status=409)["code"] == "publicity.not_over"


def doubt_and_be_right(senior: SeniorClass, records: list[str]) -> None:
    """A classmate doubts a record; the committee upholds it on review, and the record stands no longer."""
    doubts = f"/archive-terms/{senior.term}/doubts"
    doubt = senior.ask("pupil-2", "POST", doubts, {"grounds": "当天敬老院不接待访客。", "points": []}, 201)["id"]
    senior.ask("pupil-3", "GET", f"{doubts}/{doubt}", status=404)
    senior.ask(TEACHER, "POST", f"{doubts}/{doubt}:accept", {"body": "予以受理。"})
    senior.ask(TEACHER, "POST", f"{doubts}/{doubt}:rule", {"outcome": "rejected", "body": "未发现不实。"})
    senior.ask("pupil-2", "POST", f"{doubts}/{doubt}:request-review", {"body": "有通知照片。"})
    effect = {"student_key": senior.keys[1], "records": [records[1]], "reason": "敬老院证明当日未接待"}
    decision = {"outcome": "upheld", "body": "经查属实，取消该记录。", "effect": effect}
    decided = senior.ask(HEAD, "POST", f"{doubts}/{doubt}:decide-review", decision)
    assert decided["review_outcome"] == "upheld"


def verify(senior: SeniorClass) -> None:
    """After ten working days the class teacher verifies; the doubted record is left out."""
    names = [HEAD, OPERATOR, TEACHER, PRINCIPAL, "senior-county", *(f"pupil-{n}" for n in range(len(senior.keys)))]
    senior.people.let_days_pass(24, *names)
    assert senior.step(TEACHER, "verify")["state"] == "verified"
    mine = senior.ask("pupil-1", "GET", senior.whole(1))
    assert mine["dimensions"]["morality"] == []
    assert mine["verified_terms"] == [f"{THIS_YEAR}-1"]
    report = senior.ask("pupil-0", "GET", senior.whole(0, f"/report?term={THIS_YEAR}-1"))
    kinds = [kind for each in report["dimensions"] for kind in each["kinds"]]
    assert [(kind["code"], kind["minutes"]) for kind in kinds] == [("public_labor", 180)]


def graduate(senior: SeniorClass) -> dict[str, Any]:
    """Statement, comment, the committee's check, the principal's signature; anybody can check the package."""
    text = {"text": "三年里我学会了坚持。"}
    assert senior.ask(TEACHER, "PUT", senior.whole(0, "/statement"), text, 403)["code"] == "archive.students_write"
    return seal(senior, text)


def seal(senior: SeniorClass, text: dict[str, str]) -> dict[str, Any]:
    senior.ask("pupil-0", "PUT", senior.whole(0, "/statement"), text)
    senior.ask(TEACHER, "PUT", senior.whole(0, "/comment"), {"text": "踏实、热心。"})
    senior.ask(HEAD, "POST", senior.whole(0, ":check"), {"text": "材料齐全，属实。"})
    assert senior.ask(HEAD, "POST", senior.whole(0, ":seal"), {}, 403)["code"] == "archive.own_check"
    sealed: dict[str, Any] = senior.ask(PRINCIPAL, "POST", senior.whole(0, ":seal"), {})
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(sealed["public_key"]))
    key.verify(base64.b64decode(sealed["signature"]), sealed["package"].encode())
    assert hashlib.sha256(sealed["package"].encode()).hexdigest() == sealed["package_sha256"]
    previous = "0" * 64
    for entry in json.loads(sealed["package"])["chain"]:
        said = {name: value for name, value in entry.items() if name != "sha256"}
        canonical = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert (entry["previous_sha256"], entry["sha256"]) == (previous, hashlib.sha256(canonical.encode()).hexdigest())
        previous = entry["sha256"]
    return sealed


def correct_after_sealing(senior: SeniorClass, records: list[str], first: dict[str, Any]) -> None:
    """By a document the archive is reopened, one record said anew by its author, and sealed as a second version."""
    record = senior.whole(0, f"/records/{records[0]}")
    anew = {"fields": LABOR["fields"] | {"minutes": 120}, "text": LABOR["text"], "reason": "按签到表更正时长"}
    assert senior.ask("pupil-0", "POST", f"{record}:correct", anew, 409)["code"] == "archive.sealed"
    senior.ask(PRINCIPAL, "POST", senior.whole(0, ":reopen"), ORDER)
    assert senior.ask("pupil-0", "POST", f"{record}:correct", anew, 409)["code"] == "archive.correction_not_allowed"
    senior.ask(PRINCIPAL, "POST", f"{record}:allow-correction", ORDER)
    assert senior.ask(TEACHER, "POST", f"{record}:correct", anew, 403)["code"] == "archive.students_write"
    assert senior.ask("pupil-0", "POST", f"{record}:correct", anew)["version"] == 2
    second = seal(senior, {"text": "三年里我学会了坚持，也学会了认真。"})
    assert second["version"] == 2
    kept = senior.ask("pupil-0", "GET", senior.whole(0, "/sealed?version=1"))
    assert (kept["package"], kept["signature"]) == (first["package"], first["signature"])
    checked = senior.ask("pupil-0", "GET", senior.whole(0, "/integrity"))
    assert (checked["holds"], checked["sealed_versions"]) == (True, 2)
    printed = senior.platform.ask(user_of("pupil-0"), "GET", BASE + senior.whole(0, "/report:pdf"))
    assert (printed.status_code, printed.content[:5]) == (200, b"%PDF-")
    handed = senior.ask(
        PRINCIPAL, "POST", senior.whole(0, ":release"), {"to": "测试大学", "authorization": "授权书1号"}
    )
    assert handed["version"] == 2
    senior.ask("senior-county", "GET", senior.whole(0), status=403)
    assert senior.platform.ask("province", "GET", BASE + senior.whole(0)).status_code == 403
    senior.ask("pupil-3", "GET", senior.whole(0), status=404)
