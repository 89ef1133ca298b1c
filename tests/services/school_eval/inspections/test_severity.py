"""Severity and agreement of an office's raters, from its visits."""

import pytest

from services.school_eval.visits.service import severity
from tests.services.school_eval.inspections.inspecting import FIRE, TIMETABLE, Inspecting
from tests.support.city import code_of, county_admin, of_school

pytestmark = pytest.mark.anyio


async def test_who_rates_the_same_visits_lower_is_severe_and_raw_scores_stay(
    office: Inspecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = await office.drawn(double_rated_rate="1")
    for place, row in enumerate(rows):
        await office.rated_visit(row, {TIMETABLE: 3, FIRE: 1}, {TIMETABLE: 1 + (place == 0), FIRE: 1})
    found = (await office.get("/rater-severity")).json()
    # The timetable weighs three of four: 1 against (3 · 1/3 + 1) / 4, and once (3 · 2/3 + 1) / 4.
    mean = sum([3 / 4, 1 / 2, 1 / 2, 1 / 2]) / 4
    assert [rater["mean_score"] for rater in found["raters"]] == pytest.approx([1, mean])
    lenient, severe = found["raters"]
    assert severe["severity"] > 0.15 > 0 > lenient["severity"] == pytest.approx(-severe["severity"])
    # Four visits are fewer than the five that a severity takes to be used.
    assert not severe["is_used"]
    assert {visit["adjusted"] for visit in found["visits"]} == {None}
    assert [(each["scale"], each["n"], each["exact_rate"]) for each in found["agreements"]] == [
        ("yes_no", 4, 1),
        ("four_levels", 4, 0),
    ]
    monkeypatch.setattr(severity, "days_on", lambda *_: 2)
    used = (await office.get("/rater-severity?checklist=small")).json()
    assert [rater["is_used"] for rater in used["raters"]] == [True, True]
    assert all(visit["adjusted"] == pytest.approx(visit["raw"]) for visit in used["visits"])


async def test_without_shared_visits_nothing_is_said(office: Inspecting) -> None:
    rows = await office.drawn(double_rated_rate="0")
    await office.rated_visit(rows[0], {TIMETABLE: 3, FIRE: 1})
    found = (await office.get("/rater-severity")).json()
    assert [(rater["visits"], rater["severity"]) for rater in found["raters"]] == [(1, None)]
    assert found["model"]["rater_variance"] is None
    assert (await office.get("/rater-severity?school_year=2020-2021")).json()["raters"] == []
    # A county's own raters: none so far. A school never learns of raters.
    assert (await office.get("/rater-severity", county_admin())).json()["raters"] == []
    assert code_of(await office.get("/rater-severity", of_school())) == "auth.forbidden"
