"""Item summaries can be divided, merged and taken apart without loss; figures do not depend on order (§0, §7)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import shared.scoring.items.summary as summaries
from shared.scoring.items.analysis import analyze_items, finish_items
from shared.scoring.items.group_sums import GroupSums, add_by_group
from shared.scoring.items.plan import Item, ItemPlan
from shared.scoring.items.products import cross_products, map_rows
from shared.scoring.items.summary import merge_item_summaries
from shared.terms.errors import DomainError
from tests.scoring.item_builders import item_frame, item_summary
from tests.scoring.properties.strategies import QUICK, WHOLE

PLAN = ItemPlan(
    subject="math",
    items=(
        Item("q1", Decimal(2), options=("A", "B", "C"), key="B", knowledge_points=("sets",)),
        Item("q2", Decimal(3), Decimal("0.5"), knowledge_points=("sets", "limits"), competencies=("proof",)),
        Item("q3", Decimal(1), options=("yes", "no"), key="no", competencies=("proof",)),
    ),
    min_n=2,
    min_candidates=4,
)


@st.composite
def candidates(draw: st.DrawFn, *, min_size: int = 1, max_size: int = 30) -> list[tuple]:
    """Candidates as (place, marks or status, options)."""
    rows = []
    for _ in range(draw(st.integers(min_size, max_size))):
        school = draw(st.integers(0, 4))
        place = (f"k{school % 2}", f"s{school}", draw(st.sampled_from("12")))
        if draw(st.integers(0, 5)):
            marks = tuple(draw(st.integers(0, int(i.full_mark / i.step))) * float(i.step) for i in PLAN.items)
            chosen = (draw(st.sampled_from(["A", "B", "C", None])), draw(st.sampled_from(["yes", "no", None])))
            rows.append((place, marks, chosen))
        else:
            rows.append((place, draw(st.sampled_from(["absent", "void", "exempt"])), (None, None)))
    return rows


def columns_of(rows):
    return {
        "places": [place for place, _, _ in rows],
        "options": {"q1": [chosen[0] for *_, chosen in rows], "q3": [chosen[1] for *_, chosen in rows]},
    }


def summary_of(rows):
    return item_summary([marks for _, marks, _ in rows], PLAN, **columns_of(rows))


@QUICK
@given(candidates(), st.data())
def test_however_a_paper_is_divided_and_merged_its_summary_is_the_same(rows, data):
    parts = [[] for _ in range(3)]
    for row in rows:
        parts[data.draw(st.integers(0, 2))].append(row)
    order = data.draw(st.permutations([summary_of(part) for part in parts if part]))
    assert merge_item_summaries(order) == summary_of(rows)


@QUICK
@given(candidates(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows, random):
    shuffled = rows.copy()
    random.shuffle(shuffled)
    assert summary_of(shuffled) == summary_of(rows)


@QUICK
@given(candidates(min_size=2), candidates())
def test_replacing_a_school_is_the_same_as_starting_again(rows, corrected):
    place = rows[0][0]
    old = [row for row in rows if row[0][1] == place[1]]
    rest = [row for row in rows if row[0][1] != place[1]]
    new = [((place[0], place[1], row[0][2]), *row[1:]) for row in corrected]
    assert summary_of(rows) - summary_of(old) + summary_of(new) == summary_of(rest + new)


@QUICK
@given(candidates(min_size=5, max_size=40), st.integers(1, 7))
def test_the_size_of_chunks_does_not_matter(rows, size):
    whole = summary_of(rows)
    kept = summaries.CHUNK_ROWS
    try:
        summaries.CHUNK_ROWS = size
        assert summary_of(rows) == whole
    finally:
        summaries.CHUNK_ROWS = kept


@WHOLE
@given(candidates(min_size=4), st.randoms(use_true_random=False))
def test_figures_are_the_same_to_the_last_bit_in_any_order(rows, random):
    frame = item_frame([marks for _, marks, _ in rows], PLAN, **columns_of(rows))
    order = list(range(len(rows)))
    random.shuffle(order)
    cut = random.randint(0, len(rows))
    one = analyze_items([frame], PLAN)
    other = analyze_items([frame[order[:cut]], frame[order[cut:]]], PLAN)
    for name, table in one.frames().items():
        assert table.equals(other.frames()[name]), name


@WHOLE
@given(candidates(min_size=4))
def test_figures_lie_where_they_can(rows):
    result = finish_items(summary_of(rows))
    for table in (result.item_measures, result.paper_measures):
        for row in table.to_dicts():
            assert (row["value"] is None) == (row["reason"] is not None) == (row["status"] == "not_computed")
            if row["value"] is None:
                continue
            lowest = {"item_difficulty": 0, "paper_difficulty": 0, "standard_error_of_measurement": 0}
            if "alpha" in row["measure"]:
                assert row["value"] <= 1
            elif row["measure"] != "standard_error_of_measurement":
                assert lowest.get(row["measure"], -1) <= row["value"] <= 1
            if row["ci_low"] is not None:
                assert row["ci_low"] - 1e-12 <= row["value"] <= row["ci_high"] + 1e-12
    if result.option_bands.height:
        shares = result.option_bands.group_by("item", "band").agg(pl.col("share").sum())
        assert shares["share"].to_list() == pytest.approx([1.0] * shares.height)


@QUICK
@given(candidates())
def test_parts_of_a_summary_tell_the_same_story(rows):
    found = summary_of(rows)
    present = [marks for _, marks, _ in rows if not isinstance(marks, str)]
    assert found.totals.sums[:, 0].sum() == found.groups.sums[:, 1].sum() == len(present)
    assert found.options.sums[:, 0].sum() == 2 * len(present)
    if present:
        units = np.array(present) * 2
        assert np.array_equal(found.moments.products[0], units.T @ units)
        assert np.array_equal(found.totals.sums[:, 4:].sum(axis=0), np.diagonal(units.T @ units))
        assert np.array_equal(found.moments.sums[0], units.sum(axis=0))


def test_a_summary_minus_itself_holds_nobody():
    whole = summary_of([(("k", "s", "1"), (2, 1.5, 1), ("A", None)), (("k", "s", "1"), "absent", (None, None))])
    nothing = whole - whole
    assert nothing.moments.keys.is_empty()
    assert all(part.keys.is_empty() for part in (nothing.totals, nothing.groups, nothing.options))


def test_what_was_never_in_cannot_be_taken_out():
    one = summary_of([(("k", "s", "1"), (2, 1.5, 1), ("A", None))])
    other = summary_of([(("k", "s", "1"), (2, 1, 1), ("A", None))])
    for whole, part in ((one, other), (one.totals, other.totals)):
        with pytest.raises(DomainError) as refused:
            whole - part
        assert refused.value.code == "scoring.summary_not_contained"


def test_different_papers_are_never_merged():
    one = summary_of([(("k", "s", "1"), (2, 1.5, 1), ("A", None))])
    other = replace(one, plan=replace(PLAN, items=PLAN.items[::-1]))
    for merge in (lambda: one + other, lambda: one - other):
        with pytest.raises(DomainError) as refused:
            merge()
        assert refused.value.code == "scoring.summary_different_subjects"


def test_summaries_equal_only_their_like():
    one = summary_of([(("k", "s", "1"), (2, 1.5, 1), ("A", None))])
    assert one != "something else"
    assert one.totals != "something else"
    assert one.totals + one.totals == (one + one).totals


@QUICK
@given(st.lists(st.integers(0, 9), max_size=60))
def test_rows_are_added_to_their_group(index):
    totals = np.zeros((10, 1), np.int64)
    add_by_group(totals, np.array(index, np.uint16), np.ones((len(index), 1)))
    assert totals[:, 0].tolist() == [index.count(group) for group in range(10)]


def test_groups_roll_up():
    sums = GroupSums(pl.DataFrame({"a": ["x", "y"]}), np.array([[1, 2], [3, 4]]))
    assert sums.roll_up(pl.DataFrame({"a": ["z", "z"]})).sums.tolist() == [[4, 6]]


@pytest.mark.parametrize(("rows", "columns"), [(0, 3), (5, 3), (10_000, 30), (700, 600), (900, 0)])
def test_products_in_blocks_are_products(rows, columns):
    random = np.random.default_rng(3)
    wide = random.integers(0, 100, (rows, 40)).astype(float)
    left, matrix = wide[:, 1:30], random.integers(0, 2, (29, columns)).astype(float)
    out = np.zeros((rows, columns + 2))
    map_rows(left, matrix, out[:, 1 : 1 + columns])
    assert np.array_equal(out[:, 1 : 1 + columns], left @ matrix)
    assert not out[:, [0, -1]].any()
    right = random.integers(0, 100, (rows, columns)).astype(float)
    assert np.array_equal(cross_products(left, right), left.T @ right)
