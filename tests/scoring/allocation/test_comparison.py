"""A scenario against a baseline (SCORING §11.6)."""

from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.scoring.allocation.comparison import compare, equal_shares
from tests.scoring.allocation.staff_rooms import BY_POINTS, allocated


def pay(amounts: dict[str, int] | list[int], pool: str = "A") -> pl.DataFrame:
    if isinstance(amounts, list):
        amounts = {f"{number:03d}": fen for number, fen in enumerate(amounts)}
    schema = {"pool": pl.String, "staff_key": pl.String, "amount_fen": pl.Int64}
    return pl.DataFrame([(pool, key, fen) for key, fen in amounts.items()], schema, orient="row")


def test_each_persons_change_and_who_gains():
    made = compare(pay({"a": 150, "b": 50, "d": 10}), pay({"a": 100, "b": 60, "c": 50}), min_n=1)
    assert made.people.select("staff_key", "before_fen", "after_fen", "change_fen").rows() == [
        ("a", 100, 150, 50),
        ("b", 60, 50, -10),
        ("c", 50, 0, -50),
        ("d", 0, 10, 10),
    ]
    assert made.people["change_rate"].to_list() == [0.5, pytest.approx(-1 / 6), -1.0, None]
    every, own = made.pools.to_dicts()
    assert (every["pool"], own["pool"]) == (None, "A")
    assert (own["n"], own["gain_count"], own["gain_rate"], own["loss_rate"]) == (4, 2, 0.5, 0.5)
    assert (own["largest_gain_fen"], own["largest_loss_fen"]) == (50, 50)


def test_gini_and_the_ratio_of_tenths():
    # Gini of 1, 2, 3, 4: (−3·1 − 1·2 + 1·3 + 3·4) / (4 · 10).
    made = compare(pay([4, 1, 3, 2]), pay([5, 5, 5, 5]), min_n=1).pools.row(1, named=True)
    assert (made["gini_before"], made["gini_after"]) == (0.0, 0.25)
    assert (made["tenth_ratio_before"], made["tenth_ratio_after"]) == (1.0, 4.0)
    # Of eleven people a tenth is two.
    eleven = compare(pay(list(range(1, 12))), pay([1] * 11), min_n=1).pools.row(1, named=True)
    assert eleven["tenth_ratio_after"] == pytest.approx((10 + 11) / (1 + 2))


def test_measures_that_do_not_exist_are_null():
    nothing = compare(pay([0, 0]), pay([0, 0]), min_n=1).pools.row(1, named=True)
    assert (nothing["gini_after"], nothing["tenth_ratio_after"]) == (None, None)
    alone = compare(pay([5]), pay([5]), min_n=1).pools.row(1, named=True)
    assert (alone["gini_after"], alone["tenth_ratio_after"]) == (0.0, None)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=12))
def test_gini_is_half_the_relative_mean_difference(amounts):
    total = sum(amounts)
    made = compare(pay(amounts), pay(amounts), min_n=1).pools["gini_after"][1]
    if total == 0:
        assert made is None
    else:
        exact = Fraction(sum(abs(a - b) for a in amounts for b in amounts), 2 * len(amounts) * total)
        assert made == pytest.approx(float(exact), abs=1e-12)


def test_groups_that_are_too_small_are_withheld_with_the_next_smallest():
    amounts = {f"{number:03d}": 100 + number for number in range(12)}
    posts = ["a"] * 1 + ["b"] * 4 + ["c"] * 7
    attributes = pl.DataFrame({"pool": "A", "staff_key": list(amounts), "post": posts})
    made = compare(pay(amounts), pay(dict.fromkeys(amounts, 100)), attributes=attributes, by=("post",), min_n=3).groups
    assert made.select("value", "n", "is_withheld").rows() == [("a", 1, True), ("b", 4, True), ("c", 7, False)]
    assert made["gain_rate"].to_list() == [None, None, 1.0]
    assert made["mean_change_fen"].to_list() == [None, None, 8.0]
    shown = compare(pay(amounts), pay(amounts), attributes=attributes, by=("post",), min_n=1).groups
    assert not shown["is_withheld"].any()


def test_equal_shares_are_a_baseline():
    made = allocated(BY_POINTS, 100, {"points": 5}, {"points": 0, "exclusion": "left"}, {"points": 1}, {"points": 0})
    level = equal_shares(made.payments)
    assert level["amount_fen"].to_list() == [34, 0, 33, 33]
    assert compare(made.payments, level, min_n=1).pools["gain_count"].to_list() == [1, 1]
