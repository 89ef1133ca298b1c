"""What was promised for a time is kept for that time and then cleared away."""

import os
import time

import httpx
import polars as pl
import pytest
from sqlalchemy import text

from shared.kernel.app import open_kernel
from shared.kernel.settings import ServiceSettings
from shared.kernel.sweep import Sweep, sweep
from tests.kernel.sample.service import SERVICE
from tests.support.settings import actor, bearer

pytestmark = pytest.mark.anyio
CITY = bearer(actor("city_admin", "99/9900/"))


async def test_old_answers_changes_and_unnamed_files_go_and_young_ones_stay(
    sample: httpx.AsyncClient, sample_settings: ServiceSettings
) -> None:
    for code in ("old", "young"):
        body = {"code": code, "text": "x", "org_path": "99/9900/"}
        await sample.post("/notes", json=body, headers={**CITY, "Idempotency-Key": code})
    cursor = (await sample.get("/notes/changes/feed", headers=CITY)).json()["next"]
    kernel = open_kernel(SERVICE, sample_settings)
    old = kernel.columns.put(pl.DataFrame({"a": [1]}))
    named = kernel.columns.put(pl.DataFrame({"a": [2]}))
    for stored in (old, named):
        os.utime(kernel.columns.path(stored.sha256), (time.time() - 90_000,) * 2)
    async with kernel.database.transaction("") as session:
        await session.execute(
            text("update idempotent_answers set created_at = now() - interval '8 days' where key = 'old'")
        )
        await session.execute(text("update changes set at = now() - interval '31 days' where key ->> 'code' = 'old'"))
    swept: list[int] = []

    async def own(_: object) -> int:
        swept.append(1)
        return 7

    async def names(_: object) -> set[str]:
        return {named.sha256}

    counts = await sweep(kernel, [Sweep("own", own)], names)
    assert counts == {"idempotent_answers": 1, "changes": 1, "wake_ups": 0, "own": 7, "files": 1}
    assert kernel.columns.is_sound(named.sha256)
    assert not kernel.columns.is_sound(old.sha256)
    await kernel.database.close()
    # A reader who had seen everything goes on; one from before the cleared rows must read all again.
    assert (await sample.get("/notes/changes/feed", headers=CITY, params={"after": cursor})).status_code == 200
    expired = await sample.get("/notes/changes/feed", headers=CITY, params={"after": "1-1"})
    assert (expired.status_code, expired.json()["code"]) == (410, "changes.cursor_expired")
