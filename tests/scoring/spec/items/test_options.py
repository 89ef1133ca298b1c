"""Options by fifths of the total mark (docs/scoring.md §7.5)."""

import math

import numpy as np
import polars as pl
import pytest

from shared.scoring.items.options import option_bands, option_flags
from tests.scoring.item_builders import item_summary, paper, tagged

ABC = {"options": ("A", "B", "C"), "key": "A"}
# From the weakest to the best, ten candidates: q1 is worth 1 to whoever chose A; q2 orders them.
CHOSEN = ["C", "C", "A", None, "A", "A", "A", "B", "B", "B"]


def summary(chosen, *, second=None, **settings):
    plan = tagged(paper(1, 30, **settings), q1=ABC)
    rest = second or [2 * rank + 1 for rank in range(len(chosen))]
    rows = [(1 if option == "A" else 0, mark) for option, mark in zip(chosen, rest, strict=True)]
    return item_summary(rows, plan, options={"q1": chosen})


def flags(found):
    return {row["option"]: row for row in option_flags(found).to_dicts()}


def test_shares_in_five_bands_from_the_weakest_up():
    bands = option_bands(summary(CHOSEN))
    shares = {option: rows["share"].to_list() for (option,), rows in bands.group_by("option", maintain_order=True)}
    assert shares == {
        "A": [0, 0.5, 1, 0.5, 0],
        "B": [0, 0, 0, 0.5, 1],
        "C": [1, 0, 0, 0, 0],
        None: [0, 0.5, 0, 0, 0],
    }
    assert bands["band"].to_list() == [1, 2, 3, 4, 5] * 4
    assert bands.group_by("band").agg(pl.col("count").sum())["count"].to_list() == [2.0] * 5


def test_a_total_on_the_edge_is_divided_by_expected_value():
    # Five candidates, fifths of one: two tie for the places 4 and 5, one of them chose B.
    found = option_bands(summary(["A", "A", "A", "A", "B"], second=[1, 3, 5, 9, 10]))
    top = {row["option"]: row["count"] for row in found.to_dicts() if row["band"] == 5}
    assert top == {"A": 0.5, "B": 0.5, "C": 0, None: 0}


def test_a_distractor_that_outdraws_the_key_at_the_top_is_flagged():
    found = flags(summary(CHOSEN))
    assert {option: row["outdraws_key_at_top"] for option, row in found.items()} == {
        "A": None, "B": True, "C": False, None: None,
    }  # fmt: skip
    assert found["A"]["is_key"]
    assert not any(found[option]["is_key"] for option in ("B", "C", None))


def test_a_draw_at_the_top_is_no_flag():
    found = flags(summary(["A", "A", "A", "A", "B"], second=[1, 3, 5, 9, 10]))
    assert found["B"]["outdraws_key_at_top"] is False


def test_share_and_rest_correlation_of_an_option():
    found = flags(summary(CHOSEN))
    rest = np.array([2 * rank + 1 for rank in range(10)])
    for option in ("A", "B", "C", None):
        indicator = np.array([chosen == option for chosen in CHOSEN], float)
        assert found[option]["count"] == indicator.sum()
        p = indicator.mean()
        assert found[option]["share"] == pytest.approx(p)
        assert found[option]["share_se"] == pytest.approx(math.sqrt(p * (1 - p) / 10))
        assert found[option]["rest_correlation"] == pytest.approx(np.corrcoef(indicator, rest)[0, 1])
    assert {option: row["attracts_the_able"] for option, row in found.items()} == {
        "A": None, "B": True, "C": False, None: None,
    }  # fmt: skip


def test_an_option_nobody_chose_has_a_share_and_no_correlation():
    found = flags(summary(["A", "B", "A", "A"]))["C"]
    assert (found["share"], found["share_ci_low"]) == (0, 0)
    assert (found["rest_correlation"], found["reason"], found["attracts_the_able"]) == (None, "no_variance", None)


def test_too_few_candidates():
    few = summary(CHOSEN, min_candidates=11)
    assert option_bands(few).is_empty()
    row = flags(few)["B"]
    assert (row["n"], row["count"], row["share"], row["reason"]) == (10, 3, None, "few_candidates")
    assert row["outdraws_key_at_top"] is row["attracts_the_able"] is None


def test_a_paper_without_options_has_no_rows():
    plain = item_summary([(1, 2)], paper(1, 30))
    assert option_bands(plain).is_empty()
    assert option_flags(plain).is_empty()
