"""Laws of the anomaly detectors: parts add up, order is nothing, moments are those of chance."""

from itertools import product
from math import prod

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.scoring.anomalies.copied_answers import copied_answers, merge_wrong_answers, pair_variance, wrong_answers

KEYS = {"q1": "A", "q2": "B"}
OPTION = st.sampled_from(["A", "B", "C", "D", None])
ROWS = st.lists(st.tuples(st.sampled_from("123"), OPTION, OPTION), min_size=1, max_size=40)


def sheet(rows):
    columns = {
        "county_code": ["k1"] * len(rows),
        "school_code": ["s1"] * len(rows),
        "class_code": [row[0] for row in rows],
        "q1__option": pl.Series([row[1] for row in rows], dtype=pl.String),
        "q2__option": pl.Series([row[2] for row in rows], dtype=pl.String),
    }
    return pl.DataFrame(columns)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, cut=st.integers(0, 40), order=st.randoms(use_true_random=False))
def test_parts_in_any_order_are_the_whole(rows, cut, order):
    whole = wrong_answers(sheet(rows), KEYS)
    shuffled = order.sample(rows, len(rows))
    parts = [wrong_answers(sheet(part), KEYS) for part in (shuffled[:cut], shuffled[cut:])]
    assert merge_wrong_answers(parts).equals(whole)
    assert copied_answers(merge_wrong_answers(parts)).equals(copied_answers(whole))


@settings(max_examples=60, deadline=None)
@given(rows=ROWS)
def test_names_of_options_do_not_matter(rows):
    other = dict(zip("ABCD", "WXYZ", strict=True)) | {None: None}
    renamed = [(code, other[first], other[second]) for code, first, second in rows]
    found = copied_answers(wrong_answers(sheet(rows), KEYS))
    again = copied_answers(wrong_answers(sheet(renamed), {item: other[key] for item, key in KEYS.items()}))
    assert again["identical_pairs"].equals(found["identical_pairs"])
    assert again["p_value"].to_list() == pytest.approx(found["p_value"].to_list())


@pytest.mark.parametrize("shares", [(0.5, 0.3, 0.2), (1 / 3, 1 / 3, 1 / 3), (0.9, 0.1)])
@pytest.mark.parametrize("m", [2, 3, 5])
def test_variance_of_identical_pairs_is_that_of_all_outcomes(shares, m):
    outcomes = [
        (prod(shares[choice] for choice in chosen), sum(n * (n - 1) / 2 for n in map(chosen.count, range(len(shares)))))
        for chosen in product(range(len(shares)), repeat=m)
    ]
    a2, a3 = (sum(share**power for share in shares) for power in (2, 3))
    mean = sum(chance * pairs for chance, pairs in outcomes)
    assert mean == pytest.approx(m * (m - 1) / 2 * a2)
    variance = sum(chance * (pairs - mean) ** 2 for chance, pairs in outcomes)
    assert pair_variance(m, a2, a3) == pytest.approx(variance)
