"""The door of the core: what a mark sheet must be (docs/scoring.md §1)."""

from decimal import Decimal

import polars as pl
import pytest

from shared.scoring.frame import MarkUnit, check_sheet
from shared.scoring.plan import AnalysisPlan, ComparisonAttribute, Grouping
from shared.scoring.subjects import Subject
from shared.terms.errors import DomainError
from tests.scoring.builders import TEN, math_rows, sheet, sheet_frame

PLAN = AnalysisPlan(outcomes=(TEN,))
TWO = AnalysisPlan(outcomes=(TEN, Subject("art", full_mark=Decimal(5), step=Decimal(1))))


def faults(frame, plan=PLAN, unit=MarkUnit.MARK):
    with pytest.raises(DomainError) as refused:
        check_sheet(frame, plan, unit=unit)
    assert refused.value.code == "scoring.sheet_invalid"
    return refused.value.faults


def codes(frame, plan=PLAN, unit=MarkUnit.MARK):
    return [fault.code for fault in faults(frame, plan, unit)]


def test_marks_become_units_and_statuses_negative_codes():
    checked = sheet(math_rows(10, 0, 7.5, "absent", "void", "exempt", "not_entered"), PLAN)
    assert checked.frame["math"].to_list() == [10 / 0.5, 0, 7.5 / 0.5, -1, -2, -3, -4]


def test_grid_units_are_taken_as_they_are():
    checked = check_sheet(sheet_frame(math_rows(20, 0, 15)), PLAN, unit=MarkUnit.GRID_UNIT)
    assert checked.frame["math"].to_list() == [20, 0, 15]
    assert codes(sheet_frame(math_rows(21)), unit=MarkUnit.GRID_UNIT) == ["scoring.mark_above_full_mark"]
    assert codes(sheet_frame(math_rows(1.5)), unit=MarkUnit.GRID_UNIT) == ["scoring.mark_off_grid"]


def test_the_total_is_the_sum_of_those_present_in_all_subjects():
    rows = [
        {"math": 7.5, "art": 3},
        {"math": 7.5, "art": "absent"},
        {"math": "void", "art": "absent"},
        {"math": "exempt", "art": "void"},
        {"math": "not_entered", "art": "exempt"},
    ]
    # The total takes the status furthest from taking part.
    assert sheet(rows, TWO).frame["total"].to_list() == [(7.5 + 3) / 0.5, -1, -2, -3, -4]


@pytest.mark.parametrize("dtype", [pl.Int16, pl.Float32, pl.Decimal(6, 2), pl.Float64])
def test_any_numeric_type_is_read(dtype):
    frame = sheet_frame(math_rows(7, 3)).with_columns(pl.col("math").cast(dtype))
    assert check_sheet(frame, PLAN).frame["math"].to_list() == [14, 6]


def test_a_subject_nobody_sat_may_come_as_an_empty_column():
    frame = sheet_frame(math_rows("absent")).with_columns(pl.lit(None).alias("math"))
    assert check_sheet(frame, PLAN).frame["math"].to_list() == [-1]


def test_marks_on_a_tenth_grid_are_read_exactly():
    plan = AnalysisPlan(outcomes=(Subject("math", full_mark=Decimal(10), step=Decimal("0.1")),))
    assert sheet(math_rows(0.1, 0.3, 0.7, 2.9), plan).frame["math"].to_list() == [1, 3, 7, 29]


@pytest.mark.parametrize(
    ("mark", "code"),
    [
        (7.25, "scoring.mark_off_grid"),
        (7.5000001, "scoring.mark_off_grid"),
        (10.5, "scoring.mark_above_full_mark"),
        (-0.5, "scoring.mark_below_zero"),
        (float("nan"), "scoring.mark_not_finite"),
    ],
)
def test_a_mark_that_is_none_is_refused_with_its_candidate(mark, code):
    found = faults(sheet_frame([*math_rows(5), *math_rows(mark, id="bad")]))
    assert [(fault.code, fault.column, fault.source_id) for fault in found if fault.code == code] == [
        (code, "math", "bad")
    ]


def test_a_mark_and_a_status_must_agree():
    frame = sheet_frame(math_rows(5, 5, 5)).with_columns(
        pl.Series("math", [None, 5.0, 5.0]), pl.Series("math__status", ["present", "absent", "late"])
    )
    assert codes(frame) == [
        "scoring.status_unknown",
        "scoring.mark_missing",
        "scoring.mark_without_presence",
    ]


def test_a_number_is_no_status():
    frame = sheet_frame(math_rows(5)).with_columns(pl.lit(0).alias("math__status"))
    assert codes(frame) == ["scoring.status_unknown"]


def test_statuses_may_come_as_an_enumeration():
    words = pl.Enum(["present", "absent", "void", "exempt", "not_entered"])
    frame = sheet_frame(math_rows(5, "void")).with_columns(pl.col("math__status").cast(words))
    assert check_sheet(frame, PLAN).frame["math"].to_list() == [10, -2]


def test_missing_columns_and_texts_are_told_at_once():
    frame = sheet_frame(math_rows(5)).drop("class_code", "math__status").with_columns(pl.lit("five").alias("math"))
    assert [(fault.code, fault.column) for fault in faults(frame)] == [
        ("scoring.column_missing", "class_code"),
        ("scoring.column_missing", "math__status"),
        ("scoring.mark_not_numeric", "math"),
    ]


def test_keys_must_be_there_once():
    frame = sheet_frame([*math_rows(5, 6, id="twin"), *math_rows(7)])
    frame = frame.with_columns(pl.Series("school_code", ["s1", "s1", None]))
    assert codes(frame) == ["scoring.key_missing", "scoring.candidate_twice", "scoring.candidate_twice"]
    assert all(fault.value is None for fault in faults(frame))


def test_a_candidate_without_a_number_is_refused():
    frame = sheet_frame(math_rows(5)).with_columns(pl.lit(None, pl.String).alias("candidate_id"))
    assert [(fault.code, fault.source_id) for fault in faults(frame)] == [("scoring.key_missing", None)]


def test_attributes_by_quartile_must_be_numbers_and_others_are_texts():
    plan = AnalysisPlan(
        outcomes=(TEN,),
        comparisons=(ComparisonAttribute("wealth", Grouping.QUARTILE), ComparisonAttribute("kind")),
    )
    rows = [{"math": 5, "wealth": "1.5", "kind": "town"}, {"math": 5, "wealth": None, "kind": None}]
    frame = sheet_frame(rows, attributes=("wealth", "kind"))
    assert check_sheet(frame, plan).frame.select("wealth", "kind").rows() == [(1.5, "town"), (None, None)]
    assert codes(frame.with_columns(pl.lit("rich").alias("wealth")), plan) == ["scoring.attribute_not_numeric"] * 2


def test_many_faults_are_counted_but_not_all_shown():
    with pytest.raises(DomainError) as refused:
        check_sheet(sheet_frame(math_rows(*[11] * 1200)), PLAN)
    assert len(refused.value.faults) == 1000
    assert refused.value.fault_count == 1200
    assert refused.value.params == {"count": 1200}
