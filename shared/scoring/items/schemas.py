"""Columns, types and order of the frames of an item analysis: what readers of results may rely on."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from shared.scoring.disclosure import SUPPRESSION_COLUMNS
from shared.scoring.levels import KEY_COLUMNS
from shared.scoring.methods import (
    ITEM_ATTAINMENT,
    ITEM_CORRELATION,
    ITEM_DIFFICULTY,
    ITEM_DISCRIMINATION,
    ITEM_OPTIONS,
    ITEM_RELIABILITY,
    Method,
)

Schema = dict[str, pl.DataType]
_TEXT, _WHOLE, _NUMBER, _FLAG = pl.String(), pl.Int64(), pl.Float64(), pl.Boolean()


def _interval(prefix: str = "") -> Schema:
    return dict.fromkeys((f"{prefix}se", f"{prefix}ci_low", f"{prefix}ci_high"), _NUMBER)


_MEASURE: Schema = (
    {"n": _WHOLE, "status": _TEXT, "reason": _TEXT, "value": _NUMBER}
    | _interval()
    | {"band": _TEXT, "method": _TEXT, "method_version": _TEXT}
)
_ITEM: Schema = {"subject": _TEXT, "item": _TEXT, "position": _WHOLE}
_OPTION: Schema = _ITEM | {"option": _TEXT, "is_key": _FLAG}

ITEM_SCHEMAS: Mapping[str, Schema] = {
    "item_measures": _ITEM | {"full_mark": _NUMBER, "is_dichotomous": _FLAG, "measure": _TEXT} | _MEASURE,
    "paper_measures": {"subject": _TEXT, "item_count": _WHOLE, "measure": _TEXT} | _MEASURE,
    "option_bands": _OPTION | {"band": _WHOLE, "count": _NUMBER, "share": _NUMBER},
    "option_flags": _OPTION
    | {"n": _WHOLE, "count": _WHOLE, "share": _NUMBER}
    | _interval("share_")
    | {"rest_correlation": _NUMBER}
    | _interval("rest_correlation_")
    | {"outdraws_key_at_top": _FLAG, "attracts_the_able": _FLAG, "reason": _TEXT},
    "item_attainment": dict.fromkeys(("level", *KEY_COLUMNS, "subject", "aspect", "aspect_code"), _TEXT)
    | {"position": _WHOLE}
    | SUPPRESSION_COLUMNS
    | {"n_registered": _WHOLE, "n_sat": _WHOLE, "attainment": _NUMBER}
    | _interval()
    | {"reference_attainment": _NUMBER, "gap": _NUMBER}
    | _interval("gap_"),
}

ITEM_SORT_KEYS: Mapping[str, tuple[str, ...]] = {
    "item_measures": ("position", "measure"),
    "paper_measures": ("measure",),
    "option_bands": ("position", "option", "band"),
    "option_flags": ("position", "option"),
    "item_attainment": ("level", *KEY_COLUMNS, "position"),
}
"""Key of every frame: unique, and the order of its rows (nulls, such as no option, last)."""

ITEM_MEASURE_METHODS: Mapping[str, Method] = {
    "difficulty": ITEM_DIFFICULTY,
    "discrimination": ITEM_DISCRIMINATION,
    "correlation": ITEM_CORRELATION,
    "reliability": ITEM_RELIABILITY,
}
"""Method of every file of ``ITEM_STATISTICS``."""

ITEM_FRAME_METHODS: Mapping[str, Method] = {
    "option_bands": ITEM_OPTIONS,
    "option_flags": ITEM_OPTIONS,
    "item_attainment": ITEM_ATTAINMENT,
}
"""Method of the frames that do not name it row by row."""


def shape_item_frame(name: str, frame: pl.DataFrame, *, is_sorted: bool = False) -> pl.DataFrame:
    """A frame with exactly its columns, types and order of rows; one without columns becomes an empty one.

    Args:
        name: in :data:`ITEM_SCHEMAS`.
        frame: its columns in any order.
        is_sorted: whether the rows already stand in their order.
    """
    schema = ITEM_SCHEMAS[name]
    if not frame.width:
        return pl.DataFrame(schema=schema)
    shaped = frame.select(list(schema)).cast(pl.Schema(schema))
    if is_sorted:
        return shaped
    nulls_last = [key == "option" for key in ITEM_SORT_KEYS[name]]
    return shaped.sort(list(ITEM_SORT_KEYS[name]), nulls_last=nulls_last)
