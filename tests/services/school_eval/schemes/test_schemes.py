"""Schemes over HTTP: imported, edited node by node, checked, published as versions that never change, compared."""

import asyncio
from typing import Any

import httpx
import pytest

from services.school_eval.schemes.mounted import SCHEMES
from shared.kits.schemes.built_in import built_ins
from shared.terms.actor import Role
from tests.services.school_eval.campaigns.city import SCHEME
from tests.support.city import CITY, CITY_ADMIN, World, code_of, county_admin, of_school
from tests.support.settings import actor, bearer

pytestmark = pytest.mark.anyio
CODE, REASON = "/schemes/city_school", {"reason": "首次发布本方案"}
ANALYST = actor(Role.CITY_ANALYST, CITY)


async def send(world: World, text: str = SCHEME, *, match: Any = None, path: str = CODE) -> httpx.Response:
    """Imports a document."""
    headers = bearer(CITY_ADMIN) | {"Content-Type": "application/yaml"}
    if match is not None:
        headers["If-Match"] = match.headers["etag"]
    return await world.client.put(f"{path}/draft", content=text.encode(), headers=headers)


async def published(world: World) -> httpx.Response:
    """Imports and publishes; the scheme as read afterwards."""
    sent = await send(world)
    assert sent.status_code == 201, sent.text
    made = await world.post(f"{CODE}:publish", REASON, match=sent)
    assert made.status_code == 201, made.text
    return await world.get(CODE)


async def test_a_document_becomes_a_draft_and_a_version(world: World) -> None:
    sent = await send(world)
    assert (sent.status_code, sent.json()["has_draft"], sent.json()["last_version"]) == (201, True, None)
    assert (await send(world, match=sent)).json()["version"] == sent.json()["version"]
    assert (await world.get(f"{CODE}/draft")).text == SCHEME
    as_json = await world.put(f"{CODE}/draft", {"document": SCHEME + "# 附注\n"}, match=sent)
    assert as_json.status_code == 200
    assert (await world.post(f"{CODE}:publish", REASON)).status_code == 428
    assert code_of(await world.post(f"{CODE}:publish", REASON, match=sent)) == "request.precondition_failed"
    made = await world.post(f"{CODE}:publish", REASON, match=as_json)
    assert (made.status_code, made.json()["number"]) == (201, 1)
    assert (await world.get(f"{CODE}/versions/1/document", of_school())).text == SCHEME + "# 附注\n"
    tree = (await world.get(f"{CODE}/versions/1", of_school())).json()
    assert (tree["leaf_count"], [node["code"] for node in tree["children"]]) == (5, ["A1", "A2"])
    assert tree["children"][0]["children"][0]["rule"]["parameters"] == {
        "levels": {"A": "1", "B": "0.8", "C": "0.6", "D": "0"}
    }
    again = await world.get(CODE)
    assert again.json()["has_draft"] is False
    assert code_of(await world.post(f"{CODE}:publish", REASON, match=again)) == "scheme.no_draft"


async def test_faults_are_told_with_their_lines_and_nothing_is_taken(world: World) -> None:
    broken = SCHEME.replace("kind: yes_no", "kind: maybe").replace("weight: 30", "weight: heavy")
    refused = await send(world, broken)
    assert code_of(refused) == "scheme.faulty"
    lines = [number for number, line in enumerate(broken.splitlines(), 1) if "maybe" in line or "heavy" in line]
    assert sorted(fault["row"] for fault in refused.json()["errors"]) == lines
    assert (await world.get(CODE)).status_code == 404
    assert code_of(await send(world, path="/schemes/other")) == "scheme.other_code"
    odd = await world.client.put(
        f"{CODE}/draft", content=b"x", headers=bearer(CITY_ADMIN) | {"Content-Type": "text/csv"}
    )
    assert odd.status_code == 415


async def test_what_the_law_refuses_is_never_published(world: World) -> None:
    unlawful = SCHEME.replace("{zh: 开齐开足课程, en: Courses opened in full}", "{zh: 中考升学率, en: Admission rate}")
    sent = await send(world, unlawful)
    assert sent.status_code == 201
    findings = (await world.get(f"{CODE}/draft/findings")).json()
    assert findings["can_be_published"] is False
    refused = await world.post(f"{CODE}:publish", REASON, match=sent)
    assert code_of(refused) == "scheme.faulty"
    line = next(number for number, text in enumerate(unlawful.splitlines(), 1) if "- code: B2" in text)
    assert line in [fault["row"] for fault in refused.json()["errors"]]
    assert (await world.get(CODE)).json()["last_version"] is None


async def test_a_draft_is_edited_node_by_node(world: World) -> None:
    known = await published(world)
    node = {
        "code": "B2",
        "name": {"zh": "开齐开足课程", "en": "Courses opened in full"},
        "weight": 25,
        "rule": {"kind": "yes_no"},
        "source": "self_assessment",
        "evaluators": ["school", "county"],
        "methods": ["on_site"],
        "evaluation_kind": "process",
    }
    edited = await world.put(f"{CODE}/draft/nodes/B2", {"content": node}, match=known)
    assert (edited.status_code, edited.json()["draft_from"]) == (200, 1)
    assert "# 办学方向" in (await world.get(f"{CODE}/draft")).text
    changes = (await world.get(f"{CODE}/draft/changes")).json()
    # Each weight is a share of its siblings': one change moves all three.
    assert {(change["kind"], change["node"]) for change in changes["items"]} == {
        ("weight", code) for code in ("B1", "B2", "B3")
    }
    assert changes["against"] == 1
    added = await world.post(f"{CODE}/draft/nodes", {"parent": "A2", "content": node | {"code": "B6"}}, match=edited)
    assert added.status_code == 200, added.text
    refused = await world.put(f"{CODE}/draft/nodes/B6", {"content": {"code": "B6"}}, match=added)
    assert code_of(refused) == "scheme.faulty"
    removed = await world.ask("DELETE", f"{CODE}/draft/nodes/B6", match=added)
    assert removed.status_code == 200, removed.text
    tree = (await world.get(f"{CODE}/draft/tree")).json()
    assert [leaf["code"] for leaf in tree["children"][1]["children"]] == ["B4", "B5"]
    second = await world.post(f"{CODE}:publish", {"reason": "调整课程权重"}, match=removed)
    assert second.json()["number"] == 2
    between = (await world.get(f"{CODE}/versions/2/changes", of_school())).json()
    assert len(between["items"]) == 3
    assert code_of(await world.get(f"{CODE}/versions/1/changes")) == "scheme.nothing_to_compare"


async def test_a_draft_can_be_thrown_away(world: World) -> None:
    known = await published(world)
    sent = await send(world, SCHEME.replace("at_least: 90", "at_least: 92"), match=known)
    gone = await world.ask("DELETE", f"{CODE}/draft", match=sent)
    assert gone.json()["has_draft"] is False
    assert (await world.get(f"{CODE}/draft")).text == SCHEME
    same = await send(world, match=gone)
    assert code_of(await world.post(f"{CODE}:publish", REASON, match=same)) == "scheme.nothing_changed"


async def test_who_may_write_and_who_may_read(world: World) -> None:
    known = await published(world)
    for who in (county_admin(), of_school(), of_school(Role.TEACHER)):
        assert (await world.get("/schemes", who)).json()["items"][0]["code"] == "city_school"
        assert (await world.get(f"{CODE}/draft", who)).status_code == 403
        assert (await world.post(f"{CODE}:publish", REASON, who, match=known)).status_code == 403
    assert (await world.get(f"{CODE}/draft", ANALYST)).status_code == 200
    assert (await world.post(f"{CODE}:publish", REASON, ANALYST, match=known)).status_code == 403


async def test_built_in_schemes_are_adopted_in_one_call(world: World) -> None:
    await asyncio.to_thread(built_ins, SCHEMES.subjects)
    listed = (await world.get("/built-in-schemes")).json()["items"]
    assert {"compulsory_school", "senior_school"} <= {entry["code"] for entry in listed}
    adopted = await world.post("/built-in-schemes/compulsory_school:adopt", {"reason": "采用内置方案作为起点"})
    assert (adopted.status_code, adopted.json()["number"]) == (201, 1), adopted.text
    again = {
        entry["code"]: entry["adopted_version"] for entry in (await world.get("/built-in-schemes")).json()["items"]
    }
    assert (again["compulsory_school"], again["senior_school"]) == (1, None)
    examples = (await world.get("/built-in-schemes/compulsory_school/examples")).json()
    assert (examples["agree"], examples["differences"]) == (True, [])
    assert examples["units"] > 0
    # Those of staff and pupils are kept by the services that judge them.
    assert not {"teacher_annual", "compulsory_student"} & {entry["code"] for entry in listed}
    of_pupils = await send(world, SCHEME.replace("of: school", "of: student"))
    assert code_of(of_pupils) == "scheme.of_elsewhere"
