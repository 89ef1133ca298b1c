"""A class of grade 10 that keeps archives, and its people's requests."""

from __future__ import annotations

from typing import Any

import asyncpg
import httpx
import polars as pl

from shared.contracts.roster import ENROLLMENT_SCHEMA, STUDENT_SCHEMA, FakeRoster, SchoolClass
from shared.kernel.personal import person_key
from shared.kernel.settings import ServiceSettings
from shared.terms.actor import Actor, Role
from tests.support.city import SCHOOL, SCHOOLS, World, of_school, roster_schools

YEAR = "2026-2027"
CLASS = "1001"
ELSEWHERE = "2199000003"
TEACHER = of_school(Role.TEACHER)
OPERATOR = of_school(Role.SCHOOL_OPERATOR)
HEAD = of_school()
PRINCIPAL = of_school(subject="principal")
VOLUNTEERING = {
    "type": "volunteering",
    "fields": {"began_on": "2026-10-01", "minutes": 120, "place": "社区图书室", "certifier": "居委会"},
    "text": "整理图书，帮助低年级同学借阅。",
}


def number(serial: int) -> str:
    """A pupil number of the test region."""
    return f"L9900010001{serial:07d}"


class Senior:
    """Four pupils of a class, known by place in the class; where they are enrolled can change."""

    def __init__(self, world: World, settings: ServiceSettings) -> None:
        self.world, self.settings = world, settings
        key = settings.key("person_key")
        self.keys = sorted(person_key(number(serial), key) for serial in range(4))
        self.numbers = {person_key(number(serial), key): number(serial) for serial in range(4)}
        self.schools = dict.fromkeys(self.keys, SCHOOL)
        self.term = ""

    def roster(self) -> FakeRoster:
        """The roster as it is now."""
        rows = [
            {
                "student_key": key,
                "school_code": school,
                "county_code": SCHOOLS[school],
                "class_code": CLASS,
                "grade_level": 10,
                "status": "enrolled",
                "entered_on": None,
                "left_on": None,
                "school_year": YEAR,
                "name": f"测试{serial}",
                "sex": "1",
            }
            for serial, (key, school) in enumerate(self.schools.items())
        ]
        enrollments = pl.DataFrame(rows, schema_overrides={**ENROLLMENT_SCHEMA, "school_year": pl.String()})
        classes = [SchoolClass(code, YEAR, CLASS, "高一（1）班", 10, "1") for code in SCHOOLS]
        return FakeRoster(roster_schools(), enrollments, classes=classes, students=enrollments.select(*STUDENT_SCHEMA))

    def pupil(self, place: int) -> Actor:
        """A pupil, where enrolled now."""
        key = self.keys[place]
        return of_school(Role.STUDENT, self.schools[key], person=key, subject=f"pupil-{place}")

    async def open(self, school: str = SCHOOL) -> str:
        """Opens the class's term at a school."""
        address = f"/schools/{SCHOOLS[school]}-{school}/{YEAR}/archive-terms"
        body = {"class_code": CLASS, "semester": 1}
        answer = await self.world.post(address, body, of_school(school=school))
        assert answer.status_code == 201, answer.text
        found: str = answer.json()["id"]
        return found

    async def step(self, action: str, body: Any = None, who: Actor = HEAD) -> httpx.Response:
        """A step of the term as it was last seen."""
        seen = await self.world.get(f"/archive-terms/{self.term}", HEAD)
        return await self.world.post(f"/archive-terms/{self.term}:{action}", body, who, match=seen)

    def at(self, place: int, path: str = "") -> str:
        """Address of a pupil's term."""
        return f"/archive-terms/{self.term}/students/{self.keys[place]}{path}"

    async def write(self, place: int, who: Actor | None = None, **changes: Any) -> httpx.Response:
        """Writes a record, as the pupil unless somebody else is named."""
        return await self.world.post(self.at(place, "/records"), VOLUNTEERING | changes, who or self.pupil(place))

    async def choose(self, place: int, records: list[str]) -> None:
        """Chooses and signs."""
        chosen = await self.world.put(self.at(place, "/choice"), {"records": records}, self.pupil(place))
        assert chosen.status_code == 200, chosen.text
        seen = {"content_sha256": chosen.json()["choice_sha256"]}
        signed = await self.world.post(self.at(place, "/choice:sign"), seen, self.pupil(place))
        assert (signed.status_code, signed.json()["is_signed"]) == (200, True), signed.text

    async def to_publicity(self) -> list[str]:
        """Every pupil writes a record, chooses and signs it; the choice is shown. Returns the records."""
        records = [(await self.write(place)).json()["id"] for place in range(4)]
        assert (await self.step("begin-selection")).status_code == 200
        for place, record in enumerate(records):
            await self.choose(place, [record])
        shown = await self.step("begin-publicity", {})
        assert shown.status_code == 200, shown.text
        return records

    async def end_window(self) -> None:
        """The window of what is shown is over."""
        await self.forge("archive_notices", "update archive_notices set ends_at = now() - interval '1 minute'")

    async def forge(self, table: str, statement: str) -> None:
        """What only somebody with the database in his hands can do: changes rows that are final."""
        await self.run(
            f"alter table {table} disable trigger user", statement, f"alter table {table} enable trigger user"
        )

    async def run(self, *statements: str) -> None:
        """Statements of the schema's owner, who is bound by no scope."""
        owner = self.settings.migration_database_url
        assert owner is not None
        url = owner.get_secret_value().replace("+asyncpg", "")
        connection = await asyncpg.connect(url)
        try:
            await connection.execute("select set_config('app.org', '', false), set_config('app.org_end', '~', false)")
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()
