"""Prior-group residuals, gains, and the list of plain measures (docs/scoring.md §8.7)."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import shared.scoring.value_added as folder
from shared.scoring.statistics.base import Z_95
from shared.scoring.subjects import Subject
from shared.scoring.summaries.growth_cells import gather_growth_cells
from shared.scoring.value_added.gains import gains
from shared.scoring.value_added.measures import SCHOOL_MEASURES
from shared.scoring.value_added.prior_groups import PriorGrouping, prior_group_residuals, twentieths
from shared.scoring.value_added.school_measures import direction_expr

ENTRY = Subject("entry", full_mark=Decimal(50), step=Decimal("0.5"))
EXIT = Subject("exit", full_mark=Decimal(100), step=Decimal("0.5"))
COLUMNS = ["county_code", "school_code", "n", "value", "se", "ci_low", "ci_high", "reference"]


def cells(*rows):
    """Growth cells of (school, entry mark, exit mark); a negative mark is an absence."""
    frame = pl.DataFrame(
        {
            "county_code": ["k"] * len(rows),
            "school_code": [row[0] for row in rows],
            "entry": [int(row[1] * 2) for row in rows],
            "exit": [int(row[2] * 2) for row in rows],
        },
        schema_overrides={"school_code": pl.String, "county_code": pl.String, "entry": pl.Int32, "exit": pl.Int32},
    )
    return gather_growth_cells(frame, [ENTRY], EXIT)


def test_residual_is_the_outcome_minus_the_mean_of_the_same_intake():
    """Entry 20: mean (40 + 50 + 60)/3 = 50; entry 30: mean (70 + 75)/2 = 72.5."""
    found = prior_group_residuals(
        cells(("a", 20, 40), ("a", 30, 70), ("b", 20, 50), ("b", 20, 60), ("b", 30, 75), ("b", -0.5, 90))
    )
    a, b = [40 - 50, 70 - 72.5], [50 - 50, 60 - 50, 75 - 72.5]
    assert found.columns == COLUMNS
    assert found["n"].to_list() == [2, 3]
    assert found["value"].to_list() == pytest.approx([np.mean(a), np.mean(b)])
    se = [np.std(residuals, ddof=1) / np.sqrt(len(residuals)) for residuals in (a, b)]
    assert found["se"].to_list() == pytest.approx(se)
    assert found["ci_high"].to_list() == pytest.approx([np.mean(a) + Z_95 * se[0], np.mean(b) + Z_95 * se[1]])
    assert (found["n"] * found["value"]).sum() == pytest.approx(0, abs=1e-12)


def test_twenty_groups_of_equal_size_with_ties_together():
    assert twentieths(np.arange(40), np.ones(40, np.int64)).tolist() == [group for group in range(20) for _ in "ab"]
    # Thirty at 0 (percentile rank 37.5), ten at 1 (87.5).
    assert twentieths(np.array([0, 1]), np.array([30, 10])).tolist() == [7, 17]


def test_wider_groups_compare_neighbors():
    """Forty different intakes: alone with its mark every residual is 0; in twentieths pairs are compared."""
    rows = [("a" if mark % 2 else "b", mark / 2, mark / 2 + 5 * (mark % 2)) for mark in range(40)]
    assert prior_group_residuals(cells(*rows))["value"].to_list() == [0, 0]
    found = prior_group_residuals(cells(*rows), PriorGrouping.TWENTIETHS)
    # A pair differs by 0.5 of intake and the 5 of school a.
    assert found["value"].to_list() == pytest.approx([5.5 / 2, -5.5 / 2])


def test_one_candidate_has_no_interval():
    found = prior_group_residuals(cells(("a", 20, 40), ("b", 20, 50), ("b", 20, 60)))
    assert found.filter(school_code="a").select("se", "ci_low", "ci_high").row(0) == (None, None, None)


def test_gain_is_the_change_of_the_score_rate():
    """a: 20/50 → 50/100 is +10 points, 25/50 → 70/100 is +20; b: 40/50 → 60/100 is −20."""
    found = gains(cells(("a", 20, 50), ("a", 25, 70), ("b", 40, 60)))
    assert found["value"].to_list() == pytest.approx([15, -20])
    assert found["se"].to_list()[0] == pytest.approx(np.std([10, 20], ddof=1) / np.sqrt(2))
    assert found["reference"].to_list() == pytest.approx([(10 + 20 - 20) / 3] * 2)


def test_nobody_has_nothing():
    for measure in (prior_group_residuals, gains):
        assert measure(cells()).height == 0


def test_direction_follows_the_interval_and_ties_go_to_the_better_label():
    bounds = [(1.0, 2.0), (0.0, 2.0), (-1.0, 1.0), (-2.0, 0.0), (-2.0, -1.0), (None, None)]
    frame = pl.DataFrame(bounds, schema=["ci_low", "ci_high"], orient="row").with_columns(reference=0.0, n=10)
    expected = ["above", "above", "as_expected", "as_expected", "below", None]
    assert frame.select(direction_expr(10)).to_series().to_list() == expected
    assert frame.select(direction_expr(11)).to_series().to_list() == [None] * 6


def test_every_listed_measure_gives_the_columns_of_a_measure():
    found = cells(*[("a" if n % 3 else "b", n % 30, n % 47 + n % 30) for n in range(300)])
    for measure in SCHOOL_MEASURES:
        frame = measure.finish(found)
        assert frame.columns == COLUMNS, measure.name
        assert frame["n"].to_list() == [200, 100]
        assert frame["se"].null_count() == 0
    assert len({measure.name for measure in SCHOOL_MEASURES}) == len(SCHOOL_MEASURES)


def test_every_measure_is_in_the_list():
    """A function of the cohort's cells alone that gives a table is a measure of schools."""
    pattern = re.compile(r"^def [a-z]\w*\(cells: GrowthCells\) -> pl\.DataFrame", re.MULTILINE)
    found = {path.stem for path in Path(folder.__file__).parent.glob("*.py") if pattern.search(path.read_text("utf-8"))}
    assert {measure.finish.__module__.rsplit(".", 1)[1] for measure in SCHOOL_MEASURES} == found
