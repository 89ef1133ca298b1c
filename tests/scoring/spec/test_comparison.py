"""Schools inside groups of their like (docs/scoring.md §8.6)."""

from dataclasses import replace
from decimal import Decimal
from statistics import mean, stdev

import polars as pl
import pytest

from shared.scoring.comparison import comparison_table, school_groups, school_metrics
from shared.scoring.levels import LEVELS
from shared.scoring.plan import AnalysisPlan, ComparisonAttribute, Grouping
from shared.scoring.schemas import SCHEMAS
from shared.scoring.subjects import Subject
from shared.scoring.summaries.exam_summary import gather_summary
from shared.scoring.summaries.mark_histogram import level_histograms
from shared.scoring.summary_table import summarize
from tests.scoring.builders import TEN, sheet

ENTRY = Subject("entry", full_mark=Decimal(10))
KIND, WEALTH, INTAKE = (
    ComparisonAttribute("kind"),
    ComparisonAttribute("wealth", Grouping.QUARTILE),
    ComparisonAttribute("entry", Grouping.QUARTILE),
)
PLAN = AnalysisPlan(
    outcomes=(TEN,), intakes=(ENTRY,), comparisons=(KIND, WEALTH, INTAKE), min_n=2, comparison_min_schools=2
)


def school(code, marks, *, kind="town", wealth=1, entry=5, county="k"):
    return [
        {"school": code, "county": county, "math": mark, "kind": kind, "wealth": wealth, "entry": entry}
        for mark in marks
    ]


def compare(rows, plan=PLAN):
    summary = gather_summary(sheet(rows, plan), plan)
    table = summarize(level_histograms(summary.histograms.values(), LEVELS), plan)
    no_models = pl.DataFrame(schema=SCHEMAS["value_added_schools"])
    return comparison_table(
        school_groups(plan, attributes=summary.attributes, histograms=summary.histograms),
        school_metrics(table, no_models, plan),
        plan,
    )


def means(rows, attribute, plan=PLAN):
    found = compare(rows, plan).filter(attribute=attribute, metric="mean", subject="math")
    return {row["school_code"]: row for row in found.iter_rows(named=True)}


FOUR = [*school("a", [4, 6]), *school("b", [6, 8]), *school("c", [6, 8]), *school("d", [1, 3], kind="village")]


def test_a_school_beside_its_group():
    found = means(FOUR, "kind")
    group = [5, 7, 7]
    assert (found["a"]["group_mean"], found["a"]["group_sd"]) == (mean(group), pytest.approx(stdev(group)))
    assert found["a"]["standardized_difference"] == pytest.approx((5 - mean(group)) / stdev(group))
    assert [found[code]["rank_in_group"] for code in "abc"] == [3, 1, 1]
    assert (found["a"]["n"], found["a"]["value"], found["a"]["group_schools"]) == (2, 5, 3)
    assert found["a"]["ci_low"] < 5 < found["a"]["ci_high"]


def test_a_group_of_too_few_schools_is_not_compared():
    lonely = means(FOUR, "kind")["d"]
    assert (lonely["status"], lonely["reason"]) == ("not_computed", "few_schools")
    assert lonely["rank_in_group"] is None
    assert lonely["group_mean"] is None


def test_a_withheld_school_enters_no_group_figure():
    rows = [*FOUR, *school("e", [10], kind="town"), *school("f", [9, 9, 9, 9], kind="town")]
    found = means(rows, "kind")
    assert found["e"]["suppressed"]
    # Withheld with it, so that the county's mean does not give it away: the smallest school, a.
    assert found["a"]["suppressed"]
    assert found["f"]["group_mean"] == pytest.approx(mean([7, 7, 9]))
    assert (found["e"]["rank_in_group"], found["f"]["rank_in_group"]) == (None, 1)


def test_equal_schools_have_no_standardized_difference():
    rows = [*school("a", [4, 6]), *school("b", [5, 5])]
    assert means(rows, "kind")["a"]["standardized_difference"] is None
    assert means(rows, "kind")["a"]["status"] == "computed"


def test_quartiles_of_a_declared_number():
    rows = [row for n in range(8) for row in school(f"s{n}", [5, 6], wealth=n)]
    found = means(rows, "wealth")
    # Cuts at 1.75, 3.5 and 5.25.
    assert [found[f"s{n}"]["group_value"] for n in range(8)] == ["1", "1", "2", "2", "3", "3", "4", "4"]


def test_a_school_on_a_cut_belongs_to_the_lower_quarter_and_equal_schools_stay_together():
    rows = [row for n, wealth in enumerate([1, 2, 2, 2, 3]) for row in school(f"s{n}", [5, 6], wealth=wealth)]
    assert [row["group_value"] for row in means(rows, "wealth").values()] == ["1", "1", "1", "1", "4"]


def test_a_number_that_differs_inside_a_school_is_averaged():
    rows = school("a", [5, 6], wealth=1) + school("b", [5, 6], wealth=3) + school("a", [5], wealth=7)
    # a: (1 + 1 + 7)/3 = 3, equal to b; both on every cut.
    assert {row["group_value"] for row in means(rows, "wealth").values()} == {"1"}


def test_quartiles_of_the_intake():
    rows = [row for n in range(4) for row in school(f"s{n}", [5, 6], entry=n)]
    assert [row["group_value"] for row in means(rows, "entry").values()] == ["1", "2", "3", "4"]


def test_a_missing_or_varying_attribute_makes_no_group():
    rows = [
        *school("a", [5, 6], kind=None, wealth=None, entry="absent"),
        *school("b", [5], kind="town"),
        *school("b", [6], kind="village"),
        *school("c", [5], kind=None),
        *school("c", [6], kind="town"),
    ]
    found = means(rows, "kind")
    assert [(found[code]["group_value"], found[code]["reason"]) for code in "abc"] == [
        (None, "attribute_missing"),
        (None, "attribute_varies"),
        ("town", "few_schools"),
    ]
    assert means(rows, "wealth")["a"]["reason"] == "attribute_missing"
    assert means(rows, "entry")["a"]["reason"] == "attribute_missing"


def test_a_school_nobody_of_which_sat_has_no_value():
    rows = [*FOUR, *school("e", ["absent", "absent"])]
    assert means(rows, "kind")["e"]["reason"] == "no_value"


def test_rates_are_compared_too_and_intakes_are_not():
    found = compare(FOUR, replace(PLAN, comparisons=(KIND,)))
    assert set(found["metric"]) == {"mean", "excellent_rate", "good_rate", "pass_rate", "low_score_rate"}
    assert set(found["subject"]) == {"math", "total"}
