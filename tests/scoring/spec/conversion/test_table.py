"""Marks and grades of a conversion (docs/scoring.md §4.2, §4.3)."""

from decimal import Decimal

import polars as pl
import pytest

from shared.scoring.conversion.settings import ConversionSettings, CutRule, EndPoints, Grade, ShareRule, SingleMark
from shared.scoring.conversion.table import conversion_table
from shared.scoring.subjects import MarkStatus, Subject
from shared.terms.errors import DomainError
from tests.scoring.builders import math_histogram

PAPER = Subject("math", full_mark=Decimal(100), step=Decimal("0.5"))
HALVES = (Grade("A", Decimal("0.5"), 100, 80), Grade("B", Decimal("0.5"), 70, 50))


def table_of(*marks, **settings):
    return conversion_table(math_histogram(*marks, subject=PAPER), ConversionSettings(**settings))


def converted(*marks, **settings):
    return dict(table_of(*marks, **settings).marks.select("mark", "converted_mark").rows())


def grades(*marks, **settings):
    return dict(table_of(*marks, **settings).marks.select("mark", "grade").rows())


def test_a_grade_is_the_first_whose_share_covers_those_strictly_above():
    # Twenty candidates: 0.15 · 20 = 3 above stop A, 10 stop B, 17 stop C, 19.6 stop D.
    found = grades(*range(20, 0, -1))
    counts = [list(found.values()).count(grade) for grade in "ABCDE"]
    assert counts == [3, 7, 7, 3, 0]


def test_inside_a_grade_the_range_is_stretched_evenly_and_rounded_half_up():
    found = converted(60, 57, 56, 50, 40, 37, 32, 30, grades=HALVES)
    assert found[60] == 100
    assert found[57] == 94  # 80 + (57 − 50) · 20 / 10
    assert found[56] == 92
    assert found[50] == 80
    assert found[37] == 64  # 50 + (37 − 30) · 20 / 10
    # 80 + (r − 50) · 1 / 2: a half goes up.
    narrow = (Grade("A", Decimal("0.5"), 81, 80), HALVES[1])
    assert converted(52, 51, 50, 40, 39, 38, grades=narrow)[51] == 81


def test_ties_share_a_grade_and_draw_the_limit_with_them():
    found = table_of(*[90] * 2, *[80] * 4, *[70] * 4).marks
    # Above 80 stand 2 of 10, and 2/10 ≥ 0.15: B. Above 70 stand 6 of 10, and 6/10 ≥ 0.50: C.
    assert found.select("mark", "count", "cumulative_count", "grade").rows() == [
        (90, 2, 2, "A"),
        (80, 4, 6, "B"),
        (70, 4, 10, "C"),
    ]


def test_a_grade_with_one_raw_mark_takes_the_top_of_its_range_or_as_configured():
    marks = (90, 80, 80, 70)
    assert converted(*marks) == {90: 100, 80: 85, 70: 70}
    assert converted(*marks, single_mark=SingleMark.LOWEST) == {90: 86, 80: 71, 70: 56}
    assert converted(*marks, single_mark=SingleMark.MIDDLE) == {90: 93, 80: 78, 70: 63}
    # (40 + 35) / 2 = 37.5, half up.
    odd = (HALVES[0], Grade("B", Decimal("0.5"), 40, 35))
    assert converted(9, 1, grades=odd, single_mark=SingleMark.MIDDLE)[1] == 38


def test_tiny_cohorts():
    assert converted(12) == {12: 100}
    assert converted(12, 0) == {12: 100, 0: 70}  # above 0: 1/2, not under 0.50
    assert converted(12, 5, 0) == {12: 100, 5: 85, 0: 70}  # 1/3 under 0.50; 2/3 under 0.85
    assert converted(7, 7, 7) == {7: 100}


def test_an_empty_grade_is_skipped():
    table = table_of(12, 0)
    assert table.grades.select("grade", "count", "actual_share", "raw_low", "raw_high").rows() == [
        ("A", 1, 0.5, 12, 12),
        ("B", 0, 0, None, None),
        ("C", 1, 0.5, 0, 0),
        ("D", 0, 0, None, None),
        ("E", 0, 0, None, None),
    ]


def test_a_raw_mark_of_0_is_converted_like_any_other():
    # Fifty candidates: above the last stand 49/50 = 0.98, which only E covers.
    found = converted(*range(51, 2, -1), 0)
    assert found[0] == 40
    assert grades(*range(51, 2, -1), 0)[0] == "E"


def test_nobody_present_makes_an_empty_table():
    table = table_of("absent", "void")
    assert table.marks.is_empty()
    assert table.grades["count"].sum() == 0
    assert table.grades["actual_share"].null_count() == 5


def test_a_mark_that_straddles_a_limit_goes_up_down_or_to_the_nearer_side():
    marks = [90] * 3 + [80] * 4 + [70] * 3  # limit 5: above 80 stand 3, at or above it 7
    assert grades(*marks, grades=HALVES) == {90: "A", 80: "A", 70: "B"}
    assert grades(*marks, grades=HALVES, cut_rule=CutRule.LOWER) == {90: "A", 80: "B", 70: "B"}
    assert grades(*marks, grades=HALVES, cut_rule=CutRule.NEAREST)[80] == "A"  # 7 is as near to 5 as 3
    more = [90] * 3 + [80] * 5 + [70] * 2  # 8 is farther from 5 than 3
    assert grades(*more, grades=HALVES, cut_rule=CutRule.NEAREST)[80] == "B"
    assert grades(*more, grades=HALVES)[80] == "A"


def test_ties_that_end_on_the_limit_are_inside_it_under_every_rule():
    for rule in CutRule:
        assert grades(*[90] * 3, *[80] * 2, *[70] * 5, grades=HALVES, cut_rule=rule) == {90: "A", 80: "A", 70: "B"}


def test_where_the_first_grade_is_empty_the_next_takes_the_top():
    found = grades(*[90] * 6, *[80] * 4, grades=HALVES, cut_rule=CutRule.LOWER)
    assert found == {90: "B", 80: "B"}
    assert converted(*[90] * 6, *[80] * 4, grades=HALVES, cut_rule=CutRule.LOWER) == {90: 70, 80: 50}


def test_shares_count_from_the_nominal_or_from_the_actual_end_of_the_grade_above():
    thirds = (
        Grade("A", Decimal("0.3"), 100, 90),
        Grade("B", Decimal("0.3"), 80, 70),
        Grade("C", Decimal("0.4"), 60, 50),
    )
    marks = [90] * 5 + [80] + [70] + [60] + [50] * 2
    # Nominal limits 3 and 6: the mark 70 has 6 above it. Actual: 5 in A, so B ends at 5 + 3.
    assert list(grades(*marks, grades=thirds).values()) == ["A", "B", "C", "C", "C"]
    actual = grades(*marks, grades=thirds, share_rule=ShareRule.PER_GRADE)
    assert list(actual.values()) == ["A", "B", "B", "B", "C"]


def test_outer_ends_are_marks_that_occur_or_the_nominal_ones():
    marks = (90, 80, 40, 20)
    assert converted(*marks, grades=HALVES) == {90: 100, 80: 80, 40: 70, 20: 50}
    nominal = converted(*marks, grades=HALVES, end_points=EndPoints.NOMINAL)
    # 80 + (90 − 80) · 20 / (100 − 80); 50 + (20 − 0) · 20 / (40 − 0)
    assert nominal == {90: 90, 80: 80, 40: 70, 20: 60}


def test_a_column_is_looked_up_and_statuses_stay():
    table = table_of(90, 80, 80, 70)
    codes = pl.Series("math", [180, 140, int(MarkStatus.ABSENT), int(MarkStatus.VOID)], dtype=pl.Int32)
    assert table.convert(codes).to_list() == [100, 70, -1, -2]
    assert table.converted == Subject("math", full_mark=Decimal(100), step=Decimal(1))


def test_a_mark_that_was_never_counted_is_refused():
    table = table_of(90, 80)
    for units in (1, 500):
        with pytest.raises(DomainError) as refused:
            table.convert(pl.Series("math", [units], dtype=pl.Int32))
        assert refused.value.code == "scoring.unknown_mark"
