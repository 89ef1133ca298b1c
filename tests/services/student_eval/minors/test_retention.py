"""Past its time: listed, never erased by itself; erased when somebody confirms it, unless an order keeps it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest

from services.student_eval.app import SERVICE
from services.student_eval.retention.rules import is_held, require_erasable
from services.student_eval.retention.service import list_due
from shared.kernel import clock
from shared.kernel.app import open_kernel
from shared.kernel.sweep import sweep
from shared.terms.errors import DomainError
from shared.terms.organization import county_path, school_path
from tests.services.student_eval.fitness.pupils import STRONG, WEAK, YEAR, sheet
from tests.services.student_eval.minors.family import CHILD, YOUTH, as_owner, guardian, name_mother, pupil
from tests.support.city import COUNTY, SCHOOL, SCHOOLS, World, code_of, county_admin, of_school
from tests.support.settings import bearer

LONG_AGO = "2016-2017"
REASON = {"reason": "已逐项核对，期限届满"}
PATH, ELSEWHERE = school_path(COUNTY, SCHOOL), school_path(COUNTY, "2199000009")


@dataclass
class Thing:
    org_path: str
    student_key: str | None
    kind: str = "guardianships"
    state: str = "listed"


HELD = [
    (Thing(PATH, "a"), [], False),
    (Thing(PATH, "a"), [Thing(PATH, None)], True),
    (Thing(PATH, "a"), [Thing(county_path(COUNTY), None)], True),
    (Thing(PATH, "a"), [Thing(ELSEWHERE, None)], False),
    (Thing(PATH, "a"), [Thing(PATH, "b")], False),
    (Thing(PATH, "a"), [Thing(PATH, "b"), Thing(PATH, "a")], True),
    (Thing(PATH, None), [Thing(PATH, "b")], True),
]


@pytest.mark.parametrize(("item", "holds", "held"), HELD)
def test_what_an_order_keeps(item: Thing, holds: list[Thing], held: bool) -> None:
    assert is_held(item, holds) is held


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (Thing(PATH, "a", state="carried_out"), "retention.done"),
        (Thing(PATH, "a", kind="archives"), "retention.law_keeps"),
        (Thing(ELSEWHERE, "a"), None),
        (Thing(PATH, "a"), "retention.held"),
    ],
)
def test_what_may_be_erased(item: Thing, code: str | None) -> None:
    holds = [Thing(PATH, "a")]
    if code is None:
        require_erasable(item, holds)
    else:
        with pytest.raises(DomainError) as caught:
            require_erasable(item, holds)
        assert caught.value.code == code


async def swept(world: World) -> int:
    """A day's round: what is past its time is listed once a day, and the hourly sweep adds nothing to it."""
    kernel = open_kernel(SERVICE, world.settings)
    async with kernel.database.transaction("") as session:
        count = await list_due(session)
    assert (await sweep(kernel, SERVICE.sweeps, SERVICE.named_files))["retention_items"] == 0
    await kernel.database.close()
    return count


async def listed(world: World, query: str = "?state=listed") -> dict[str, dict[str, Any]]:
    answer = await world.get(f"/retention-items{query}", of_school())
    assert answer.status_code == 200, answer.text
    return {each["kind"]: each for each in answer.json()["items"]}


@pytest.mark.anyio
async def test_results_of_long_ago_and_former_guardians_go_when_confirmed(world: World) -> None:
    headers = bearer(of_school()) | {"Content-Type": "text/csv"}
    own = f"/fitness/{YEAR}/{COUNTY}-{SCHOOL}"
    sent = sheet(SCHOOL, {CHILD: STRONG, YOUTH: WEAK})
    assert (await world.client.post(f"{own}:import", content=sent, headers=headers)).status_code == 200
    await name_mother(world, CHILD, YOUTH)
    former = next(iter((await world.get("/guardianships", of_school())).json()["items"]))
    assert await swept(world) == 0
    await as_owner(
        world.settings,
        "update fitness_sheets set school_year = '2016-2017'",
        "update guardianships set started_on = '2015-09-01', ended_on = '2018-07-01', ended_reason = '监护权变更' "
        "where id = (select id from guardianships order by id limit 1)",
    )
    assert await swept(world) == 2
    assert await swept(world) == 0
    found = await listed(world)
    assert {kind: each["due_on"] for kind, each in found.items()} == {
        "fitness_results": "2023-08-31",
        "guardianships": "2021-07-01",
    }
    # Listed is not erased.
    old = f"/fitness/{LONG_AGO}/{COUNTY}-{SCHOOL}"
    assert (await world.get(f"{old}/students?class_code=901", of_school())).status_code == 200
    ids = [each["id"] for each in found.values()]
    other = of_school(school=next(code for code in SCHOOLS if SCHOOLS[code] != COUNTY))
    assert (await world.post("/retention-items:confirm", {"items": ids} | REASON, other)).status_code == 404
    order = {"student_key": pupil(world, YOUTH).person, "reason": "诉讼期间保全", "document": "法院协助保全通知书"}
    held = await world.post(f"/legal-holds/{COUNTY}", order, county_admin())
    assert held.status_code == 201, held.text
    assert (await listed(world))["fitness_results"]["is_held"] is True
    refused = await world.post("/retention-items:confirm", {"items": ids} | REASON, of_school())
    assert code_of(refused) == "retention.held"
    release = f"/legal-holds/{held.json()['id']}:release"
    assert code_of(await world.post(release, REASON, of_school())) == "retention.hold_above"
    assert (await world.post(release, REASON, county_admin())).status_code == 200
    later = {"items": ids[:1], "until": (clock.today() + dt.timedelta(days=90)).isoformat()} | REASON
    kept = await world.post("/retention-items:keep", later, of_school())
    assert [each["state"] for each in kept.json()["items"]] == ["kept"]
    assert code_of(await world.post("/retention-items:keep", later | {"until": "2020-01-01"}, of_school())) == (
        "retention.day_past"
    )
    done = await world.post("/retention-items:confirm", {"items": ids} | REASON, of_school())
    assert {each["state"] for each in done.json()["items"]} == {"carried_out"}
    again = await world.post("/retention-items:confirm", {"items": ids} | REASON, of_school())
    assert code_of(again) == "retention.done"
    # Counts stay, pupils' results do not, in no door; the state's hash is still told.
    report = (await world.get(f"{old}/report", of_school())).json()
    assert report["whole"]["counts"]["n_students"] == 2
    for path in ("/students?class_code=901", "/report?by=class_code"):
        assert code_of(await world.get(f"{old}{path}", of_school())) == "retention.erased"
    assert (await world.get("/fitness/mine", pupil(world, CHILD))).json()["items"] == []
    hashes = [each["sha256"] for each in (await world.get(old, of_school())).json()["states"]]
    assert [each["sha256"] for each in (await listed(world, "?kind=fitness_results")).values()] == hashes
    standing = (await world.get("/guardianships", of_school())).json()["items"]
    assert former["id"] not in {each["id"] for each in standing}
    assert len((await world.get("/guardianships/mine", guardian(world, 1))).json()["items"]) == 1
    # The file is named by nothing any more: once old enough it is swept.
    kernel = open_kernel(SERVICE, world.settings)
    async with kernel.database.transaction("") as session:
        assert SERVICE.named_files is not None
        assert not set(hashes) & set(await SERVICE.named_files(session))
    await kernel.database.close()
