"""Evidence over HTTP: handed in, read, withdrawn; scanned; swept. The store and the database are real."""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.kernel.settings import ServiceSettings
from shared.kernel.sweep import sweep
from tests.kits.evidence import files
from tests.kits.office import Office, open_office
from tests.kits.sample.service import SERVICE

pytestmark = pytest.mark.anyio


async def test_a_file_is_attached_and_comes_back_with_headers_that_keep_it_harmless(office: Office) -> None:
    sent = await office.attach(files.PDF, name="自评 报告.pdf")
    assert sent.status_code == 201, sent.text
    row = sent.json()
    assert (row["file_name"], row["kind"], row["scan_state"]) == ("自评 报告.pdf", "document", "not_scanned")
    assert row["duplicates"] == []
    got = await office.get(f"/reports/one/evidence/{row['id']}/content", office.school)
    assert (got.status_code, got.content) == (200, files.PDF)
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert "filename*=UTF-8''%E8%87%AA" in got.headers["content-disposition"]
    assert got.headers["content-disposition"].startswith("attachment")
    part = await office.get(row["content_url"].partition("/kits")[2], office.school, headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"%PDF")
    listed = (await office.get("/reports/one/evidence", office.county)).json()
    assert [item["sha256"] for item in listed["items"]] == [row["sha256"]]


async def test_a_form_brings_a_caption(office: Office) -> None:
    form = {"files": {"file": ("a.jpg", files.jpeg(), "text/html")}, "data": {"caption": "实验室照片"}}
    sent = await office.post_form("/reports/one/evidence", office.school, **form)
    assert sent.status_code == 201, sent.text
    assert (sent.json()["caption"], sent.json()["media_type"]) == ("实验室照片", "image/jpeg")
    named = await office.post_form(
        "/reports/one/evidence", office.school, files={"file": files.png()}, data={"caption": "990001201501010011"}
    )
    assert (named.status_code, named.json()["errors"][0]["code"]) == (422, "text.identity_number")
    odd = await office.post_form("/reports/one/evidence", office.school, files={"other": files.PDF}, data={"x": "1"})
    assert {(e["code"], e["pointer"]) for e in odd.json()["errors"]} == {
        ("field.unknown", "/other"),
        ("field.unknown", "/x"),
        ("field.missing", "/file"),
    }


async def test_others_do_not_see_it_and_reading_of_others_is_noted(office: Office) -> None:
    row = (await office.attach(files.PDF)).json()
    address = f"/reports/one/evidence/{row['id']}/content"
    assert (await office.get(address, office.other_school)).status_code == 404
    assert (await office.get(f"/reports/two/evidence/{row['id']}", office.other_school)).status_code == 404
    assert (await office.get(f"/reports/two/evidence/{row['id']}", office.city)).status_code == 404
    assert (await office.client.get(address)).status_code == 401
    assert (await office.get(address, office.school)).status_code == 200
    assert await office.audited("evidence.read") == []
    assert (await office.get(address, office.county)).status_code == 200
    (noted,) = await office.audited("evidence.read")
    assert (noted["object"], noted["subject"]) == (row["id"], office.county.subject)
    assert "材料" not in str(noted)


async def test_nothing_is_spooled_for_nobody_and_too_much_is_refused(office: Office) -> None:
    nobody = await office.client.post("/reports/one/evidence", content=files.PDF)
    assert (nobody.status_code, nobody.json()["code"]) == (401, "auth.token_missing")
    assert (await office.attach(files.PDF, report="nowhere")).status_code == 404
    large = await office.attach(files.jpeg() + b"\0" * (16 * 2**20))
    assert (large.status_code, large.json()["code"]) == (413, "evidence.too_large")
    larger = await office.attach(files.PDF + b"\0" * (61 * 2**20))
    assert (larger.status_code, larger.json()["code"]) == (413, "request.too_large")
    program = await office.attach(b"MZ" + b"\0" * 100, name="照片.jpg")
    assert (program.status_code, program.json()["code"]) == (415, "evidence.type_refused")
    assert not list(office.kernel.files.root.glob("kept/*/*"))


async def test_the_same_file_again_is_the_same_row_and_elsewhere_it_is_reported(office: Office) -> None:
    first = (await office.attach(files.PDF)).json()
    again = await office.attach(files.PDF, office.colleague, name="改名.pdf")
    assert (again.status_code, again.json()["id"], again.json()["file_name"]) == (200, first["id"], "材料.pdf")
    await office.report("three", office.school)
    elsewhere = (await office.attach(files.PDF, report="three")).json()
    assert [(d["subject_key"], d["id"]) for d in elsewhere["duplicates"]] == [("one", first["id"])]
    # The other school cannot learn from it what its neighbor has.
    assert (await office.attach(files.PDF, office.other_school, report="two")).json()["duplicates"] == []


async def test_count_and_size_are_limited_also_at_once(office: Office) -> None:
    sent = await asyncio.gather(*(office.attach(files.PDF + b"%d" % n) for n in range(6)))
    assert sorted(answer.status_code for answer in sent) == [201] * 3 + [409] * 3
    assert {answer.json()["code"] for answer in sent if answer.status_code == 409} == {"evidence.too_many"}
    heavy = await office.attach(files.PDF + b"\0" * (2 * 2**20), office.other_school, report="two")
    assert heavy.json()["code"] == "evidence.too_many"


async def test_a_withdrawn_file_is_kept_and_given_to_nobody(office: Office) -> None:
    row = (await office.attach(files.PDF)).json()
    withdrawn = await office.post(
        f"/reports/one/evidence/{row['id']}:withdraw", office.school, {"reason": "传错了文件"}
    )
    assert (withdrawn.status_code, withdrawn.json()["is_served"]) == (200, False)
    assert (await office.get(f"/reports/one/evidence/{row['id']}/content", office.city)).status_code == 410
    again = await office.post(f"/reports/one/evidence/{row['id']}:withdraw", office.school, {"reason": "再撤一次吧"})
    assert again.json()["code"] == "evidence.withdrawn"
    assert office.kernel.files.is_sound(row["sha256"])
    for statement in (
        "delete from evidence_files",
        "update evidence_files set file_name = 'x'",
        "update evidence_files set withdrawn_reason = 'other'",
    ):
        with pytest.raises(DBAPIError, match="evidence is"):
            async with office.kernel.database.transaction("") as session:
                await session.execute(text(statement))


async def test_a_frozen_thing_takes_no_files(office: Office) -> None:
    await office.report("cold", office.school, is_frozen=True)
    assert (await office.attach(files.PDF, report="cold")).status_code == 409
    assert (await office.get("/reports/cold/evidence", office.school)).status_code == 200


async def test_a_key_sends_once_and_another_file_under_it_is_refused(office: Office) -> None:
    key = {"Idempotency-Key": "k1"}
    first = await office.attach(files.PDF, headers=key)
    assert (await office.attach(files.PDF, headers=key)).json() == first.json()
    assert (await office.attach(files.PDF + b"x", headers=key)).json()["code"] == "idempotency.key_reused"


async def test_damage_is_said_and_not_served(office: Office) -> None:
    row = (await office.attach(files.PDF)).json()
    path = office.kernel.files.path(row["sha256"])
    path.write_bytes(b"%PDF-other")
    lost = await office.get(f"/reports/one/evidence/{row['id']}/content", office.school)
    assert (lost.status_code, lost.json()["code"]) == (500, "evidence.lost")
    path.unlink()
    assert (await office.get(f"/reports/one/evidence/{row['id']}/content", office.school)).status_code == 500


async def test_the_sweep_keeps_what_rows_name(office: Office, tmp_path: Path) -> None:
    row = (await office.attach(files.PDF)).json()
    orphan = tmp_path / "orphan"
    orphan.write_bytes(b"orphan")
    sha256 = "c0fd1dd1c1bcd2a3f4e5a5b0b4d5a1a2c3d4e5f60718293a4b5c6d7e8f901234"
    with pytest.raises(ValueError, match="hash"):
        office.kernel.files.put(orphan, sha256)
    sha256 = hashlib.sha256(b"orphan").hexdigest()
    office.kernel.files.put(orphan, sha256)
    for name in (row["sha256"], sha256):
        os.utime(office.kernel.files.path(name), (time.time() - 90_000,) * 2)
    counts = await sweep(office.kernel, SERVICE.sweeps, None)
    assert (counts["evidence_files"], counts["evidence_scans"]) == (1, 0)
    assert office.kernel.files.is_sound(row["sha256"])
    assert not office.kernel.files.is_sound(sha256)


def scanner(folder: Path) -> str:
    """A command that finds ``EICAR`` in a file, as ``clamscan`` would say it."""
    script = folder / "scan.sh"
    script.write_text('#!/bin/sh\nif grep -q EICAR "$1"; then echo "$1: Test.Signature FOUND"; exit 1; fi\nexit 0\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return f"command:{script}"


async def test_infected_files_are_refused_and_lie_in_quarantine(kits_settings: ServiceSettings, tmp_path: Path) -> None:
    with_scanner: ServiceSettings = kits_settings.model_copy(update={"virus_scanner": scanner(tmp_path)})
    async with open_office(with_scanner) as office:
        await office.report("one", office.school)
        clean = (await office.attach(files.PDF)).json()
        assert (clean["scan_state"], clean["scanned_at"] is None) == ("clean", False)
        infected = await office.attach(files.PDF + b"EICAR")
        assert (infected.status_code, infected.json()["code"]) == (422, "evidence.infected")
        assert "Test.Signature" in infected.json()["detail"]
        assert "/" not in infected.json()["detail"]
        assert len(list(office.kernel.files.root.glob("quarantine/*"))) == 1
        assert len(list(office.kernel.files.root.glob("kept/*/*"))) == 1


async def test_files_stored_before_a_scanner_came_are_scanned_and_the_infected_never_served(
    office: Office, kits_settings: ServiceSettings, tmp_path: Path
) -> None:
    clean, infected = [(await office.attach(files.PDF + end)).json() for end in (b"", b"EICAR")]
    with_scanner: ServiceSettings = kits_settings.model_copy(update={"virus_scanner": scanner(tmp_path)})
    async with open_office(with_scanner) as later:
        assert (await sweep(later.kernel, SERVICE.sweeps, None))["evidence_scans"] == 2
        states: dict[str, Any] = {
            item["id"]: (item["scan_state"], item["is_served"])
            for item in (await later.get("/reports/one/evidence", later.school)).json()["items"]
        }
        assert states == {clean["id"]: ("clean", True), infected["id"]: ("infected", False)}
        refused = await later.get(f"/reports/one/evidence/{infected['id']}/content", later.school)
        assert (refused.status_code, refused.json()["code"]) == (410, "evidence.quarantined")
        assert not later.kernel.files.is_sound(infected["sha256"])
        assert len(await later.audited("evidence.quarantined")) == 1
