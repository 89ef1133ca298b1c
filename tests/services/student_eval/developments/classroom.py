"""A class of grade 5 and a small one of grade 2, their teachers, and the steps of their term."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import polars as pl
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from services.student_eval.app import SERVICE
from services.student_eval.fitness.columns import MEASURES, VISION
from services.student_eval.fitness.tables import FitnessSheet
from shared.contracts.roster import ENROLLMENT_SCHEMA, STUDENT_SCHEMA, TEACHING_SCHEMA, FakeRoster
from shared.contracts.student_eval import StudentEvalClient
from shared.kernel.app import open_kernel
from shared.kernel.settings import ServiceSettings
from shared.terms.actor import Actor, Role
from tests.support.city import CITY, CITY_ADMIN, COUNTY, SCHOOL, SCHOOLS, World, of_school, roster_schools
from tests.support.settings import actor, token

YEAR = "2026-2027"
CLASSES = {"501": (5, 12), "201": (2, 7)}
LETTERS = "abcdefghijklmnop"
TEACHER = "t" * 26
OF_TEACHER = of_school(Role.TEACHER, person=TEACHER)
COLLEAGUE = of_school(Role.TEACHER, subject="colleague", person="u" * 26)
HEAD = of_school()
SCHEME = "compulsory_student"


def key(number: int, class_code: str = "501", school: str = SCHOOL) -> str:
    """The pseudonym of a pupil of a class."""
    return f"{LETTERS[number]}{LETTERS[int(class_code[0])]}{LETTERS[int(school[-1])]}".ljust(26, "a")


def pupil(number: int, class_code: str = "501", school: str = SCHOOL) -> Actor:
    """The account of a pupil."""
    return of_school(
        Role.STUDENT, school, subject=f"pupil-{class_code}-{number}", person=key(number, class_code, school)
    )


def teacher(school: str = SCHOOL) -> Actor:
    """The class teacher, at a school."""
    return of_school(Role.TEACHER, school, person=TEACHER)


def fake_roster(*, leaving: Collection[str] = ()) -> FakeRoster:
    """Both classes in every school; the class of grade 5 has a class teacher, the other none."""
    pupils: list[dict[str, object]] = [
        {"student_key": key(number, code, school), "school_code": school, "county_code": county, "class_code": code}
        | {"grade_level": grade, "status": "enrolled", "entered_on": None, "left_on": None, "school_year": YEAR}
        for school, county in SCHOOLS.items()
        for code, (grade, count) in CLASSES.items()
        for number in range(count)
        if key(number, code, school) not in leaving
    ]
    named = [
        {"student_key": each["student_key"], "name": f"学生{n}", "sex": "1", "school_code": each["school_code"]}
        for n, each in enumerate(pupils)
    ]
    posts = [
        {
            "staff_key": TEACHER,
            "school_code": school,
            "county_code": county,
            "class_code": "501",
            "grade_level": 5,
            "class_type": "homeroom",
            "kind": "homeroom_teacher",
            "subject": None,
            "share": 1.0,
            "starts_on": None,
            "ends_on": None,
            "status": "assigned",
            "school_year": YEAR,
        }
        for school, county in SCHOOLS.items()
    ]
    year = {"school_year": pl.String()}
    return FakeRoster(
        roster_schools(),
        pl.DataFrame(pupils, schema={**ENROLLMENT_SCHEMA, **year}),
        students=pl.DataFrame(named, schema=STUDENT_SCHEMA),
        teaching=pl.DataFrame(posts, schema={**TEACHING_SCHEMA, **year}),
    )


class Classroom(World):
    """The steps of a class's term."""

    def __init__(self, client: httpx.AsyncClient, settings: ServiceSettings, app: FastAPI) -> None:
        super().__init__(client, settings)
        self.app = app
        self.roster = fake_roster()

    @asynccontextmanager
    async def called_by_school_eval(self) -> AsyncIterator[StudentEvalClient]:
        """The client by which other services ask."""
        caller = actor(Role.INTEGRATION, CITY, scopes=("student_eval.read",))

        async def grant(_: Request) -> JSONResponse:
            return JSONResponse({"access_token": token(caller), "token_type": "Bearer", "expires_in": 600})

        gateway = Starlette(routes=[Route("/oauth/token", grant, methods=["POST"]), Mount("/", self.app)])
        transport = httpx.ASGITransport(app=gateway)
        async with StudentEvalClient("http://gateway", client_id="s", client_secret="s", transport=transport) as opened:
            yield opened

    async def tested(self, students: Mapping[str, str]) -> None:
        """The school's fitness sheet: pupils who run, jump and reach as well as it says."""
        best = {"vital_capacity": 3500.0, "sprint_50m": 7.5, "sit_and_reach": 20.0, "rope_skipping": 180.0}
        best |= {"sit_ups": 60.0, "shuttle_run": 90.0}
        worst = {"vital_capacity": 300.0, "sprint_50m": 20.0, "sit_and_reach": -30.0, "rope_skipping": 0.0}
        worst |= {"sit_ups": 0.0, "shuttle_run": 290.0}
        who = {"sex": "boys", "is_exempt": False, "class_code": "501", "grade_level": 5, "attempt": "first"}
        rows = [
            who | {"student_key": student, "height_cm": 140.0, "weight_kg": 33.0} | (best if how == "best" else worst)
            for student, how in students.items()
        ]
        others = [each.name for each in (*MEASURES, *VISION) if each.name not in rows[0]] + ["long_run"]
        frame = pl.DataFrame(rows).with_columns(pl.lit(None, pl.Float64).alias(name) for name in others)
        kernel = open_kernel(SERVICE, self.settings)
        async with kernel.database.transaction(HEAD.org) as session:
            sheet = FitnessSheet(school_code=SCHOOL, county_code=COUNTY, school_year=YEAR, org_path=HEAD.org)
            sheet.sha256, sheet.counts = kernel.columns.put(frame).sha256, []
            sheet.student_count = frame.height
            session.add(sheet)
        await kernel.database.close()

    async def adopt(self) -> None:
        """The city adopts the scheme that comes with the platform."""
        adopted = await self.post(f"/built-in-schemes/{SCHEME}:adopt", {"reason": "采用平台方案"}, CITY_ADMIN)
        assert adopted.status_code == 201, adopted.text

    async def open(self, class_code: str = "501", *, school: str = SCHOOL, **more: Any) -> httpx.Response:
        """Opens a term; answers with it."""
        body = {"class_code": class_code, "semester": 1, "scheme_version": 1, **more}
        return await self.post(f"/developments/{YEAR}/{SCHOOLS[school]}-{school}/terms", body, of_school(school=school))

    async def opened(self, class_code: str = "501", *, school: str = SCHOOL, **more: Any) -> str:
        """Opens a term; its address."""
        answer = await self.open(class_code, school=school, **more)
        assert answer.status_code == 201, answer.text
        return f"/development-terms/{answer.json()['id']}"

    async def step(self, term: str, step: str, body: Any = None, who: Actor = HEAD) -> httpx.Response:
        """Takes a step of a term as it stands."""
        read = await self.get(term, who)
        return await self.post(f"{term}:{step}", body, who, match=read)

    async def comment(
        self, term: str, numbers: Iterable[int], *, class_code: str = "501", school: str = SCHOOL
    ) -> None:
        """The class teacher writes to each pupil."""
        items = [{"student_key": key(n, class_code, school), "text": "这学期进步明显，继续努力。"} for n in numbers]
        answer = await self.post(f"{term}/comments", {"items": items}, teacher(school))
        assert answer.json()["refused"] == 0, answer.text

    async def reported(
        self, levels: dict[int, str], *, class_code: str = "501", school: str = SCHOOL, **more: Any
    ) -> str:
        """A class from its opening to its report; its address."""
        term, head = await self.opened(class_code, school=school, **more), of_school(school=school)
        if class_code != "501":
            read = await self.get(term, head)
            await self.put(f"{term}/teachers", {"teachers": [TEACHER]}, head, match=read)
        answer = await self.judge(term, levels, class_code=class_code, school=school)
        assert (answer.status_code, answer.json()["refused"]) == (207, 0), answer.text
        await self.comment(term, levels, class_code=class_code, school=school)
        await self.step(term, "begin-judging", who=head)
        report = await self.step(term, "report", {}, head)
        assert report.status_code == 200, report.text
        return term

    async def judge(
        self, term: str, levels: dict[int, str], *, class_code: str = "501", school: str = SCHOOL
    ) -> httpx.Response:
        """The class teacher gives each pupil one level on everything."""
        table = (await self.get(f"{term}/table", of_school(school=school))).json()
        leaves = [node["code"] for node in table["nodes"] if node["is_leaf"] and not node["is_computed"]]
        items = [
            {"student_key": key(number, class_code, school), "leaf": leaf, "level": level}
            for number, level in levels.items()
            for leaf in leaves
        ]
        return await self.post(f"{term}/judgements", {"items": items}, teacher(school))


ADDRESS = f"/developments/{YEAR}/{COUNTY}-{SCHOOL}/terms"
