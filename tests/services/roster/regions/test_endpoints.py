"""Regions and code lists: public, and read page by page like every collection."""

import httpx
import pytest

pytestmark = pytest.mark.anyio


async def pages(client: httpx.AsyncClient, path: str, size: int) -> list[list[dict[str, object]]]:
    found: list[list[dict[str, object]]] = []
    params: dict[str, object] = {"page_size": size}
    while True:
        answer = await client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        found.append(answer.json()["items"])
        if answer.json()["next_cursor"] is None:
            return found
        params["cursor"] = answer.json()["next_cursor"]


@pytest.mark.parametrize(("path", "key"), [("/regions", "code"), ("/code-lists", "name")])
async def test_short_lists_are_read_like_long_ones(roster: httpx.AsyncClient, path: str, key: str) -> None:
    whole = (await roster.get(path)).json()
    parts = await pages(roster, path, 4)
    assert whole["next_cursor"] is None
    assert [item for part in parts for item in part] == whole["items"]
    assert {len(part) for part in parts[:-1]} == {4}
    names = [item[key] for item in whole["items"]]
    assert names == sorted(names)
    assert (await roster.get(path, params={"page_siz": 4})).status_code == 422


async def test_a_former_code_leads_to_the_region(roster: httpx.AsyncClient) -> None:
    found = (await roster.get("/regions/520522")).json()
    assert (found["code"], found["name"]["zh"]) == ("520581", "黔西市")
    assert (await roster.get("/regions/999999")).status_code == 404
