"""Schools over HTTP."""

import pytest

from services.roster.app import SERVICE
from shared.kernel.settings import ServiceSettings
from tests.services.roster.senders import SCHOOL_A, YEAR, Sender, enrollment, member, pupil, school
from tests.support.client import running

pytestmark = pytest.mark.anyio


async def test_writing_by_natural_key_is_idempotent(city: Sender) -> None:
    created = await city.put_school("2199000003")
    assert created.status_code == 201
    cursor = (await city.get("/changes")).json()["next_after"]
    again = await city.put_school("2199000003")
    assert (again.status_code, again.json()) == (200, created.json())
    assert (await city.get("/changes", after=cursor)).json()["items"] == []
    changed = await city.put_school("2199000003", name="新名")
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert [change["key"] for change in (await city.get("/changes", after=cursor)).json()["items"]] == [
        {"school_code": "2199000003"}
    ]


async def test_reading_knows_what_the_reader_has(city: Sender) -> None:
    first = await city.get(f"/schools/{SCHOOL_A}")
    tag = first.headers["etag"]
    unchanged = await city.client.get(f"/schools/{SCHOOL_A}", headers={**city.headers, "If-None-Match": tag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    await city.put_school(SCHOOL_A, name="新名")
    assert (await city.get(f"/schools/{SCHOOL_A}")).headers["etag"] != tag


async def test_every_fault_is_named_at_once(city: Sender) -> None:
    body = {**school(), "school_type": "999", "stages": ["小学", "大学"], "Name": "x", "attributes": {"A b": 1}}
    del body["name"]
    answer = await city.put("/schools/2199000003", body)
    assert answer.status_code == 422
    assert {(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]} == {
        ("/name", "field.missing"),
        ("/Name", "field.unknown"),
        ("/school_type", "roster.code_unknown"),
        ("/stages", "roster.code_unknown"),
        ("/attributes", "roster.attributes_format"),
    }
    assert "211 小学" in next(f["allowed"] for f in answer.json()["errors"] if f["pointer"] == "/school_type")


async def test_a_school_of_another_province_is_refused(city: Sender) -> None:
    answer = await city.put_school("2152000009")
    assert [fault["code"] for fault in answer.json()["errors"]] == ["roster.school_code_province"]


async def test_names_of_codes_are_accepted_and_codes_are_stored(city: Sender) -> None:
    answer = await city.put_school("2199000003", school_type="完全中学", stages="高中;初中", urban_rural="村庄")
    assert answer.status_code == 422  # 高中 is not the list's name for the stage
    answer = await city.put_school("2199000003", school_type="完全中学", stages="普通高中、初中", urban_rural="村庄")
    stored = answer.json()
    assert (stored["school_type"], stored["urban_rural"]) == ("341", "220")
    assert stored["stages"] == ["junior_secondary", "senior_secondary"]


async def test_a_historic_county_code_becomes_todays(city: Sender) -> None:
    bijie = Sender(city.client, "city_admin", "52/5205/")
    answer = await bijie.put_school("2152000001", county_code="520522")
    assert (answer.json()["county_code"], answer.json()["org_path"]) == ("520581", "52/5205/520581/2152000001/")


async def test_a_school_that_moves_to_another_county_takes_everything_along(city: Sender) -> None:
    bijie = Sender(city.client, "city_admin", "52/5205/")
    code = "2152000001"
    await bijie.put_school(code, county_code="520502")
    await bijie.put_class(code, "c1")
    await bijie.batch("students", [pupil(1, code)])
    await bijie.batch("enrollments", [enrollment(1, code)])
    await bijie.batch("staff", [member(1, code)])
    lesson = {"school_year": YEAR, "school_code": code, "class_code": "c1", "subject": "14"}
    await bijie.batch("teaching-assignments", [{"citizen_number": member(1)["citizen_number"], **lesson}])
    assert (await bijie.put_school(code, county_code="5205J1")).status_code == 200
    old = Sender(city.client, "county_admin", "52/5205/520502/")
    new = Sender(city.client, "county_admin", "52/5205/5205J1/")
    for path in ("/schools", "/classes", "/students", "/enrollments", "/staff", "/teaching-assignments"):
        assert (await old.get(path)).json()["items"] == [], path
        assert len((await new.get(path)).json()["items"]) == 1, path


async def test_source_keys_are_kept_and_never_given_to_another(city: Sender) -> None:
    given = await city.put_school("2199000003", source_system="sis", source_id="7")
    assert given.json()["source_id"] == "7"
    kept = await city.put_school("2199000003", name="新名")
    assert (kept.json()["source_system"], kept.json()["source_id"]) == ("sis", "7")
    for code, source in (("2199000004", "7"), ("2199000003", "8")):
        taken = await city.put_school(code, source_system="sis", source_id=source)
        assert [fault["code"] for fault in taken.json()["errors"]] == ["roster.source_reassigned"]
    half = await city.put_school("2199000005", source_id="9")
    assert [fault["code"] for fault in half.json()["errors"]] == ["roster.source_incomplete"]


async def test_filters_and_pages(city: Sender) -> None:
    for serial in range(10, 15):
        await city.put_school(f"31990000{serial}", school_type="341", stages=["senior_secondary"])
    assert len((await city.get("/schools", stage="senior_secondary")).json()["items"]) == 5
    assert (await city.get("/schools", county_code="520502")).json()["items"] == []
    seen, cursor = [], None
    while True:
        query = {"page_size": 2, "school_type": "341", **({"cursor": cursor} if cursor else {})}
        page = (await city.get("/schools", **query)).json()
        seen += [item["school_code"] for item in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == [f"31990000{serial}" for serial in range(10, 15)]
    since = (await city.get("/schools/3199000014")).json()["updated_at"]
    later = (await city.get("/schools", updated_at__gte=since)).json()["items"]
    assert [item["school_code"] for item in later] == ["3199000014"]


async def test_a_misspelt_filter_is_refused(city: Sender) -> None:
    answer = await city.get("/schools", county="990001")
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [
        ("query:county", "field.unknown")
    ]


async def test_production_knows_no_test_region(roster_settings: ServiceSettings) -> None:
    strict = roster_settings.model_copy(update={"env": "production"})
    async with running(SERVICE, strict) as (_, client):
        city = Sender(client, "city_admin", "99/9900/")
        answer = await city.put_school("2199000001")
        assert [fault["code"] for fault in answer.json()["errors"]] == ["roster.county_unknown"]
        codes = [item["code"] for item in (await client.get("/regions")).json()["items"]]
        assert len(codes) == 11
        assert "990001" not in codes
        assert (await client.get("/regions/520522")).json()["code"] == "520581"
        assert (await client.get("/regions/990001")).status_code == 404


async def test_code_lists_are_public(city: Sender) -> None:
    listed = (await city.client.get("/code-lists")).json()["items"]
    sexes = next(codes for codes in listed if codes["name"] == "sexes")
    assert (sexes["source"], sexes["verified"], sexes["count"]) == ("GB/T 2261.1", False, 4)
    items = (await city.client.get("/code-lists/sexes")).json()["items"]
    assert {"code": "1", "zh": "男", "en": "Male"} in items
    assert (await city.client.get("/code-lists/none")).status_code == 404
