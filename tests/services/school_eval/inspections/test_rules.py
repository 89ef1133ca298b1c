"""What a plan draws from which frame, and what ratings come to."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

import polars as pl
import pytest

from services.school_eval.checklists.rules import ChecklistItem, Scale, weighted_shares
from services.school_eval.checklists.service import built_in_checklists
from services.school_eval.findings import rules as findings
from services.school_eval.visit_plans.rules import (
    first_day_of,
    last_day_of,
    numbers_to_draw,
    school_year_of,
    semester_of,
    visit_frame,
)
from services.school_eval.visits.rules import outcome_of
from shared.terms.errors import DomainError

ON = dt.date(2026, 11, 25)
DESIGN = {"schools": 4, "rural_rate": "0.6", "with_city_run": True, "certain_schools": []}


def schools(*rows):
    names = ["unit_code", "is_rural", "is_city_run", "last_visited_on", "visits_in_semester"]
    kinds = [pl.String, pl.Boolean, pl.Boolean, pl.Date, pl.Int64]
    table = pl.DataFrame(rows, schema=dict(zip(names, kinds, strict=True)), orient="row")
    return table.with_columns(county_code=pl.lit("990001"), urban_rural=pl.lit("210"), name_zh="unit_code")


def frame(*rows, **changes):
    return visit_frame(schools(*rows), DESIGN | changes, on=ON, longest_years=3, most_visits=1)


def test_who_waited_longer_weighs_more_up_to_a_limit():
    found = frame(
        ("a", True, False, dt.date(2026, 5, 1), 0),
        ("b", True, False, dt.date(2025, 11, 25), 0),
        ("c", True, False, dt.date(2019, 1, 1), 0),
        ("d", True, False, None, 0),
    )
    assert found["weight"].to_list() == [1 + 0, 1 + 1, 1 + 3, 1 + 3]


def test_the_city_own_schools_are_certain_and_who_was_visited_enough_is_left_alone():
    found = frame(("a", True, True, None, 0), ("b", False, False, None, 0), ("c", True, True, ON, 1))
    assert found["stratum"].to_list() == ["certain", "other", "excluded"]
    named = frame(("a", True, False, None, 0), ("b", False, False, None, 0), certain_schools=["b"])
    assert named["stratum"].to_list() == ["rural", "certain"]
    with pytest.raises(DomainError, match="schools_unknown"):
        frame(("a", True, False, None, 0), certain_schools=["z"])


def counted(certain, rural, other, certain_rural=0):
    rows = [("certain", place < certain_rural) for place in range(certain)]
    rows += [("rural", True)] * rural + [("other", False)] * other
    return pl.DataFrame(rows, schema=["stratum", "is_rural"], orient="row")


@pytest.mark.parametrize(
    ("there", "numbers"),
    [
        # Six tenths of four are 2.4, that is 3.
        (counted(0, 10, 10), (0, 3, 1)),
        # A rural school that is certain counts.
        (counted(2, 10, 10, certain_rural=1), (2, 2, 0)),
        # Where one kind runs short, the other takes its place.
        (counted(0, 1, 10), (0, 1, 3)),
        (counted(0, 10, 0), (0, 4, 0)),
        (counted(0, 4, 0), (0, 4, 0)),
    ],
)
def test_how_many_of_which_kind(there, numbers):
    assert tuple(numbers_to_draw(there, DESIGN).values()) == numbers


@pytest.mark.parametrize(("there", "code"), [(counted(0, 2, 1), "too_few"), (counted(5, 9, 9), "too_many_certain")])
def test_what_cannot_be_drawn_is_refused(there, code):
    with pytest.raises(DomainError, match=code):
        numbers_to_draw(there, DESIGN)


@pytest.mark.parametrize(
    ("day", "year", "semester"),
    [
        (dt.date(2026, 7, 31), "2025-2026", 2),
        (dt.date(2026, 8, 1), "2026-2027", 1),
        (dt.date(2027, 1, 31), "2026-2027", 1),
        (dt.date(2027, 2, 1), "2026-2027", 2),
    ],
)
def test_semesters(day, year, semester):
    assert (school_year_of(day), semester_of(day)) == (year, semester)
    assert first_day_of(year, semester) <= day <= last_day_of(year, semester)
    assert first_day_of(year, None) <= day <= last_day_of(year, None)


ITEMS = (
    ChecklistItem("c.s.a", Scale.FOUR_LEVELS, Decimal(3), "c.s"),
    ChecklistItem("c.s.b", Scale.YES_NO, Decimal(1), "c.s"),
    ChecklistItem("c.t.d", Scale.FOUR_LEVELS, Decimal(4), "c.t"),
)


def rated(**ratings):
    sections = {"a": "c.s", "b": "c.s", "d": "c.t"}
    return {
        f"{sections[name]}.{name}": SimpleNamespace(rating=rating, note=None, is_not_applicable=rating is None)
        for name, rating in ratings.items()
    }


def test_what_does_not_apply_weighs_nothing():
    found = outcome_of(ITEMS, [rated(a=3, b=0, d=None)])
    assert found["shares"] == {"c.s": (3 * 1 + 1 * 0) / 4, "c": (3 * 1 + 1 * 0) / 4}
    assert found["items"]["c.t.d"]["share"] is None
    assert weighted_shares(ITEMS, {}) == {}


def test_an_item_counts_by_who_saw_it():
    found = outcome_of(ITEMS, [rated(a=3, b=1, d=None), rated(a=0, b=1, d=2)])
    assert found["items"]["c.t.d"]["share"] == 2 / 3
    assert found["items"]["c.s.a"]["share"] == (1 + 0) / 2
    assert found["rater_shares"]["c.s"] == [(3 * 0 + 1) / 4, (3 * 1 + 1) / 4]
    assert found["rater_shares"]["c.t"] == [2 / 3]


def test_every_state_of_a_finding_can_be_left_but_the_last_ones():
    ends = {state for state in findings.FindingState if not findings.LIFE.actions(state)}
    assert ends == {"closed", "withdrawn"}
    assert set(findings.STEPS) == {transition.action for transition in findings.LIFE.transitions}
    assert set(findings.DEADLINES) == findings.OPEN


def test_built_in_checklists_say_that_they_are_not_verified():
    for content in built_in_checklists().values():
        assert content["verified"] is False
        keys = [item["code"] for section in content["sections"] for item in section["items"]]
        assert len(keys) == len(set(keys))
