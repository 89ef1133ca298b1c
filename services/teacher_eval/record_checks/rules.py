"""Pure decisions about spot checks: the frame, how many are drawn of each school."""

from __future__ import annotations

import math
from enum import StrEnum

import polars as pl

FRAME_SCHEMA: dict[str, pl.DataType] = {
    "unit_code": pl.String(),
    "stratum": pl.String(),
    "block": pl.String(),
    "weight": pl.Int64(),
}
"""Records by id: their school is the stratum, their kind the block."""
#: A record that looked doubled or impossible is so many times as likely to be drawn.
FLAGGED_WEIGHT = 3


class CheckState(StrEnum):
    """Where a check stands."""

    FRAME_CLOSED = "frame_closed"
    DRAWN = "drawn"


class Outcome(StrEnum):
    """What was found."""

    UPHELD = "upheld"
    OVERTURNED = "overturned"


def numbers_to_draw(frame: pl.DataFrame, rate: float) -> dict[str, int]:
    """How many records of each school: its share rounded up, so that no school goes unchecked."""
    counts = frame.group_by("stratum").len().sort("stratum")
    return {school: min(count, math.ceil(rate * count)) for school, count in counts.iter_rows()}
