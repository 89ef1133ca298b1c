"""A primary class's term through the gateway: the table is adopted, teacher and guardian describe, grades are told.

What a pupil and a guardian see, what a teacher of another school, a county and the province do not; and what a pupil can
take away.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import polars as pl
import pytest

from tests.journeys.people import People, load, user_of
from tools.synthetic_city import CitySettings, build_city
from tools.synthetic_city.places import roster_classes, roster_schools
from tools.synthetic_city.pupils import enrollments
from tools.synthetic_city.settings import THIS_YEAR

BASE = "/api/v1/student-eval"
SCHOOL, COUNTY, CLASS = "2152900001", "520502", "0301"
PATH = f"52/5205/{COUNTY}/{SCHOOL}/"
HEAD, TEACHER, GUARDIAN, STRANGER = "primary-head", "primary-teacher", "primary-guardian", "primary-stranger"
TEACHER_KEY, GUARDIAN_KEY = "t" * 26, "g" * 26
FORBIDDEN = ("total", "rank", "points", "place")


class PrimaryClass:
    """The class, its pupils in order, and its people."""

    def __init__(self, people: People) -> None:
        self.people, self.platform = people, people.platform
        self._enroll()
        found = self.platform.get(
            "city-admin", "/api/v1/roster/enrollments", params={"school_code": SCHOOL, "school_year": THIS_YEAR}
        )
        self.keys = sorted(row["student_key"] for row in found["items"] if row["class_code"] == CLASS)
        others = [
            (HEAD, "school_admin", PATH, None),
            (TEACHER, "teacher", PATH, TEACHER_KEY),
            (GUARDIAN, "guardian", PATH, GUARDIAN_KEY),
            (STRANGER, "teacher", "52/5205/520521/3452900006/", "s" * 26),
            ("primary-county", "county_admin", f"52/5205/{COUNTY}/", None),
        ]
        pupils = [(f"primary-{n}", "student", PATH, key) for n, key in enumerate(self.keys)]
        people.sign_up_all([*others, *pupils])

    def _enroll(self) -> None:
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

    def ask(self, who: str, method: str, path: str, body: Any = None, status: int = 200, **options: Any) -> Any:
        """One request below the service's address; its JSON."""
        if body is not None:
            options["json"] = body
        answer = self.platform.ask(user_of(who), method, BASE + path, **options)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:600])
        return answer.json()

    def step(self, who: str, method: str, path: str, body: Any, status: int = 200) -> Any:
        """A step of the term as it was last seen."""
        term = path.partition(":")[0].removesuffix("/teachers")
        seen = self.platform.ask(user_of(who), "GET", BASE + term).headers["etag"]
        return self.ask(who, method, path, body, status, headers={"If-Match": seen})


@pytest.fixture(scope="module")
def primary(people: People) -> PrimaryClass:
    return PrimaryClass(people)


def test_a_term_from_the_table_to_what_each_is_told(primary: PrimaryClass) -> None:
    term = open_term(primary)
    leaves = describe(primary, term)
    report(primary, term, leaves)
    told = primary.ask("primary-0", "GET", "/developments/mine")["items"]
    assert len(told) == 1
    assert told[0]["comment"] == "学习踏实，乐于助人。"
    assert {grade["node"] for grade in told[0]["grades"]} >= {"A1", "A2", "A3", "A4", "A5"}
    assert not any(f'"{word}"' in json.dumps(told) for word in FORBIDDEN)
    the_guardian_sees_the_own_child_alone(primary, term)
    others_see_counts_or_nothing(primary, term)
    what_is_held_can_be_taken_away(primary)


def open_term(primary: PrimaryClass) -> str:
    """The city adopts the table of the national guide; the head opens the term and names who teaches the class."""
    adopted = primary.platform.ask(
        "city-admin", "POST", f"{BASE}/built-in-schemes/compulsory_student:adopt", json={"reason": "采用平台内置方案"}
    )
    assert adopted.status_code in (200, 201), adopted.text
    body = {"class_code": CLASS, "semester": 1, "scheme_version": adopted.json()["number"]}
    opened = primary.ask(HEAD, "POST", f"/developments/{THIS_YEAR}/{COUNTY}-{SCHOOL}/terms", body, 201)
    assert (opened["state"], opened["student_count"]) == ("recording", len(primary.keys))
    term = f"/development-terms/{opened['id']}"
    primary.step(HEAD, "PUT", f"{term}/teachers", {"teachers": [TEACHER_KEY]})
    return term


def describe(primary: PrimaryClass, term: str) -> list[str]:
    """The teacher notes what was seen; the head enters a guardian, who says how the child is at home."""
    table = primary.ask("primary-0", "GET", f"{term}/table")["nodes"]
    leaves = [node for node in table if node["is_leaf"] and not node["is_computed"]]
    record = {"node": leaves[0]["code"], "kind": "record", "happened_on": "2025-10-10", "text": "主动整理图书角。"}
    primary.ask(TEACHER, "POST", f"{term}/students/{primary.keys[0]}/records", record, 201)
    refused = primary.ask(STRANGER, "POST", f"{term}/students/{primary.keys[0]}/records", record, 404)
    assert refused["code"] == "resource.not_found"
    entry = {"student_key": primary.keys[0], "guardian_key": GUARDIAN_KEY, "relation": "parent"}
    primary.ask(HEAD, "POST", f"/guardianships/{THIS_YEAR}/{COUNTY}-{SCHOOL}", entry, 201)
    asked = [node for node in leaves if "guardians" in node["evaluators"]] or leaves
    words = {"items": [{"leaf": asked[0]["code"], "level": asked[0]["levels"][0]}]}
    primary.ask(GUARDIAN, "POST", f"{term}/students/{primary.keys[0]}/own-words", words)
    primary.ask(GUARDIAN, "POST", f"{term}/students/{primary.keys[1]}/own-words", words, 404)
    return [node["code"] for node in leaves]


def report(primary: PrimaryClass, term: str, leaves: list[str]) -> None:
    """The class teacher judges and comments; a level that the scheme does not have is refused by its row."""
    primary.step(HEAD, "POST", f"{term}:begin-judging", {})
    words = [{"student_key": key, "leaf": leaf, "level": "B"} for key in primary.keys for leaf in leaves]
    faulty = {"student_key": primary.keys[0], "leaf": leaves[0], "level": "优"}
    taken = primary.ask(TEACHER, "POST", f"{term}/judgements", {"items": [*words, faulty]}, 207)
    assert (taken["written"], taken["refused"]) == (len(words), 1)
    early = primary.step(HEAD, "POST", f"{term}:report", {}, 409)
    assert early["code"] == "development.incomplete"
    comments = [{"student_key": key, "text": "学习踏实，乐于助人。"} for key in primary.keys]
    primary.ask(TEACHER, "POST", f"{term}/comments", {"items": comments}, 207)
    assert primary.step(HEAD, "POST", f"{term}:report", {})["state"] == "reported"


def the_guardian_sees_the_own_child_alone(primary: PrimaryClass, term: str) -> None:
    """Grades of the own child, and nobody else's, wherever they are asked for."""
    own = primary.ask(GUARDIAN, "GET", f"/developments/students/{primary.keys[0]}")["items"]
    assert len(own) == 1
    for path in (f"/developments/students/{primary.keys[1]}", f"/own-data/{primary.keys[1]}"):
        primary.ask(GUARDIAN, "GET", path, status=404)
    assert primary.platform.ask(user_of(GUARDIAN), "GET", f"{BASE}{term}/grades").status_code in (403, 404)


def others_see_counts_or_nothing(primary: PrimaryClass, term: str) -> None:
    """A county sees pictures that hide so small a class; a teacher elsewhere and the province see no pupil."""
    picture = primary.ask("primary-county", "GET", f"/developments/{THIS_YEAR}/{COUNTY}/picture?semester=1")
    assert picture["listed_pupils"] == len(primary.keys)
    assert all(node["is_withheld"] for node in picture["whole"])
    primary.ask("primary-county", "GET", f"/developments/students/{primary.keys[0]}", status=403)
    assert primary.platform.ask(user_of(STRANGER), "GET", f"{BASE}{term}/grades").status_code == 404
    province = primary.platform.ask("province", "GET", f"{BASE}/developments/students/{primary.keys[0]}")
    assert province.status_code == 403


def what_is_held_can_be_taken_away(primary: PrimaryClass) -> None:
    """A guardian exports what is held of the child, and sees who has read it."""
    bundle = primary.platform.ask(user_of(GUARDIAN), "GET", f"{BASE}/own-data/{primary.keys[0]}/export")
    assert bundle.status_code == 200, bundle.text[:300]
    with zipfile.ZipFile(io.BytesIO(bundle.content)) as opened:
        text = "".join(opened.read(name).decode() for name in opened.namelist())
    assert "学习踏实，乐于助人。" in text
    assert not any(key in text for key in primary.keys[1:])
    readings = primary.ask(GUARDIAN, "GET", f"/own-data/{primary.keys[0]}/readings")["items"]
    assert readings
