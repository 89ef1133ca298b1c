"""What people of a small city enter, and the papers they attach."""

from __future__ import annotations

import datetime as dt
from typing import Any

import httpx

from shared.terms.actor import Actor, Role
from tests.services.teacher_eval.development.town import TODAY, Town, key
from tests.support.city import SCHOOL, of_school
from tests.support.settings import bearer

PERIOD = {"first": str(TODAY - dt.timedelta(days=200)), "last": str(TODAY)}
YESTERDAY = str(TODAY - dt.timedelta(days=1))
VISITS = {"kind": "home_visits", "happened_on": YESTERDAY, "amount": "12"}
HONOR = {"kind": "honors", "happened_on": YESTERDAY, "title": "优秀教师", "issuer": "某县教育局", "level": "county"}
PAPER = {
    "kind": "papers",
    "happened_on": YESTERDAY,
    "title": "小学数学大单元教学设计的实践研究",
    "issuer": "某市教育科学研究院",
    "level": "city",
    "grade": "first",
    "author_rank": 1,
    "author_count": 1,
}


def teacher(number: int = 0, school: str = SCHOOL) -> Actor:
    """A teacher with an account that stands for them."""
    return of_school(Role.TEACHER, school, subject=f"t{number}-{school}", person=key(number, school))


async def drafted(town: Town, body: dict[str, Any], who: Actor | None = None) -> httpx.Response:
    """A draft."""
    answer = await town.post("/records", body, who or teacher())
    assert answer.status_code == 201, answer.text
    return answer


async def attach(town: Town, record: str, content: bytes, who: Actor) -> httpx.Response:
    """Hands in a text as evidence."""
    headers = bearer(who) | {"Content-Disposition": 'attachment; filename="proof.txt"'}
    headers["Content-Type"] = "application/octet-stream"
    return await town.client.post(f"/records/{record}/evidence", content=content, headers=headers)


async def submitted(
    town: Town, body: dict[str, Any], who: Actor | None = None, *, proof: bytes | None = None
) -> httpx.Response:
    """A record handed in, with a paper of its own unless one is given."""
    who = who or teacher()
    draft = await drafted(town, body, who)
    record = draft.json()["id"]
    attached = await attach(town, record, proof or f"证书 {record}".encode(), who)
    assert attached.status_code == 201, attached.text
    return await town.post(f"/records/{record}:submit", who=who, match=draft)


async def certified(town: Town, body: dict[str, Any], who: Actor | None = None, **more: Any) -> httpx.Response:
    """A record certified by the school."""
    handed_in = await submitted(town, body, who, **more)
    assert handed_in.status_code == 200, handed_in.text
    school = of_school(school=handed_in.json()["organization"].split("-")[1])
    answer = await town.post(f"/records/{handed_in.json()['id']}:certify", who=school, match=handed_in)
    assert answer.status_code == 200, answer.text
    return answer
