"""A school's report on paper says what its profile and explanation say, to whoever may read those."""

import io
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.services.school_eval.campaigns.city import CAMPAIGN, Round
from tests.services.school_eval.campaigns.test_results import RESULTS, VILLAGE_TOTAL, compute
from tests.support.city import CITY_ADMIN, COUNTY, SCHOOL, SCHOOLS, of_school

pytestmark = pytest.mark.anyio
OTHER = next(code for code, county in SCHOOLS.items() if county == COUNTY and code != SCHOOL)


async def test_the_report_says_what_the_pages_say(city: Round, tmp_path: Path) -> None:
    await compute(city)
    assert (await city.step("begin-publicity")).status_code == 200
    answer = await city.get(f"{RESULTS}/schools/{SCHOOL}:pdf", of_school())
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    (tmp_path / "report.pdf").write_bytes(answer.content)
    # Between digits and Chinese the typesetter leaves a little room, which is read as a blank.
    pages = PdfReader(io.BytesIO(answer.content)).pages
    words = "".join(page.extract_text() for page in pages).replace(" ", "")
    for expected in (f"{VILLAGE_TOTAL:.2f}", "学校1", "德育为先", "缺失，权重由同级指标分担", "2026年学校评价"):
        assert expected in words, expected
    again = await city.get(f"{RESULTS}/schools/{SCHOOL}:pdf", of_school())
    assert again.content == answer.content
    known = await city.get(
        f"{RESULTS}/schools/{SCHOOL}:pdf", of_school(), headers={"If-None-Match": answer.headers["etag"]}
    )
    assert known.status_code == 304
    assert (await city.get(f"{RESULTS}/schools/{OTHER}:pdf", of_school())).status_code == 404
    assert (await city.get(f"{RESULTS}/schools/{OTHER}:pdf", CITY_ADMIN)).status_code == 200
    assert CAMPAIGN in answer.headers["content-disposition"]
