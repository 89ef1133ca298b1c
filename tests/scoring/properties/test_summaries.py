"""Summaries can be divided, merged and taken apart without loss (docs/scoring.md §0)."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.scoring.frame import check_sheet
from shared.scoring.levels import KEY_COLUMNS, index_groups, keys_at, locate
from shared.scoring.summaries.attribute_counts import gather_attributes
from shared.scoring.summaries.exam_summary import gather_summary, merge_summaries
from shared.scoring.summaries.group_counts import GroupCounts, tally
from shared.scoring.summaries.moments import gather_moments, merge_moments
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel
from tests.scoring.properties.strategies import PLAN, QUICK, candidates, frame_of


def summary_of(rows):
    return gather_summary(check_sheet(frame_of(rows), PLAN), PLAN)


@QUICK
@given(candidates(), st.data())
def test_however_a_city_is_divided_and_merged_its_summary_is_the_same(rows, data):
    parts = [[] for _ in range(4)]
    for row in rows:
        parts[data.draw(st.integers(0, 3))].append(row)
    order = data.draw(st.permutations([summary_of(part) for part in parts if part]))
    assert merge_summaries(order) == summary_of(rows)


@QUICK
@given(candidates(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows, random):
    shuffled = rows.copy()
    random.shuffle(shuffled)
    assert summary_of(shuffled) == summary_of(rows)


@QUICK
@given(candidates(min_size=2), candidates())
def test_replacing_a_school_is_the_same_as_starting_again(rows, corrected):
    school = rows[0]["school"]
    old = [row for row in rows if row["school"] == school]
    new = [row | {"id": "n" + row["id"], "school": school, "county": rows[0]["county"]} for row in corrected]
    rest = [row for row in rows if row["school"] != school]
    assert summary_of(rows) - summary_of(old) + summary_of(new) == summary_of(rest + new)


@QUICK
@given(candidates())
def test_a_summary_minus_itself_holds_nobody(rows):
    nothing = summary_of(rows) - summary_of(rows)
    assert all(histogram.counts.row_count == 0 for histogram in nothing.histograms.values())
    assert all(histogram.counts.keys.is_empty() for histogram in nothing.histograms.values())
    assert all(moments.keys.is_empty() for moments in nothing.moments.values())
    assert nothing.attributes.cells.is_empty()


@QUICK
@given(candidates())
def test_rolling_up_by_steps_or_at_once_is_the_same(rows):
    histogram = summary_of(rows).histograms["total"]
    by_steps = histogram.at_level(OrgLevel.SCHOOL).at_level(OrgLevel.COUNTY).at_level(OrgLevel.CITY)
    assert by_steps == histogram.at_level(OrgLevel.CITY)
    assert by_steps.counts.row_count == len(rows)


@QUICK
@given(candidates())
def test_moments_roll_up_to_the_moments_of_the_larger_group(rows):
    sheet = check_sheet(frame_of(rows), PLAN).frame
    keys = KEY_COLUMNS
    fine = gather_moments(sheet, keys=keys, columns=["math", "art"])
    coarse = gather_moments(
        sheet.with_columns(keys_at(sheet.select(keys), OrgLevel.COUNTY)), keys=keys, columns=["math", "art"]
    )
    assert fine.roll_up(keys_at(fine.keys, OrgLevel.COUNTY)) == coarse


@QUICK
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40), st.integers(1, 39))
def test_moments_of_floats_agree_within_rounding(values, cut):
    frame = pl.DataFrame({"k": ["a"] * len(values), "x": values})
    whole = gather_moments(frame, keys=["k"], columns=["x"])
    halves = [part for part in (frame[:cut], frame[cut:]) if part.height]
    merged = merge_moments([gather_moments(part, keys=["k"], columns=["x"]) for part in halves])
    assert merged.products.ravel() == pytest.approx(whole.products.ravel(), rel=1e-9)
    assert gather_moments(frame.reverse(), keys=["k"], columns=["x"]) == whole


@QUICK
@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(-3, 3)), max_size=60))
def test_tallies_are_the_same_dense_and_sorted(pairs):
    keys = np.array([key for key, _ in pairs], np.int64)
    weights = np.array([weight for _, weight in pairs], np.int64)
    expected = {}
    for key, weight in pairs:
        expected[key] = expected.get(key, 0) + weight
    expected = {key: weight for key, weight in sorted(expected.items()) if weight}
    far, near = tally(keys, weights), tally(keys % 97, weights)
    assert dict(zip(*(part.tolist() for part in far), strict=True)) == expected
    folded = {}
    for key, weight in pairs:
        folded[key % 97] = folded.get(key % 97, 0) + weight
    assert dict(zip(*(part.tolist() for part in near), strict=True)) == {k: w for k, w in folded.items() if w}
    counted = tally(keys)
    assert counted[1].sum() == len(pairs)
    assert counted[0].tolist() == sorted(set(keys.tolist()))


def test_what_was_never_in_cannot_be_taken_out():
    small = summary_of([{"id": "a", "math": 1, "art": 1, "entry": 1, "wealth": 1}])
    other = summary_of([{"id": "a", "math": 2, "art": 2, "entry": 2, "wealth": 2, "school": "x"}])
    pairs = [
        (small.histograms["math"], other.histograms["math"]),
        (small.moments["math~entry"], other.moments["math~entry"]),
        (small.joints["math~entry", "entry"], other.joints["math~entry", "entry"]),
        (small.attributes, other.attributes),
    ]
    for whole, part in pairs:
        with pytest.raises(DomainError) as refused:
            whole - part
        assert refused.value.code == "scoring.summary_not_contained"


def test_different_subjects_are_never_merged():
    summary = summary_of([{"id": "a", "math": 1, "art": 1, "entry": 1, "wealth": 1}])
    math, art = summary.histograms["math"], summary.histograms["art"]
    left, right = summary.moments["math~entry"], summary.moments["total~entry"]
    for merge in (lambda: math + art, lambda: math - art, lambda: left + right):
        with pytest.raises(DomainError) as refused:
            merge()
        assert refused.value.code == "scoring.summary_different_subjects"


def test_parts_add_up_one_by_one_too():
    one = summary_of([{"id": "a", "math": 1, "art": 1, "entry": 1, "wealth": 1}])
    two = summary_of([{"id": "b", "math": 2, "art": "void", "entry": 1, "wealth": None}])
    assert one.moments["math~entry"] + two.moments["math~entry"] == (one + two).moments["math~entry"]
    assert one.attributes + two.attributes == (one + two).attributes
    assert one.histograms["math"] + two.histograms["math"] == (one + two).histograms["math"]
    joint = ("math~entry", "entry")
    assert one.joints[joint] + two.joints[joint] == (one + two).joints[joint]
    counts = one.histograms["math"].counts
    assert isinstance(counts + two.histograms["math"].counts, GroupCounts)


def test_summaries_equal_only_their_like():
    summary = summary_of([{"id": "a", "math": 1, "art": 1, "entry": 1, "wealth": 1}])
    for part in (summary.histograms["math"].counts, summary.moments["math~entry"], summary.attributes):
        assert part != "something else"
        assert part == part


def test_no_attributes_is_an_empty_summary():
    sheet = check_sheet(frame_of([{"id": "a", "math": 1, "art": 1, "entry": 1, "wealth": 1}]), PLAN)
    assert gather_attributes(sheet.frame, []).cells.is_empty()


def test_keys_are_numbered_in_order_and_found_again():
    keys = pl.DataFrame({"a": ["y", "x", "x", None, "y"], "b": ["1", "2", "2", "1", "0"]})
    unique, index = index_groups(keys)
    assert unique.rows() == [(None, "1"), ("x", "2"), ("y", "0"), ("y", "1")]
    assert index.tolist() == [3, 1, 1, 0, 2]
    assert locate(pl.DataFrame({"a": ["z", None], "b": ["1", "1"]}), unique).tolist() == [-1, 0]
