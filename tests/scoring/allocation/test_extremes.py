"""Figures that do not fit, and those that only just do."""

from decimal import Decimal

import pytest

from shared.scoring.allocation.exact import decimal_units
from shared.scoring.allocation.plan import EntitlementShare, EqualShare, Exclusion, Leftover, PayPlan, PointsShare
from tests.scoring.allocation.staff_rooms import BY_POINTS, allocated, paid, part

WEIGHED = PayPlan(parts=(part(PointsShare(points="points"), post_coefficient="coefficient"),))
LARGE = Decimal("9999999999999")


def reasons(plan: PayPlan, money, *rows: dict) -> list[str]:
    return [refusal.reason.value for refusal in allocated(plan, money, *rows).refusals]


def test_large_figures_are_shared_exactly_where_they_have_a_common_measure():
    odd = {"points": "1.0001", "coefficient": "1.0001", "pool": "B", "months_present": "11.5"}
    even = {"points": LARGE, "coefficient": LARGE}
    made = allocated(WEIGHED, {"A": 10**15 + 1, "B": 7}, even, even, odd)
    assert paid(made) == [500_000_000_000_001, 500_000_000_000_000, 7]


def test_weights_beyond_exact_sums_refuse_their_pool_alone():
    huge, small = {"points": LARGE, "coefficient": LARGE}, {"points": "1.0001", "coefficient": "1.0001"}
    made = allocated(WEIGHED, {"A": 5, "B": 7}, {"points": 1}, huge | {"pool": "B"}, small | {"pool": "B"})
    assert [(refusal.pool, refusal.reason.value) for refusal in made.refusals] == [("B", "weights_too_large")]
    assert made.payments.filter(pool="A")["amount_fen"].to_list() == [5]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"points": "1e14"}, "points"),
        ({"points": "1e30"}, "points"),
        ({"points": 1, "months_of_period": 0, "months_present": 0}, "months_of_period"),
    ],
)
def test_figures_out_of_range_are_named(row, column):
    [refusal] = allocated(BY_POINTS, 5, row).refusals
    assert (refusal.reason.value, refusal.column) == ("figure_outside", column)


def test_a_period_is_one_for_a_pool():
    rows = ({"points": 1, "months_of_period": 10, "months_present": 10}, {"points": 1})
    [refusal] = allocated(BY_POINTS, 5, *rows).refusals
    assert (refusal.column, refusal.staff_keys) == ("months_of_period", ("00000",))


def test_powers_beyond_the_range_are_refused():
    plan = PayPlan(parts=(part(PointsShare(points="points", gamma=Decimal(4))),))
    assert reasons(plan, 5, {"points": 1_000}) == ["figure_outside"]
    assert paid(allocated(plan, 17, {"points": 100}, {"points": 200})) == [1, 16]


def test_money_that_is_none():
    assert reasons(BY_POINTS, {"A": -1, "B": 1, "C": 2**62}, {"points": 1}) == [
        "pool_negative",
        "nobody_to_pay",
        "pool_negative",
    ]
    assert reasons(BY_POINTS, {"A": 1}, {"points": 1}, {"points": 1, "pool": "X"}) == ["pool_unknown"]


def test_what_entitlements_leave_over_can_refuse_the_pool():
    method = EntitlementShare(entitlement_fen="entitlement_fen", score="points", leftover=Leftover.REFUSE)
    plan = PayPlan(parts=(part(method),))
    [refusal] = allocated(plan, 100, {"points": 90, "entitlement_fen": 100}).refusals
    assert (refusal.reason.value, dict(refusal.figures)) == ("left_over", {"money_fen": 10})
    assert reasons(plan, 90, {"points": 90, "entitlement_fen": 100}) == []


def test_everybody_outside_and_nothing_to_share():
    row = {"points": 1, "exclusion": Exclusion.LEFT.value}
    assert paid(allocated(BY_POINTS, 0, row)) == [0]
    assert reasons(PayPlan(parts=(part(EqualShare()),)), 1, row) == ["nobody_to_pay"]


def test_numbers_of_a_plan_have_four_decimals():
    assert decimal_units(Decimal("0.3333")) == 3_333
    with pytest.raises(ValueError, match="more than 4"):
        decimal_units(Decimal("0.33333"))
