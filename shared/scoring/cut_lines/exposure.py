"""What of the cut-line figures may be shown to whom (SCORING §5, DOMAIN H4–H6)."""

from __future__ import annotations

import polars as pl

from shared.scoring.disclosure import withhold_figures
from shared.terms.organization import OrgLevel

_NAMES = ("track", "line", "line_mark", "method", "effective_mark", "category", "definition")
"""Columns that say what a row is about and stay when its figures are withheld."""


def lines_shown_to(frame: pl.DataFrame, own_school: str | None) -> pl.DataFrame:
    """Cut-line figures towards a school or towards the bureau.

    An education office must not give a school another school's results of the entrance examinations, so towards a
    school the rows of others are dropped, not masked: it sees itself, its classes and the city. Counties go too, for a
    county of two schools would tell one the other by subtraction. Towards the bureau small groups are withheld.

    Args:
        frame: group figures of this package (``level``, ``school_code``, ``suppressed``).
        own_school: the caller's school; ``None`` for the city's and the counties' own observation.
    """
    if own_school is not None:
        mine = (pl.col("school_code") == own_school) | (pl.col("level") == OrgLevel.CITY.value)
        frame = frame.filter(mine)
    shown = withhold_figures(frame, own_school=own_school)
    return shown.with_columns(frame[name] for name in _NAMES if name in frame.columns)
