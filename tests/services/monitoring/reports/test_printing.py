"""Reports as PDF: what stands in them, and what must not be read as anything but text."""

import io
from typing import Any

import pytest
from pypdf import PdfReader

from services.monitoring.reports.printing.document import printed_report
from services.monitoring.reports.printing.template import REPORT
from shared.kernel.printing import typesetter
from shared.kernel.printing.typesetter import Typesetter, typeset
from shared.scoring.printed_figures import drawn, interval, percent, printed
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from tests.services.monitoring.office import Office
from tests.services.monitoring.reports.test_reading import OWN, report
from tests.services.monitoring.results.city import CITY_ADMIN, SCHOOLS, SMALL, at_county, at_school

pytestmark = pytest.mark.anyio


async def pdf(office: Office, who: Actor, **params: Any) -> PdfReader:
    answer = await office.get("/reports/maths:pdf", who, params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    return PdfReader(io.BytesIO(answer.content))


def words_of(reader: PdfReader) -> str:
    return "".join("".join(page.extract_text() for page in reader.pages).split())


async def test_a_schools_report_says_what_its_json_says(reported: Office) -> None:
    reader = await pdf(reported, at_school(OWN), level="school")
    document = await report(reported, at_school(OWN), level="school")
    text, group = words_of(reader), document["sections"][0]["group"]
    assert 1 <= len(reader.pages) <= 3
    for expected in ("数学学科质量报告", "总体情况", "分数分布", "各班级情况", "六年级抽样监测", OWN.code):
        assert expected in text
    assert printed(group["mean"]["value"]) in text
    assert interval(group["mean"]["ci"]).replace(" ", "") in text
    assert f"{group['participation']['n_sat']}/{group['participation']['n_registered']}" in text
    assert f"exam·{document['version']}" in text
    assert all(other not in text for other in SCHOOLS if other != OWN.code)
    fonts = {str(font["/BaseFont"]) for page in reader.pages for font in _fonts(page)}
    assert {name.split("+")[-1].split("-")[0] for name in fonts} <= {"NotoSansSC", "NotoSerifSC"}


def _fonts(page: Any) -> list[Any]:
    return [font.get_object() for font in page["/Resources"]["/Font"].values()]


async def test_what_is_withheld_is_not_printed(reported: Office) -> None:
    text = words_of(await pdf(reported, at_county("990001"), level="school", school_code=SMALL.code))
    assert "不显示（见文末说明）" in text
    assert "分数分布" not in text


async def test_a_teachers_and_an_areas_report(reported: Office) -> None:
    teacher = words_of(await pdf(reported, at_school(OWN, "teacher"), level="teacher", class_code=["c1", "c2"]))
    assert "c1班" in teacher
    assert "成绩分位" in teacher
    city = words_of(await pdf(reported, CITY_ADMIN, level="city"))
    assert "各县（区、市）情况" in city


async def test_the_same_report_is_the_same_bytes_and_known_by_its_tag(reported: Office) -> None:
    first, second = [
        await reported.get("/reports/maths:pdf", who, params={"level": "school"})
        for who in (at_school(OWN), at_school(OWN, "teacher"))
    ]
    assert first.content == second.content
    known = {"If-None-Match": first.headers["etag"]}
    again = await reported.get("/reports/maths:pdf", at_school(OWN), params={"level": "school"}, headers=known)
    assert again.status_code == 304


EVIL = '#panic("x") *bold* $1/0$ `raw` [x] <l> @a \\ // /* "quoted" #{1}'


async def test_names_are_text_and_never_markup(reported: Office) -> None:
    document = await report(reported, at_school(OWN), level="school")
    group = document["sections"][0]["group"]
    document["exam"]["name_zh"] = document["subject"]["name_zh"] = group["name_zh"] = EVIL
    document["sections"][0]["knowledge_points"] = {"strength": [], "gap": [], "in_line": [{"code": EVIL}]}
    content = printed_report(document)
    text = words_of(PdfReader(io.BytesIO(typeset(REPORT, content, timestamp=0))))
    assert text.count("".join(EVIL.split())) >= 3


async def test_without_fonts_the_json_still_works(reported: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetter, "FONT_PACKAGE", "no_such_fonts")
    refused = await reported.get("/reports/maths:pdf", at_school(OWN, "inspector"), params={"level": "county"})
    assert (refused.status_code, refused.json()["code"]) == (503, "report.printing_unavailable")
    assert "no-such-fonts" in refused.json()["detail"]
    assert (await reported.get("/reports/maths", at_school(OWN), params={"level": "school"})).status_code == 200


def test_a_page_that_takes_too_long_ends_and_the_next_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    with Typesetter(REPORT) as printing:
        monkeypatch.setattr(typesetter, "SECONDS", 0.0)
        with pytest.raises(DomainError, match=r"report\.printing_failed"):
            printing.print({"not": "a report"}, timestamp=0)
        monkeypatch.setattr(typesetter, "SECONDS", 20.0)
        with pytest.raises(DomainError, match=r"report\.printing_failed"):
            printing.print({"not": "a report"}, timestamp=0)


@pytest.mark.parametrize(("value", "expected"), [(0.8125, "81.3%"), (-0.0004, "0.0%"), (None, None), (1.0, "100.0%")])
def test_shares_are_printed_with_one_decimal(value: float | None, expected: str | None) -> None:
    assert percent(value) == expected


def test_charts_are_no_finer_than_print() -> None:
    assert drawn(0.123456, scale=100) == 12.3
    assert printed(-2.25, signed=True) == "−2.3"
    assert interval((-0.0123, 0.0456), scale=100, signed=True) == "[−1.2, +4.6]"
