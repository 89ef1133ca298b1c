"""The conversion table of one elective subject, from its histogram (SCORING §4.2, §4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import polars as pl

from shared.scoring.conversion.settings import ConversionSettings, CutRule, EndPoints, Grade, ShareRule, SingleMark
from shared.scoring.subjects import Subject
from shared.scoring.summaries.group_counts import Integers
from shared.scoring.summaries.mark_histogram import MarkHistogram
from shared.scoring.summaries.mark_view import MarkView
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel

UNKNOWN = -(2**31)
"""Stands in the look-up for marks nobody has: they have no converted mark."""


@dataclass(frozen=True, slots=True, eq=False)
class ConversionTable:
    """What every occurring raw mark of a subject is converted to.

    Args:
        subject: the raw grid.
        converted: the converted grid: same code, whole marks.
        settings: what the table depends on.
        marks: per occurring mark, best first: ``mark, count, cumulative_count, grade, converted_mark``.
        grades: per grade, best first: ``grade, share, count, actual_share, raw_low, raw_high, low, high``; an empty
            grade has count 0 and no raw marks.
        lookup: converted mark by raw mark in grid units, :data:`UNKNOWN` where nobody has the mark.
    """

    subject: Subject
    converted: Subject
    settings: ConversionSettings
    marks: pl.DataFrame
    grades: pl.DataFrame
    lookup: Integers

    def convert(self, codes: pl.Series) -> pl.Series:
        """Converts a code column of a checked sheet; candidates who were not present keep their status.

        Raises:
            DomainError: ``scoring.unknown_mark`` if a present candidate was not counted in the histogram.
        """
        raw = codes.to_numpy().astype(np.int64)
        found = np.where(raw < 0, raw, self.lookup[np.clip(raw, 0, len(self.lookup) - 1)])
        if (found == UNKNOWN).any() or (raw >= len(self.lookup)).any():
            raise DomainError("scoring.unknown_mark")
        return pl.Series(codes.name, found, dtype=pl.Int32)


def conversion_table(histogram: MarkHistogram, settings: ConversionSettings) -> ConversionTable:
    """Builds the table from the histogram of all who sat the subject; O(marks on the grid).

    With ``above`` the candidates strictly above a mark, ``reach`` those at or above it, n all present and L a grade's
    limit (n · cumulative share, or with ``per_grade`` the number really above the grade + n · share), a mark belongs to
    the first grade with ``above < L`` (``upper``), ``reach ≤ L`` (``lower``) or ``above + reach ≤ 2L`` (``nearest``); the
    last grade takes the rest. Inside a grade with raw marks r1 to r2 and range t1 to t2 the converted mark is
    ``t1 + (r − r1)(t2 − t1)/(r2 − r1)``, rounded half up. All in whole numbers. Equal marks always share a grade; a
    grade nobody falls in is skipped. Source: the provinces' 3+1+2 rules; one rank rule, here by ``(rank − 1)/n``.

    Args:
        histogram: the subject at any level; all its groups are the population.
        settings: grades and rules.

    Returns:
        The table; without anyone present it has no marks and every grade is empty.
    """
    view = MarkView(histogram.at_level(OrgLevel.CITY))
    units, count = view.cell_unit[::-1].astype(np.int64), view.cell_count[::-1].astype(np.int64)
    reach = np.cumsum(count)
    grade = _grade_positions(reach - count, reach, settings)
    converted = np.zeros(len(units), np.int64)
    ranges: list[tuple[int, int, int] | None] = []
    for position, definition in enumerate(settings.grades):
        inside = np.flatnonzero(grade == position)
        ranges.append(None)
        if len(inside):
            low, high = int(units[inside[-1]]), int(units[inside[0]])
            ranges[-1] = (int(count[inside].sum()), low, high)
            ends = _ends(low, high, view.subject, position=position, settings=settings)
            converted[inside] = _stretched(units[inside], ends, definition, settings.single_mark)
    lookup = np.full(view.subject.full_units + 1, UNKNOWN, np.int64)
    lookup[units] = converted
    marks = pl.DataFrame(
        {
            "mark": view.subject.marks(units),
            "count": count,
            "cumulative_count": reach,
            "grade": pl.Series([definition.code for definition in settings.grades], dtype=pl.String).gather(grade),
            "converted_mark": converted,
        }
    )
    scale = Subject(histogram.subject.code, full_mark=Decimal(settings.full_mark), step=Decimal(1))
    grades = _grade_frame(ranges, int(count.sum()), view.subject, settings)
    return ConversionTable(view.subject, scale, settings, marks, grades, lookup)


def _grade_positions(above: Integers, reach: Integers, settings: ConversionSettings) -> Integers:
    """Position of every mark's grade; ``above`` and ``reach`` ascend from the best mark."""
    n = int(reach[-1]) if len(reach) else 0
    grade = np.full(len(reach), len(settings.grades) - 1, np.int64)
    taken = 0
    for position in range(len(settings.grades) - 1):
        if settings.share_rule is ShareRule.CUMULATIVE:
            limit = n * settings.cumulative_shares[position]
        else:
            limit = (int(reach[taken - 1]) if taken else 0) + n * Fraction(settings.grades[position].share)
        # Whole numbers on both sides: p/q is compared as q · count with p.
        scaled_above, scaled_reach = above * limit.denominator, reach * limit.denominator
        if settings.cut_rule is CutRule.UPPER:
            better = scaled_above < limit.numerator
        elif settings.cut_rule is CutRule.LOWER:
            better = scaled_reach <= limit.numerator
        else:
            better = scaled_above + scaled_reach <= 2 * limit.numerator
        end = max(int(better.sum()), taken)
        grade[taken:end] = position
        taken = end
    return grade


def _ends(low: int, high: int, subject: Subject, *, position: int, settings: ConversionSettings) -> tuple[int, int]:
    if settings.end_points is EndPoints.REAL:
        return low, high
    return (
        0 if position == len(settings.grades) - 1 else low,
        subject.full_units if position == 0 else high,
    )


def _stretched(units: Integers, ends: tuple[int, int], grade: Grade, single_mark: SingleMark) -> Integers:
    low, high = ends
    if low == high:
        middle = (grade.low + grade.high + 1) // 2
        mark = {SingleMark.HIGHEST: grade.high, SingleMark.LOWEST: grade.low, SingleMark.MIDDLE: middle}[single_mark]
        return np.full(len(units), mark, np.int64)
    width = high - low
    # Half up: ⌊x + 1/2⌋ with x a fraction over ``width``.
    rounded: Integers = (2 * (units - low) * (grade.high - grade.low) + width) // (2 * width) + grade.low
    return rounded


def _grade_frame(
    ranges: list[tuple[int, int, int] | None], n: int, subject: Subject, settings: ConversionSettings
) -> pl.DataFrame:
    rows = [
        (
            grade.code,
            float(grade.share),
            found[0] if found else 0,
            (found[0] if found else 0) / n if n else None,
            float(found[1] * subject.unit) if found else None,
            float(found[2] * subject.unit) if found else None,
            grade.low,
            grade.high,
        )
        for grade, found in zip(settings.grades, ranges, strict=True)
    ]
    schema = {
        "grade": pl.String(),
        "share": pl.Float64(),
        "count": pl.Int64(),
        "actual_share": pl.Float64(),
        "raw_low": pl.Float64(),
        "raw_high": pl.Float64(),
        "low": pl.Int64(),
        "high": pl.Int64(),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")
