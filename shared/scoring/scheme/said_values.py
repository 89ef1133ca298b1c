"""The values a campaign is computed from, as one wide frame: what people said last, over what was filled in."""

from __future__ import annotations

import polars as pl

from shared.scoring.rules.base import ValueKind
from shared.scoring.scheme.tree import Leaf, Scheme

UNIT = "unit_code"


def values_frame(
    scheme: Scheme, units: pl.DataFrame, said: pl.DataFrame, prefilled: pl.DataFrame | None
) -> pl.DataFrame:
    """``unit_code`` and a column per leaf, typed as its rule wants it, by code.

    Args:
        scheme: the scheme.
        units: ``unit_code`` of everybody.
        said: ``unit_code, leaf, value`` with values as text; a null is a stated absence, which a figure does not fill.
        prefilled: wide, ``unit_code`` and columns of leaves; ``None`` where nothing was filled in.
    """
    frame = units.select(UNIT).sort(UNIT)
    for leaf in scheme.leaves():
        column = frame.select(UNIT).join(_said(said, leaf), on=UNIT, how="left", maintain_order="left")
        value = pl.col(leaf.code)
        if prefilled is not None and leaf.code in prefilled.columns:
            figures = prefilled.select(UNIT, value.alias("__filled"))
            column = column.join(figures, on=UNIT, how="left", maintain_order="left").with_columns(
                pl.when("__is_said").then(value).otherwise(pl.col("__filled")).alias(leaf.code)
            )
        frame = frame.with_columns(column[leaf.code])
    return frame


def _said(said: pl.DataFrame, leaf: Leaf) -> pl.DataFrame:
    text = pl.col("value")
    match leaf.rule.value_kind:
        case ValueKind.YES_NO:
            typed = text == "true"
        case ValueKind.CHOICE:
            typed = text
        case ValueKind.COUNT | ValueKind.NUMBER:
            typed = text.cast(pl.Float64)
    return said.filter(pl.col("leaf") == leaf.code).select(
        UNIT, typed.alias(leaf.code), pl.lit(True).alias("__is_said")
    )
