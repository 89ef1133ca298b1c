"""Trainings are planned, attended, completed, rated without names, imported from elsewhere, and counted once."""

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from services.teacher_eval.filling.filled import Wanted
from services.teacher_eval.filling.from_development import HOURS, DevelopmentProvider
from services.teacher_eval.training_hours.rules import expected_by
from services.teacher_eval.trainings.rules import HoursRecord, counted, rated, require_attended
from shared.kernel.personal import person_key
from shared.policy.teacher_development import TrainingPeriod, parameter_on, plan_goals, training_period
from shared.terms.errors import DomainError
from tests.services.teacher_eval.development.conftest import register
from tests.services.teacher_eval.development.town import TODAY, Town, key, people, teacher
from tests.support.city import CITY, CITY_ADMIN, COUNTY, SCHOOL, code_of, county_admin, of_school
from tests.support.settings import bearer

PROGRAM = "/training-programs/city-maths-2026"
BODY = {
    "level": "city",
    "direction": "sent_out",
    "focus": "subject_teaching",
    "title": "初中数学骨干教师研修",
    "provider": "某师范大学",
    "place": "贵阳",
    "starts_on": (TODAY - dt.timedelta(days=10)).isoformat(),
    "ends_on": TODAY.isoformat(),
    "hours": "60",
    "budget_source": "市级培训经费",
    "budget_fen": 12_000_000,
    "document": "毕教通〔2026〕20号",
}
DAY = TODAY.isoformat()
RATING = {"content": 5, "teaching": 4, "organization": 4, "usefulness": 5}


async def opened(town: Town, **more: Any) -> None:
    made = await town.put(PROGRAM, BODY | more)
    assert made.status_code == 201, made.text
    assert (await town.post(f"{PROGRAM}:open", match=made)).status_code == 200


async def enrolled(town: Town, count: int, **more: Any) -> None:
    await opened(town, **more)
    body = {"staff_keys": [key(number) for number in range(count)]}
    answer = await town.post(f"{PROGRAM}/enrollments", body, of_school())
    assert answer.status_code == 200, answer.text


async def completed(town: Town, count: int, hours: str = "60") -> Any:
    items = [{"staff_key": key(number), "hours_attended": hours, "is_completed": True} for number in range(count)]
    return await town.post(f"{PROGRAM}/completions", {"completed_on": DAY, "items": items})


async def imported(town: Town, text: str, who: Any = None, **query: Any) -> Any:
    return await town.client.post(
        "/training-records:import",
        params={"source": "national", **query},
        content=text.encode(),
        headers=bearer(who or of_school()) | {"Content-Type": "text/csv"},
    )


def test_the_same_training_recorded_twice_counts_once() -> None:
    day = dt.date(2026, 5, 1)
    records = [
        HoursRecord(id="b", title="国培 计划Ａ", hours=Decimal(40), completed_on=day),
        HoursRecord(id="a", title="国培计划A", hours=Decimal(40), completed_on=day),
        HoursRecord(id="c", title="国培计划A", hours=Decimal(40), completed_on=day + dt.timedelta(days=1)),
        HoursRecord(id="d", title="国培计划A", hours=Decimal(20), completed_on=day),
    ]
    assert counted(records) == {"a": None, "b": "a", "c": None, "d": None}


def test_attendance_has_a_least_and_a_most() -> None:
    require_attended(Decimal(60), Decimal(48), Decimal("0.8"))
    for attended, code in ((Decimal(47), "training.attendance_short"), (Decimal(61), "training.attendance_over")):
        with pytest.raises(DomainError) as refused:
            require_attended(Decimal(60), attended, Decimal("0.8"))
        assert refused.value.code == code


def test_ratings_have_an_interval_and_none_once_everybody_answered() -> None:
    mean, (low, high) = rated([3, 4, 5, 4, 4], of=20)
    # s² = 0.5; se = √((1 − 5/20) · 0.5 / 5) = 0.2739
    assert (mean, low, high) == (4.0, 3.46, 4.54)
    assert rated([3, 4, 5, 4, 4], of=5) == (4.0, (4.0, 4.0))


def test_periods_are_whole_and_follow_one_another() -> None:
    assert training_period(dt.date(2026, 1, 1)) == TrainingPeriod(dt.date(2026, 1, 1), dt.date(2030, 12, 31))
    assert training_period(dt.date(2025, 12, 31)).first_on == dt.date(2021, 1, 1)
    assert training_period(dt.date(2020, 12, 31)).first_on == dt.date(2016, 1, 1)
    period = TrainingPeriod(dt.date(2026, 1, 1), dt.date(2026, 1, 10))
    assert [expected_by(period, dt.date(2026, 1, day), 360) for day in (1, 5, 10)] == [36, 180, 360]
    assert expected_by(period, dt.date(2025, 12, 1), 360) == 0
    with pytest.raises(DomainError, match="not_in_force"):
        parameter_on("training_hours", dt.date(2000, 1, 1))


def test_what_plans_fix_names_its_place_and_says_it_was_not_checked() -> None:
    goals = {goal.code: goal for goal in plan_goals()}
    assert (goals["backbone_teachers"].value, goals["backbone_teachers"].by_year) == (15_000, 2025)
    assert goals["all_staff_trained"].value == 1
    assert all(goal.document and not goal.verified for goal in goals.values())


@pytest.mark.anyio
async def test_people_are_enrolled_complete_and_have_their_hours(town: Town) -> None:
    await enrolled(town, 3)
    short = await completed(town, 3, "40")
    assert code_of(short) == "training.attendance_short"
    done = await completed(town, 2)
    assert [item["state"] for item in done.json()["items"]] == ["completed", "completed"], done.text
    assert (await completed(town, 2)).json() == done.json()
    mine = (await town.get("/training-hours/mine", teacher(0))).json()
    assert (mine["hours"], mine["by_level"]) == ("60.0", {"city": "60.0"})
    assert mine["records"][0]["title"] == BODY["title"]
    assert (await town.get("/training-hours/mine", teacher(2))).json()["records"] == []
    assert (await town.get(f"/training-hours/{key(0)}", of_school())).json()["hours"] == "60.0"
    assert (await town.get(f"/training-hours/{key(0)}", of_school(school="2199000003"))).status_code == 404
    assert code_of(await town.get("/training-hours/mine", of_school())) == "development.no_person"
    program = await town.get(PROGRAM)
    assert program.json()["enrollments"] == {"completed": 2, "enrolled": 1}
    fixed = await town.put(PROGRAM, BODY | {"hours": "50"}, match=program)
    assert code_of(fixed) == "training.hours_fixed"


@pytest.mark.anyio
async def test_seats_are_counted_over_all_schools(town: Town) -> None:
    await enrolled(town, 2, seats=3)
    other = of_school(school="2199000003")
    body = {"staff_keys": [key(0, "2199000003"), key(1, "2199000003")]}
    full = await town.post(f"{PROGRAM}/enrollments", body, other)
    assert code_of(full) == "training.no_seats"
    foreign = await town.post(f"{PROGRAM}/enrollments", {"staff_keys": [key(5)]}, other)
    assert code_of(foreign) == "training.people_unknown"
    out = await town.post(f"{PROGRAM}/enrollments/{key(1)}:withdraw", who=of_school())
    assert out.json()["state"] == "withdrawn"
    assert (await town.post(f"{PROGRAM}/enrollments", body, other)).status_code == 200


@pytest.mark.anyio
async def test_ratings_are_nameless_and_shown_from_five_up(town: Town) -> None:
    await enrolled(town, 6)
    assert code_of(await town.post(f"{PROGRAM}/ratings", RATING, teacher(0))) == "training.not_completed"
    await completed(town, 6)
    for number in range(4):
        rating = RATING | {"content": 3 + number % 3}
        assert (await town.post(f"{PROGRAM}/ratings", rating, teacher(number))).status_code == 204
    assert code_of(await town.post(f"{PROGRAM}/ratings", RATING, teacher(0))) == "training.rated_already"
    few = (await town.get(f"{PROGRAM}/ratings")).json()
    assert (few["n"], few["items"]) == (4, [])
    await town.post(f"{PROGRAM}/ratings", RATING, teacher(4))
    enough = (await town.get(f"{PROGRAM}/ratings")).json()
    assert [item["item"] for item in enough["items"]] == ["content", "teaching", "organization", "usefulness"]
    assert enough["items"][0]["mean"] == 4.0
    assert code_of(await town.get(f"{PROGRAM}/ratings", of_school())) == "training.other_office"


@pytest.mark.anyio
async def test_records_of_another_system_come_in_by_number_or_key_and_the_number_goes_no_further(town: Town) -> None:
    number = "990001199001011234"
    staff = people().with_columns(
        staff_key=pl.when(pl.col("staff_key") == key(3))
        .then(pl.lit(person_key(number, town.settings.key("person_key"))))
        .otherwise("staff_key")
    )
    await register(town.settings, staff)
    head = "staff_key,citizen_number,record_code,title,level,hours,completed_on\n"
    good = f"{key(0)},,N-1,国培计划,national,80,2026-07-01\n,{number},N-2,国培计划,national,40.5,2026-07-02\n"
    dry = await imported(town, head + good, dry_run="true")
    assert dry.json()["created"] == 2, dry.text
    taken = (await imported(town, head + good)).json()
    assert (taken["rows"], taken["created"], taken["unchanged"]) == (2, 2, 0)
    again = (await imported(town, head + good)).json()
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, 2)
    changed = (await imported(town, head + good.replace("80", "90"))).json()
    assert (changed["changed"], changed["unchanged"]) == (1, 1)
    found = (
        await town.get(f"/training-hours/{person_key(number, town.settings.key('person_key'))}", of_school())
    ).json()
    assert found["hours"] == "40.5"
    assert number not in str(found)


@pytest.mark.anyio
async def test_a_faulty_file_tells_every_fault_and_loses_no_sound_row(town: Town) -> None:
    head = "人员代号,项目编号,项目名称,级别,学时,结业日期\n"
    rows = [
        f"{key(0)},A-1,县级研修,county,20,2026-05-01",
        f"{key(0)},A-1,县级研修,county,20,2026-05-01",
        f"{key(1)},A-2,县级研修,galactic,20,2026-05-01",
        f"{key(2)},A-3,县级研修,county,0,2026-02-30",
        ",A-4,县级研修,county,20,2026-05-01",
        f"{key(0, '2199000003')},A-5,县级研修,county,20,2026-05-01",
    ]
    refused = await imported(town, head + "\n".join(rows))
    assert code_of(refused) == "training.file_refused"
    codes = {fault["code"] for fault in refused.json()["errors"]}
    assert codes >= {
        "row.duplicate", "training.hours_impossible", "training.day_impossible", "training.staff_missing",
        "training.staff_unknown",
    }  # fmt: skip
    assert (await town.get(f"/training-hours/{key(0)}", of_school())).json()["records"] == []
    taken = (await imported(town, head + "\n".join(rows), atomic="row")).json()
    assert (taken["created"], taken["refused"]) == (1, 5)
    assert code_of(await imported(town, head + rows[0], source="program")) == "training.source_reserved"
    record = (await town.get(f"/training-hours/{key(0)}", of_school())).json()["records"][0]
    voided = await town.post(f"/training-records/{record['id']}:void", {"reason": "项目重复录入"}, of_school())
    assert voided.status_code == 200
    assert (await town.get(f"/training-hours/{key(0)}", of_school())).json()["hours"] == "0"
    assert (await imported(town, head + rows[0])).json()["unchanged"] == 1
    template = await town.get("/training-records/template", of_school())
    assert template.content[:2] == b"PK"


@pytest.mark.anyio
async def test_boards_count_everybody_and_withhold_small_groups(town: Town) -> None:
    await enrolled(town, 6)
    await completed(town, 6)
    board = (await town.get("/training-hours", params={"by": "school_code"})).json()
    own = next(item for item in board["items"] if item["group"] == SCHOOL)
    assert (own["staff_count"], own["trained_count"], own["trained_rate"], own["mean_hours"]) == (12, 6, 0.5, 30.0)
    counties = (await town.get("/training-hours", county_admin())).json()["items"]
    assert [(item["group"], item["staff_count"]) for item in counties] == [(COUNTY, 36)]
    rural = {
        item["group"]: item for item in (await town.get("/training-hours", params={"by": "is_rural"})).json()["items"]
    }
    assert (rural["rural"]["staff_count"], rural["rural"]["trained_rate"]) == (24, 0.25)
    few = people().filter(pl.col("school_code") != SCHOOL)
    await register(town.settings, pl.concat([few, people().filter(pl.col("school_code") == SCHOOL).head(9)]))
    board = (await town.get("/training-hours", params={"by": "school_code"})).json()
    own = next(item for item in board["items"] if item["group"] == SCHOOL)
    assert (own["staff_count"], own["is_withheld"], own["trained_count"]) == (9, True, None)


@pytest.mark.anyio
async def test_who_moves_takes_hours_along_and_nominations_see_them(town: Town) -> None:
    head = "staff_key,record_code,title,level,hours,completed_on\n"
    await imported(town, f"{head}{key(0)},N-1,国培,national,400,2026-07-01\n")
    moved = people().with_columns(
        school_code=pl.when(pl.col("staff_key") == key(0)).then(pl.lit("2199000003")).otherwise("school_code")
    )
    await register(town.settings, moved)
    new_school = of_school(school="2199000003")
    assert (await town.get(f"/training-hours/{key(0)}", new_school)).json()["hours"] == "400.0"
    assert (await town.get(f"/training-hours/{key(0)}", of_school())).status_code == 404
    board = (await town.get("/training-hours", params={"by": "school_code"})).json()
    assert {item["group"]: item["trained_count"] for item in board["items"]}["2199000003"] == 1
    await town.open_round()
    nominated = await town.post(f"/title-rounds/backbone-2026/titles/{key(0)}", {"text": "推荐"}, new_school)
    assert nominated.json()["checks"][0] | {"name": None} == {
        "code": "hours", "name": None, "status": "met", "found": "400", "needed": "360", "stated_document": None,
        "waiver": None,
    }  # fmt: skip


@pytest.mark.anyio
async def test_hours_fill_schemes(town: Town) -> None:
    await enrolled(town, 2)
    await completed(town, 2)
    staff = pl.DataFrame({"staff_key": [key(0), key(5)], "school_code": [SCHOOL] * 2, "org_path": [CITY] * 2})
    year = {"school_year": "2026-2027", "first_day": TODAY - dt.timedelta(days=100), "last_day": TODAY}
    async with town.kernel.database.transaction("") as session:
        provider = DevelopmentProvider(session, CITY_ADMIN)
        found = await provider.gather(Wanted(**year, staff=staff, area=CITY), {HOURS})
    assert found[HOURS].frame.rows() == [(key(0), 60.0, None), (key(5), 0.0, None)]
    assert provider.knows(HOURS)
    assert not provider.knows("training.other")
