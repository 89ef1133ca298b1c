"""Identical wrong answers within classes, as tiny tables (docs/scoring.md §7b.2)."""

import math
from decimal import Decimal

import polars as pl
import pytest
from scipy.special import gammaincc

from shared.scoring.anomalies.copied_answers import (
    copied_answers,
    identical_pairs,
    merge_wrong_answers,
    stored_wrong_answers,
    wrong_answers,
)
from shared.scoring.items.plan import Item

KEYS = {"q1": "A"}


def sheet(*answers, class_code="1"):
    """Pupils of one class with their answers to q1."""
    return pl.DataFrame(
        {
            "candidate_id": [f"{class_code}-{number}" for number in range(len(answers))],
            "county_code": "k1",
            "school_code": "s1",
            "class_code": class_code,
            "q1__option": pl.Series(answers, dtype=pl.String),
        }
    )


def test_wrong_answers_leave_out_right_and_missing_ones():
    counts = wrong_answers(sheet("A", None, "B", "B", "C"), KEYS)
    assert counts.select("item", "option", "count").rows() == [("q1", "B", 2), ("q1", "C", 1)]


def test_positions_of_a_stored_sheet_are_counted_as_the_answers_they_stand_for():
    text = pl.concat([sheet("A", None, "B", "B", "C"), sheet("C", "B", None, class_code="2")])
    options = ("A", "B", "C")
    positions = pl.col("q1__option").replace_strict(options, range(3), default=3, return_dtype=pl.Int8)
    stored = text.with_columns(positions).with_columns(
        pl.when(candidate_id="2-2").then(pl.lit(-1, pl.Int8)).otherwise(pl.col("q1__option")).alias("q1__option")
    )
    items = [Item("q1", Decimal(1), options=options, key="A")]
    assert stored_wrong_answers(stored, items).sort(pl.all()).equals(wrong_answers(text, KEYS))
    assert stored_wrong_answers(stored, []).equals(merge_wrong_answers([]))


def test_parts_add_up_to_the_whole():
    parts = [sheet("B", "C"), sheet("B"), sheet("C", "C", class_code="2")]
    merged = merge_wrong_answers([wrong_answers(part, KEYS) for part in parts])
    assert merged.equals(wrong_answers(pl.concat(parts), KEYS))
    assert merge_wrong_answers([]).is_empty()


def test_statistic_is_the_excess_of_identical_pairs_in_standard_deviations():
    everyone = pl.concat([sheet("B", "B", "B", "C"), sheet("B", "C", "C", "C", class_code="2")])
    found = copied_answers(wrong_answers(everyone, KEYS))
    # Shares ½ and ½: a₂ = ½, a₃ = ¼ = a₂²; four wrong are six pairs, E = 3, Var = 6 · ¼; identical are C(3, 2) = 3.
    assert found["identical_pairs"].to_list() == [3, 3]
    assert found["expected_pairs"].to_list() == [3.0, 3.0]
    assert found["statistic"].to_list() == [0.0, 0.0]
    # ν = 1, skewness 2√2: shape 4/8, and at 0 the tail of a gamma variable beyond its mean.
    assert found["p_value"].to_list() == pytest.approx([gammaincc(0.5, 0.5)] * 2)
    assert found["threshold"].to_list() == [0.01 / 2] * 2


def test_third_moment_and_skewness_of_unequal_shares():
    everyone = pl.concat([sheet("B", "B", "B"), sheet("B", "C", "D", class_code="2")])
    found = copied_answers(wrong_answers(everyone, KEYS))
    a2, a3 = (16 + 1 + 1) / 36, (64 + 1 + 1) / 216
    variance = 3 * a2 * (1 - a2) + 6 * (a3 - a2**2)
    raw = [(3 - 3 * a2) / math.sqrt(variance), -3 * a2 / math.sqrt(variance)]
    spread = 1.482602218505602 * (raw[0] - raw[1]) / 2
    assert found["statistic"].to_list() == pytest.approx([value / max(spread, 1) for value in raw])
    shape = 4 / (8 / (1 / a2 - 1))
    expected = gammaincc(shape, shape + found["statistic"][0] * math.sqrt(shape))
    assert found["p_value"][0] == pytest.approx(expected)


def test_a_class_of_copiers_among_honest_ones_is_flagged():
    honest = [sheet(*"BCDBCDBCD", class_code=f"h{number:02d}") for number in range(30)]
    found = copied_answers(wrong_answers(pl.concat([*honest, sheet(*"B" * 25, class_code="x")]), KEYS))
    assert found.filter("is_flagged")["class_code"].to_list() == ["x"]


@pytest.mark.parametrize(
    "answers", [("B",), ("A", "A"), ("B", "B", "B")], ids=["one wrong", "all right", "one distractor for all"]
)
def test_nothing_to_compare_gives_no_row(answers):
    assert copied_answers(wrong_answers(sheet(*answers), KEYS)).is_empty()


def test_pairs_of_a_flagged_class_are_listed_by_agreement():
    keys = {"q1": "A", "q2": "B"}
    members = sheet("B", "B", "C", "A", class_code="x").with_columns(
        pl.Series("q2__option", ["D", "D", "D", None], dtype=pl.String)
    )
    others = sheet("C", "A", class_code="y").with_columns(pl.Series("q2__option", ["A", "C"]))
    counts = wrong_answers(pl.concat([members, others]), keys)
    pairs = identical_pairs(members, keys, counts=counts, flagged=members.head(1))
    assert pairs.select("candidate_id", "other_candidate_id", "identical_wrong", "both_wrong").rows() == [
        ("x-0", "x-1", 2, 2),
        ("x-0", "x-2", 1, 2),
        ("x-1", "x-2", 1, 2),
    ]
    # q1: B and C two each; q2: D three, A and C one each.
    first, second = 1 / 2, (9 + 1 + 1) / 25
    sd = math.sqrt(first * (1 - first) + second * (1 - second))
    assert pairs["statistic"].to_list() == pytest.approx([(k - first - second) / sd for k in (2, 1, 1)])
    assert identical_pairs(members, keys, counts=counts, flagged=members.clear()).is_empty()
