"""What holds for every scheme and every set of values (docs/scoring.md §10)."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from shared.scoring.scheme.evaluation import evaluate
from shared.scoring.scheme.tree import Missing
from tests.scoring.properties.strategies import QUICK
from tests.scoring.scheme_builders import Events, Letters, Percent, Strikes, branch, leaf, scheme

_CELLS = {
    Percent: st.one_of(st.none(), st.floats(0, 100), st.sampled_from([0.0, 50.0, 100.0])),
    Events: st.one_of(st.none(), st.integers(0, 12).map(float)),
    Letters: st.sampled_from([None, "A", "B", "C"]),
    Strikes: st.sampled_from([None, True, False]),
}
_TYPES = {Percent: pl.Float64, Events: pl.Float64, Letters: pl.String, Strikes: pl.Boolean}
_WEIGHTS = st.sampled_from(["1", "2", "3", "0.7", "12.5", "33"])


@st.composite
def cases(draw: st.DrawFn, *, block: bool = True):
    """A scheme of one to three dimensions, and values of up to eight units."""
    policies = [Missing.ZERO, Missing.REWEIGHT, Missing.REWEIGHT] + [Missing.BLOCK] * block
    dimensions, number = [], 0
    for dimension in range(draw(st.integers(1, 3))):
        indicators = []
        for indicator in range(draw(st.integers(1, 3))):
            leaves = []
            for _ in range(draw(st.integers(1, 4))):
                number += 1
                rule = draw(st.sampled_from([Percent(), Percent(), Events(), Letters(), Strikes()]))
                missing = draw(st.sampled_from(policies))
                leaves.append(leaf(f"l{number}", draw(_WEIGHTS), rule=rule, missing=missing))
            indicators.append(branch(f"B{dimension}{indicator}", draw(_WEIGHTS), *leaves))
        dimensions.append(branch(f"A{dimension}", draw(_WEIGHTS), *indicators))
    plan = scheme(*dimensions)
    count = draw(st.integers(1, 8))
    columns = {
        one.code: pl.Series(
            draw(st.lists(_CELLS[type(one.rule)], min_size=count, max_size=count)), dtype=_TYPES[type(one.rule)]
        )
        for one in plan.leaves()
    }
    units = pl.DataFrame({"unit_code": [f"u{number}" for number in range(count)]})
    return plan, units, units.hstack([series.alias(name) for name, series in columns.items()])


def hundredths(column: str) -> pl.Expr:
    return (pl.col(column) * 100).round().cast(pl.Int64)


@QUICK
@given(cases())
def test_printed_points_add_up_and_are_hundredths_next_to_the_exact(case):
    result = evaluate(*case)
    scores = result.scores
    for what in ("printed_points", "printed_points_possible"):
        sums = scores.group_by("unit_code", pl.col("parent").alias("node")).agg(hundredths(what).sum().alias("sum"))
        branches = scores.filter(~pl.col("is_leaf") & pl.col(what).is_not_null())
        joined = branches.join(sums, on=["unit_code", "node"])
        assert joined.height == branches.height
        assert (joined.select(hundredths(what)).to_series() == joined["sum"]).all()
    tops = (
        scores.filter(pl.col("depth") == 1).group_by("unit_code").agg(hundredths("printed_points").sum().alias("sum"))
    )
    totals = result.totals.filter(pl.col("total").is_not_null()).join(tops, on="unit_code")
    assert (totals.select(hundredths("printed_total")).to_series() == totals["sum"]).all()
    counted = scores.filter(pl.col("points").is_not_null())
    assert ((counted["printed_points"] - counted["points"]).abs() < 0.01 + 1e-9).all()
    assert ((counted["printed_points"] - counted["printed_points_possible"]) < 0.011).all()


@QUICK
@given(cases(), st.randoms())
def test_the_order_of_rows_never_matters(case, random):
    plan, units, values = case
    rows = list(range(units.height))
    random.shuffle(rows)
    shuffled, straight = evaluate(plan, units[rows], values[rows[::-1]]), evaluate(plan, units, values)
    assert_frame_equal(shuffled.scores, straight.scores, check_exact=True)
    assert_frame_equal(shuffled.totals, straight.totals, check_exact=True)


@QUICK
@given(cases())
def test_a_unit_without_values_changes_nothing_else(case):
    plan, units, values = case
    before = evaluate(plan, units, values)
    after = evaluate(plan, pl.concat([units, pl.DataFrame({"unit_code": ["a0"]})]), values)
    others = pl.col("unit_code") != "a0"
    assert_frame_equal(after.scores.filter(others), before.scores, check_exact=True)
    kept = [column for column in before.totals.columns if column not in ("group_count", "rank_in_group", "tie_count")]
    assert_frame_equal(after.totals.filter(others).select(kept), before.totals.select(kept), check_exact=True)


@QUICK
@given(cases(block=False))
def test_totals_lie_between_nothing_and_a_hundred_and_more_is_never_less(case):
    plan, units, values = case
    before = evaluate(plan, units, values).totals
    assert before["total"].drop_nulls().is_between(-1e-9, 100 + 1e-9).all()
    numbers = [one.code for one in plan.leaves() if isinstance(one.rule, Percent)]
    raised = evaluate(plan, units, values.with_columns((pl.col(code) + 10).clip(0, 100) for code in numbers)).totals
    assert ((raised["printed_total"] - before["printed_total"]).drop_nulls() >= 0).all()
