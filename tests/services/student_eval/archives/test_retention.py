"""Files of archives past their time: their bytes go when confirmed, their hash and the chain stay."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from services.student_eval.app import SERVICE
from services.student_eval.retention.service import list_due
from shared.kernel.app import open_kernel
from shared.kernel.sweep import sweep
from tests.services.student_eval.archives.senior import HEAD, Senior
from tests.services.student_eval.archives.test_whole import sealed, whole
from tests.support.city import code_of
from tests.support.settings import bearer

pytestmark = pytest.mark.anyio


async def attach(senior: Senior, record: str, content: bytes, name: str) -> dict[str, Any]:
    disposition = f'attachment; filename="{name}"'
    headers = bearer(senior.pupil(0)) | {"Content-Disposition": disposition, "Content-Type": "application/octet-stream"}
    address = senior.at(0, f"/records/{record}/evidence")
    answer = await senior.world.client.post(address, content=content, headers=headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def swept(senior: Senior) -> tuple[int, list[Path]]:
    """A day's round over files that are old enough: how many were listed, and the files that lie there after it."""
    kernel = open_kernel(SERVICE, senior.settings)
    old = (time.time() - 100_000,) * 2
    for path in kernel.files.root.glob("kept/*/*"):
        os.utime(path, old)
    async with kernel.database.transaction("") as session:
        count = await list_due(session)
    await sweep(kernel, SERVICE.sweeps, SERVICE.named_files)
    left = sorted(kernel.files.root.glob("kept/*/*"))
    await kernel.database.close()
    return count, left


async def test_bytes_go_when_confirmed_and_the_chain_holds(senior: Senior) -> None:
    record = (await senior.write(0)).json()["id"]
    kept = await attach(senior, record, "志愿服务证明，盖章件。".encode(), "proof.txt")
    gone = await attach(senior, record, "拍糊了的一份。".encode(), "draft.txt")
    withdraw = senior.at(0, f"/records/{record}/evidence/{gone['id']}:withdraw")
    assert (await senior.world.post(withdraw, {"reason": "重复上传了"}, senior.pupil(0))).status_code == 200
    for place in range(1, 4):
        await senior.write(place)
    assert (await senior.step("begin-selection")).status_code == 200
    await senior.choose(0, [record])
    for place in range(1, 4):
        await senior.choose(place, [])
    assert (await senior.step("begin-publicity", {})).status_code == 200
    await senior.end_window()
    assert (await senior.step("verify")).status_code == 200
    await sealed(senior)
    count, left = await swept(senior)
    assert (count, len(left)) == (0, 2)
    await senior.forge(
        "evidence_files", "update evidence_files set withdrawn_at = '2020-01-01' where withdrawn_at is not null"
    )
    await senior.forge("sealed_archives", "update sealed_archives set sealed_at = '2020-01-01'")
    count, left = await swept(senior)
    assert (count, len(left)) == (2, 2)
    items = (await senior.world.get("/retention-items", HEAD)).json()["items"]
    assert {each["kind"]: (each["student_key"], each["sha256"]) for each in items} == {
        "withdrawn_evidence": (senior.keys[0], gone["sha256"]),
        "archive_evidence": (senior.keys[0], kept["sha256"]),
    }
    body = {"items": [each["id"] for each in items], "reason": "期满，已逐项核对"}
    done = await senior.world.post("/retention-items:confirm", body, HEAD)
    assert done.status_code == 200, done.text
    _, left = await swept(senior)
    assert left == []
    told = (await senior.world.get(senior.at(0, f"/records/{record}/evidence"), senior.pupil(0))).json()["items"]
    assert {each["sha256"] for each in told} == {kept["sha256"], gone["sha256"]}
    content = senior.at(0, f"/records/{record}/evidence/{kept['id']}/content")
    assert code_of(await senior.world.get(content, senior.pupil(0))) == "evidence.withdrawn"
    checked = (await whole(senior, 0, "/integrity", who=senior.pupil(0), method="GET")).json()
    assert (checked["holds"], checked["sealed_versions"]) == (True, 1)
