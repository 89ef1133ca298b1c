"""Students and staff over HTTP: what is stored, and who sees whose name."""

import datetime as dt

import pytest
from sqlalchemy import text

from services.roster.students.service import NUMBER_PLACE
from shared.kernel.audit.log import verify_chain
from shared.kernel.database.engine import Database
from shared.kernel.personal import FieldCipher, person_key
from shared.kernel.settings import ServiceSettings
from tests.services.roster.senders import PATH_A, SCHOOL_A, Sender, citizen_number, member, pupil, pupil_number

pytestmark = pytest.mark.anyio


async def stored(settings: ServiceSettings, query: str) -> list[tuple[object, ...]]:
    database = Database(settings.database_url.get_secret_value())
    async with database.transaction("") as session:
        rows = [tuple(row) for row in await session.execute(text(query))]
        assert (await verify_chain(session)).first_bad_seq is None
    await database.close()
    return rows


async def test_numbers_are_stored_sealed_and_found_by_pseudonym(city: Sender, roster_settings: ServiceSettings) -> None:
    answer = await city.batch("students", [pupil(1)])
    key = answer.json()["items"][0]["key"]["student_key"]
    assert key == person_key(pupil_number(1), roster_settings.key("person_key"))
    ((sealed, whole),) = await stored(roster_settings, "select student_number_sealed, students::text from students")
    assert isinstance(sealed, bytes)
    assert FieldCipher(roster_settings.key("field_key")).decrypt(sealed, place=NUMBER_PLACE) == pupil_number(1)
    assert pupil_number(1)[5:] not in str(whole)
    assert pupil_number(1)[5:] not in answer.text
    read = (await city.get(f"/students/{key}")).json()
    assert read["student_number_masked"] == "G990" + "*" * 14 + pupil_number(1)[-1]


async def test_names_are_shown_only_to_keepers_with_the_scope_and_noted(
    city: Sender, roster_settings: ServiceSettings
) -> None:
    key = (await city.batch("students", [pupil(1)])).json()["items"][0]["key"]["student_key"]
    await city.batch("staff", [member(1)])
    machine = Sender(city.client, "integration", "99/9900/", scopes=("roster.read", "roster.write"))
    trusted = Sender(city.client, "integration", "99/9900/", scopes=("roster.read", "roster.personal"))
    analyst = Sender(city.client, "city_analyst", "99/9900/")
    operator = Sender(city.client, "school_operator", PATH_A)
    for reader, name, birth_date in (
        (machine, "张*", None),
        (analyst, "张*", None),
        (trusted, "张测试", "2014-09-01"),
        (operator, "张测试", "2014-09-01"),
    ):
        for answer in (
            (await reader.get(f"/students/{key}")).json(),
            (await reader.get("/students")).json()["items"][0],
        ):
            assert (answer["name"], answer["birth_date"]) == (name, birth_date)
            assert answer["is_masked"] is (birth_date is None)
        assert (await reader.get("/staff")).json()["items"][0]["name"] == ("李*" if birth_date is None else "李老师")
    masked, open_ = await machine.get(f"/students/{key}"), await trusted.get(f"/students/{key}")
    assert masked.headers["etag"] != open_.headers["etag"]
    notes = await stored(
        roster_settings, "select subject, object from audit_log where action = 'students.names_read' order by seq"
    )
    assert [subject for subject, _ in notes] == [
        "integration@99/9900/",
        "integration@99/9900/",
        f"school_operator@{PATH_A}",
        f"school_operator@{PATH_A}",
        "integration@99/9900/",
    ]
    assert notes[0][1] == key


REFUSED: list[tuple[dict[str, object], str, str]] = [
    ({"student_number": "G12345"}, "/items/0/student_number", "identity.format"),
    ({"student_number": "G" + citizen_number(1)[:-1] + "?"}, "/items/0/student_number", "identity.format"),
    ({"student_number": "G990001201413011230"}, "/items/0/student_number", "identity.birth_date"),
    ({"sex": "2"}, "/items/0/sex", "roster.identity_sex_differs"),
    ({"sex": "x"}, "/items/0/sex", "roster.code_unknown"),
    ({"birth_date": "2014-09-02"}, "/items/0/birth_date", "roster.identity_birth_date_differs"),
    ({"birth_date": "2014-02-30"}, "/items/0/birth_date", "roster.date_format"),
    ({"name": "=cmd|x"}, "/items/0/name", "roster.person_name_format"),
    ({"school_code": "2199000009"}, "/items/0/school_code", "roster.school_unknown"),
    ({"father_occupation": "x"}, "/items/0/father_occupation", "field.unknown"),
    ({"ethnicity": "99"}, "/items/0/ethnicity", "roster.code_unknown"),
]


async def test_what_is_refused_repeats_nothing_personal(city: Sender) -> None:
    for changes, pointer, code in REFUSED:
        answer = await city.batch("students", [{**pupil(1), **changes}])
        assert answer.status_code == 422
        assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [(pointer, code)]
        for secret in (pupil_number(1), "张测试", str(changes.get("student_number", "no such text"))):
            assert secret not in answer.text
    assert (await city.get("/students")).json()["items"] == []


async def test_other_kinds_of_numbers(city: Sender) -> None:
    generated, temporary = "J" + pupil_number(1)[1:], "L990001201503011234"
    answer = await city.batch(
        "students", [pupil(1, student_number=generated, sex="2"), pupil(2, student_number=temporary.lower())]
    )
    assert answer.json()["counts"]["created"] == 2


async def test_full_width_digits_mean_the_same_pupil(city: Sender) -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) for character in pupil_number(1))
    first = await city.batch("students", [pupil(1)])
    again = await city.batch("students", [pupil(1, student_number=wide)])
    assert again.json()["items"][0] == {**first.json()["items"][0], "status": "unchanged"}


async def test_the_name_of_a_pupil_changes_without_touching_the_number(city: Sender) -> None:
    await city.batch("students", [pupil(1), pupil(2)])
    answer = await city.batch("students", [pupil(1, name="张新名"), pupil(2)])
    assert [item["status"] for item in answer.json()["items"]] == ["updated", "unchanged"]


async def test_filters(city: Sender) -> None:
    await city.batch("students", [pupil(1), pupil(2, "2199000002")])
    assert len((await city.get("/students", school_code=SCHOOL_A)).json()["items"]) == 1
    later = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).isoformat()
    assert (await city.get("/students", updated_at__gte=later)).json()["items"] == []
