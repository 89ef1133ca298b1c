"""Comprehensive undergraduate rate (docs/scoring.md §5.2)."""

from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest

from shared.scoring.cut_lines.lines import CutLine, draw_lines
from shared.scoring.cut_lines.undergraduate import CategoryPart, comprehensive_rates, require_one_category
from shared.scoring.plan import AnalysisPlan
from shared.scoring.subjects import Subject
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel
from tests.scoring.builders import histograms as histograms_of
from tests.scoring.builders import math_rows

CITY = [OrgLevel.CITY]


def category(name, line, *rows, full_mark=750, track="physics"):
    plan = AnalysisPlan(outcomes=(Subject("math", full_mark=Decimal(full_mark)),))
    histogram = histograms_of(rows, plan)["math", OrgLevel.CLASS]
    (drawn,) = draw_lines([CutLine(code="undergraduate", track=track, mark=Decimal(line))], histogram, track=track)
    return CategoryPart(name, histogram, drawn)


PARTS = (
    category("general", 380, *math_rows(400, 379.5, "absent"), *math_rows(390, school="s2")),
    category("general", 412, *math_rows(412, 300), track="history"),
    category("arts", 60, *math_rows(59, 61), full_mark=100),
    category("sports", 70, *math_rows(69, school="s2"), full_mark=100),
)


def test_every_category_counts_on_its_own_line():
    found = comprehensive_rates(PARTS, levels=CITY)
    assert found.select("category", "n_registered", "n_sat", "n_online").rows() == [
        ("all", 9, 8, 4),
        ("arts", 2, 2, 1),
        ("general", 6, 5, 3),
        ("sports", 1, 1, 0),
    ]
    assert found.filter(category="all").select("rate", "rate_registered").row(0) == (4 / 8, 4 / 9)


def test_the_definition_is_stored_with_the_number():
    found = dict(comprehensive_rates(PARTS, levels=CITY).select("category", "definition").rows())
    assert found["general"] == "general/physics/undergraduate>=380; general/history/undergraduate>=412"
    assert found["arts"] == "arts/physics/undergraduate>=60"
    assert found["all"].count(">=") == 4


def test_schools_have_their_own_rows():
    found = comprehensive_rates(PARTS, levels=[OrgLevel.CITY, OrgLevel.SCHOOL], min_n=1).filter(category="all")
    assert found.filter(level="school").select("school_code", "n_online", "rate").rows() == [
        ("s1", 3, 3 / 6),
        ("s2", 1, 1 / 2),
    ]


def test_categories_are_shown_for_the_city_only_and_a_small_one_takes_the_others_with_it():
    found = comprehensive_rates(PARTS, levels=[OrgLevel.CITY, OrgLevel.SCHOOL], min_n=2)
    assert found.filter(level="school")["category"].unique().to_list() == ["all"]
    city = dict(found.filter(level="city").select("category", "suppression").rows())
    assert city == {"all": None, "arts": "complementary", "general": "complementary", "sports": "primary"}
    shown = comprehensive_rates(PARTS[:3], levels=CITY, min_n=2)
    assert not shown["suppressed"].any()


def test_without_the_city_there_are_no_categories():
    assert comprehensive_rates(PARTS, levels=[OrgLevel.SCHOOL])["category"].unique().to_list() == ["all"]


def test_a_line_on_another_grid_is_refused():
    mixed = CategoryPart("arts", PARTS[0].composite, PARTS[2].line)
    with pytest.raises(DomainError) as refused:
        comprehensive_rates([mixed])
    assert refused.value.code == "scoring.lines_invalid"


def test_no_category_is_named_as_their_sum():
    with pytest.raises(DomainError) as refused:
        comprehensive_rates([replace(PARTS[0], category="all")])
    assert [fault.code for fault in refused.value.faults] == ["scoring.plan_reserved_name"]


def test_nobody_stands_in_two_categories():
    require_one_category(pl.DataFrame({"candidate_id": ["a", "b"], "category": ["arts", "arts"]}))
    with pytest.raises(DomainError) as refused:
        require_one_category(pl.DataFrame({"candidate_id": ["a", "b", "a"], "category": ["arts", "arts", "general"]}))
    assert [(fault.code, fault.source_id) for fault in refused.value.faults] == [("scoring.candidate_twice", "a")]


def test_without_categories_there_are_no_rows():
    assert comprehensive_rates([]).is_empty()
