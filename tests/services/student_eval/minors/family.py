"""People of the tests: a child, a youth, somebody of age, and a mother, each with an account."""

from __future__ import annotations

from typing import Any

import asyncpg

from shared.kernel.personal import person_key
from shared.kernel.settings import ServiceSettings
from shared.terms.actor import Actor, Role
from shared.terms.identity_number import check_character
from shared.terms.organization import school_path
from tests.services.student_eval.fitness.pupils import YEAR, number
from tests.support.city import SCHOOL, SCHOOLS, World, of_school
from tests.support.settings import actor, bearer

#: Serial numbers of pupils at every school, by what the roster knows of their age at the first.
CHILD, YOUTH, ADULT, UNKNOWN = 0, 1, 2, 3


def citizen(serial: int) -> str:
    """A sound citizen number of the test region, of somebody grown up."""
    first = f"99000119800101{serial:03d}"
    return first + check_character(first)


def key_of(settings: ServiceSettings, school: str, serial: int) -> str:
    """A pupil's pseudonym."""
    return person_key(number(school, serial), settings.key("person_key"))


def pupil(world: World, serial: int, school: str = SCHOOL) -> Actor:
    """A pupil's account."""
    key = key_of(world.settings, school, serial)
    return actor(Role.STUDENT, school_path(SCHOOLS[school], school), subject=f"pupil-{school}-{serial}", person=key)


def guardian(world: World, serial: int, school: str = SCHOOL) -> Actor:
    """A guardian's account."""
    key = person_key(citizen(serial), world.settings.key("person_key"))
    return actor(Role.GUARDIAN, school_path(SCHOOLS[school], school), subject=f"guardian-{serial}", person=key)


async def send_guardians(
    world: World, rows: list[str], *, header: str = "", school: str = SCHOOL, query: str = ""
) -> Any:
    """A sheet of guardians, in the encoding schools use."""
    body = "\n".join([header or "学籍号,监护人身份证号,监护关系,依据文件", *rows]).encode("gb18030")
    headers = bearer(of_school(school=school)) | {"Content-Type": "text/csv"}
    address = f"/guardianships/{YEAR}/{SCHOOLS[school]}-{school}:import{query}"
    return await world.client.post(address, content=body, headers=headers)


async def name_mother(world: World, *serials: int, school: str = SCHOOL, mother: int = 1) -> None:
    """Makes somebody guardian of pupils."""
    rows = [f"{number(school, serial)},{citizen(mother)},母亲," for serial in serials]
    answer = await send_guardians(world, rows, school=school)
    assert answer.status_code == 200, answer.text


async def as_owner(settings: ServiceSettings, *statements: str) -> None:
    """Statements of the schema's owner, who is bound by no scope: what time does in years."""
    owner = settings.migration_database_url
    assert owner is not None
    connection = await asyncpg.connect(owner.get_secret_value().replace("+asyncpg", ""))
    try:
        await connection.execute("select set_config('app.org', '', false), set_config('app.org_end', '~', false)")
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
