"""Notes of a growth record, and bands that a person's figure is held against."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.scoring.rounding import half_away_from_zero


class NoteKind(StrEnum):
    """Kinds of notes."""

    REFLECTION = "reflection"
    GOAL = "goal"


class GoalState(StrEnum):
    """How a goal stands."""

    OPEN = "open"
    REACHED = "reached"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Band:
    """The middle half of a group, and its median."""

    low: float
    middle: float
    high: float
    n: int


def band(values: Sequence[float], *, least: int) -> Band | None:
    """Quartiles of a group, to one decimal; ``None`` below the least number of people.

    Quartiles are the values at ranks ``p (n − 1)`` with linear interpolation (type 7), as in ``docs/scoring.md``.
    """
    if len(values) < least:
        return None
    ordered = sorted(values)

    def at(share: float) -> float:
        place = share * (len(ordered) - 1)
        low = math.floor(place)
        high = min(low + 1, len(ordered) - 1)
        return float(half_away_from_zero(ordered[low] + (place - low) * (ordered[high] - ordered[low]), 1))

    return Band(at(0.25), at(0.5), at(0.75), len(ordered))
