"""A whole archive over HTTP: completed, checked, sealed, corrected by a document, handed on; and what a forger meets."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.terms.actor import Role
from tests.services.student_eval.archives.senior import ELSEWHERE, HEAD, PRINCIPAL, TEACHER, VOLUNTEERING, Senior
from tests.support.city import CITY_ADMIN, PROVINCE, code_of, county_admin, of_school

pytestmark = pytest.mark.anyio
DOCUMENT = {"reason": "经核实时长有误，予以更正", "document": "校综评〔2026〕3号"}


async def verified(senior: Senior) -> list[str]:
    records = await senior.to_publicity()
    await senior.end_window()
    assert (await senior.step("verify", who=TEACHER)).status_code == 200
    return records


async def whole(senior: Senior, place: int, path: str, body: Any = None, who: Any = HEAD, method: str = "POST") -> Any:
    return await senior.world.ask(method, f"/archives/{senior.keys[place]}{path}", who, {} if body is None else body)


async def sealed(senior: Senior, place: int = 0) -> dict[str, Any]:
    text = {"text": "三年来坚持志愿服务，学会了与人合作。"}
    assert (await whole(senior, place, "/statement", text, senior.pupil(place), "PUT")).status_code == 200
    assert (await whole(senior, place, "/comment", {"text": "踏实、热心。"}, TEACHER, "PUT")).status_code == 200
    assert (await whole(senior, place, ":check", {"text": "材料齐全，属实。"})).status_code == 200
    answer = await whole(senior, place, ":seal", who=PRINCIPAL)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def assert_signed(document: dict[str, Any]) -> None:
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(document["public_key"]))
    key.verify(base64.b64decode(document["signature"]), document["package"].encode())
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(document["signature"]), document["package"].replace("1", "2", 1).encode())


async def test_an_archive_is_completed_by_its_people_and_sealed_by_two(senior: Senior) -> None:
    await verified(senior)
    assert code_of(await whole(senior, 0, "/statement", {"text": "代写"}, TEACHER, "PUT")) == "archive.students_write"
    incomplete = await whole(senior, 0, ":check", {"text": "齐全"})
    assert code_of(incomplete) == "archive.incomplete"
    assert "学生自我陈述、教师评语" in incomplete.json()["detail"]
    await whole(senior, 1, "/statement", {"text": "陈述"}, senior.pupil(1), "PUT")
    await whole(senior, 1, "/comment", {"text": "评语"}, TEACHER, "PUT")
    assert code_of(await whole(senior, 1, ":seal")) == "archive.not_checked"
    await whole(senior, 1, ":check", {"text": "属实"})
    assert code_of(await whole(senior, 1, ":seal")) == "archive.own_check"
    first = await sealed(senior)
    assert_signed(first)
    assert code_of(await whole(senior, 0, "/comment", {"text": "再改"}, TEACHER, "PUT")) == "archive.sealed"
    for who in (CITY_ADMIN, county_admin(), PROVINCE):
        assert (await whole(senior, 0, "", who=who, method="GET")).status_code == 403
    assert (await whole(senior, 0, "", who=senior.pupil(1), method="GET")).status_code == 404


async def test_a_sealed_archive_is_corrected_by_a_document_into_another_version(senior: Senior) -> None:
    records = await verified(senior)
    first = await sealed(senior)
    corrected = {
        "fields": VOLUNTEERING["fields"] | {"minutes": 60},
        "text": VOLUNTEERING["text"],
        "reason": "时长登记有误",
    }
    path, me = f"/records/{records[0]}", senior.pupil(0)
    assert code_of(await whole(senior, 0, f"{path}:correct", corrected, me)) == "archive.sealed"
    assert code_of(await whole(senior, 0, f"{path}:allow-correction", DOCUMENT, PRINCIPAL)) == "archive.sealed"
    assert (await whole(senior, 0, ":reopen", DOCUMENT, PRINCIPAL)).json()["is_open"] is True
    assert code_of(await whole(senior, 0, f"{path}:correct", corrected, me)) == "archive.correction_not_allowed"
    allowed = await whole(senior, 0, f"{path}:allow-correction", DOCUMENT, PRINCIPAL)
    assert allowed.json()["is_correctable"] is True
    assert code_of(await whole(senior, 0, f"{path}:correct", corrected, TEACHER)) == "archive.students_write"
    done = await whole(senior, 0, f"{path}:correct", corrected, me)
    assert (done.json()["version"], done.json()["fields"]["minutes"], done.json()["reason"]) == (2, 60, "时长登记有误")
    assert code_of(await whole(senior, 0, f"{path}:correct", corrected, me)) == "archive.correction_not_allowed"
    assert code_of(await whole(senior, 0, ":release", {"to": "某大学", "authorization": "授权书1号"}, PRINCIPAL)) == (
        "archive.not_sealed"
    )
    second = await sealed(senior)
    assert (first["version"], second["version"]) == (1, 2)
    assert first["package"] != second["package"]
    assert_signed(second)
    kept = await whole(senior, 0, "/sealed?version=1", who=senior.pupil(0), method="GET")
    assert (kept.json()["package"], kept.json()["signature"]) == (first["package"], first["signature"])
    handed = await whole(senior, 0, ":release", {"to": "某大学", "authorization": "授权书1号"}, PRINCIPAL)
    assert handed.json()["version"] == 2
    told = (await whole(senior, 0, "", who=senior.pupil(0), method="GET")).json()
    assert [(each["to"], each["version"]) for each in told["releases"]] == [("某大学", 2)]
    checked = (await whole(senior, 0, "/integrity", who=senior.pupil(0), method="GET")).json()
    assert (checked["holds"], checked["sealed_versions"]) == (True, 2)


async def test_reports_of_a_term_a_year_and_the_whole(senior: Senior) -> None:
    mine = f"/archives/{senior.keys[0]}/report"
    assert code_of(await senior.world.get(mine, senior.pupil(0))) == "archive.no_report_yet"
    await verified(senior)
    document = await sealed(senior)
    term = (await senior.world.get(f"{mine}?term=2026-2027-1", senior.pupil(0))).json()
    kinds = {kind["code"]: kind for each in term["dimensions"] for kind in each["kinds"]}
    assert (kinds["volunteering"]["count"], kinds["volunteering"]["minutes"]) == (1, 120)
    assert (len(term["dimensions"]), term["is_whole"], term["statement"]) == (5, False, None)
    whole_one = (await senior.world.get(mine, TEACHER)).json()
    assert (whole_one["name"], whole_one["school_name"], whole_one["class_name"]) == ("测试0", "第1学校", "高一（1）班")
    assert (whole_one["comment"], whole_one["sealed_sha256"]) == ("踏实、热心。", document["package_sha256"])
    assert json.loads(document["package"])["basics"]["name"] == "测试0"
    for query in ("?term=2026-2027-1", "?school_year=2026-2027", ""):
        printed = await senior.world.get(f"{mine}:pdf{query}", senior.pupil(0))
        assert (printed.status_code, printed.content[:5]) == (200, b"%PDF-"), printed.text[:300]
        seen = {"headers": {"If-None-Match": printed.headers["etag"]}}
        assert (await senior.world.get(f"{mine}:pdf{query}", senior.pupil(0), **seen)).status_code == 304
    assert (await senior.world.get(mine, senior.pupil(1))).status_code == 404
    assert code_of(await senior.world.get(f"{mine}?school_year=2025-2026", senior.pupil(0))) == "archive.no_report_yet"


FORGED = {
    "letter": (
        "archive_entries",
        "update archive_entries set payload = payload || ' ' where number = 5 and student_key = '{key}'",
    ),
    "payload": (
        "archive_entries",
        "update archive_entries set payload = replace(payload, '120', '420') where number = 1 and student_key = '{key}'",
    ),
    "author": (
        "archive_entries",
        "update archive_entries set by = by || '-' where number = 2 and student_key = '{key}'",
    ),
    "moment": (
        "archive_entries",
        "update archive_entries set at = at + interval '1 microsecond' where number = 1 and student_key = '{key}'",
    ),
    "removed": ("archive_entries", "delete from archive_entries where number = 2 and student_key = '{key}'"),
    "package": ("sealed_archives", "update sealed_archives set package = replace(package, '120', '121')"),
    "both": (
        "sealed_archives",
        "update sealed_archives set package = replace(package, '120', '121'), "
        "package_sha256 = encode(sha256(convert_to(replace(package, '120', '121'), 'utf8')), 'hex')",
    ),
}


@pytest.mark.parametrize("way", FORGED)
async def test_any_changed_byte_is_told(senior: Senior, way: str) -> None:
    await verified(senior)
    await sealed(senior)
    table, statement = FORGED[way][0], FORGED[way][1].replace("{key}", senior.keys[0])
    with pytest.raises(Exception, match="is final"):
        await senior.run(statement)
    await senior.forge(table, statement)
    checked = (await whole(senior, 0, "/integrity", who=senior.pupil(0), method="GET")).json()
    assert checked["holds"] is False
    assert {each["reason"] for each in checked["breaks"]} <= {"content", "previous", "number", "package"}
    # Nothing is told of it as if it were true, nothing is built upon it.
    assert code_of(await whole(senior, 0, "/sealed", who=senior.pupil(0), method="GET")) == "archive.broken"
    assert code_of(await whole(senior, 0, ":release", {"to": "某大学", "authorization": "授权书1号"}, PRINCIPAL)) == (
        "archive.broken"
    )
    assert (await whole(senior, 1, "", who=senior.pupil(1), method="GET")).status_code == 200


async def test_an_archive_follows_the_pupil_to_another_school(senior: Senior) -> None:
    await verified(senior)
    await senior.write(1)
    key = senior.keys[0]
    senior.schools[key] = ELSEWHERE
    await senior.open(ELSEWHERE)
    there = of_school(Role.TEACHER, ELSEWHERE)
    told = await senior.world.get(f"/archives/{key}", there)
    assert [len(told.json()["dimensions"][name]) for name in ("morality", "arts")] == [1, 0]
    assert (await senior.world.get(f"/archives/{key}/integrity", there)).json()["holds"] is True
    assert (await senior.world.get(f"/archives/{key}", TEACHER)).status_code == 404
    comment = {"text": "转来后适应很快。"}
    assert (await senior.world.ask("PUT", f"/archives/{key}/comment", there, comment)).status_code == 200
    assert (await senior.world.ask("PUT", f"/archives/{key}/comment", TEACHER, comment)).status_code == 404
    assert (await senior.world.get(f"/archives/{key}", senior.pupil(0))).json()["entries"] > told.json()["entries"]


async def test_sixteen_at_once_lose_nothing_and_double_nothing(senior: Senior) -> None:
    """Each record is sent twice under one idempotency key, by sixteen at once, into two chains."""

    async def send(serial: int) -> str:
        place = serial % 2
        body = VOLUNTEERING | {"text": f"第{serial}次"}
        headers = {"Idempotency-Key": f"record-{serial}"}
        found = set()
        for _ in range(2):
            answer = await senior.world.ask(
                "POST", senior.at(place, "/records"), senior.pupil(place), body, headers=headers
            )
            assert answer.status_code == 201, answer.text
            found.add(answer.json()["id"])
        assert len(found) == 1
        return found.pop()

    written = await asyncio.gather(*(send(serial) for serial in range(32)))
    for place in (0, 1):
        told = (await senior.world.get(senior.at(place), senior.pupil(place))).json()["records"]
        assert sorted(record["text"] for record in told) == sorted(f"第{n}次" for n in range(place, 32, 2))
        assert {record["id"] for record in told} == set(written[place::2])
        checked = (await whole(senior, place, "/integrity", who=senior.pupil(place), method="GET")).json()
        assert (checked["holds"], checked["entries"]) == (True, 16)
