"""What a mark sheet must look like, and what is wrong with one: pure, over typed columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl

from services.monitoring.intake.checks import (
    MARK_DECIMALS,
    STATUS_WORDS,
    candidate_column,
    check_classes,
    check_schools,
    class_column,
    grid_rules,
    grid_units,
    school_column,
)
from services.monitoring.intake.sheets import CANDIDATE, CLASS, COUNTY, SCHOOL
from services.monitoring.mark_sheets.categories import category_columns, check_categories, stored_category_columns
from shared.kernel.tabular.columns import ROW, Column, ColumnKind
from shared.kernel.tabular.faults import FaultTable, Rule, unique_faults
from shared.scoring.frame import STATUS_SUFFIX
from shared.scoring.subjects import MarkStatus

STUDENT, STUDENT_KEY = "student_id", "student_key"
PRESENT = MarkStatus.PRESENT.label


def sheet_columns(definition: Mapping[str, Any], *, school_is_given: bool) -> list[Column]:
    """Columns of an exam's mark sheet, in the order of its template.

    Args:
        definition: the exam's definition.
        school_is_given: whether the address names the school, so that its column may be left out.
    """
    linking = definition["student_linking"] == "required"
    columns = [
        candidate_column(),
        Column(STUDENT, ColumnKind.CODE, optional=not linking, aliases=("学籍号",), max_length=40, sensitive=True),
        class_column(),
        school_column(is_given=school_is_given),
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
    return columns + category_columns(definition)


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
    faulty = faults.cells()
    absent = set(faults.frame.filter(pl.col("code") == "column.missing")["column"])
    subjects = definition["subjects"]
    frame = check_categories(frame.with_columns(_status(subject["code"]) for subject in subjects), definition, faults)
    rules: list[Rule] = []
    for subject in subjects:
        # Without its column a subject's marks are not blank one by one.
        unreadable = frame[ROW].to_list() if subject["code"] in absent else faulty.get(subject["code"], [])
        rules += _subject_rules(subject, unreadable)
    faults.add_broken(frame, rules)
    units = [_units(subject) for subject in subjects]
    named = [pl.col(f"{subject['code']}_status").alias(subject["code"] + STATUS_SUFFIX) for subject in subjects]
    return frame.with_columns(*units, *named).drop(f"{subject['code']}_status" for subject in subjects)


def _status(code: str) -> pl.Expr:
    status = f"{code}_status"
    given = pl.col(status).replace_strict(STATUS_WORDS, default=None)
    return given.fill_null(pl.when(pl.col(code).is_not_null()).then(pl.lit(PRESENT))).alias(status)


def _subject_rules(subject: Mapping[str, Any], unreadable: Sequence[int]) -> list[Rule]:
    code = subject["code"]
    mark, status = pl.col(code), pl.col(f"{code}_status")
    blank = mark.is_null() & (status.is_null() | (status == PRESENT))
    if unreadable:
        blank &= ~pl.col(ROW).is_in(list(unreadable))
    absent = mark.is_not_null() & (status != PRESENT)
    return [
        Rule(mask=blank, code="mark.blank_needs_status", column=code),
        *grid_rules(code, full_mark=subject["full_mark"], step=subject["step"]),
        Rule(mask=absent, code="mark.with_absence", column=code, params={"status": status}),
    ]


def _units(subject: Mapping[str, Any]) -> pl.Expr:
    code = subject["code"]
    present = pl.when(pl.col(f"{code}_status") == PRESENT)
    return present.then(grid_units(code, step=subject["step"])).cast(pl.Int32, strict=False).alias(code)


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
    frame = check_schools(frame, faults, participants=participants, school_code=school_code)
    known = frame.filter(pl.col(COUNTY).is_not_null())
    check_classes(known, faults, roster)
    _check_students(known, faults, roster, unknown="student.not_drawn" if is_drawn else "student.unknown")
    return frame


def _check_students(frame: pl.DataFrame, faults: FaultTable, roster: pl.DataFrame, *, unknown: str) -> None:
    named = frame.filter(pl.col(STUDENT_KEY).is_not_null())
    found = _with_roster_school(named, roster)
    faults.add_where(found, pl.col("roster_school").is_null(), code=unknown, column=STUDENT)
    faults.add_where(found, pl.col("roster_school") != pl.col(SCHOOL), code="student.other_school", column=STUDENT)
    unique_faults(named.rename({STUDENT_KEY: "__key"}).with_columns(pl.col("__key").alias(STUDENT)), [STUDENT], faults)


def _with_roster_school(named: pl.DataFrame, roster: pl.DataFrame) -> pl.DataFrame:
    """The rows with the school that the roster has each pupil at.

    A sheet is looked up among its own schools' pupils first; only whom they do not have is sought in the whole roster.
    """
    places = roster.select(STUDENT_KEY, pl.col(SCHOOL).alias("roster_school"))
    own = places.filter(pl.col("roster_school").is_in(named[SCHOOL].unique().implode()))
    found = named.join(own, on=STUDENT_KEY, how="left", maintain_order="left")
    if found["roster_school"].null_count() == 0:
        return found
    return named.join(places, on=STUDENT_KEY, how="left", maintain_order="left")


def check_excluded(frame: pl.DataFrame, faults: FaultTable, excluded: Collection[str]) -> None:
    """Reports pupils who were said to have no row."""
    if excluded:
        faults.add_where(frame, pl.col(STUDENT_KEY).is_in(sorted(excluded)), code="student.excluded", column=STUDENT)


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
    columns += [entry["code"] for entry in definition["comparison_attributes"] if entry["code"] not in subjects]
    return columns + stored_category_columns(definition)


def status_counts(frame: pl.DataFrame, definition: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Rows by status, per subject: what a school confirms."""
    counts = {}
    for subject in definition["subjects"]:
        column = frame[subject["code"] + STATUS_SUFFIX]
        counts[subject["code"]] = {str(label): int(n) for label, n in column.value_counts(sort=True).iter_rows()}
    return counts
