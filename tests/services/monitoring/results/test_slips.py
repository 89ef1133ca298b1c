"""What one pupil and the guardians are told."""

from decimal import Decimal
from typing import Any

import pytest

from services.monitoring.slips.rules import slip_rows
from shared.policy.visibility import SlipDisclosure, slip_disclosure
from shared.scoring.plan import AnalysisPlan
from shared.scoring.subjects import Subject
from shared.terms.education import Stage
from tests.services.monitoring.office import CITY_ADMIN, Office
from tests.services.monitoring.results.city import SCHOOLS, at_county, at_school

pytestmark = pytest.mark.anyio
PLAN = AnalysisPlan(outcomes=(Subject("math", full_mark=Decimal(100)), Subject("art", full_mark=Decimal(50))))


def line(subject: str, mark: float | None, status: str = "present") -> dict[str, Any]:
    return {"subject": subject, "mark": mark, "status": status}


@pytest.mark.parametrize(
    ("mark", "grade"),
    [(85, "excellent"), (84.5, "good"), (75, "good"), (74.5, "pass"), (60, "pass"), (59.5, "to_improve")],
)
def test_a_mark_on_a_threshold_reaches_it(mark: float, grade: str) -> None:
    [found] = slip_rows([line("math", mark)], PLAN, SlipDisclosure.GRADES)
    assert (found["grade"], found["mark"], found["full_mark"]) == (grade, None, None)


def test_the_total_is_told_only_with_marks_and_has_no_grade() -> None:
    rows = [line("total", 88.5), line("art", 40.5), line("math", 48)]
    assert [entry["subject"] for entry in slip_rows(rows, PLAN, SlipDisclosure.GRADES)] == ["math", "art"]
    told = slip_rows(rows, PLAN, SlipDisclosure.MARKS)
    assert [(entry["subject"], entry["mark"], entry["full_mark"]) for entry in told] == [
        ("math", "48", "100"), ("art", "40.5", "50"), ("total", "88.5", "150"),
    ]  # fmt: skip
    assert told[-1]["grade"] is None


def test_absence_is_told_as_such() -> None:
    [found] = slip_rows([line("math", None, "absent")], PLAN, SlipDisclosure.MARKS)
    assert (found["status"], found["grade"], found["mark"]) == ("absent", None, None)


def test_in_compulsory_education_grades_only() -> None:
    told = [slip_disclosure(stage) for stage in (Stage.PRIMARY, Stage.JUNIOR_SECONDARY, Stage.SENIOR_SECONDARY)]
    assert [(what.value, rule.id) for what, rule in told] == [("grades", "H2"), ("grades", "H2"), ("marks", "H3")]


async def test_a_school_reads_the_slip_of_its_own_candidate_and_it_holds_nothing_of_others(city: Office) -> None:
    own, other = SCHOOLS["2199000005"], SCHOOLS["2199000006"]
    answer = await city.get(f"/results/slips/{own.code}-0001", at_school(own))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["discloses"] == "grades"
    assert [(entry["subject"], entry["mark"]) for entry in body["items"]] == [("chinese", None), ("maths", None)]
    assert answer.headers["cache-control"] == "private, no-store"
    assert not [word for word in ("rank", "mean", "percentile") if word in answer.text]
    assert (await city.get(f"/results/slips/{other.code}-0001", at_school(own))).status_code == 404
    for who in (CITY_ADMIN, at_county("990001")):
        assert (await city.get(f"/results/slips/{own.code}-0001", who)).status_code == 403
