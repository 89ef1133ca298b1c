"""The synthetic city's staff as users of the gateway."""

from __future__ import annotations

from typing import Any

import polars as pl

from tests.journeys.people import People, load, small_city, user_of
from tools.synthetic_city.staff import staff_table

BASE = "/api/v1/teacher-eval"
CYCLE = f"{BASE}/cycles/journey-2026"
PRINCIPAL_POST = "31"
PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer << >>\n%%EOF\n"


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
