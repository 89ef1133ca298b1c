"""Drawing with given chances and fixed numbers per stratum."""

import polars as pl
import pytest

from shared.scoring.sampling.weighted_draw import draw_by_weight, drawn_share
from shared.terms.errors import DomainError


def frame(*weights, stratum="rural", first="a"):
    codes = [f"{first}{place}" for place in range(len(weights))]
    return pl.DataFrame({"unit_code": codes, "stratum": stratum, "block": "1", "weight": weights})


def test_chances_follow_the_weights():
    drawn = draw_by_weight(frame(1, 1, 2, 4), {"rural": 1}, seed=1)
    assert drawn["probability"].to_list() == [1 / 8, 1 / 8, 2 / 8, 4 / 8]
    assert drawn["is_drawn"].sum() == 1


def test_a_unit_that_would_reach_one_is_certain_and_the_rest_shared_anew():
    drawn = draw_by_weight(frame(1, 1, 1, 6), {"rural": 2}, seed=1)
    # 2 · 6 / 9 is more than one; one is left for three units of equal weight.
    assert drawn["probability"].to_list() == [1 / 3, 1 / 3, 1 / 3, 1.0]
    assert drawn["is_drawn"][3]


def test_realized_shares_agree_with_the_chances():
    weights = frame(1, 2, 3, 4, 2)
    draws = [draw_by_weight(weights, {"rural": 2}, seed=seed)["is_drawn"] for seed in range(4000)]
    shares = [sum(draw[place] for draw in draws) / len(draws) for place in range(5)]
    # 2 · w / 12, with a standard error of at most √(0.25 / 4000) = 0.008.
    assert shares == pytest.approx([2 / 12, 4 / 12, 6 / 12, 8 / 12, 4 / 12], abs=0.032)


def test_every_block_gets_its_share():
    blocks = frame(*[1] * 12).with_columns(block=pl.Series([f"{place // 3}" for place in range(12)]))
    for seed in range(20):
        drawn = draw_by_weight(blocks, {"rural": 4}, seed=seed)
        per_block = blocks.join(drawn.filter("is_drawn"), on="unit_code", how="semi").group_by("block").len()
        assert per_block["len"].to_list() == [1, 1, 1, 1]


def test_the_reserve_is_in_order_and_the_draw_repeats():
    both = pl.concat([frame(1, 2, 3), frame(1, 1, stratum="other", first="b")])
    drawn = draw_by_weight(both, {"rural": 1, "other": 0}, seed=5)
    again = draw_by_weight(both.sample(fraction=1, shuffle=True, seed=3), {"rural": 1, "other": 0}, seed=5)
    assert drawn.equals(again)
    for stratum, waiting in (("rural", [1, 2]), ("other", [1, 2])):
        orders = drawn.filter(pl.col("stratum") == stratum)["reserve_order"].drop_nulls().sort()
        assert orders.to_list() == waiting
    assert drawn.filter(pl.col("stratum") == "other")["probability"].to_list() == [0, 0]


def test_more_than_there_are_cannot_be_drawn():
    with pytest.raises(DomainError, match="sample_allocation"):
        draw_by_weight(frame(1, 1), {"rural": 3}, seed=1)
    assert draw_by_weight(frame(1).clear(), {}, seed=1).is_empty()


@pytest.mark.parametrize(("rate", "count"), [(0, 0), (0.2, 2), (0.21, 3), (1, 10)])
def test_a_share_is_rounded_up(rate, count):
    units = pl.Series([f"{place}" for place in range(10)])
    chosen = drawn_share(units, rate, seed=9)
    assert len(chosen) == count
    assert chosen == drawn_share(units.reverse(), rate, seed=9)
