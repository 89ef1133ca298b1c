"""What a sender gets told about an item sheet, fault by fault; and what is stored of a sound one."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from services.monitoring.intake.sheets import ReadSheet
from services.monitoring.item_sheets.importer import ItemSheetContext, read_item_sheet
from services.monitoring.item_sheets.marks import SubjectOnBothSheets, with_marks
from services.monitoring.papers.rules import item_plan, with_key
from tests.services.monitoring.papers.builders import SUBJECT, paper_content

A, B = "2199000001", "2199000002"
ROSTER = pl.DataFrame(
    {"student_key": ["k1", "k2"], "school_code": [A, B], "county_code": ["990001"] * 2, "class_code": ["c1"] * 2}
)
HEADER = "candidate_id,class_code,status,1,1_option,2,2_option,3,3_option,4\n"
SOUND = "e1,c1,,3,B,0,A,6,AC,7.5\n"
_TEXT = dict.fromkeys(["candidate_id", "class_code"], pl.String)
NO_MARKS = pl.DataFrame(schema=_TEXT | {"maths": pl.Int32, "maths__status": pl.String, "school_code": pl.String})


def marks(*rows: tuple[str, str, int | None, str], school: str = A) -> pl.DataFrame:
    return pl.DataFrame([(*row, school) for row in rows], schema=NO_MARKS.schema, orient="row")


def read(
    tmp_path: Path, text: str, *, held: pl.DataFrame = NO_MARKS, school: str | None = A, derived: bool = False
) -> ReadSheet:
    file = tmp_path / "items.csv"
    file.write_text(text)
    context = ItemSheetContext(
        both=SubjectOnBothSheets(SUBJECT, paper_content(marks_from_options=derived)),
        roster=ROSTER,
        participants={A: "990001", B: "990001"},
        school_code=school,
        marks=held,
    )
    return read_item_sheet(file, "csv", context)


def faults(sheet: ReadSheet) -> set[tuple[int | None, str | None, str]]:
    return {(fault.row, fault.column, fault.code) for fault in sheet.faults.first(100)}


def test_a_sound_sheet_becomes_small_whole_numbers(tmp_path: Path) -> None:
    sheet = read(tmp_path, HEADER + "e2,c1,,0,,3,d,3,a,0\n" + SOUND + "e3,c1,缺考,,,,,,,\n")
    assert not sheet.faults, faults(sheet)
    stored = sheet.sheets[A]
    assert stored.drop("school_code", "county_code").rows() == [
        ("e1", "c1", 0, 3, 0, 6, 15, 1, 0, 5),
        ("e2", "c1", 0, 0, 3, 3, 0, 4, 3, 0),
        ("e3", "c1", -1, -1, -1, -1, -1, -1, -1, -1),
    ]
    assert [stored.schema[name] for name in ("4", "1__option", "status")] == [pl.Int16, pl.Int8, pl.Int8]


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        ("e1,c1,,4,B,0,A,6,AC,7.5\n", "1", "mark.above_full_mark"),
        ("e1,c1,,2.5,B,0,A,6,AC,7.5\n", "1", "mark.off_grid"),
        ("e1,c1,,3,B,0,A,6,AC,-1\n", "4", "mark.below_zero"),
        ("e1,c1,,3,B,0,A,6,AC,\n", "4", "item_sheet.mark_missing"),
        ("e1,c1,,3,B,0,A,6,AC,x\n", "4", "cell.not_a_number"),
        ("e1,c1,,3,E,0,A,6,AC,7\n", "1_option", "item_sheet.option_unknown"),
        ("e1,c1,,3,AB,0,A,6,AC,7\n", "1_option", "item_sheet.option_unknown"),
        ("e1,c1,,3,B,0,A,6,AAC,7\n", "3_option", "item_sheet.option_unknown"),
        ("e1,c1,absent,3,,,,,,\n", "1", "mark.with_absence"),
        ("e1,c1,absent,,B,,,,,\n", "1_option", "item_sheet.option_with_absence"),
        ("e1,c1,,,,,,,,\n", "status", "mark.blank_needs_status"),
        ("e1,c1,ill,3,B,0,A,6,AC,7\n", "status", "cell.not_allowed"),
        ("e1,c9,,3,B,0,A,6,AC,7\n", "class_code", "class.unknown"),
        ("e2,c1,,3,B,0,A,6,AC,7\n", "candidate_id", "row.duplicate"),
    ],
)
def test_each_fault_names_its_row_and_column(tmp_path: Path, line: str, column: str, code: str) -> None:
    sheet = read(tmp_path, HEADER + SOUND.replace("e1", "e2") + line)
    assert faults(sheet) == {(3, column, code)}
    assert sheet.sheets == {}


def test_a_missing_column_is_one_fault(tmp_path: Path) -> None:
    sheet = read(tmp_path, "candidate_id,class_code,1,1_option,2,2_option,3,3_option\ne1,c1,3,B,0,A,6,AC\n")
    assert faults(sheet) == {(1, "4", "column.missing")}


@pytest.mark.parametrize(
    ("held", "fault"),
    [
        (("e1", "c1", 33, "present"), None),
        (("e1", "c1", 32, "present"), (2, None, "item_sheet.sum_differs")),
        (("e1", "c1", None, "absent"), (2, "status", "item_sheet.status_differs")),
        (("e1", "c2", 33, "present"), (2, "class_code", "item_sheet.class_differs")),
    ],
)
def test_it_is_held_against_the_mark_sheet(
    tmp_path: Path, held: tuple[str, str, int | None, str], fault: tuple[int, str | None, str] | None
) -> None:
    sheet = read(tmp_path, HEADER + SOUND, held=marks(held))
    assert faults(sheet) == ({fault} if fault else set())


def test_both_sheets_have_the_same_candidates(tmp_path: Path) -> None:
    held = marks(("e1", "c1", 33, "present"), ("e9", "c1", None, "absent"))
    sheet = read(tmp_path, HEADER + SOUND + SOUND.replace("e1", "e5"), held=held)
    assert faults(sheet) == {
        (2, "candidate_id", "item_sheet.candidate_missing"),
        (3, "candidate_id", "item_sheet.candidate_unknown"),
    }


def test_of_many_schools_only_the_one_that_disagrees_is_refused(tmp_path: Path) -> None:
    rows = f"school_code,{HEADER}{A},{SOUND}{B},{SOUND.replace('e1', 'e2')}"
    held = pl.concat([marks(("e1", "c1", 33, "present")), marks(("e2", "c1", 1, "present"), school=B)])
    sheet = read(tmp_path, rows, held=held, school=None)
    assert (list(sheet.sheets), dict(sheet.refused)) == ([A], {B: 1})


def test_marks_follow_from_answers_and_the_key_in_force(tmp_path: Path) -> None:
    text = 'candidate_id,class_code,1_option,2_option,3_option,4\ne1,c1,B,A,C,7.5\ne2,c1,,D,"C,A",0\n'
    sheet = read(tmp_path, text, held=marks(("e1", "c1", 27, "present"), ("e2", "c1", 18, "present")), derived=True)
    assert not sheet.faults, faults(sheet)
    stored, content = sheet.sheets[A], paper_content(marks_from_options=True)
    assert [name for name in stored.columns if name in "1234"] == ["4"]

    def totals(paper: dict[str, object]) -> list[tuple[int, ...]]:
        plan = item_plan("maths", paper, min_n=1)
        return with_marks(stored.lazy(), paper, plan).select(*plan.codes, "total").collect().rows()

    assert totals(content) == [(3, 0, 3, 15, 27), (0, 3, 6, 0, 18)]
    assert totals(with_key(content, "2", "A")) == [(3, 3, 3, 15, 33), (0, 0, 6, 0, 12)]


def test_a_mark_sent_beside_its_answer_has_to_follow_from_it(tmp_path: Path) -> None:
    text = HEADER + "e1,c1,,3,B,3,A,6,AC,7.5\n"
    assert faults(read(tmp_path, text, derived=True)) == {(2, "2", "item_sheet.mark_not_by_key")}
    assert faults(read(tmp_path, text)) == set()
