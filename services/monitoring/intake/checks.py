"""Columns and checks that every kind of sheet has: pure, over typed columns."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from services.monitoring.intake.sheets import CANDIDATE, CLASS, COUNTY, SCHOOL
from shared.kernel.tabular.columns import Column, ColumnKind
from shared.kernel.tabular.faults import FaultTable, Rule
from shared.scoring.subjects import STATUS_LABELS

MARK_DECIMALS = 4
_LONGEST = 40
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


def candidate_column() -> Column:
    """The candidate's id."""
    return Column(CANDIDATE, ColumnKind.CODE, required=True, aliases=("考号",), max_length=_LONGEST)


def class_column() -> Column:
    """The class."""
    return Column(CLASS, ColumnKind.CODE, required=True, aliases=("班级代码",), max_length=_LONGEST)


def school_column(*, is_given: bool) -> Column:
    """The school, which may be left out where the address names it."""
    return Column(
        SCHOOL,
        ColumnKind.CODE,
        required=not is_given,
        optional=is_given,
        aliases=("学校代码",),
        max_length=_LONGEST,
    )


def grid_rules(code: str, *, full_mark: str, step: str) -> tuple[Rule, ...]:
    """A mark is not below 0, not above the full mark, and on the grid."""
    column, mark = Column(code, ColumnKind.DECIMAL, decimals=MARK_DECIMALS), pl.col(code)
    grid, full = column.scale(Decimal(step)), Decimal(full_mark)
    above = mark > pl.lit(full)
    off_grid = (column.scaled() % grid != 0) & ~above & (mark >= 0)
    limit, paces = {"full_mark": full_mark}, {"step": step}
    return (
        Rule(mask=mark < 0, code="mark.below_zero", column=code),
        Rule(mask=above, code="mark.above_full_mark", column=code, allowed=f"0–{full}", params=limit),
        Rule(mask=off_grid, code="mark.off_grid", column=code, params=paces),
    )


def grid_units(code: str, *, step: str) -> pl.Expr:
    """The mark in grid units."""
    column = Column(code, ColumnKind.DECIMAL, decimals=MARK_DECIMALS)
    return column.scaled() // column.scale(Decimal(step))


def check_schools(
    frame: pl.DataFrame, faults: FaultTable, *, participants: Mapping[str, str], school_code: str | None
) -> pl.DataFrame:
    """Reports rows of other schools and of schools that do not take part.

    Args:
        frame: the typed table.
        faults: takes the faults found.
        participants: county code by code of the schools that take part.
        school_code: the school the address names, or ``None`` for a sheet of many schools.

    Returns:
        The frame with ``school_code`` filled in and ``county_code`` added, null where the school does not take part.
    """
    if school_code is not None:
        frame = frame.with_columns(pl.col(SCHOOL).fill_null(school_code))
        other = pl.col(SCHOOL) != school_code
        faults.add_where(frame, other, code="school.mismatch", column=SCHOOL, params={"school_code": school_code})
        frame = frame.with_columns(pl.lit(school_code).alias(SCHOOL))
    known = pl.col(SCHOOL).is_in(list(participants))
    faults.add_where(frame, pl.col(SCHOOL).is_not_null() & ~known, code="school.unknown", column=SCHOOL)
    return frame.with_columns(pl.col(SCHOOL).replace_strict(participants, default=None).alias(COUNTY))


def check_classes(frame: pl.DataFrame, faults: FaultTable, roster: pl.DataFrame) -> None:
    """Reports classes that the frozen roster does not have at the school."""
    own = roster.filter(pl.col(SCHOOL).is_in(frame[SCHOOL].unique().implode()))
    classes = own.select(SCHOOL, CLASS).unique()
    absent = frame.filter(pl.col(CLASS).is_not_null()).join(classes, on=[SCHOOL, CLASS], how="anti")
    faults.add_rows(absent, "class.unknown", column=CLASS, value=CLASS)
