"""What a mark sheet must look like, and what is wrong with one: pure, over typed columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from services.monitoring.intake.sheets import CANDIDATE, CLASS, COUNTY, SCHOOL
from shared.kernel.tabular.columns import ROW, Column, ColumnKind
from shared.kernel.tabular.faults import FaultTable, unique_faults
from shared.scoring.frame import STATUS_SUFFIX
from shared.scoring.subjects import STATUS_LABELS, MarkStatus

STUDENT, STUDENT_KEY = "student_id", "student_key"
PRESENT = MarkStatus.PRESENT.label
_TITLES = {CANDIDATE: "考号", STUDENT: "学籍号", CLASS: "班级代码", SCHOOL: "学校代码"}
#: Words of status accepted in files, by the label stored.
STATUS_WORDS: Mapping[str, str] = {
    **{label: label for label in STATUS_LABELS},
    "正常": "present",
    "缺考": "absent",
    "违纪": "void",
    "作弊": "void",
    "免考": "exempt",
    "不参加": "not_entered",
}
MARK_DECIMALS = 4


def sheet_columns(definition: Mapping[str, Any], *, school_is_given: bool) -> list[Column]:
    """Columns of an exam's mark sheet, in the order of its template.

    Args:
        definition: the exam's definition.
        school_is_given: whether the address names the school, so that its column may be left out.
    """
    linking = definition["student_linking"] == "required"
    columns = [
        Column(CANDIDATE, ColumnKind.CODE, required=True, aliases=(_TITLES[CANDIDATE],), max_length=40),
        Column(
            STUDENT, ColumnKind.CODE, optional=not linking, aliases=(_TITLES[STUDENT],), max_length=40, sensitive=True
        ),
        Column(CLASS, ColumnKind.CODE, required=True, aliases=(_TITLES[CLASS],), max_length=40),
        Column(
            SCHOOL,
            ColumnKind.CODE,
            required=not school_is_given,
            optional=school_is_given,
            aliases=(_TITLES[SCHOOL],),
            max_length=40,
        ),
    ]
    for subject in definition["subjects"]:
        code, title = subject["code"], subject["name_zh"]
        columns.append(Column(code, ColumnKind.DECIMAL, aliases=_other(title, code), decimals=MARK_DECIMALS))
        columns.append(
            Column(
                f"{code}_status",
                ColumnKind.TEXT,
                optional=True,
                aliases=_other(f"{title}状态", code),
                allowed=tuple(STATUS_WORDS),
            )
        )
    for attribute in definition["comparison_attributes"]:
        kind = ColumnKind.DECIMAL if attribute["grouping"] == "quartile" else ColumnKind.TEXT
        if attribute["code"] not in {subject["code"] for subject in definition["subjects"]}:
            title = _other(attribute["name_zh"], attribute["code"])
            columns.append(Column(attribute["code"], kind, required=True, aliases=title, max_length=80))
    return columns


def _other(title: str, code: str) -> tuple[str, ...]:
    return (title,) if title != code else ()


def check_marks(frame: pl.DataFrame, definition: Mapping[str, Any], faults: FaultTable) -> pl.DataFrame:
    """Reports every fault of the marks and turns them into grid units.

    Args:
        frame: the typed table of :func:`sheet_columns`, with ``row``.
        definition: the exam's definition.
        faults: takes the faults found.

    Returns:
        The frame with an ``Int32`` mark in grid units and a status label per subject.
    """
    unique_faults(frame, [CANDIDATE], faults)
    if definition["student_linking"] == "required":
        faults.add_where(frame, pl.col(STUDENT).is_null(), code="student.missing", column=STUDENT)
    faulty = _cells_at_fault(faults)
    absent = set(faults.frame.filter(pl.col("code") == "column.missing")["column"])
    for subject in definition["subjects"]:
        # Without its column a subject's marks are not blank one by one.
        unreadable = frame[ROW].to_list() if subject["code"] in absent else faulty.get(subject["code"], [])
        frame = _check_subject(frame, subject, faults, unreadable=unreadable)
    return frame


def _cells_at_fault(faults: FaultTable) -> dict[str, list[int]]:
    """Rows whose cell could not be read, by column: an unreadable mark is not a missing one."""
    frame = faults.frame.filter(pl.col("row").is_not_null(), pl.col("column").is_not_null())
    return {str(column): rows for column, rows in frame.group_by("column").agg("row").iter_rows()}


def _check_subject(
    frame: pl.DataFrame, subject: Mapping[str, Any], faults: FaultTable, *, unreadable: Sequence[int]
) -> pl.DataFrame:
    code, status = subject["code"], f"{subject['code']}_status"
    full, step = Decimal(subject["full_mark"]), Decimal(subject["step"])
    column = Column(code, ColumnKind.DECIMAL, decimals=MARK_DECIMALS)
    mark, units = pl.col(code), column.scaled() // column.scale(step)
    frame = frame.with_columns(
        pl.col(status)
        .replace_strict(STATUS_WORDS, default=None)
        .fill_null(pl.when(mark.is_not_null()).then(pl.lit(PRESENT)))
        .alias(status)
    )
    readable = ~pl.col(ROW).is_in(list(unreadable))
    blank = mark.is_null() & (pl.col(status).is_null() | (pl.col(status) == PRESENT)) & readable
    faults.add_where(frame, blank, code="mark.blank_needs_status", column=code)
    faults.add_where(frame, mark < 0, code="mark.below_zero", column=code)
    above = mark > pl.lit(full)
    params = {"full_mark": subject["full_mark"]}
    faults.add_where(frame, above, code="mark.above_full_mark", column=code, allowed=f"0–{full}", params=params)
    off_grid = (column.scaled() % column.scale(step) != 0) & ~above & (mark >= 0)
    faults.add_where(frame, off_grid, code="mark.off_grid", column=code, params={"step": subject["step"]})
    absent = mark.is_not_null() & (pl.col(status) != PRESENT)
    faults.add_where(frame, absent, code="mark.with_absence", column=code, params={"status": pl.col(status)})
    return frame.with_columns(
        pl.when(pl.col(status) == PRESENT).then(units).cast(pl.Int32, strict=False).alias(code),
        pl.col(status).alias(code + STATUS_SUFFIX),
    ).drop(status)


def check_places(
    frame: pl.DataFrame,
    faults: FaultTable,
    *,
    roster: pl.DataFrame,
    participants: Mapping[str, str],
    school_code: str | None,
    is_drawn: bool = False,
) -> pl.DataFrame:
    """Reports schools, classes and pupils that are not where the frozen roster has them.

    Args:
        frame: the typed table with ``student_key`` in place of the pupil number.
        faults: takes the faults found.
        roster: the frozen roster: ``student_key, school_code, county_code, class_code``.
        participants: county code by code of the schools that take part.
        school_code: the school the address names, or ``None`` for a sheet of many schools.
        is_drawn: whether the roster holds a draw of pupils and not all of the grade.

    Returns:
        The frame with ``school_code`` filled in and ``county_code`` added.
    """
    if school_code is not None:
        frame = frame.with_columns(pl.col(SCHOOL).fill_null(school_code))
        other = pl.col(SCHOOL) != school_code
        faults.add_where(frame, other, code="school.mismatch", column=SCHOOL, params={"school_code": school_code})
        frame = frame.with_columns(pl.lit(school_code).alias(SCHOOL))
    known = pl.col(SCHOOL).is_in(list(participants))
    faults.add_where(frame, pl.col(SCHOOL).is_not_null() & ~known, code="school.unknown", column=SCHOOL)
    frame = frame.with_columns(pl.col(SCHOOL).replace_strict(participants, default=None).alias(COUNTY))
    _check_classes(frame.filter(known), faults, roster)
    _check_students(frame.filter(known), faults, roster, unknown="student.not_drawn" if is_drawn else "student.unknown")
    return frame


def _check_classes(frame: pl.DataFrame, faults: FaultTable, roster: pl.DataFrame) -> None:
    classes = roster.select(SCHOOL, CLASS).unique()
    absent = frame.filter(pl.col(CLASS).is_not_null()).join(classes, on=[SCHOOL, CLASS], how="anti")
    faults.add_rows(absent, "class.unknown", column=CLASS, value=CLASS)


def _check_students(frame: pl.DataFrame, faults: FaultTable, roster: pl.DataFrame, *, unknown: str) -> None:
    named = frame.filter(pl.col(STUDENT_KEY).is_not_null())
    where = roster.select(STUDENT_KEY, pl.col(SCHOOL).alias("roster_school"))
    found = named.join(where, on=STUDENT_KEY, how="left", maintain_order="left")
    faults.add_where(found, pl.col("roster_school").is_null(), code=unknown, column=STUDENT)
    faults.add_where(found, pl.col("roster_school") != pl.col(SCHOOL), code="student.other_school", column=STUDENT)
    unique_faults(named.rename({STUDENT_KEY: "__key"}).with_columns(pl.col("__key").alias(STUDENT)), [STUDENT], faults)


def check_attributes(frame: pl.DataFrame, definition: Mapping[str, Any], faults: FaultTable) -> None:
    """Reports school attributes that differ within a school."""
    for attribute in definition["comparison_attributes"]:
        code = attribute["code"]
        if code in frame.columns and code not in {subject["code"] for subject in definition["subjects"]}:
            varies = pl.col(code).ne_missing(pl.col(code).first().over(SCHOOL))
            params = {"attribute": attribute["name_zh"]}
            faults.add_where(frame, varies, code="attribute.varies_in_school", column=code, params=params)


def stored_columns(definition: Mapping[str, Any]) -> list[str]:
    """Columns of a stored sheet, in order."""
    columns = [CANDIDATE, STUDENT_KEY, CLASS, SCHOOL, COUNTY]
    subjects = [subject["code"] for subject in definition["subjects"]]
    for code in subjects:
        columns += [code, code + STATUS_SUFFIX]
    return columns + [entry["code"] for entry in definition["comparison_attributes"] if entry["code"] not in subjects]


def status_counts(frame: pl.DataFrame, definition: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Rows by status, per subject: what a school confirms."""
    counts = {}
    for subject in definition["subjects"]:
        column = frame[subject["code"] + STATUS_SUFFIX]
        counts[subject["code"]] = {str(label): int(n) for label, n in column.value_counts(sort=True).iter_rows()}
    return counts
