"""What a sender gets told about a mark sheet, fault by fault."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from services.monitoring.exams.schemas import ExamIn
from services.monitoring.intake.sheets import ReadSheet
from services.monitoring.mark_sheets.importer import SheetContext, read_sheet
from shared.kernel.personal import person_key
from shared.terms.identity_number import check_character

KEY = b"k" * 32
A, B = "2199000001", "2199000002"


def pupil(serial: int) -> str:
    first = f"99000120150101{serial:03d}"
    return f"G{first}{check_character(first)}"


ROSTER = pl.DataFrame(
    [(person_key(pupil(n), KEY), A if n < 10 else B, "990001", "c1") for n in range(1, 20)],
    schema=["student_key", "school_code", "county_code", "class_code"],
    orient="row",
)
DEFINITION: dict[str, Any] = ExamIn.model_validate(
    {
        "name_zh": "抽测",
        "name_en": "Sample",
        "kind": "sample_monitoring",
        "grade_level": 6,
        "school_year": "2026-2027",
        "held_on": "2026-11-20",
        "subjects": [
            {"code": "maths", "name_zh": "数学", "name_en": "Mathematics", "full_mark": "100", "step": "0.5"},
            {
                "code": "intake",
                "name_zh": "入口",
                "name_en": "Intake",
                "role": "intake",
                "full_mark": "20",
                "step": "1",
            },
        ],
        "comparison_attributes": [{"code": "kind", "name_zh": "类别", "name_en": "Kind"}],
    }
).model_dump(mode="json")


def read(tmp_path: Path, text: str | bytes, school: str | None = A) -> ReadSheet:
    file = tmp_path / "sheet.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    context = SheetContext(
        definition=DEFINITION, roster=ROSTER, participants={A: "990001", B: "990001"}, school_code=school, key=KEY
    )
    return read_sheet(file, "csv", context)


def faults(sheet: ReadSheet) -> set[tuple[int | None, str | None, str]]:
    return {(fault.row, fault.column, fault.code) for fault in sheet.faults.first(100)}


HEADER = "candidate_id,student_id,class_code,maths,maths_status,intake,kind\n"


def row(number: int, maths: str = "87.5", status: str = "", intake: str = "12", kind: str = "x") -> str:
    return f"e{number},{pupil(number)},c1,{maths},{status},{intake},{kind}\n"


def test_a_sound_sheet_becomes_grid_units_and_pseudonyms(tmp_path: Path) -> None:
    sheet = read(tmp_path, HEADER + row(1) + row(2, "", "缺考"))
    assert not sheet.faults
    stored = sheet.sheets[A]
    assert stored["maths"].to_list() == [175, None]
    assert stored["maths__status"].to_list() == ["present", "absent"]
    assert stored["student_key"].to_list() == [person_key(pupil(n), KEY) for n in (1, 2)]
    assert stored["county_code"].to_list() == ["990001", "990001"]
    assert not any("9900012015" in str(cell) for line in stored.rows() for cell in line)


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        (row(1, "100.5"), "maths", "mark.above_full_mark"),
        (row(1, "87.3"), "maths", "mark.off_grid"),
        (row(1, "-1"), "maths", "mark.below_zero"),
        (row(1, "60", "absent"), "maths", "mark.with_absence"),
        (row(1, ""), "maths", "mark.blank_needs_status"),
        (row(1, "8O"), "maths", "cell.not_a_number"),
        (row(1, "87.5", "sick"), "maths_status", "cell.not_allowed"),
        (row(15), "student_id", "student.other_school"),
        (row(50), "student_id", "student.unknown"),
        ("e1,,c1,1,,1,x\n", "student_id", "student.missing"),
        (f"e1,{pupil(1)},c9,1,,1,x\n", "class_code", "class.unknown"),
    ],
)
def test_each_fault_names_its_row_and_column(tmp_path: Path, line: str, column: str, code: str) -> None:
    sheet = read(tmp_path, HEADER + row(2) + line)
    assert (3, column, code) in faults(sheet)
    assert sheet.sheets == {}
    assert len(faults(sheet)) == 1


def test_duplicates_and_attributes_that_vary(tmp_path: Path) -> None:
    sheet = read(tmp_path, HEADER + row(1) + row(1, kind="y"))
    assert faults(sheet) == {
        (3, "candidate_id", "row.duplicate"),
        (3, "student_id", "row.duplicate"),
        (3, "kind", "attribute.varies_in_school"),
    }
    assert all(pupil(1) not in str(fault) for fault in sheet.faults.first(10))


def test_chinese_titles_in_gbk_are_read(tmp_path: Path) -> None:
    text = "考号,学籍号,班级代码,数学,数学状态,入口,类别\n" + row(1) + row(2, "", "免考")
    sheet = read(tmp_path, text.encode("gbk"))
    assert (sheet.encoding, sheet.faults.count) == ("gb18030", 0)
    assert sheet.sheets[A]["maths__status"].to_list() == ["present", "exempt"]


def test_unknown_and_missing_columns_spoil_the_file(tmp_path: Path) -> None:
    sheet = read(tmp_path, "candidate_id,student_id,class_code,math,intake,kind\n" + f"e1,{pupil(1)},c1,1,1,x\n")
    assert {(column, code) for _, column, code in faults(sheet)} == {
        ("math", "column.unknown_near"),
        ("maths", "column.missing"),
    }
    assert sheet.sheets == {}


def test_of_many_schools_only_the_faulty_one_is_refused(tmp_path: Path) -> None:
    header = "school_code," + HEADER
    text = header + f"{A}," + row(1) + f"{B}," + row(11, "101") + f"{B}," + row(12)
    sheet = read(tmp_path, text, school=None)
    assert list(sheet.sheets) == [A]
    assert sheet.refused == {B: 1}
    elsewhere = read(tmp_path, header + f"{A}," + row(1) + "2199999999," + row(2), school=None)
    assert (list(elsewhere.sheets), elsewhere.unplaced) == ([A], 1)
    nowhere = read(tmp_path, header + f"{A}," + row(1) + "," + row(2), school=None)
    assert nowhere.sheets == {}


def test_a_sheet_of_one_school_takes_no_other_schools_row(tmp_path: Path) -> None:
    sheet = read(tmp_path, "school_code," + HEADER + f"{A}," + row(1) + f"{B}," + row(2))
    assert faults(sheet) == {(3, "school_code", "school.mismatch")}
