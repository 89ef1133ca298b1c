"""Totals, grades, missing values and vetoes (docs/scoring.md §10)."""

import polars as pl
import pytest

from shared.scoring.scheme.evaluation import evaluate
from shared.scoring.scheme.tree import Missing
from shared.terms.errors import DomainError
from tests.scoring.scheme_builders import Events, Letters, Place, Strikes, branch, leaf, scheme, schools, values_of

TWO = scheme(
    branch("A1", 40, branch("B1", 1, leaf("B1.1", 3), leaf("B1.2", 1))),
    branch("A2", 60, branch("B2", 2, leaf("B2.1")), branch("B3", 1, leaf("B3.1"))),
)
FULL = {"B1_1": [80.0], "B1_2": [40.0], "B2_1": [90.0], "B3_1": [60.0]}


def one(plan, **changes):
    """Totals and scores by node of one school."""
    result = evaluate(plan, schools(1), values_of(**(FULL | changes)))
    return result.totals.row(0, named=True), {row["node"]: row for row in result.scores.iter_rows(named=True)}


def test_weights_are_relative_to_siblings_at_every_level():
    total, scores = one(TWO)
    assert total["total"] == pytest.approx(40 * (3 * 0.8 + 1 * 0.4) / 4 + 60 * (2 * 0.9 + 1 * 0.6) / 3)
    assert scores["B1.1"]["points_possible"] == pytest.approx(40 * 3 / 4)
    assert scores["B2"]["points"] == pytest.approx(60 * 2 / 3 * 0.9)
    assert scores["A1"]["share"] == pytest.approx((3 * 0.8 + 1 * 0.4) / 4)


def test_rows_are_in_the_order_of_units_and_of_the_scheme():
    result = evaluate(TWO, schools(2)[::-1], values_of(B1_1=[80.0, 70.0]))
    assert result.totals["unit_code"].to_list() == ["s00", "s01"]
    assert result.scores["node"].to_list() == ["A1", "B1", "B1.1", "B1.2", "A2", "B2", "B2.1", "B3", "B3.1"] * 2
    assert result.scores["parent"].to_list()[:4] == [None, "A1", "B1", "B1"]
    assert result.scores["depth"].to_list()[:3] == [1, 2, 3]


@pytest.mark.parametrize(
    ("value", "grade"), [(89.995, "A"), (89.994, "B"), (80, "B"), (60, "C"), (59.99, "D"), (0, "D")]
)
def test_the_grade_follows_from_the_printed_total(value, grade):
    total, _ = one(scheme(branch("A1", 1, leaf("B1.1"))), B1_1=[value])
    assert total["grade"] == grade


def test_siblings_take_the_weight_of_a_missing_leaf():
    total, scores = one(TWO, B1_1=[None])
    assert total["total"] == pytest.approx(40 * 0.4 + 60 * (2 * 0.9 + 1 * 0.6) / 3)
    assert (scores["B1.1"]["status"], scores["B1.1"]["points"]) == ("reweighted", None)
    assert scores["B1.2"]["points_possible"] == pytest.approx(40)
    assert scores["B1.2"]["nominal_points"] == pytest.approx(10)
    assert total["missing_count"] == 1


def test_an_indicator_without_any_value_passes_its_weight_on_one_level_up():
    total, scores = one(TWO, B1_1=[None], B1_2=[None])
    assert total["total"] == pytest.approx(100 * (2 * 0.9 + 1 * 0.6) / 3)
    assert scores["A1"]["status"] == "reweighted"
    assert scores["A2"]["points_possible"] == pytest.approx(100)


def test_a_missing_leaf_may_count_as_none():
    plan = scheme(branch("A1", 1, leaf("B1.1", missing=Missing.ZERO), leaf("B1.2")))
    total, scores = one(plan, B1_1=[None], B1_2=[70.0])
    assert total["total"] == pytest.approx(50 * 0 + 50 * 0.7)
    assert (scores["B1.1"]["status"], scores["B1.1"]["printed_points"]) == ("missing_zero", 0)


def test_a_missing_leaf_may_block_the_total():
    plan = scheme(branch("A1", 1, leaf("B1.1", missing=Missing.BLOCK), leaf("B1.2")), branch("A2", 1, leaf("B2.1")))
    total, scores = one(plan, B1_1=[None])
    assert (total["total"], total["grade"], total["rank_in_group"]) == (None, None, None)
    assert total["blocked_by"] == ["B1.1"]
    assert scores["A1"]["status"] == "blocked"
    assert (scores["B2.1"]["share"], scores["B2.1"]["points_possible"], scores["B2.1"]["points"]) == (0.9, 50, None)


def test_without_any_value_there_is_no_total():
    result = evaluate(TWO, schools(1), schools(0).cast(pl.String))
    assert result.totals.select("total", "grade", "missing_count").row(0) == (None, None, 4)


def test_a_leaf_that_does_not_apply_counts_for_none():
    plan = scheme(branch("A1", 1, leaf("B1.1", missing=Missing.ZERO, applies_to={"stage": ("senior",)}), leaf("B1.2")))
    units = schools(3, stage=["senior", "junior", "junior"])
    result = evaluate(plan, units, values_of(B1_1=[20.0, 20.0, None], B1_2=[80.0, 80.0, 80.0]))
    assert result.totals["total"].to_list() == pytest.approx([50, 80, 80])
    first = result.scores.filter(pl.col("node") == "B1.1")
    assert first["status"].to_list() == ["scored", "not_applicable", "not_applicable"]
    assert first["value"].to_list() == [20, None, None]
    assert result.totals["not_applicable_count"].to_list() == [0, 1, 1]


def test_one_of_several_stages_is_enough():
    plan = scheme(branch("A1", 1, leaf("B1.1", applies_to={"stages": ("junior",)}), leaf("B1.2")))
    result = evaluate(
        plan, schools(2, stages=[["primary", "junior"], ["primary"]]), values_of(B1_1=[0.0, 0], B1_2=[9.0, 9])
    )
    assert result.totals["not_applicable_count"].to_list() == [0, 1]


VETOED = scheme(
    branch(
        "A1", 1, leaf("B1.1"), leaf("V1", 0, rule=Strikes("C")), leaf("V2", 5, rule=Strikes("D"), missing=Missing.ZERO)
    )
)


@pytest.mark.parametrize(
    ("first", "second", "grade", "by"),
    [
        (False, False, "A", []),
        (True, False, "C", ["V1"]),
        (False, True, "D", ["V2"]),
        (True, True, "D", ["V1", "V2"]),
        (None, None, "A", []),
    ],
)
def test_a_veto_caps_the_grade_and_brings_no_marks(first, second, grade, by):
    total, scores = one(
        VETOED, B1_1=[95.0], V1=pl.Series([first], dtype=pl.Boolean), V2=pl.Series([second], dtype=pl.Boolean)
    )
    assert (total["total"], total["grade"], total["uncapped_grade"], total["vetoed_by"]) == (95, grade, "A", by)
    assert scores["V1"]["points_possible"] is None


def test_a_veto_does_not_lift_a_lower_grade():
    total, _ = one(VETOED, B1_1=[10.0], V1=[True], V2=[False])
    assert total["grade"] == "D"


def test_a_missing_veto_may_block():
    plan = scheme(branch("A1", 1, leaf("B1.1"), leaf("V1", 0, rule=Strikes(), missing=Missing.BLOCK)))
    assert one(plan, B1_1=[95.0])[0]["blocked_by"] == ["V1"]


def test_choices_counts_and_places_in_the_group():
    plan = scheme(
        branch("A1", 1, leaf("c", rule=Letters()), leaf("e", rule=Events()), leaf("p", rule=Place())),
        group_by=("kind",),
    )
    units = schools(4, kind=["town", "town", "town", "village"])
    result = evaluate(plan, units, values_of(c=["A", "B", "C", "A"], e=[0, 3, 20, None], p=[5.0, 7.0, 6.0, None]))
    shares = {code: result.scores.filter(pl.col("node") == code)["share"].to_list() for code in "cep"}
    assert shares == {"c": [1, 0.5, 0, 1], "e": [1, 0.7, 0, None], "p": [0, 1, 0.5, None]}
    assert result.scores.filter(pl.col("node") == "c")["choice"].to_list() == ["A", "B", "C", "A"]
    assert result.totals["group"].to_list() == ["town", "town", "town", "village"]


def test_equal_printed_totals_share_a_rank_in_their_group():
    plan = scheme(branch("A1", 1, leaf("B1.1")), group_by=("kind", "area"))
    units = schools(5, kind=["p", "p", "p", "p", "j"], area=["r"] * 5)
    totals = evaluate(plan, units, values_of(B1_1=[70.001, 70.0, 90.0, None, 10.0])).totals
    assert totals["rank_in_group"].to_list() == [2, 2, 1, None, 1]
    assert totals["tie_count"].to_list() == [2, 2, 1, None, 1]
    assert totals["group_count"].to_list() == [3, 3, 3, 3, 1]
    assert totals["group"].to_list() == ["p/r"] * 4 + ["j/r"]


def faults_of(plan, units, values):
    with pytest.raises(DomainError) as refused:
        evaluate(plan, units, values)
    assert refused.value.code == "scheme.values_invalid"
    assert refused.value.params["count"] == len(refused.value.faults)
    return [(fault.code, fault.column, fault.source_id) for fault in refused.value.faults]


def test_every_fault_of_the_values_at_once():
    plan = scheme(branch("A1", 1, leaf("n"), leaf("c", rule=Letters()), leaf("e", rule=Events())), group_by=("kind",))
    units = schools(3, kind=["p", None, "p"])
    values = pl.DataFrame(
        {
            "unit_code": ["s00", "s01", "s01", "s09", None],
            "n": [float("nan"), 1.0, 1.0, float("inf"), 1.0],
            "c": ["A", "E", "A", None, "A"],
            "e": [1, -1, 1, 1, 1],
        }
    )
    assert faults_of(plan, units, values) == [
        ("scheme.unit_missing", "unit_code", None),
        ("scheme.unit_twice", "unit_code", "s01"),
        ("scheme.unit_twice", "unit_code", "s01"),
        ("scheme.unit_unknown", "unit_code", "s09"),
        ("scheme.attribute_missing", "kind", "s01"),
        ("scheme.value_not_finite", "n", "s00"),
        ("scheme.value_not_finite", "n", "s09"),
        ("scheme.value_not_choice", "c", "s01"),
        ("scheme.count_negative", "e", "s01"),
    ]


def test_columns_are_looked_at_before_rows():
    plan = scheme(branch("A1", 1, leaf("n"), leaf("v", 0, rule=Strikes())), group_by=("kind",))
    values = pl.DataFrame({"unit_code": ["s00"], "n": ["1"], "v": [1]})
    assert faults_of(plan, schools(1), values) == [
        ("scheme.column_missing", "kind", None),
        ("scheme.value_kind", "n", None),
        ("scheme.value_kind", "v", None),
    ]
    assert faults_of(TWO, schools(1), pl.DataFrame({"n": [1]})) == [("scheme.column_missing", "unit_code", None)]


def test_units_the_scheme_does_not_judge_are_refused():
    plan = scheme(branch("A1", 1, leaf("n")), applies_to={"stage": ("senior",)})
    units = schools(2, stage=["senior", "primary"])
    assert faults_of(plan, units, values_of(n=[1.0, 1.0])) == [("scheme.unit_not_judged", "unit_code", "s01")]


def test_several_values_of_an_attribute_make_one_group() -> None:
    plan = scheme(branch("A1", 1, leaf("n")), group_by=("stages",))
    units = pl.DataFrame({"unit_code": ["a", "b", "c"], "stages": [["p"], ["p", "j"], ["p", "j"]]})
    values = pl.DataFrame({"unit_code": ["a", "b", "c"], "n": [1.0, 1.0, 1.0]})
    assert evaluate(plan, units, values).totals["group"].to_list() == ["p", "p+j", "p+j"]
