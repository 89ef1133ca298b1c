"""Category and professional mark of candidates, where an exam asks for the undergraduate rate: pure, over typed columns."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from services.monitoring.exams.undergraduate import CATEGORY, PROFESSIONAL, categories_of, category_words
from shared.kernel.tabular.columns import Column, ColumnKind
from shared.kernel.tabular.faults import FaultTable, Rule

_DECIMALS = 2


def category_columns(definition: Mapping[str, Any]) -> list[Column]:
    """The further columns of the sheet; none where the exam does not ask for the rate."""
    words = tuple(category_words(definition))
    if not words:
        return []
    needed = definition["undergraduate"]["default_category"] is None
    named = Column(CATEGORY, required=needed, optional=not needed, aliases=("考生类别",), allowed=words)
    return [named, _professional()] if _full_marks(definition) else [named]


def check_categories(frame: pl.DataFrame, definition: Mapping[str, Any], faults: FaultTable) -> pl.DataFrame:
    """Reports professional marks that cannot be, and turns words into codes and marks into hundredths."""
    words = category_words(definition)
    if not words:
        return frame
    default = definition["undergraduate"]["default_category"]
    code = pl.col(CATEGORY).replace_strict(words, default=None, return_dtype=pl.String).fill_null(pl.lit(default))
    frame = frame.with_columns(code.alias(CATEGORY))
    full_marks = _full_marks(definition)
    if not full_marks:
        return frame
    mark, rules = (
        pl.col(PROFESSIONAL),
        [Rule(mask=pl.col(PROFESSIONAL) < 0, code="mark.below_zero", column=PROFESSIONAL)],
    )
    for category, full_mark in full_marks.items():
        above = (pl.col(CATEGORY) == category) & (mark > pl.lit(Decimal(full_mark)))
        params = {"full_mark": full_mark}
        rules.append(
            Rule(mask=above, code="mark.above_full_mark", column=PROFESSIONAL, allowed=f"0–{full_mark}", params=params)
        )
    faults.add_broken(frame, rules)
    return frame.with_columns(_professional().scaled().cast(pl.Int32, strict=False).alias(PROFESSIONAL))


def stored_category_columns(definition: Mapping[str, Any]) -> list[str]:
    """Names of the further columns of a stored sheet."""
    return [column.name for column in category_columns(definition)]


def _professional() -> Column:
    return Column(PROFESSIONAL, ColumnKind.DECIMAL, optional=True, aliases=("专业成绩",), decimals=_DECIMALS)


def _full_marks(definition: Mapping[str, Any]) -> dict[str, str]:
    """Full mark of the professional mark by category that has one."""
    found = {code: composite for code, (composite, _) in categories_of(definition).items()}
    return {code: f"{item.professional_full_mark}" for code, item in found.items() if item.professional_weight}
