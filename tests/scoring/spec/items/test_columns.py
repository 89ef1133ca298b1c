"""Columns of an item sheet, cut into runs of one class (docs/scoring.md §7.0)."""

from __future__ import annotations

import numpy as np
import pytest

from shared.scoring.items.columns import item_columns, stored_columns
from shared.scoring.items.frame import check_item_sheet
from tests.scoring.item_builders import item_frame, paper, tagged

PLAN = tagged(paper(1, 2), q1={"options": ("A", "B"), "key": "A"})


def columns_of(classes):
    places = [("k", "s", name) for name in classes]
    rows = [(n % 3 / 2, n % 4 / 2) for n in range(len(classes))]
    frame = item_frame(rows, PLAN, places=places, options={"q1": ["B"] * len(classes)})
    return item_columns(check_item_sheet(frame, PLAN).frame, PLAN)


def test_the_columns_read_are_those_of_the_checked_sheet():
    names = ["county_code", "school_code", "class_code", "q1", "q2", "total", "q1__option"]
    assert stored_columns(PLAN) == names


def test_classes_that_lie_together_stay_where_they_are():
    keys, columns = columns_of("b" * 9 + "a" * 9 + "b" * 9)
    assert keys["class_code"].to_list() == ["a", "b"]
    assert columns.starts.tolist() == [0, 9, 18]
    assert columns.group.tolist() == [1, 0, 1]
    assert columns.marks[0].tolist() == [n % 3 for n in range(27)]
    assert columns.chosen[0].tolist() == [1] * 27


def test_scattered_candidates_are_ordered_by_class():
    _, columns = columns_of("ab" * 20)
    assert columns.starts.tolist() == [0, 20]
    assert columns.group.tolist() == [0, 1]
    assert columns.marks[1].tolist() == [n % 4 for n in [*range(0, 40, 2), *range(1, 40, 2)]]


@pytest.mark.parametrize("classes", ["", "a", "ab"])
def test_tiny_sheets(classes):
    keys, columns = columns_of(classes)
    assert keys.height == len(columns.starts) == len(set(classes))
    assert np.array_equal(columns.group, np.arange(len(classes)))
