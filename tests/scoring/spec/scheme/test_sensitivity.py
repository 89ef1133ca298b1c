"""How much a grade owes to the exact weights and to chance (docs/scoring.md §10.6)."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import stats

from shared.scoring.scheme.drawn_totals import drawn_totals, extreme_totals
from shared.scoring.scheme.evaluation import evaluate, judge
from shared.scoring.scheme.outline import outline
from shared.scoring.scheme.sensitivity import SensitivitySettings, ranks_in_groups, sensitivity
from shared.scoring.scheme.tree import Missing
from shared.scoring.scheme.unit_values import check_values
from shared.terms.errors import DomainError
from tests.scoring.scheme_builders import (
    Events,
    Letters,
    Percent,
    Place,
    Strikes,
    branch,
    leaf,
    scheme,
    schools,
    values_of,
)

TWO = scheme(branch("A1", 1, leaf("a")), branch("A2", 1, leaf("b")))
MIXED = scheme(
    branch(
        "A1", 3, branch("B1", 1, leaf("a", 2), leaf("b", 3), leaf("v", 0, rule=Strikes())), branch("B2", 2, leaf("c"))
    ),
    branch("A2", 7, branch("B3", 1, leaf("d"), leaf("e", 4))),
)
RNG = np.random.default_rng(5)
MANY = schools(40, **{code: RNG.uniform(40, 100, 40) for code in "abcde"}).with_columns(
    a=pl.when(pl.int_range(40) % 3 > 0).then("a"), e=pl.when(pl.int_range(40) % 5 > 0).then("e")
)
QUICK = SensitivitySettings(draws=200)


def matrices(plan, units, values):
    tree = outline(plan)
    judged = judge(plan, tree, check_values(plan, tree, units, values))
    return tree, judged.points.counted, np.nan_to_num(judged.shares), judged.points.total


def test_the_written_weights_give_the_total():
    tree, counted, shares, total = matrices(MIXED, MANY.select("unit_code"), MANY)
    assert drawn_totals(tree, tree.weights[None, :], counted, shares, {})[0] == pytest.approx(total)


def test_other_weights_give_the_total_of_a_scheme_with_those_weights():
    def plan(weights):
        a1, a2, b1, b2, a, b, c, d, e = weights
        first = branch("A1", a1, branch("B1", b1, leaf("a", a), leaf("b", b)), branch("B2", b2, leaf("c", c)))
        return scheme(first, branch("A2", a2, branch("B3", 1, leaf("d", d), leaf("e", e))))

    tree, counted, shares, _ = matrices(plan([1] * 9), MANY.select("unit_code"), MANY)
    other = plan(["1.1", "0.9", "1.05", "0.95", "1.02", "0.97", "1.01", "0.93", "1.08"])
    weights = outline(other).weights[None, :]
    expected = evaluate(other, MANY.select("unit_code"), MANY).totals["total"]
    assert drawn_totals(tree, weights, counted, shares, {})[0] == pytest.approx(expected.to_numpy())


def test_bounds_of_two_dimensions_as_arithmetic():
    bounds = sensitivity(TWO, schools(1), values_of(a=[90.0], b=[50.0]), settings=QUICK).bounds.row(0, named=True)
    assert bounds["highest_total"] == pytest.approx((1.1 * 90 + 0.9 * 50) / 2.0)
    assert bounds["lowest_total"] == pytest.approx((0.9 * 90 + 1.1 * 50) / 2.0)
    assert (bounds["total"], bounds["is_certain"], bounds["grade"]) == (70, True, "C")


def test_bounds_are_reached_and_never_passed():
    tree, counted, shares, total = matrices(MIXED, MANY.select("unit_code"), MANY)
    low, high = extreme_totals(tree, counted, shares, 0.1)
    corners = np.array(np.meshgrid(*[[0.9, 1.1]] * len(tree.nodes))).reshape(len(tree.nodes), -1).T
    totals = drawn_totals(tree, tree.weights * corners, counted, shares, {})
    assert totals.min(axis=0) == pytest.approx(low)
    assert totals.max(axis=0) == pytest.approx(high)
    assert ((low <= total) & (total <= high)).all()


def test_a_total_far_from_every_line_keeps_its_grade():
    found = sensitivity(TWO, schools(2), values_of(a=[95.0, 79.0], b=[45.0, 81.0]), settings=QUICK)
    assert found.draws["same_grade_rate"][0] == 1
    # 80.00 is a B; a little more weight on the first dimension makes it a C.
    assert found.bounds["is_certain"].to_list() == [True, False]
    assert found.draws["same_grade_rate"][1] == pytest.approx(0.5, abs=0.12)
    assert found.draws["better_rate"][1] == 0
    assert found.draws["worse_rate"][1] == pytest.approx(1 - found.draws["same_grade_rate"][1])
    assert found.summary.row(0) == ("weights", 2, found.draws["same_grade_rate"].mean(), 0.5)


def test_equal_shares_do_not_depend_on_weights():
    found = sensitivity(TWO, schools(1), values_of(a=[80.0], b=[80.0]), settings=QUICK)
    assert found.draws.select("same_grade_rate", "total_ci_low", "total_ci_high").row(0) == pytest.approx((1, 80, 80))
    assert found.draws["total_se"][0] == pytest.approx(0, abs=1e-9)


def test_standard_errors_go_through_the_rules():
    plan = scheme(branch("A1", 1, leaf("a")), branch("A2", 3, leaf("b")))
    errors = values_of(a=[4.0], b=[2.0])
    found = sensitivity(
        plan, schools(1), values_of(a=[60.0], b=[80.0]), errors=errors, settings=SensitivitySettings(draws=4000)
    )
    values = found.draws.filter(pl.col("cause") == "values").row(0, named=True)
    se = np.hypot(0.25 * 4, 0.75 * 2)
    assert values["total_se"] == pytest.approx(se, rel=0.05)
    # The total is 75, a C; printed 79.995 and more is a B.
    assert values["better_rate"] == pytest.approx(stats.norm.sf((79.995 - 75) / se), abs=0.01)
    assert values["total_ci_low"] == pytest.approx(75 - 1.96 * se, abs=0.2)
    assert found.draws["cause"].to_list() == ["weights", "values", "both"]
    assert found.draws["total_se"][2] > found.draws["total_se"][1]


def test_counts_do_not_fall_below_zero_and_places_are_taken_inside_one_draw():
    plan = scheme(branch("A1", 1, leaf("e", rule=Events()), leaf("p", rule=Place())), group_by=("kind",))
    units = schools(4, kind=["p", "p", "q", "q"])
    values = values_of(e=[0.0, 0, 0, 0], p=[50.0, 51, 10, 90])
    errors = values_of(e=[5.0, None, 0, 0], p=[1.0, 1, 1, 1])
    found = sensitivity(plan, units, values, errors=errors, settings=SensitivitySettings(draws=400))
    drawn = found.draws.filter(pl.col("cause") == "values")
    assert drawn["total_ci_high"].max() <= 100
    # Places of the first group are nearly open, those of the second are settled.
    assert drawn["total_se"][1] == pytest.approx(50 * np.sqrt(0.24 * 0.76), rel=0.1)
    assert drawn["total_se"][3] == pytest.approx(0, abs=1e-9)


def test_vetoes_and_missing_totals_stay():
    plan = scheme(branch("A1", 1, leaf("a", missing=Missing.BLOCK), leaf("v", 0, rule=Strikes("D"))))
    values = values_of(a=[90.0, None, 60.0], v=[True, False, False])
    found = sensitivity(plan, schools(3), values, errors=values_of(a=[9.0, 1, 1]), settings=QUICK)
    assert found.bounds["grade"].to_list() == ["D", None, "C"]
    assert found.bounds["is_certain"].to_list() == [True, None, True]
    rows = found.draws.filter(pl.col("cause") == "both")
    assert rows["same_grade_rate"].to_list()[:2] == [1, None]
    assert rows["rank_high"].to_list() == [1, None, 2]
    assert found.summary["unit_count"].to_list() == [2, 2, 2]


def test_the_same_seed_gives_the_same_figures_in_any_order():
    units = MANY.select("unit_code")
    one, other = (sensitivity(MIXED, rows, MANY, settings=QUICK) for rows in (units, units.reverse()))
    assert_frame_equal(one.draws, other.draws, check_exact=True)
    seeded = sensitivity(MIXED, units, MANY, settings=SensitivitySettings(draws=200, seed=2))
    assert not seeded.draws.equals(one.draws)


def test_ranks_in_groups():
    totals = np.array([[70.0, 70, 90, np.nan, 10], [1, 2, 3, np.nan, 5]])
    found = ranks_in_groups(totals, pl.Series("group", ["p", "p", "p", "p", "q"]))
    np.testing.assert_array_equal(found, [[2, 2, 1, np.nan, 1], [3, 2, 1, np.nan, 1]])


@pytest.mark.parametrize("settings", [{"weight_change": 0.0}, {"weight_change": 1.0}, {"draws": 0}])
def test_settings_that_make_no_sense(settings):
    with pytest.raises(ValueError, match="weights"):
        SensitivitySettings(**settings)


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        (values_of(a=[-1.0]), "scheme.error_kind"),
        (values_of(a=[float("inf")]), "scheme.error_kind"),
        (values_of(a=["1"]), "scheme.error_kind"),
        (values_of(c=[1.0]), "scheme.error_kind"),
        (pl.DataFrame({"unit_code": ["x"], "a": [1.0]}), "scheme.unit_unknown"),
        (pl.DataFrame({"unit_code": ["s00", "s00"], "a": [1.0, 1.0]}), "scheme.unit_twice"),
    ],
)
def test_errors_that_are_none(errors, code):
    plan = scheme(branch("A1", 1, leaf("a", rule=Percent()), leaf("c", rule=Letters())))
    with pytest.raises(DomainError) as refused:
        sensitivity(plan, schools(1), values_of(a=[1.0], c=["A"]), errors=errors)
    assert {fault.code for fault in refused.value.faults} == {code}
