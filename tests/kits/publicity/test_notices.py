"""Notices over HTTP: what is shown is frozen for working days, provable afterwards, and ends by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.kernel.settings import ConfigurationError, ServiceSettings
from shared.kernel.sweep import sweep
from shared.kits.calendar import calendar_for
from shared.kits.publicity.service import content_hash
from tests.kits.office import Office, Time, open_office
from tests.kits.sample.service import SERVICE
from tests.support.settings import actor

pytestmark = pytest.mark.anyio
TITLE = {"title_zh": "自评结果公示"}


async def opened(office: Office, **changes: object) -> str:
    """Drafts and opens a notice about report ``one``; returns its address."""
    drafted = await office.post("/reports/one/notices", office.county, TITLE | changes)
    assert drafted.status_code == 201, drafted.text
    address = f"/reports/one/notices/{drafted.json()['id']}"
    shown = await office.post(f"{address}:open", office.county)
    assert shown.status_code == 200, shown.text
    return address


async def test_a_notice_stands_five_working_days_and_ends_by_itself(office: Office, time: Time) -> None:
    address = await opened(office)
    notice = (await office.get(address, office.school)).json()
    assert (notice["state"], notice["first_on"], notice["last_on"]) == ("open", "2026-11-26", "2026-12-02")
    assert notice["ends_at"] == "2026-12-02T16:00:00Z"  # midnight in China
    assert notice["unverified_years"] == []
    assert (notice["content"], notice["content_sha256"]) == (
        {"code": "one", "score": 50},
        content_hash({"code": "one", "score": 50}),
    )
    early = await office.post(f"{address}:close", office.county)
    assert (early.status_code, early.json()["code"]) == (409, "publicity.not_over")
    assert (await sweep(office.kernel, SERVICE.sweeps, None))["notices_over"] == 0
    time.move(days=8)
    assert (await sweep(office.kernel, SERVICE.sweeps, None))["notices_over"] == 1
    assert (await office.get(address, office.school)).json()["state"] == "closed"
    # The service's own step happened in the same transaction.
    assert (await office.get("/reports/one", office.school)).json()["is_frozen"]
    assert [r["detail"]["sha256"] for r in await office.audited("notice.opened")] == [notice["content_sha256"]]
    assert len(await office.audited("notice.closed")) == 1


async def test_while_it_stands_nothing_changes_and_before_and_after_it_may(office: Office, time: Time) -> None:
    body = {"code": "one", "org_path": office.school.org, "score": 60}
    assert (await office.put("/reports/one", office.school, body)).status_code == 200
    address = await opened(office)
    frozen = await office.put("/reports/one", office.school, body | {"score": 70})
    assert (frozen.status_code, frozen.json()["code"]) == (409, "publicity.frozen")
    down = await office.post(f"{address}:withdraw", office.county, {"reason": "标题有误，重新公示"})
    assert (down.status_code, down.json()["state"], down.json()["actions"]) == (200, "withdrawn", [])
    assert (await office.put("/reports/one", office.school, body | {"score": 70})).status_code == 200
    assert (await opened(office)) != address


async def test_what_is_opened_is_what_was_looked_at(office: Office, time: Time) -> None:
    drafted = (await office.post("/reports/one/notices", office.county, TITLE)).json()
    second = await office.post("/reports/one/notices", office.county, TITLE)
    assert second.json()["code"] == "publicity.standing"
    await office.put("/reports/one", office.school, {"code": "one", "org_path": office.school.org, "score": 99})
    refused = await office.post(f"/reports/one/notices/{drafted['id']}:open", office.county)
    assert (refused.status_code, refused.json()["code"]) == (409, "publicity.content_changed")


async def test_its_length_lies_within_bounds_and_a_year_without_notice_is_said(office: Office, time: Time) -> None:
    short = await office.post("/reports/one/notices", office.county, TITLE | {"working_days": 3})
    assert (short.status_code, short.json()["code"]) == (422, "publicity.length_out_of_bounds")
    address = await opened(office, working_days=30)
    notice = (await office.get(address, office.school)).json()
    assert (notice["last_on"], notice["unverified_years"]) == ("2027-01-07", [2027])


async def test_who_sees_it(office: Office, time: Time) -> None:
    address = await opened(office)
    assert (await office.get(address, actor("teacher", f"{office.school.org}c1/"))).status_code == 404  # no such report
    assert (await office.get(address, office.city)).status_code == 200
    assert (await office.get(address, office.other_school)).status_code == 404
    assert (await office.post("/reports/one/notices", office.school, TITLE)).status_code == 403
    assert (await office.client.get("/public-notices")).json()["items"] == []
    assert (await office.client.get(f"/public-notices/{address.rpartition('/')[2]}")).status_code == 404


async def test_a_notice_for_anyone_needs_no_token_until_it_ends(office: Office, time: Time) -> None:
    address = await opened(office, audience="anyone")
    (listed,) = (await office.client.get("/public-notices")).json()["items"]
    shown = await office.client.get(f"/public-notices/{listed['id']}")
    assert shown.json()["content"] == {"code": "one", "score": 50}
    await office.post(f"{address}:withdraw", office.county, {"reason": "提前撤下这份公示"})
    assert (await office.client.get("/public-notices")).json()["items"] == []


async def test_the_database_keeps_what_was_shown(office: Office, time: Time) -> None:
    await opened(office)
    for statement in (
        "update notices set content = '{}'",
        "update notices set ends_at = now()",
        "delete from notices",
    ):
        with pytest.raises(DBAPIError, match="notice"):
            async with office.kernel.database.transaction("") as session:
                await session.execute(text(statement))


async def test_a_bureaus_own_closures_move_the_end(
    office: Office, kits_settings: ServiceSettings, time: Time, tmp_path: Path
) -> None:
    closures = tmp_path / "calendar.yaml"
    closures.write_text("closures: [{org_path: 99/9900/990001/, day: 2026-12-01, reason: 暴雪停课}]", "utf-8")
    closed: ServiceSettings = kits_settings.model_copy(update={"calendar_file": closures})
    async with open_office(closed) as other:
        address = await opened(other)
        assert (await other.get(address, other.school)).json()["last_on"] == "2026-12-03"


def test_a_calendar_that_cannot_be_read_is_said(kits_settings: ServiceSettings, tmp_path: Path) -> None:
    broken = tmp_path / "calendar.yaml"
    broken.write_text("closures: [{day: 2026-12-01}]", "utf-8")
    with pytest.raises(ConfigurationError, match="org_path"):
        calendar_for(kits_settings.model_copy(update={"calendar_file": broken}), "99/")
