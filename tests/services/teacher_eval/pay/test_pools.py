"""Pools: three totals kept apart, amounts that are superseded and never edited, and who sees them."""

import pytest

from shared.terms.actor import Role
from tests.services.teacher_eval.pay.paying import (
    COUNTY_OFFICE,
    HEAD,
    POOL,
    YEAR,
    pool,
    put_members,
    set_pool,
    teacher,
)
from tests.support.city import CITY_ADMIN, COUNTY, PROVINCE, World, code_of, county_admin, of_school

pytestmark = pytest.mark.anyio


async def test_an_amount_is_superseded_by_a_document_and_the_one_before_stays(world: World) -> None:
    first = await set_pool(world)
    assert first.json()["amount"] == {"fen": 100_000, "yuan": "1000.00"}
    assert first.json()["months"] == 5
    again = await world.put(f"/pay-pools/{POOL}", pool(), COUNTY_OFFICE)
    assert (again.status_code, again.json()["amount_number"]) == (200, 1)
    edited = await world.put(f"/pay-pools/{POOL}", pool(120_000), COUNTY_OFFICE)
    assert code_of(edited) == "pay_pool.fixed"
    body = {"amount_fen": 120_050, "document": "县教通〔2026〕7号", "reason": "核增两名教师"}
    without = await world.post(f"/pay-pools/{POOL}:supersede", body, COUNTY_OFFICE)
    assert without.status_code == 428
    done = await world.post(f"/pay-pools/{POOL}:supersede", body, COUNTY_OFFICE, match=again)
    assert done.json()["amount"]["yuan"] == "1200.50"
    assert [(each["number"], each["document"]) for each in done.json()["amounts"]] == [
        (1, "县教通〔2026〕1号"),
        (2, "县教通〔2026〕7号"),
    ]


async def test_an_organization_has_one_pool_of_a_kind_for_a_month(world: World) -> None:
    await set_pool(world)
    twice = await world.put("/pay-pools/second", pool(first_month="2026-01", last_month="2026-06"), COUNTY_OFFICE)
    assert code_of(twice) == "pay_pool.overlaps"
    later = await world.put("/pay-pools/second", pool(first_month="2026-02", last_month="2026-06"), COUNTY_OFFICE)
    other = await world.put("/pay-pools/third", pool(kind="after_school"), COUNTY_OFFICE)
    assert (later.status_code, other.status_code) == (201, 201)
    assert other.json()["is_outside_base"]


async def test_months_and_money_are_checked(world: World) -> None:
    backwards = await world.put("/pay-pools/p", pool(last_month="2025-08"), COUNTY_OFFICE)
    negative = await world.put("/pay-pools/p", pool(-1), COUNTY_OFFICE)
    assert (code_of(backwards), code_of(negative)) == ("request.invalid", "request.invalid")


async def test_who_sets_and_who_sees(world: World) -> None:
    elsewhere = await world.put(f"/pay-pools/{POOL}", pool(), county_admin("990001"))
    assert code_of(elsewhere) == "pay_pool.elsewhere"
    assert (await world.put(f"/pay-pools/{POOL}", pool(), HEAD)).status_code == 403
    await set_pool(world)
    for who in (HEAD, teacher(1), COUNTY_OFFICE, CITY_ADMIN):
        assert (await world.get(f"/pay-pools/{POOL}", who)).status_code == 200
    for who in (of_school(school="2199000003"), county_admin("990001")):
        assert (await world.get(f"/pay-pools/{POOL}", who)).status_code == 404
    assert (await world.get("/pay-pools", of_school(Role.STUDENT))).status_code == 403


async def test_the_city_and_the_province_read_totals_and_no_names(world: World) -> None:
    await set_pool(world)
    await put_members(world, [{}])
    totals = await world.get(f"/pay-totals/{YEAR}", PROVINCE)
    (only,) = totals.json()["items"]
    assert (only["county_code"], only["level"], only["amount"]["fen"]) == (COUNTY, "school", 100_000)
    for who in (CITY_ADMIN, PROVINCE, teacher(1)):
        assert (await world.get(f"/pay-pools/{POOL}/members", who)).status_code == 403
