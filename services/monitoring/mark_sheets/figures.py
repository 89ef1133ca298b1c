"""A school's own figures, as it confirms them: counted from its sheet, nothing compared with anybody."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from services.monitoring.intake.sheets import CLASS, SCHOOL
from services.monitoring.mark_sheets.checks import PRESENT, STUDENT_KEY
from shared.scoring.frame import STATUS_SUFFIX
from shared.scoring.rounding import half_away_from_zero
from shared.scoring.subjects import STATUS_LABELS

MEAN_DIGITS = 2


def subject_figures(sheet: pl.DataFrame, definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows by status, and mean, least and highest mark of those present, for every subject of a stored sheet."""
    return [_of_subject(sheet, subject) for subject in definition["subjects"]]


def class_figures(sheet: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows by class, in order."""
    return sheet.group_by(CLASS).agg(rows=pl.len()).sort(CLASS).to_dicts()


def unaccounted_pupils(sheet: pl.DataFrame, roster: pl.DataFrame, school_code: str) -> pl.DataFrame:
    """Pupils of the frozen roster at a school who have no row: ``student_key, class_code``, by class."""
    own = roster.filter(pl.col(SCHOOL) == school_code).select(STUDENT_KEY, CLASS)
    return own.join(sheet.select(STUDENT_KEY).drop_nulls(), on=STUDENT_KEY, how="anti").sort(CLASS, STUDENT_KEY)


def _of_subject(sheet: pl.DataFrame, subject: Mapping[str, Any]) -> dict[str, Any]:
    code, step = subject["code"], Decimal(subject["step"])
    counts = dict(sheet[code + STATUS_SUFFIX].value_counts().iter_rows())
    units = sheet.filter(pl.col(code + STATUS_SUFFIX) == PRESENT)[code].drop_nulls()
    return {
        "code": code,
        "name_zh": subject["name_zh"],
        "full_mark": subject["full_mark"],
        **{label: counts.get(label, 0) for label in STATUS_LABELS},
        "mean": _mean(units, step),
        "minimum": None if units.is_empty() else step * _whole(units.min()),
        "maximum": None if units.is_empty() else step * _whole(units.max()),
    }


def _mean(units: pl.Series, step: Decimal) -> Decimal | None:
    if units.is_empty():
        return None
    return half_away_from_zero(step * _whole(units.sum()) / units.len(), MEAN_DIGITS)


def _whole(value: Any) -> int:
    return int(value)
