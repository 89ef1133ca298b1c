"""The checked mark sheet: one row per candidate, one integer per subject (SCORING §1).

A checked cell is a single integer code: the mark in grid units when the candidate was present, else the negative code of
:class:`MarkStatus`. Everything behind this door is therefore exact, and a city's sheet is four bytes per cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import polars as pl

from shared.scoring.levels import KEY_COLUMNS
from shared.scoring.plan import AnalysisPlan, Grouping
from shared.scoring.subjects import STATUS_LABELS, TOTAL, MarkStatus, Subject
from shared.terms.errors import DomainError, Fault

STATUS_SUFFIX = "__status"
FAULTS_SHOWN = 1000
_TEXT_COLUMNS = ("candidate_id", *KEY_COLUMNS)
_STATUS = pl.Enum(STATUS_LABELS)


class MarkUnit(StrEnum):
    """What the numbers of an incoming sheet are."""

    MARK = "mark"
    GRID_UNIT = "grid_unit"


@dataclass(frozen=True, slots=True, eq=False)
class MarkSheet:
    """A checked sheet.

    Args:
        frame: ``candidate_id``, the key columns, one Int32 code column per subject and for ``total``, and the
            comparison attributes (text, or Float64 where grouped by quartile).
    """

    frame: pl.DataFrame

    @property
    def keys(self) -> pl.DataFrame:
        """County, school and class of every candidate."""
        return self.frame.select(KEY_COLUMNS)


def check_sheet(frame: pl.DataFrame, plan: AnalysisPlan, *, unit: MarkUnit = MarkUnit.MARK) -> MarkSheet:
    """Checks a mark sheet and turns its cells into codes.

    Args:
        frame: the sheet: ``candidate_id``, ``county_code``, ``school_code``, ``class_code``, per subject a numeric
            ``<subject>`` and a ``<subject>__status``, and the comparison attributes. Other columns are ignored.
        plan: the subjects and attributes expected.
        unit: whether numbers are marks, or already whole grid units.

    Returns:
        The sheet, rows in the order given.

    Raises:
        DomainError: ``scoring.sheet_invalid`` with the first 1,000 faults, each with the candidate as ``source_id``:
            missing column, missing or doubled key, unknown status, mark missing, mark without presence, NaN, below 0,
            above the full mark, off the grid, attribute not a number.
    """
    _require_columns(frame, plan)
    text = frame.with_columns(pl.col(_TEXT_COLUMNS).cast(pl.String))
    numbers = text.with_columns(
        pl.col(subject.code).cast(pl.Float64, strict=False) for subject in plan.marked
    ).with_columns(_status(frame.schema, subject) for subject in plan.marked)
    rules = list(_rules(plan, unit))
    broken = numbers.select(rule.any().alias(f"{n}") for n, (_, rule) in enumerate(rules)).row(0)
    if any(broken):
        raise _refusal(frame, numbers, [rule for rule, hit in zip(rules, broken, strict=True) if hit])
    codes = numbers.select(
        *_TEXT_COLUMNS,
        *(_code(subject, unit) for subject in plan.marked),
        *(_attribute(attribute.code, attribute.grouping) for attribute in plan.attributes),
    )
    return MarkSheet(codes.with_columns(total_code(plan)))


def _require_columns(frame: pl.DataFrame, plan: AnalysisPlan) -> None:
    needed = [*_TEXT_COLUMNS, *(attribute.code for attribute in plan.attributes)]
    for subject in plan.marked:
        needed += [subject.code, subject.code + STATUS_SUFFIX]
    faults = [Fault("scoring.column_missing", column=column) for column in needed if column not in frame.columns]
    faults += [
        Fault("scoring.mark_not_numeric", column=subject.code)
        for subject in plan.marked
        if subject.code in frame.columns
        and not (frame.schema[subject.code].is_numeric() or frame.schema[subject.code] == pl.Null)
    ]
    if faults:
        raise DomainError("scoring.sheet_invalid", params={"count": len(faults)}, faults=faults)


def _rules(plan: AnalysisPlan, unit: MarkUnit) -> Iterator[tuple[tuple[str, str], pl.Expr]]:
    for column in _TEXT_COLUMNS:
        yield ("scoring.key_missing", column), pl.col(column).is_null()
    yield ("scoring.candidate_twice", "candidate_id"), pl.col("candidate_id").is_duplicated()
    for attribute in plan.attributes:
        if attribute.grouping is Grouping.QUARTILE:
            given = pl.col(attribute.code)
            number = given.cast(pl.Float64, strict=False)
            unreadable = (number.is_null() | ~number.is_finite()) & given.is_not_null()
            yield ("scoring.attribute_not_numeric", attribute.code), unreadable.fill_null(value=False)
    for subject in plan.marked:
        yield from _subject_rules(subject, unit)


def _subject_rules(subject: Subject, unit: MarkUnit) -> Iterator[tuple[tuple[str, str], pl.Expr]]:
    mark, status = pl.col(subject.code), pl.col(subject.code + STATUS_SUFFIX)
    present = status == MarkStatus.PRESENT.label
    units = _units(subject, unit)
    top = subject.full_units if unit is MarkUnit.GRID_UNIT else float(subject.full_mark)
    on_grid = (units if unit is MarkUnit.GRID_UNIT else _grid_mark(units, subject)) == mark
    yield ("scoring.status_unknown", subject.code + STATUS_SUFFIX), status.is_null()
    yield ("scoring.mark_missing", subject.code), present & mark.is_null()
    yield ("scoring.mark_without_presence", subject.code), ~present & mark.is_not_null()
    yield ("scoring.mark_not_finite", subject.code), ~mark.is_finite()
    yield ("scoring.mark_below_zero", subject.code), mark.is_finite() & (mark < 0)
    yield ("scoring.mark_above_full_mark", subject.code), mark.is_finite() & (mark > top)
    yield ("scoring.mark_off_grid", subject.code), mark.is_between(0, top) & ~on_grid


def _status(schema: pl.Schema, subject: Subject) -> pl.Expr:
    name = subject.code + STATUS_SUFFIX
    # Numbers would be taken for positions in the enumeration: only words are statuses.
    return pl.col(name) if schema[name] == _STATUS else pl.col(name).cast(pl.String).cast(_STATUS, strict=False)


def _units(subject: Subject, unit: MarkUnit) -> pl.Expr:
    mark = pl.col(subject.code)
    if unit is MarkUnit.GRID_UNIT:
        return mark.round(0)
    return (mark * subject.unit.denominator / subject.unit.numerator).round(0)


def _grid_mark(units: pl.Expr, subject: Subject) -> pl.Expr:
    # Looked up, for the double must be the one that reading the decimal text gives.
    grid = pl.Series(subject.marks(np.arange(subject.full_units + 1)))
    return pl.lit(grid).gather(units.fill_nan(None).clip(0, subject.full_units).cast(pl.UInt32))


def _code(subject: Subject, unit: MarkUnit) -> pl.Expr:
    status = -pl.col(subject.code + STATUS_SUFFIX).to_physical().cast(pl.Int32)
    present = pl.col(subject.code).is_not_null()
    return pl.when(present).then(_units(subject, unit).cast(pl.Int32)).otherwise(status).alias(subject.code)


def _attribute(code: str, grouping: Grouping) -> pl.Expr:
    return pl.col(code).cast(pl.Float64 if grouping is Grouping.QUARTILE else pl.String)


def total_code(plan: AnalysisPlan) -> pl.Expr:
    """The total of the outcome subjects in its own grid units, or the status furthest from taking part."""
    codes = [pl.col(subject.code).cast(pl.Int32) for subject in plan.outcomes]
    weights = [int(subject.unit / plan.total.unit) for subject in plan.outcomes]
    total = pl.sum_horizontal(code * weight for code, weight in zip(codes, weights, strict=True))
    worst = pl.min_horizontal(codes)
    return pl.when(worst < 0).then(worst).otherwise(total).cast(pl.Int32).alias(TOTAL)


def _refusal(frame: pl.DataFrame, numbers: pl.DataFrame, rules: list[tuple[tuple[str, str], pl.Expr]]) -> DomainError:
    faults: list[Fault] = []
    count = 0
    for (code, column), rule in rules:
        hits = numbers.select(rule.fill_null(value=False)).to_series()
        count += int(hits.sum())
        shown = frame.filter(hits).select("candidate_id", pl.col(column).alias("value"))
        faults += [
            Fault(code, column=column, source_id=None if row[0] is None else str(row[0]), value=_shown(code, row[1]))
            for row in shown.head(FAULTS_SHOWN - len(faults)).iter_rows()
        ]
    return DomainError("scoring.sheet_invalid", params={"count": count}, faults=faults, fault_count=count)


def _shown(code: str, value: object) -> str | None:
    personal = code in ("scoring.key_missing", "scoring.candidate_twice")
    return None if personal or value is None else str(value)[:40]
