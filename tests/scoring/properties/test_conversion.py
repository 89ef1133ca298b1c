"""What every conversion keeps (docs/scoring.md §4)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from shared.scoring.conversion.settings import ConversionSettings, CutRule, EndPoints, Grade, ShareRule, SingleMark
from shared.scoring.conversion.table import conversion_table
from shared.scoring.levels import KEY_COLUMNS, index_groups
from shared.scoring.subjects import Subject
from shared.scoring.summaries.mark_histogram import MarkHistogram, gather_histogram, merge_histograms
from tests.scoring.properties.strategies import QUICK

PAPER = Subject("chemistry", full_mark=Decimal(40))
UNITS = st.integers(0, PAPER.full_units)
COHORTS = st.lists(st.one_of(UNITS, UNITS, st.integers(30, 34)), min_size=1, max_size=60)
COARSE = (Grade("A", Decimal("0.4"), 90, 61), Grade("B", Decimal("0.35"), 60, 60), Grade("C", Decimal("0.25"), 50, 0))
SETTINGS = st.builds(
    ConversionSettings,
    grades=st.sampled_from([ConversionSettings().grades, COARSE]),
    share_rule=st.sampled_from(ShareRule),
    cut_rule=st.sampled_from(CutRule),
    end_points=st.sampled_from(EndPoints),
    single_mark=st.sampled_from(SingleMark),
)


def histogram(units: list[int], schools: list[str] | None = None, *, subject: Subject = PAPER) -> MarkHistogram:
    places = schools or ["s1"] * len(units)
    frame = pl.DataFrame(
        {"county_code": ["k"] * len(units), "school_code": places, "class_code": places},
        schema_overrides=dict.fromkeys(KEY_COLUMNS, pl.String),
    )
    keys, index = index_groups(frame)
    return gather_histogram(keys, index, pl.Series(units, dtype=pl.Int32), subject=subject)


def converted(units: list[int], settings: ConversionSettings, *, subject: Subject = PAPER) -> list[int]:
    table = conversion_table(histogram(units, subject=subject), settings)
    return table.convert(pl.Series("chemistry", units, dtype=pl.Int32)).to_list()


@QUICK
@given(COHORTS, SETTINGS)
def test_order_is_kept_and_ties_stay_together(units, settings):
    pairs = sorted(zip(units, converted(units, settings), strict=True))
    assert all(low[1] <= high[1] for low, high in pairwise(pairs))
    assert len(set(pairs)) == len(set(units))


@QUICK
@given(COHORTS, SETTINGS)
def test_a_higher_grade_always_gives_a_higher_mark(units, settings):
    table = conversion_table(histogram(units), settings)
    ranges = {grade.code: grade for grade in settings.grades}
    for grade, mark in table.marks.select("grade", "converted_mark").rows():
        assert ranges[grade].low <= mark <= ranges[grade].high
    order = [grade.code for grade in settings.grades]
    places = [order.index(grade) for grade in table.marks["grade"]]
    assert places == sorted(places)


@QUICK
@given(COHORTS, SETTINGS)
def test_the_ends_of_a_range_are_reached(units, settings):
    table = conversion_table(histogram(units), settings)
    real = ConversionSettings(grades=settings.grades, share_rule=settings.share_rule, cut_rule=settings.cut_rule)
    for definition in real.grades:
        inside = conversion_table(histogram(units), real).marks.filter(grade=definition.code)["converted_mark"]
        if len(inside):
            assert inside[0] == definition.high
            assert inside[-1] == (definition.low if len(inside) > 1 else definition.high)
    assert table.grades["count"].sum() == len(units)


@QUICK
@given(COHORTS, st.sampled_from(CutRule))
def test_shares_are_covered_as_the_cut_rule_says(units, rule):
    settings = ConversionSettings(cut_rule=rule)
    table = conversion_table(histogram(units), settings)
    reach = [0, *table.marks["cumulative_count"]]
    inside = 0
    for share, count in zip(settings.cumulative_shares[:-1], table.grades["count"].head(4), strict=True):
        inside += count
        limit = share * len(units)
        place = reach.index(inside)
        if rule is CutRule.LOWER:
            assert inside <= limit
            assert place == len(reach) - 1 or reach[place + 1] > limit
        elif rule is CutRule.UPPER:
            assert inside >= limit
            assert reach[place - 1] < limit
        else:
            assert abs(inside - limit) == min(abs(other - limit) for other in reach)


@QUICK
@given(COHORTS, SETTINGS, st.data())
def test_partitions_and_the_order_of_rows_do_not_matter(units, settings, data):
    schools = [data.draw(st.sampled_from("abc")) for _ in units]
    parts = [[unit for unit, at in zip(units, schools, strict=True) if at == school] for school in "abc"]
    merged = merge_histograms(
        [histogram(part, [school] * len(part)) for part, school in zip(parts, "abc", strict=True)]
    )
    whole = conversion_table(histogram(data.draw(st.permutations(units))), settings)
    found = conversion_table(merged, settings)
    assert found.marks.equals(whole.marks)
    assert found.grades.equals(whole.grades)
    assert found.lookup.tolist() == whole.lookup.tolist()


@QUICK
@given(COHORTS, SETTINGS, st.integers(2, 4))
def test_a_cohort_repeated_is_converted_the_same(units, settings, times):
    assert converted(units * times, settings)[: len(units)] == converted(units, settings)


@QUICK
@given(COHORTS, SETTINGS, st.integers(1, 3), st.integers(0, 20))
def test_only_the_order_and_the_gaps_of_raw_marks_matter(units, settings, stretch, shift):
    real = ConversionSettings(
        grades=settings.grades,
        share_rule=settings.share_rule,
        cut_rule=settings.cut_rule,
        single_mark=settings.single_mark,
    )
    longer = Subject("chemistry", full_mark=Decimal(140))
    moved = [unit * stretch + shift for unit in units]
    assert converted(moved, real, subject=longer) == converted(units, real)


@QUICK
@given(COHORTS, SETTINGS, st.lists(st.integers(-4, -1), max_size=5))
def test_candidates_who_were_not_present_change_nothing_and_stay_unconverted(units, settings, absent):
    found = converted(units + absent, settings)
    assert found == converted(units, settings) + absent


@QUICK
@given(COHORTS)
def test_a_grade_is_the_first_whose_share_exceeds_the_share_above(units):
    settings = ConversionSettings()
    table = conversion_table(histogram(units), settings)
    grade_at = dict(table.marks.select("mark", "grade").rows())
    for unit in units:
        above = Fraction(sum(other > unit for other in units), len(units))
        expected = next(
            grade.code
            for grade, share in zip(settings.grades, settings.cumulative_shares, strict=True)
            if above < share
        )
        assert grade_at[unit / 2] == expected
