"""A paper from sheets to frames (docs/scoring.md §7)."""

import polars as pl
import pytest

from shared.scoring.items.analysis import analyze_items, finish_items
from shared.scoring.items.schemas import ITEM_SCHEMAS, ITEM_SORT_KEYS
from shared.terms.errors import DomainError
from tests.scoring.item_builders import item_frame, item_summary, paper, tagged

PLAN = tagged(paper(1, 4, min_n=2), q1={"options": ("A", "B"), "key": "A"})
ROWS = [(1, 4), (1, 2.5), (0, 1), (0, 3), (1, 1), "absent"]
PLACES = [("k1", "s1", "1")] * 3 + [("k1", "s2", "1")] + [("k2", "s3", "1")] * 2
CHOSEN = {"q1": ["A", "A", "B", None, "A", None]}


def frame():
    return item_frame(ROWS, PLAN, places=PLACES, options=CHOSEN)


def test_every_frame_has_its_columns_and_unique_keys():
    for name, table in analyze_items([frame()], PLAN).frames().items():
        assert dict(table.schema) == ITEM_SCHEMAS[name], name
        assert table.height == table.select(ITEM_SORT_KEYS[name]).unique().height > 0, name


def test_frames_of_a_paper_without_options_are_empty_but_typed():
    plan = paper(1, 4)
    frames = finish_items(item_summary([(1, 2), (0, 3)], plan)).frames()
    assert frames["option_bands"].is_empty()
    assert dict(frames["option_flags"].schema) == ITEM_SCHEMAS["option_flags"]


def test_figures_carry_band_status_and_method():
    table = analyze_items([frame()], PLAN).item_measures
    row = table.row(by_predicate=(pl.col("item") == "q1") & (pl.col("measure") == "item_difficulty"), named=True)
    assert (row["value"], row["band"], row["n"], row["status"]) == (0.6, "medium", 5, "computed")
    assert (row["full_mark"], row["is_dichotomous"], row["method"]) == (1, True, "items.difficulty")
    refused = table.filter(pl.col("measure") == "item_discrimination_upper_lower")
    assert refused.select("value", "band", "status", "reason").unique().rows() == [
        (None, None, "not_computed", "few_candidates")
    ]


def test_small_groups_are_withheld_from_all_but_their_school():
    result = analyze_items([frame()], PLAN)
    above, own = result.shown_to(None).item_attainment, result.shown_to("s2").item_attainment
    hidden = above.filter(pl.col("suppressed"))
    assert set(hidden["school_code"].drop_nulls()) == {"s1", "s2", "s3"}
    assert hidden["attainment"].null_count() == hidden["n_sat"].null_count() == hidden.height
    assert hidden["aspect_code"].null_count() == hidden["position"].null_count() == 0
    mine = own.filter((pl.col("school_code") == "s2") & (pl.col("aspect_code") == "q2"))
    assert mine["attainment"].to_list() == [0.75, 0.75]
    assert own.filter(pl.col("school_code") == "s1")["attainment"].null_count() > 0


def test_nobody_at_all_is_refused():
    for sheets in ([], [frame().clear()]):
        with pytest.raises(DomainError) as refused:
            analyze_items(sheets, PLAN)
        assert refused.value.code == "scoring.no_candidates"


def test_nobody_present_is_an_answer():
    plan = paper(1, 4)
    result = analyze_items([item_frame(["absent", "void"], plan)], plan)
    assert set(result.item_measures["reason"]) == {"few_candidates"}
    assert result.item_attainment["attainment"].null_count() == result.item_attainment.height


def test_a_candidate_in_two_sheets_and_a_school_in_two_counties_are_refused():
    moved = frame().with_columns(pl.lit("k9").alias("county_code"))
    with pytest.raises(DomainError) as refused:
        analyze_items([frame(), moved], PLAN)
    assert {fault.code for fault in refused.value.faults} == {
        "scoring.candidate_twice",
        "scoring.school_in_two_counties",
    }
    assert refused.value.fault_count == 6 + 3
