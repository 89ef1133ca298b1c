"""The door of the item sheet (docs/scoring.md §1, §7)."""

import polars as pl
import pytest

from shared.scoring.frame import MarkUnit
from shared.scoring.items.frame import check_item_sheet
from shared.terms.errors import DomainError
from tests.scoring.item_builders import item_frame, paper, tagged

PLAN = tagged(paper(2, 3), q1={"options": ("A", "B"), "key": "A"})
ROWS = [(2, 1.5), (0, 3), "absent"]
CHOSEN = {"q1": ["A", None, None]}


def refusal(frame):
    with pytest.raises(DomainError) as refused:
        check_item_sheet(frame, PLAN)
    assert refused.value.code == "scoring.sheet_invalid"
    return refused.value


def test_cells_become_codes():
    frame = check_item_sheet(item_frame(ROWS, PLAN, options=CHOSEN), PLAN).frame
    assert frame["q1"].to_list() == [4, 0, -1]
    assert frame["q2"].to_list() == [3, 6, -1]
    assert frame["total"].to_list() == [7, 6, -1]
    # Position of the option; one past the last where none was chosen; none at all for the absent.
    assert frame["q1__option"].to_list() == [0, 2, -1]


def test_grid_units_pass_as_they_are():
    frame = item_frame([(4, 3)], PLAN, options={"q1": ["B"]}).with_columns(pl.col("q1", "q2").cast(pl.Int32))
    assert check_item_sheet(frame, PLAN, unit=MarkUnit.GRID_UNIT).frame["total"].to_list() == [7]


def test_missing_columns_are_named_at_once():
    frame = item_frame(ROWS, PLAN, options=CHOSEN).drop("status", "q2", "q1__option")
    assert [fault.column for fault in refusal(frame).faults] == ["status", "q2", "q1__option"]


def test_every_fault_is_in_one_answer():
    rows = [(2, 1.25), (9, 1), "absent", "ill", (1, 1), (1, None)]
    frame = item_frame(rows, PLAN, options={"q1": ["A", "C", "B", None, "A", None]})
    frame = frame.with_columns(
        pl.when(pl.col("candidate_id") == "c00004").then(None).otherwise(pl.col("candidate_id")).alias("candidate_id")
    )
    found = refusal(frame)
    assert {(fault.code, fault.column, fault.source_id) for fault in found.faults} == {
        ("scoring.status_unknown", "status", "c00003"),
        ("scoring.option_unknown", "q1__option", "c00001"),
        ("scoring.option_without_presence", "q1__option", "c00002"),
        ("scoring.key_missing", "candidate_id", None),
        ("scoring.mark_missing", "q2", "c00005"),
        ("scoring.mark_above_full_mark", "q1", "c00001"),
        ("scoring.mark_off_grid", "q2", "c00000"),
    }
    assert found.fault_count == found.params["count"] == 7


def test_a_fault_of_a_candidate_without_name_has_no_source():
    frame = item_frame(["ill"], PLAN, options={"q1": [None]}).with_columns(
        pl.lit(None, pl.String).alias("candidate_id")
    )
    assert ("scoring.status_unknown", None) in {(fault.code, fault.source_id) for fault in refusal(frame).faults}


def test_a_paper_without_choice_items_needs_no_options():
    plan = paper(1)
    assert check_item_sheet(item_frame([(1,)], plan), plan).frame.columns[-1] == "total"
