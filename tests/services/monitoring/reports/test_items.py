"""Reports of exams whose items are known: strengths and gaps, items, options, pupils to help."""

import json
from typing import Any

import polars as pl
import pytest
from sqlalchemy import text

from shared.terms.actor import Actor
from tests.services.monitoring.office import Office
from tests.services.monitoring.reports.paper import MISLED, OWN, PAPER, WEAK, items_of, marks_of
from tests.services.monitoring.reports.test_printing import pdf, words_of
from tests.services.monitoring.reports.test_reading import refusal, report
from tests.services.monitoring.results.city import CITY_ADMIN, PROVINCE, SCHOOLS, SMALL, at_county, at_school

pytestmark = pytest.mark.anyio


async def section_of(office: Office, who: Actor, **params: Any) -> dict[str, Any]:
    [section] = (await report(office, who, **params))["sections"]
    found: dict[str, Any] = section
    return found


async def notes(office: Office) -> list[dict[str, Any]]:
    async with office.kernel.database.transaction("") as session:
        statement = text("select payload::jsonb from audit_log where action = 'report_pupils.read' order by seq")
        return list((await session.execute(statement)).scalars())


async def test_a_gap_is_what_the_tables_interval_says(with_items: Office) -> None:
    section = await section_of(with_items, at_school(OWN), level="school")
    params = {"level": "school", "aspect": "knowledge_point", "subject": "maths"}
    rows = (await with_items.get("/results/item-attainment", at_school(OWN), params=params)).json()["items"]
    by_name = {row["aspect_code"]: row for row in rows}
    points = section["knowledge_points"]
    assert WEAK in [point["code"] for point in points["gap"]]
    for name, expected in (("gap", lambda ci: ci[1] < 0), ("strength", lambda ci: ci[0] > 0)):
        for point in points[name]:
            assert point["gap"]["value"] == by_name[point["code"]]["gap"]["value"]
            assert expected(point["gap"]["ci"])
    for point in points["in_line"]:
        assert point["gap"]["ci"][0] <= 0 <= point["gap"]["ci"][1]
    assert sum(len(points[name]) for name in points) == len(by_name)
    assert by_name[WEAK]["attainment"]["value"] == points["gap"][0]["attainment"]["value"]


async def test_levels_and_types_of_question_are_told_like_knowledge_points(with_items: Office) -> None:
    section = await section_of(with_items, at_school(OWN), level="school")
    items = items_of(OWN)
    full = {item["code"]: int(item["full_mark"]) for item in PAPER["items"]}
    for name, column in (("cognitive_levels", "cognitive_level"), ("question_types", "question_type")):
        told = {aspect["code"]: aspect for side in section[name].values() for aspect in side}
        assert set(told) == {item[column] for item in PAPER["items"]}
        for word, aspect in told.items():
            codes = [item["code"] for item in PAPER["items"] if item[column] == word]
            earned = items.select(codes).sum_horizontal().mean()
            assert aspect["attainment"]["value"] == pytest.approx(earned / sum(full[code] for code in codes))
            assert aspect["gap"]["ci"] is not None
        params = {"level": "school", "aspect": column, "subject": "maths"}
        rows = (await with_items.get("/results/item-attainment", at_school(OWN), params=params)).json()["items"]
        assert {row["aspect_code"] for row in rows} == set(told)
    kinds = {finding["kind"] for finding in section["findings"]}
    assert bool(section["question_types"]["gap"]) is ("question_type_gap" in kinds)
    printed = words_of(await pdf(with_items, at_school(OWN), level="school"))
    assert "认知层次" in printed
    assert "题型" in printed


async def test_findings_lead_to_suggestions_in_the_order_of_the_links(with_items: Office) -> None:
    section = await section_of(with_items, at_school(OWN), level="school")
    found = next(finding for finding in section["findings"] if finding["kind"] == "knowledge_gap")
    assert found["about"][0] == WEAK
    links = [link["name_zh"] for link in section["suggestions"]]
    assert links == [name for name in ("备课", "上课", "批改", "辅导", "考试", "教研", "评价") if name in links]
    assert any(WEAK in item["zh"] for link in section["suggestions"] for item in link["items"])


async def test_items_hardest_and_furthest_behind(with_items: Office) -> None:
    items = (await section_of(with_items, at_school(OWN), level="school"))["items"]
    by_code = {item["code"]: item for item in items["items"]}
    assert list(by_code) == [str(number) for number in range(1, 11)]
    assert set(items["behind"]) >= {"2", "7"}
    attained = [by_code[code]["attainment"]["value"] for code in items["hardest"]]
    assert attained == sorted(item["attainment"]["value"] for item in by_code.values())[:5]
    assert by_code["1"]["full_mark"] == 4
    assert "item_difficulty" in by_code["1"]["measures"]


async def test_a_class_that_chose_a_distractor_more_often(with_items: Office) -> None:
    section = await section_of(with_items, at_school(OWN), level="class", class_code=MISLED)
    item = next(item for item in section["options"] if item["code"] == "2")
    option = next(option for option in item["options"] if option["option"] == "D")
    [own] = option["own_shares"]
    chosen = items_of(OWN).filter(pl.col("class_code") == MISLED)["2__option"]
    assert own["share"]["value"] == pytest.approx((chosen == 3).mean())
    assert own["verdict"] == "strength"
    assert {"kind": "distractor_chosen_more", "about": ["2D"]} in section["findings"]


async def test_answers_of_a_school_go_to_nobody_else(with_items: Office) -> None:
    for who in (CITY_ADMIN, at_county("990001"), PROVINCE, at_school(OWN, "inspector")):
        section = await section_of(with_items, who, level="school", school_code=OWN.code)
        assert not any(option["own_shares"] for item in section["options"] for option in item["options"])


async def test_options_shown_to_a_teacher_are_not_remembered_for_others(with_items: Office) -> None:
    for role, shown in (("teacher", True), ("inspector", False), ("teacher", True)):
        section = await section_of(with_items, at_school(OWN, role), level="school")
        assert bool(section["options"]) is shown
        table = await with_items.get("/results/option-flags", at_school(OWN, role))
        assert bool(table.json()["items"]) is shown


async def test_a_county_and_the_city_have_items_too(with_items: Office) -> None:
    county = await section_of(with_items, at_county("990001"), level="county")
    assert county["knowledge_points"]["gap"][0]["code"] == WEAK
    city = await section_of(with_items, CITY_ADMIN, level="city")
    assert city["items"]["behind"] == []
    assert city["knowledge_points"] == {"strength": [], "gap": [], "in_line": []}
    assert len(city["items"]["items"]) == 10


async def test_small_groups_have_no_items_for_others(with_items: Office) -> None:
    section = await section_of(with_items, at_county("990001"), level="school", school_code=SMALL.code)
    assert all(item["attainment"]["value"] is None for item in section["items"]["items"])
    assert section["items"]["hardest"] == []


async def test_pupils_to_help_go_to_their_teachers_and_are_noted(with_items: Office) -> None:
    before = len(await notes(with_items))
    answer = await with_items.get(
        "/reports/maths", at_school(OWN, "teacher"), params={"level": "class", "class_code": "c1", "pupils": True}
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    pupils = answer.json()["pupils"]
    marks = marks_of(OWN).filter(pl.col("class_code") == "c1")
    below = marks.filter(pl.col("maths") < 30)["candidate_id"].to_list()
    listed = {pupil["candidate_id"]: pupil for pupil in pupils["items"]}
    assert (pupils["pass_mark"], pupils["low_score_mark"]) == (30, 20)
    assert set(below) <= set(listed)
    assert all(pupil["class_code"] == "c1" for pupil in listed.values())
    for code in below:
        assert listed[code]["reason"] == ("below_low_score" if listed[code]["mark"] < 20 else "below_pass")
    assert list(listed) == sorted(listed)
    assert "rank" not in answer.text
    [note] = (await notes(with_items))[before:]
    assert note["detail"] == {
        "version": "1.0.0", "subject": "maths", "school_code": OWN.code, "class_codes": ["c1"], "rows": len(listed),
    }  # fmt: skip
    assert not any(code in json.dumps(note) for code in listed)


async def test_weak_points_are_what_the_school_has_and_the_candidate_lacks(with_items: Office) -> None:
    document = await report(with_items, at_school(OWN), level="school", pupils=True)
    rows = {row["candidate_id"]: row for row in items_of(OWN).to_dicts()}
    named = [(pupil["candidate_id"], point) for pupil in document["pupils"]["items"] for point in pupil["weak_points"]]
    assert named
    assert WEAK not in [point for _, point in named]  # the whole school is weak there: not the candidate's own gap
    points = ("有理数运算", "一元一次方程", "图形的面积", "统计图表", "比和比例")
    for candidate, point in named:
        place = points.index(point) or 5
        earned = rows[candidate][str(place)] + rows[candidate][str(place + 5)]
        assert earned / (4 + 6) < 0.4


async def test_pupils_go_to_nobody_else(with_items: Office) -> None:
    before = len(await notes(with_items))
    for who in (CITY_ADMIN, PROVINCE, at_county("990001"), at_school(OWN, "inspector"), at_school(OWN, "integration")):
        for level in ({"level": "school", "school_code": OWN.code}, {"level": "city"}):
            assert (await refusal(with_items, who, pupils=True, **level)) == (403, "report.pupils_withheld")
    for level in ("school", "county", "city"):
        assert (await refusal(with_items, at_school(OWN, "teacher"), level=level, pupils=True))[0] == 403
    other = SCHOOLS["2199000002"]
    assert (await refusal(with_items, at_school(OWN), level="school", school_code=other.code, pupils=True))[0] == 404
    assert len(await notes(with_items)) == before
    assert (await report(with_items, at_school(OWN), level="school"))["pupils"] is None


async def test_the_printed_report_names_gaps_and_pupils(with_items: Office) -> None:
    before = len(await notes(with_items))
    reader = await pdf(with_items, at_school(OWN), level="school", pupils=True)
    words = words_of(reader)
    for expected in ("知识点", WEAK, "差距", "下一步建议", "备课", "需要帮助的学生", "未达合格线", "选择题选项"):
        assert expected in words
    assert f"{OWN.code}-0001" in words or f"{OWN.code}-0002" in words
    assert len(await notes(with_items)) == before + 1
    plain = words_of(await pdf(with_items, at_school(OWN), level="school"))
    assert "需要帮助的学生" not in plain
    assert f"{OWN.code}-" not in plain
