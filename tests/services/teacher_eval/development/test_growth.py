"""One growth record: every room's part, notes private until shared, feedback as monitoring shows it, on paper too."""

import datetime as dt
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pypdf import PdfReader

from services.teacher_eval.app import SERVICE
from services.teacher_eval.growth.endpoints import callers_monitoring
from services.teacher_eval.growth.printing.document import printed_record
from services.teacher_eval.growth.rules import Band, band
from services.teacher_eval.growth.schemas import growth_out
from services.teacher_eval.growth.sections import Entry as GrowthEntry
from services.teacher_eval.growth.sections import Figure, Point, Section, Series
from services.teacher_eval.staff_register.tables import RegisteredStaff
from shared.contracts.monitoring import (
    ClassReport,
    FakeMonitoring,
    TeachingReport,
    TeachingSuggestion,
    _teaching_report,
)
from shared.kernel.client import GatewayClient
from shared.kernel.settings import ServiceSettings
from shared.terms.actor import Role
from tests.services.teacher_eval.development.conftest import register
from tests.services.teacher_eval.development.test_trainings import imported
from tests.services.teacher_eval.development.town import TODAY, Town, key, teacher
from tests.support.city import CITY_ADMIN, code_of, of_school
from tests.support.client import running

ME = teacher(0)
SUGGESTION = TeachingSuggestion(
    link="prepare", finding="knowledge_gap", zh="集体备课时重新分析教材", en="Look again at the material."
)
CLASS = ClassReport(
    class_code="c1", n=40, mean=71.5, se_mean=1.5, gap=-4.25, gap_ci=(-7.0, -1.5), reference="school",
    suggestions=(SUGGESTION,),
)  # fmt: skip
REPORT = TeachingReport(
    exam="grade9-2026", exam_name_zh="九年级模拟", school_year="2026-2027", held_on="2026-10-15", subject="maths",
    subject_name_zh="数学", version="1.0.0", min_n=10, classes=(CLASS,),
)  # fmt: skip
NOTE = {"kind": "reflection", "title": "一堂失败的课", "body": "提问过散，下次集中为问题串"}
GOAL = {"kind": "goal", "title": "上一节县级公开课", "body": "本学期内", "due_on": "2027-01-15"}


@pytest.fixture
async def town(teacher_eval_settings: ServiceSettings) -> AsyncIterator[Town]:
    await register(teacher_eval_settings)
    async with running(SERVICE, teacher_eval_settings) as (app, client):
        fake = FakeMonitoring(reports={("grade9-2026", "maths"): REPORT})
        app.dependency_overrides[callers_monitoring] = lambda: fake
        opened = Town(client, teacher_eval_settings)
        opened.kernel = app.state.kernel
        yield opened


def sections(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return {section["code"]: section for section in answer.json()["sections"]}


def test_a_band_is_the_middle_half_and_none_of_few() -> None:
    assert band([float(n) for n in range(1, 12)], least=10) == Band(3.5, 6.0, 8.5, 11)
    assert band([1.0] * 9, least=10) is None


def test_what_monitoring_tells_of_a_class_is_read_from_its_report() -> None:
    statistic = {"value": 71.5, "se": 1.5, "n": 40, "ci": [68.6, 74.4]}
    gaps = [
        {"reference": "city", "mean": {"gap": {"value": 9.0, "ci": [8.0, 10.0]}}},
        {"reference": "school", "mean": {"gap": {"value": -4.25, "ci": [-7.0, -1.5]}}},
    ]
    group = {"class_code": "c1", "participation": {"n_sat": 40}, "mean": statistic, "gaps": gaps}
    told = {"finding": "knowledge_gap", "zh": SUGGESTION.zh, "en": SUGGESTION.en}
    section = {"group": group, "reference": "school", "suggestions": [{"link": "prepare", "items": [told]}]}
    exam = {"code": "grade9-2026", "name_zh": "九年级模拟", "school_year": "2026-2027", "held_on": "2026-10-15"}
    subject = {"code": "maths", "name_zh": "数学"}
    document = {"exam": exam, "subject": subject, "version": "1.0.0", "min_n": 10, "sections": [section]}
    assert _teaching_report(document) == REPORT


@pytest.mark.anyio
async def test_a_callers_token_is_never_replaced_by_the_services(teacher_eval_settings: ServiceSettings) -> None:
    async with GatewayClient.for_caller(teacher_eval_settings, "callers") as client:
        assert await client._access_token(renew=False) == "callers"
        assert await client._access_token(renew=True) == "callers"


@pytest.mark.anyio
async def test_notes_are_private_until_shared(town: Town) -> None:
    written = await town.post("/growth/mine/notes", NOTE, ME)
    assert written.status_code == 201, written.text
    assert (await town.post("/growth/mine/notes", GOAL, ME)).json()["goal_state"] == "open"
    assert len(sections(await town.get("/growth/mine", ME))["notes"]["entries"]) == 2
    school = of_school(Role.SCHOOL_ADMIN)
    assert sections(await town.get(f"/growth/{key(0)}", school)) == {}
    address = f"/growth/mine/notes/{written.json()['id']}"
    assert (await town.post(f"{address}:share", who=teacher(1))).status_code == 404
    assert (await town.post(f"{address}:share", who=ME)).json()["shared_at"] is not None
    seen = sections(await town.get(f"/growth/{key(0)}", school))["notes"]["entries"]
    assert [entry["text"] for entry in seen] == [NOTE["body"]]
    back = await town.post(f"{address}:take-back", who=ME)
    assert sections(await town.get(f"/growth/{key(0)}", school)) == {}
    assert code_of(await town.put(address, NOTE, ME)) == "request.precondition_required"
    assert code_of(await town.put(address, GOAL, ME, match=back.json()["version"])) == "growth.note_kind"
    changed = await town.put(address, NOTE | {"body": "改写"}, ME, match=back.json()["version"])
    assert changed.json()["body"] == "改写"
    assert (await town.ask("DELETE", address, ME)).status_code == 204
    assert len((await town.get("/growth/mine/notes", ME)).json()["items"]) == 1


@pytest.mark.anyio
async def test_feedback_is_kept_as_it_was_shown_with_its_uncertainty(town: Town) -> None:
    address = "/growth/mine/feedback/grade9-2026/maths"
    kept = await town.put(address, {"class_codes": ["c1"]}, ME)
    assert kept.status_code == 200, kept.text
    assert kept.json()["classes"][0]["gap_ci"] == [-7.0, -1.5]
    assert (await town.put(address, {"class_codes": ["c1"]}, ME)).json()["version"] == kept.json()["version"]
    refused = await town.put(address, {"class_codes": ["other"]}, ME)
    assert code_of(refused) == "growth.feedback_refused"
    entry = sections(await town.get("/growth/mine", ME))["feedback"]["entries"][0]
    mean, gap = entry["figures"]
    assert mean["ci"] == pytest.approx([71.5 - 2.94, 71.5 + 2.94], abs=0.01)
    assert (gap["value"], gap["ci"]) == (-4.25, [-7.0, -1.5])
    assert entry["points"] == [{"zh": SUGGESTION.zh, "en": SUGGESTION.en}]


@pytest.mark.anyio
async def test_every_room_has_its_part_and_the_paper_says_the_same(town: Town) -> None:
    head = "staff_key,record_code,title,level,hours,completed_on\n"
    await imported(town, f"{head}{key(0)},N-1,国培数学研修,national,80,2026-07-01\n")
    await town.open_round()
    await town.nominate(0)
    await town.put("/growth/mine/feedback/grade9-2026/maths", {"class_codes": ["c1"]}, ME)
    await town.post("/growth/mine/notes", GOAL, ME)
    found = sections(await town.get("/growth/mine", ME))
    assert list(found) == ["titles", "trainings", "feedback", "notes"]
    assert found["trainings"]["series"][0]["points"][0] == {"period": "2026", "value": 80.0, "ci": None, "band": None}
    assert found["titles"]["entries"][0]["state"] == {"zh": "已推荐", "en": "nominated"}
    printed = await town.get("/growth/mine:pdf", ME)
    assert (printed.status_code, printed.headers["content-type"]) == (200, "application/pdf"), printed.text
    pages = PdfReader(io.BytesIO(printed.content)).pages
    words = "".join(page.extract_text() for page in pages).replace(" ", "").replace("\n", "")
    for expected in ("教师成长档案", "教师100", "国培数学研修", "骨干教师", "集体备课时重新分析教材", "-4.25"):
        assert expected in words, expected
    known = await town.get("/growth/mine:pdf", ME, headers={"If-None-Match": printed.headers["etag"]})
    assert known.status_code == 304
    assert (await town.get(f"/growth/{key(0)}:pdf", CITY_ADMIN)).status_code == 200


@pytest.mark.anyio
async def test_a_record_is_the_persons_their_schools_and_their_offices(town: Town) -> None:
    assert code_of(await town.get("/growth/mine", CITY_ADMIN)) == "development.no_person"
    assert (await town.get(f"/growth/{key(0)}", of_school(school="2199000003"))).status_code == 404
    assert code_of(await town.get(f"/growth/{key(1)}", ME)) == "auth.forbidden"
    assert code_of(await town.get(f"/growth/{key(0)}", of_school(Role.SCHOOL_OPERATOR))) == "auth.forbidden"


def test_bands_are_drawn_on_the_axis_of_their_series() -> None:
    point = Point(period="2025-2026", value=80.0, band=Band(60.0, 70.0, 90.0, 12))
    series = Series(code="s", name={"zh": "总分", "en": "Total"}, most=100, points=[point])
    figure = Figure(name={"zh": "均分", "en": "mean"}, value=1.005, ci=(0.5, 1.5))
    entry = GrowthEntry(on=dt.date(2026, 1, 1), name={"zh": "事", "en": "Thing"}, figures=[figure])
    section = Section(code="s", name={"zh": "节", "en": "Section"}, entries=[entry], series=[series])
    person = RegisteredStaff(staff_key=key(0), name="教师", school_code="1", school_name_zh="学校")
    content = printed_record(growth_out(person, [section], is_own=True, read_on=TODAY))
    row = content["sections"][0]["series"][0]["rows"][0]
    assert (row["value"], row["band"], row["text"]) == (80, [60, 70, 90], "80")
    assert content["sections"][0]["entries"][0]["figures"] == "均分 1.01（95% 区间 0.5 至 1.5）"
