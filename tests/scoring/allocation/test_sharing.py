"""Sharing money over weights (SCORING §11.2, §11.3, §11.7)."""

import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.scoring.allocation.refusals import RefusalReason
from shared.scoring.allocation.sharing import Sharing, share_money
from tests.scoring.allocation.arithmetic import exact_shares, whole_shares

SCHEMA = {
    "pool": pl.String,
    "staff_key": pl.String,
    "weight": pl.Int64,
    "floor_fen": pl.Int64,
    "cap_fen": pl.Int64,
}
MANY = settings(max_examples=60, deadline=None)
NONE = None


def members(*rows: tuple[int, int | None, int | None], pool: str = "A") -> list[tuple]:
    return [(pool, f"{number:05d}", *row) for number, row in enumerate(rows)]


def shared(rows: list[tuple], money: dict[str, int]) -> Sharing:
    frame = pl.DataFrame(rows, SCHEMA, orient="row")
    return share_money(frame, pl.DataFrame({"pool": list(money), "money_fen": list(money.values())}))


def amounts(weights, money: int, *, floors=None, caps=None) -> list[int]:
    count = len(weights)
    rows = members(*zip(weights, floors or [None] * count, caps or [None] * count, strict=True))
    return shared(rows, {"A": money}).shares["amount_fen"].to_list()


@pytest.mark.parametrize(
    ("money", "weights", "expected"),
    [
        (3_334, [1, 1, 1, 1], [834, 834, 833, 833]),
        (1_002, [33, 33, 34], [331, 330, 341]),
        (10, [6, 6, 2], [4, 4, 2]),
        (11, [6, 6, 2], [5, 5, 1]),
        (0, [1, 2], [0, 0]),
        (1, [1, 1, 1], [1, 0, 0]),
        (10**15, [1], [10**15]),
        (10**15, [2**50, 2**50, 2**50], [333_333_333_333_334, 333_333_333_333_333, 333_333_333_333_333]),
    ],
)
def test_worked_examples(money, weights, expected):
    assert amounts(weights, money) == expected


def test_floors_and_caps_hold_and_the_others_share_what_is_left():
    # 1,000 over 1:1:8: the floor of 200 lifts the first, the cap of 600 stops the last, the second gets the rest.
    assert amounts([1, 1, 8], 1_000, floors=[200, None, None], caps=[None, None, 600]) == [200, 200, 600]
    assert amounts([1, 1, 8], 1_000, floors=[150, None, None], caps=[None, None, 600]) == [200, 200, 600]
    assert amounts([1, 1, 8], 1_000, floors=[300, None, None], caps=[None, None, 600]) == [300, 100, 600]


def test_a_weight_of_nothing_stays_at_its_floor():
    assert amounts([0, 1], 100, floors=[30, None]) == [30, 70]


@pytest.mark.parametrize(
    ("rows", "money", "reason", "figures"),
    [
        ([(1, 60, NONE), (1, 50, NONE)], 100, "floors_above_money", {"floors_fen": 110, "money_fen": 100}),
        ([(1, NONE, 40), (1, NONE, 50)], 100, "caps_below_money", {"caps_fen": 90, "money_fen": 100}),
        ([(0, NONE, NONE), (0, NONE, NONE)], 100, "no_weights", {"money_fen": 100}),
        ([(1, NONE, NONE)], -1, "pool_negative", {"pool_fen": -1}),
        ([(2**61, NONE, NONE), (2**61, NONE, NONE)], 1, "weights_too_large", {}),
    ],
)
def test_what_cannot_be_shared_is_refused_with_the_figures_that_clash(rows, money, reason, figures):
    result = shared(members(*rows), {"A": money})
    [refusal] = result.refusals
    assert (refusal.pool, refusal.reason, dict(refusal.figures)) == ("A", reason, figures)
    assert result.shares.is_empty()


def test_people_at_fault_are_named():
    crossed = shared(members((1, 5, 4), (1, 0, 9)), {"A": 5}).refusals[0]
    assert (crossed.reason, crossed.staff_keys) == (RefusalReason.FLOOR_ABOVE_CAP, ("00000",))
    twice = shared([*members((1, None, None)), *members((1, None, None))], {"A": 5}).refusals[0]
    assert (twice.reason, twice.staff_keys) == (RefusalReason.MEMBER_TWICE, ("00000",))
    missing = shared([("A", "00000", None, None, None)], {"A": 5}).refusals[0]
    assert (missing.reason, missing.column) == (RefusalReason.FIGURE_MISSING, "weight")
    negative = shared(members((1, -5, None)), {"A": 5}).refusals[0]
    assert (negative.reason, negative.column) == (RefusalReason.FIGURE_OUTSIDE, "floor_fen")


def test_one_refused_pool_keeps_no_other_from_its_pay():
    rows = [*members((1, 9, None), pool="A"), *members((1, None, None), pool="B"), *members((1, None, None), pool="X")]
    result = shared(rows, {"A": 5, "B": 7, "C": 3, "D": 0})
    assert result.shares.select("pool", "amount_fen").rows() == [("B", 7)]
    assert [(refusal.pool, refusal.reason.value) for refusal in result.refusals] == [
        ("A", "floors_above_money"),
        ("C", "nobody_to_pay"),
        ("X", "pool_unknown"),
    ]


def test_ties_are_told():
    result = shared(members((1, None, None), (1, None, None), (2, None, None)), {"A": 5})
    # 1.25, 1.25, 2.5: the largest remainder is the last one's, and nobody ties with it.
    assert result.shares["amount_fen"].to_list() == [1, 1, 3]
    assert not result.shares["is_tied"].any()
    level = shared(members((1, None, None), (1, None, None)), {"A": 5})
    assert level.shares["amount_fen"].to_list() == [3, 2]
    assert level.shares["is_tied"].to_list() == [True, True]


@st.composite
def pools(draw: st.DrawFn) -> tuple[list[tuple], int]:
    count = draw(st.integers(1, 8))
    money = draw(st.sampled_from([0, 1, 2, 7, 100, 99_999, 10**9, 10**15]))
    heaviest = draw(st.sampled_from([1, 3, 100, 10**6, 2**45]))
    weights = draw(st.lists(st.integers(0, heaviest), min_size=count, max_size=count))
    floors = draw(st.lists(st.none() | st.integers(0, money // count), min_size=count, max_size=count))
    caps = draw(st.lists(st.none() | st.integers(money // count, money + 1), min_size=count, max_size=count))
    return list(zip(weights, floors, caps, strict=True)), money


@MANY
@given(pools())
def test_money_adds_up_inside_the_bounds(pool):
    rows, money = pool
    result = shared(members(*rows), {"A": money})
    for weight, floor, cap, amount in result.shares.select("weight", "floor_fen", "cap_fen", "amount_fen").iter_rows():
        assert (floor or 0) <= amount <= (money if cap is None else cap)
        assert weight or amount == (floor or 0)
    if not result.refusals:
        assert result.shares["amount_fen"].sum() == money
    elif any(weight for weight, _, _ in rows):
        assert result.refusals[0].reason is RefusalReason.CAPS_BELOW_MONEY


@MANY
@given(pools(), st.data())
def test_more_weight_never_means_less(pool, data):
    rows, money = pool
    before = shared(members(*rows), {"A": money})
    place = data.draw(st.integers(0, len(rows) - 1))
    weight, floor, cap = rows[place]
    rows[place] = (weight + data.draw(st.integers(1, 1 + weight)), floor, cap)
    after = shared(members(*rows), {"A": money})
    if not before.refusals:
        assert after.shares["amount_fen"][place] >= before.shares["amount_fen"][place]


@MANY
@given(pools())
def test_of_two_people_with_the_same_bounds_the_heavier_gets_no_less(pool):
    rows, money = pool
    got = shared(members(*rows), {"A": money}).shares
    for (one, *bounds), amount in zip(rows, got["amount_fen"], strict=False):
        for (other, *others), less in zip(rows, got["amount_fen"], strict=False):
            assert bounds != others or one <= other or amount >= less


@MANY
@given(pools(), st.randoms(use_true_random=False), st.integers(2, 50))
def test_neither_order_nor_scale_matters(pool, shuffle, factor):
    rows, money = pool
    listed = members(*rows)
    expected = shared(listed, {"A": money}).shares["amount_fen"].to_list()
    shuffle.shuffle(listed)
    scaled = [(key, staff, weight * factor, floor, cap) for key, staff, weight, floor, cap in listed]
    assert shared(scaled, {"A": money}).shares["amount_fen"].to_list() == expected


def test_three_thousand_pools_at_once_agree_with_fractions():
    chance = random.Random(11)  # noqa: S311
    rows, money, expected = [], {}, {}
    for number in range(3_000):
        pool, count = f"{number:05d}", chance.randint(1, 9)
        most = chance.choice([1, 5, 100, 10**9, 10**15])
        money[pool] = chance.randint(0, most)
        heaviest = chance.choice([1, 3, 100, 10**6, 2**50])
        weights = [chance.randint(0, heaviest) for _ in range(count)]
        floors = [chance.choice([0, chance.randint(0, money[pool] // count + 1)]) for _ in range(count)]
        caps = [chance.choice([None, chance.randint(0, money[pool] + 1), money[pool] // count]) for _ in range(count)]
        rows += members(*zip(weights, floors, caps, strict=True), pool=pool)
        exact = exact_shares(money[pool], weights, floors=floors, caps=caps)
        expected[pool] = None if exact is None else whole_shares(exact)
    result = shared(rows, money)
    assert {refusal.pool for refusal in result.refusals} == {pool for pool, paid in expected.items() if paid is None}
    paid = dict(result.shares.group_by("pool", maintain_order=True).agg("amount_fen").iter_rows())
    assert paid == {pool: amounts for pool, amounts in expected.items() if amounts is not None}
    assert 500 < len(paid) < 2_500
