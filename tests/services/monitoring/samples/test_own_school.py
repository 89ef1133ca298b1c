"""A school is told of its own part of a draw, and of no other school's, at any route."""

import itertools
from typing import Any

import pytest

from shared.kernel.personal import person_key
from shared.terms.actor import Role
from tests.services.monitoring.samples.office import (
    addresses,
    audit,
    draw,
    drawn_keys,
    drawn_rows,
    get,
    open_drawn,
    schools,
)
from tests.services.monitoring.world import SCHOOLS, World

pytestmark = pytest.mark.anyio
PEOPLE = (Role.SCHOOL_ADMIN, Role.SCHOOL_OPERATOR, Role.TEACHER)


async def test_a_drawn_school_is_told_its_own_pupils_and_the_reading_is_noted(world: World) -> None:
    own = (await open_drawn(world))[0]
    headers, keys = world.as_school(own), await drawn_keys(world, own)
    told = (await get(world, "sample/own-school", headers=headers)).json()
    assert told == {"is_drawn": True, "drawn_pupils": 5, "classes": {"c1": 5}}
    pages, cursor = [], None
    while True:
        page = await get(
            world, "sample/drawn-pupils", headers=headers, page_size=2, **({"cursor": cursor} if cursor else {})
        )
        assert page.headers["cache-control"] == "private, no-store"
        pages.append([item["student_key"] for item in page.json()["items"]])
        if (cursor := page.json()["next_cursor"]) is None:
            break
    assert [len(page) for page in pages] == [2, 2, 1]
    assert set(itertools.chain(*pages)) == keys
    notes = await audit(world, "drawn_pupils.read")
    assert [note["detail"] for note in notes] == [{"rows": 2}, {"rows": 2}, {"rows": 1}]
    assert not any(key in str(notes) for key in keys)


async def test_pupils_are_looked_up_by_number_and_the_number_goes_no_further(world: World) -> None:
    active = await open_drawn(world)
    own, other = active[:2]
    keys = await drawn_keys(world, own)
    numbers = [*world.pupils[own], *world.pupils[other], "G000"]
    answer = await world.client.post(
        "/exams/mock/sample/drawn-pupils:lookup", json={"student_numbers": numbers}, headers=world.as_school(own)
    )
    assert answer.status_code == 200, answer.text
    key = world.settings.key("person_key")
    assert [item["is_drawn"] for item in answer.json()["items"]] == [person_key(n, key) in keys for n in numbers]
    assert [item["position"] for item in answer.json()["items"]] == list(range(1, len(numbers) + 1))
    assert not any(number in answer.text for number in numbers)
    (note,) = await audit(world, "drawn_pupils.looked_up")
    assert note["detail"] == {"asked": len(numbers), "drawn": 5}
    for wrong in ({"student_numbers": []}, {"student_numbers": ["x" * 41]}, {}):
        refused = await world.client.post(
            "/exams/mock/sample/drawn-pupils:lookup", json=wrong, headers=world.as_school(own)
        )
        assert refused.status_code == 422


async def test_a_school_that_stands_by_is_answered_like_one_that_does_not(world: World) -> None:
    await draw(world)
    before = await get(world, "sample/own-school", headers=world.as_school(next(iter(SCHOOLS))))
    assert (before.status_code, before.json()["code"]) == (409, "sample.not_announced")
    await world.run_job(await world.client.post("/exams/mock:open", headers=world.as_city()))
    named = {school["school_code"]: school for school in await schools(world)}
    idle = [code for code in SCHOOLS if not named.get(code, {}).get("is_active")]
    answers = []
    for code in idle:
        own = await get(world, "sample/own-school", headers=world.as_school(code))
        pupils = await get(world, "sample/drawn-pupils", headers=world.as_school(code))
        answers.append((own.json(), pupils.status_code))
    assert answers == [({"is_drawn": False, "drawn_pupils": 0, "classes": {}}, 404)] * len(idle)


async def test_the_sample_is_its_offices_alone(world: World) -> None:
    own = (await open_drawn(world))[0]
    paths = ["sample", "sample/schools", "sample:verify", "sample/frame:download", "sample-design:preview"]
    for path, role in itertools.product(paths, PEOPLE):
        assert (await get(world, path, headers=world.as_school(own, role))).status_code == 403
    for path in paths:
        # A county knows which of its own schools take part; the city's sample is not its own.
        params = {"icc": 0.2} if "preview" in path else {}
        hidden = await get(world, path, headers=world.as_county("990001"), **params)
        assert hidden.status_code == (403 if "frame" in path else 404)
        assert (await get(world, path, headers=world.as_vendor())).status_code == 403
    assert (await get(world, "sample/drawn-pupils", headers=world.as_city())).status_code == 403
    for action, body in (("draw", {"seed": 1, "witnessed_by": "督导室"}), ("close-frame", None)):
        answer = await world.client.post(f"/exams/mock/sample:{action}", json=body, headers=world.as_school(own))
        assert answer.status_code == 403


async def test_no_route_tells_a_school_whether_another_was_drawn(world: World) -> None:
    active = await open_drawn(world)
    own, drawn = active[:2]
    undrawn = next(code for code in SCHOOLS if code not in active)
    for school in active:
        assert (await world.send(school, await drawn_rows(world, school))).status_code == 201
    for role in PEOPLE:
        headers = world.as_school(own, role)
        for path in addresses(own, drawn):
            answer = await world.client.get(path, headers=headers)
            assert answer.status_code < 500, (path, answer.text)
            assert drawn not in answer.text.replace(path, "") or answer.status_code in (403, 404, 422), path
            if drawn in path:
                twin = await world.client.get(path.replace(drawn, undrawn), headers=headers)
                assert twin.status_code == answer.status_code
                assert _told(twin) == _told(answer)
    await _sheets_tell_nothing(world, own, drawn=drawn, undrawn=undrawn)


def _told(answer: Any) -> Any:
    return {name: value for name, value in answer.json().items() if name in ("code", "title", "status")}


async def _sheets_tell_nothing(world: World, own: str, *, drawn: str, undrawn: str) -> None:
    """Another school's pupil in the own sheet is refused in the same words, drawn or not."""
    told = []
    for other in (drawn, undrawn):
        keys, key = await drawn_keys(world, drawn), world.settings.key("person_key")
        strangers = [n for n in world.pupils[other] if other == undrawn or person_key(n, key) in keys]
        rows = await drawn_rows(world, own)
        rows[0]["student_id"] = strangers[0]
        refused = await world.send(own, rows, headers=world.as_school(own))
        told.append((refused.status_code, [fault["code"] for fault in refused.json()["errors"]]))
        sent = await world.send(other, await drawn_rows(world, own), headers=world.as_school(own))
        told[-1] += (sent.status_code,)
    assert told == [(422, ["student.not_drawn"], 404)] * 2
