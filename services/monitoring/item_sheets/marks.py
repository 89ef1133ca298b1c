"""Marks of a stored item sheet, also those that follow from answers and key, and their agreement with the mark sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from services.monitoring.intake.sheets import CANDIDATE, CLASS
from services.monitoring.item_sheets.checks import units_type
from services.monitoring.papers.rules import derived_items, item_plan, units_by_position
from shared.scoring.frame import STATUS_SUFFIX
from shared.scoring.items.frame import OPTION_SUFFIX, STATUS
from shared.scoring.items.plan import ItemPlan
from shared.scoring.subjects import TOTAL, MarkStatus

_CODES = {status.label: status.value for status in MarkStatus}
SUM, MARK = "item_sum", "mark"
_ABSENT_FROM_MARKS, _ABSENT_FROM_ITEMS = "candidate_unknown", "candidate_missing"
#: What can differ between an item sheet and the mark sheet, a candidate once, in this order.
DIFFERENCES = (_ABSENT_FROM_MARKS, _ABSENT_FROM_ITEMS, "class_differs", "status_differs", "sum_differs")


def with_marks(sheet: pl.LazyFrame, content: Mapping[str, Any], plan: ItemPlan) -> pl.LazyFrame:
    """A stored sheet with the marks that follow from answers and the key in force, and the total.

    Args:
        sheet: as stored (:func:`services.monitoring.item_sheets.checks.stored_columns`).
        content: the paper.
        plan: what it means to the analysis.

    Returns:
        The sheet as :func:`shared.scoring.items.stored.analyze_stored_items` reads it.
    """
    absent = pl.col(STATUS) < 0
    derived = [
        pl.when(absent).then(pl.col(STATUS)).otherwise(_worth(item)).cast(units_type(item)).alias(item["code"])
        for item in derived_items(content)
    ]
    units = [pl.col(code).cast(pl.Int32) * int(weight) for code, weight in zip(plan.codes, plan.weights, strict=True)]
    total = pl.when(absent).then(pl.col(STATUS).cast(pl.Int32)).otherwise(pl.sum_horizontal(units))
    return sheet.with_columns(derived).with_columns(total.cast(pl.Int32).alias(TOTAL))


def _worth(item: Mapping[str, Any]) -> pl.Expr:
    units = units_by_position(item)
    chosen = pl.col(item["code"] + OPTION_SUFFIX)
    return chosen.replace_strict(list(units), list(units.values()), default=0, return_dtype=pl.Int32)


@dataclass(frozen=True, slots=True)
class SubjectOnBothSheets:
    """A subject as paper and mark sheet have it: its definition in the exam, and the paper."""

    subject: Mapping[str, Any]
    content: Mapping[str, Any]

    @property
    def columns(self) -> list[str]:
        """Columns of the mark sheet that are compared."""
        code = self.subject["code"]
        return [CANDIDATE, CLASS, code, code + STATUS_SUFFIX]


def compare(items: pl.DataFrame, marks: pl.DataFrame, both: SubjectOnBothSheets) -> pl.DataFrame:
    """Candidates of whom item sheet and mark sheet say different things.

    Args:
        items: an item sheet as stored.
        marks: the mark sheet as stored, of the same schools; the columns of :attr:`SubjectOnBothSheets.columns`.
        both: the subject.

    Returns:
        ``candidate_id``, ``difference`` (of :data:`DIFFERENCES`), and as text ``class_code``, ``status``, ``mark`` of the
        mark sheet and the item sheet's ``item_sum``; one row per candidate who differs, in the order of the sheets.
    """
    code = both.subject["code"]
    plan = item_plan(code, both.content, min_n=1)
    own = with_marks(items.lazy(), both.content, plan).select(CANDIDATE, CLASS, STATUS, TOTAL)
    step, unit = Fraction(both.subject["step"]), Fraction(plan.total.step)
    status = pl.col(code + STATUS_SUFFIX)
    other = marks.lazy().select(
        CANDIDATE,
        pl.col(CLASS).alias("other_class"),
        status.alias("other_status"),
        pl.when(status == MarkStatus.PRESENT.label).then(pl.col(code)).cast(pl.Int64).alias("other_units"),
    )
    known = pl.col("other_status").replace_strict(_CODES, default=None, return_dtype=pl.Int8)
    # An item's step is a multiple of the subject's, so both sums are whole numbers of the subject's units.
    units = pl.col(TOTAL).cast(pl.Int64) * int(unit / step)
    rules = (
        pl.col("other_status").is_null(),
        pl.col(STATUS).is_null(),
        pl.col(CLASS) != pl.col("other_class"),
        pl.col(STATUS) != known,
        (pl.col(STATUS) == 0) & (units != pl.col("other_units")),
    )
    found = own.join(other, on=CANDIDATE, how="full", coalesce=True, maintain_order="left_right").with_columns(
        pl.coalesce(pl.when(rule).then(pl.lit(name)) for name, rule in zip(DIFFERENCES, rules, strict=True)).alias(
            "difference"
        )
    )
    return (
        found.filter(pl.col("difference").is_not_null())
        .select(
            CANDIDATE,
            "difference",
            pl.col("other_class").alias(CLASS),
            pl.col("other_status").alias(STATUS),
            _as_text(pl.col("other_units"), step).alias(MARK),
            _as_text(units, step).alias(SUM),
        )
        .collect()
    )


def _as_text(units: pl.Expr, step: Fraction) -> pl.Expr:
    text = (units * step.numerator / step.denominator).cast(pl.Decimal(18, 4)).cast(pl.String)
    return text.str.strip_chars_end("0").str.strip_chars_end(".")
