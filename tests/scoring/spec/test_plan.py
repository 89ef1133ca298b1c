"""What a plan refuses (docs/scoring.md §0.3)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from shared.scoring.plan import (
    AnalysisPlan,
    ComparisonAttribute,
    CompositeWeight,
    FitMethod,
    Grouping,
    OutcomeScale,
    Rate,
    ValueAddedModel,
)
from shared.scoring.subjects import Subject
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel

MATH = Subject("math", full_mark=Decimal(100))
PRIOR = Subject("math_entry", full_mark=Decimal(100))
PLAN = AnalysisPlan(outcomes=(MATH,), intakes=(PRIOR,), models=(ValueAddedModel("math", ("math_entry",)),))


def refused(**change):
    with pytest.raises(DomainError) as error:
        replace(PLAN, **change)
    assert error.value.code == "scoring.plan_invalid"
    return {fault.code for fault in error.value.faults}


def test_a_plan_names_what_it_reports_and_reads():
    assert [subject.code for subject in PLAN.reported] == ["math", "total", "math_entry"]
    assert [subject.code for subject in PLAN.marked] == ["math", "math_entry"]
    assert [PLAN.role(subject) for subject in PLAN.reported] == ["outcome", "total", "intake"]


def test_the_code_of_a_model_says_how_it_was_fitted():
    model = ValueAddedModel("math", ("a", "b"), OutcomeScale.RAW, FitMethod.ML, compositional=True)
    assert model.code == "math~a+b+school_mean[ml,raw]"
    assert model.relation == "math~a+b"


def test_intakes_that_make_groups_are_no_columns_of_their_own():
    plan = replace(
        PLAN, comparisons=(ComparisonAttribute("math_entry", Grouping.QUARTILE), ComparisonAttribute("kind"))
    )
    assert [attribute.code for attribute in plan.attributes] == ["kind"]


def test_contradictions_are_refused_by_name():
    assert refused(outcomes=(), models=()) == {"scoring.plan_no_outcome"}
    assert refused(outcomes=(MATH, MATH)) == {"scoring.plan_duplicate"}
    assert refused(outcomes=(MATH, Subject("total", full_mark=Decimal(9)))) == {"scoring.plan_reserved_name"}
    assert refused(outcomes=(MATH, Subject("a__status", full_mark=Decimal(9)))) == {"scoring.plan_reserved_name"}
    assert refused(comparisons=(ComparisonAttribute("class_code"),)) == {"scoring.plan_reserved_name"}
    assert refused(min_n=0) == {"scoring.plan_minimum"}
    assert refused(comparison_min_schools=1) == {"scoring.plan_minimum"}
    assert refused(rates=(Rate("odd", Decimal("1.2")),), composite=(CompositeWeight("odd", Decimal(1)),)) == {
        "scoring.plan_threshold"
    }
    assert refused(composite=(CompositeWeight("missing", Decimal(1)),)) == {"scoring.plan_composite"}
    assert refused(composite=(CompositeWeight("pass", Decimal(-1)),)) == {"scoring.plan_composite"}
    assert refused(levels=(OrgLevel.CITY, OrgLevel.COUNTY)) == {"scoring.plan_levels"}
    assert refused(models=(ValueAddedModel("art", ("math_entry",)),)) == {"scoring.plan_model"}
    assert refused(models=(ValueAddedModel("math", ()),)) == {"scoring.plan_model"}
    assert refused(models=(ValueAddedModel("math", ("math_entry", "math_entry")),)) == {"scoring.plan_model"}
    assert refused(comparisons=(ComparisonAttribute("math_entry"),)) == {"scoring.plan_intake_by_value"}


def test_every_contradiction_is_told_at_once():
    found = refused(outcomes=(MATH, MATH), min_n=0, models=(ValueAddedModel("art", ()),))
    assert found == {"scoring.plan_duplicate", "scoring.plan_minimum", "scoring.plan_model"}
