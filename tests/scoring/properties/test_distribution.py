"""The short way from a stored sheet gives what the whole analysis gives (docs/scoring.md §0, §2, §3)."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.scoring.distribution import distribution_table, replace_part, stored_standings
from shared.scoring.exam import analyze
from shared.scoring.frame import check_sheet
from shared.scoring.levels import LEVELS, index_groups, keys_at
from shared.scoring.parallel import each
from shared.scoring.schemas import shape_frame
from shared.scoring.standing_table import standing_table
from shared.scoring.statistics import STATISTICS
from shared.scoring.subjects import Subject
from shared.scoring.summaries.exam_summary import gather_summary
from shared.scoring.summaries.group_counts import combine, gather_counts
from shared.scoring.summaries.mark_histogram import gather_histogram, level_histograms
from shared.scoring.summaries.mark_view import MarkView
from shared.scoring.summaries.ordered_marks import OrderedMarks, RowLayout
from shared.scoring.summary_table import summarize
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel
from tests.scoring.builders import HUNDRED
from tests.scoring.properties.strategies import PLAN, QUICK, WHOLE, candidates, frame_of


def codes_of(rows):
    return check_sheet(frame_of(rows), PLAN).frame.drop("total").lazy()


@WHOLE
@given(candidates())
def test_a_stored_sheet_gives_the_figures_of_the_analysis(rows):
    result = analyze([frame_of(rows)], PLAN, lambda *_: None)
    assert shape_frame("summary", distribution_table(codes_of(rows), PLAN), PLAN).equals(result.summary)
    standings = pl.concat(stored_standings(codes_of(rows), PLAN))
    assert shape_frame("standings", standings, PLAN).equals(result.standings)


@WHOLE
@given(candidates(), st.sampled_from([pl.Int8, pl.Int16, pl.Int32, pl.Int64]))
def test_the_integer_type_of_the_codes_does_not_matter(rows, dtype):
    sheet = codes_of(rows)
    narrow = sheet.with_columns(pl.col([subject.code for subject in PLAN.marked]).cast(dtype))
    assert distribution_table(narrow, PLAN).equals(distribution_table(sheet, PLAN))


def test_a_stored_sheet_without_rows_is_refused():
    with pytest.raises(DomainError, match=r"scoring\.no_candidates"):
        distribution_table(codes_of([{"id": "a", "math": 1, "art": 1, "entry": 1, "wealth": 1}]).head(0), PLAN)


@QUICK
@given(candidates(min_size=2), candidates(), st.sets(st.sampled_from(LEVELS), min_size=1))
def test_replacing_a_school_is_the_same_as_starting_again_at_any_levels(rows, corrected, levels):
    school, county = rows[0]["school"], rows[0]["county"]
    old = [row for row in rows if row["school"] == school]
    new = [row | {"id": "n" + row["id"], "school": school, "county": county} for row in corrected]
    rest = [row for row in rows if row["school"] != school]

    def leveled(some):
        return level_histograms(histograms_of(some).values(), sorted(levels, key=LEVELS.index))

    replaced = replace_part(leveled(rows), old=histograms_of(old), new=histograms_of(new))
    assert replaced == leveled(rest + new)


def histograms_of(rows):
    return gather_summary(check_sheet(frame_of(rows), PLAN), PLAN).histograms


def test_a_part_that_was_never_in_cannot_be_replaced():
    one = histograms_of([{"id": "a", "math": 1, "art": 1, "entry": 1, "wealth": 1}])
    other = histograms_of([{"id": "a", "math": 2, "art": 2, "entry": 2, "wealth": 2}])
    with pytest.raises(DomainError, match=r"scoring\.summary_not_contained"):
        replace_part(level_histograms(one.values(), [OrgLevel.CITY]), old=other, new=other)


@QUICK
@given(candidates(), st.data())
def test_subjects_with_different_groups_still_make_one_sorted_table(rows, data):
    whole = gather_summary(check_sheet(frame_of(rows), PLAN), PLAN).histograms
    kept = data.draw(st.sampled_from(rows))["school"]
    part = gather_summary(check_sheet(frame_of([row for row in rows if row["school"] == kept]), PLAN), PLAN).histograms
    mixed = level_histograms([whole["math"], part["art"], whole["total"], part["entry"]], PLAN.levels)
    table = summarize(mixed, PLAN)
    assert table.equals(table.sort("subject", "level", "county_code", "school_code", "class_code"))
    alone = summarize(level_histograms(whole.values(), PLAN.levels), PLAN)
    maths = pl.col("subject") == "math"
    assert table.filter(maths).equals(alone.filter(maths))


@QUICK
@given(st.lists(st.integers(0, 200), min_size=1, max_size=300), st.integers(1, 4))
def test_order_statistics_are_the_same_searched_and_laid_out(units, groups):
    index = np.sort(np.arange(len(units)) % groups)
    keys = pl.DataFrame({"county_code": [f"k{n}" for n in range(int(index.max()) + 1)]})
    view = MarkView(gather_histogram(keys, index, pl.Series(units, dtype=pl.Int16), subject=HUNDRED_WIDE))
    for group in range(view.group_count):
        expected = sorted(np.array(units)[index == group].tolist())
        found = [int(view.order_statistic(np.array([group]), np.array([p]))[0]) for p in range(len(expected))]
        assert found == expected


HUNDRED_WIDE = Subject("math", full_mark=2 * HUNDRED.full_mark, step=HUNDRED.step)


def test_numbers_that_need_64_bits_get_them():
    wide = combine(np.array([0, 3]), np.array([1, 5]), width=10**9, height=4)
    assert (wide.dtype, wide.tolist()) == (np.dtype(np.int64), [1, 3 * 10**9 + 5])
    near = combine(np.array([0, 3]), np.array([-4, 5]), width=10, height=4, lowest=-4)
    assert (near.dtype, near.tolist()) == (np.dtype(np.int32), [0, 39])
    keys, index = index_groups(pl.DataFrame({"school_code": ["a", "a", "b"]}))
    counts = gather_counts(keys, index, np.array([10**10, 10**10, 7]))
    assert (counts.cell.tolist(), counts.count.tolist()) == ([10**10, 7], [2, 1])
    assert (counts.cell.dtype, counts.count.dtype) == (np.dtype(np.int64), np.dtype(np.int32))


@QUICK
@given(candidates())
def test_look_ups_are_the_same_dense_and_searched(rows):
    sheet = check_sheet(frame_of(rows), PLAN).frame
    keys, index = index_groups(sheet.select("county_code"))
    histogram = gather_histogram(keys, index, sheet["math"], subject=PLAN.outcomes[0])
    table = standing_table(histogram)
    far = dataclasses.replace(table, width=10**7, lookup=(histogram_places(histogram, 10**7)))
    units = sheet["math"].to_numpy()
    assert table.standings(index, units).equals(far.standings(index, units))
    for one in (table, far):
        with pytest.raises(DomainError, match=r"scoring\.unknown_mark"):
            one.standings(np.array([-1]), np.array([0]))


def histogram_places(histogram, width):
    view = MarkView(histogram)
    return view.cell_group * width + view.cell_unit


def test_answers_come_in_the_order_of_the_items_and_the_first_failure_is_raised():
    assert each(lambda n: n * n, range(50)) == [n * n for n in range(50)]
    with pytest.raises(ZeroDivisionError):
        each(lambda n: 1 // n, [1, 0, 2])


def test_counts_that_need_64_bits_give_the_same_standings(monkeypatch):
    keys, index = index_groups(pl.DataFrame({"county_code": ["a", "a", "b", "a"]}))
    codes = pl.Series([4, 7, 9, 4], dtype=pl.Int16)
    histogram = gather_histogram(keys, index, codes, subject=HUNDRED)
    narrow = standing_table(histogram).standings(index, codes.to_numpy())
    monkeypatch.setattr("shared.scoring.standing_table._HALF_OF_32_BITS", 0)
    assert standing_table(histogram).standings(index, codes.to_numpy()).equals(narrow)


def test_marks_are_found_in_their_group_and_absentees_have_no_standing():
    keys, index = index_groups(pl.DataFrame({"county_code": ["a", "a", "b"]}))
    codes = pl.Series([4, -1, 9], dtype=pl.Int16)
    table = standing_table(gather_histogram(keys, index, codes, subject=HUNDRED))
    found = table.standings(index, codes.to_numpy())
    assert found["rank"].to_list() == found["n"].to_list() == [1, None, 1]
    nobody = standing_table(gather_histogram(keys[:1], index[:1], codes[1:2], subject=HUNDRED))
    assert nobody.standings(index[:1], codes[1:2].to_numpy()).row(0) == (None,) * 6


@QUICK
@given(candidates(), st.sampled_from(LEVELS))
def test_rows_in_order_and_counted_cells_give_the_same_figures(rows, level):
    sheet = check_sheet(frame_of(rows), PLAN).frame
    keys, index = index_groups(keys_at(sheet, level))
    for subject in PLAN.reported:
        ordered = OrderedMarks(RowLayout(keys, index), sheet[subject.code], subject)
        counted = MarkView(gather_histogram(keys, index, sheet[subject.code], subject=subject))
        for statistic in STATISTICS:
            left, right = statistic.finish(ordered, PLAN), statistic.finish(counted, PLAN)
            assert list(left) == list(right)
            for name, values in left.items():
                np.testing.assert_array_equal(values, right[name], err_msg=name)


def test_a_sheet_of_large_and_small_groups_is_counted_above_and_laid_out_below():
    rows = [
        {
            "id": f"{n}",
            "school": f"s{n % 2}",
            "class": f"{n // 40}",
            "math": n % 11,
            "art": n % 7,
            "entry": 3,
            "wealth": 1,
        }
        for n in range(400)
    ]
    result = analyze([frame_of(rows)], PLAN, lambda *_: None)
    assert shape_frame("summary", distribution_table(codes_of(rows), PLAN), PLAN).equals(result.summary)
