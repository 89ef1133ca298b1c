"""Papers of 25 items, and candidates' answers to them; the mark of a subject is the sum of its items.

Of the city's marks a candidate's level is taken; the answers follow from it as those of the city's own paper do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from shared.scoring.subjects import Subject
from tools.synthetic_city import City
from tools.synthetic_city.items import OPTIONS, Item, Responses, respond
from tools.synthetic_city.streams import Floats, Integers

CHOICES, OPENS = 15, 10
_KNOWLEDGE, _COMPETENCIES = 8, 3


@dataclass(frozen=True, slots=True, eq=False)
class Paper:
    """A subject's items with their true parameters."""

    subject: Subject
    items: tuple[Item, ...]

    def body(self) -> dict[str, Any]:
        """The paper as it is registered, with its two-way specification."""
        return {"items": [_registered(item, number) for number, item in enumerate(self.items)]}


def paper_of(city: City, subject: Subject, number: int) -> Paper:
    """A subject's paper: choice items first, open ones after them; full marks add up to the subject's."""
    worth = 3 if subject.full_mark >= 150 else 2
    open_marks = _shared(int(subject.full_mark) - CHOICES * worth, OPENS)
    place = np.arange(CHOICES + OPENS) + 100 * number
    difficulty = 0.7 * city.streams.normal("bench.difficulty", place)
    discrimination = np.clip(np.exp(0.1 + 0.25 * city.streams.normal("bench.discrimination", place)), 0.7, 2.0)
    rights = city.streams.below("bench.key", place, len(OPTIONS))
    items = []
    for at in range(CHOICES + OPENS):
        code = f"{subject.code}{at + 1:02d}"
        if at < CHOICES:
            right = int(rights[at])
            items.append(
                Item(code, worth, float(discrimination[at]), (float(difficulty[at]),), right, right, (0.5, 0.3, 0.2))
            )
        else:
            full = open_marks[at - CHOICES]
            steps = difficulty[at] + np.linspace(-1.2, 1.2, full)
            items.append(Item(code, full, 0.5 * float(discrimination[at]), tuple(float(step) for step in steps)))
    return Paper(subject, tuple(items))


def answers(city: City, paper: Paper, *, codes: Integers, place: Integers) -> Responses:
    """Answers of candidates who were present.

    Args:
        city: whose random numbers are used.
        paper: the paper.
        codes: the city's own mark of each, in grid units.
        place: number of each in the city.
    """
    share = np.clip(codes / paper.subject.full_units, 0.02, 0.98)
    ability: Floats = (share - 0.55) / 0.16
    return respond(city.streams, paper.items, ability=ability, place=place, copied=None, copied_rate=0.0)


def item_rows(paper: Paper, keys: pl.DataFrame, present: np.ndarray[Any, Any], found: Responses) -> pl.DataFrame:
    """A sheet as a vendor sends it: candidate, class, status, marks of all items and the options chosen."""
    at = pl.Series(np.where(present, np.cumsum(present) - 1, 0))
    there = pl.Series(present)
    columns = []
    for index, item in enumerate(paper.items):
        marks = pl.Series(item.code, found.marks[index]).cast(pl.Int64)
        columns.append(_spread(marks, at, there).alias(item.code))
    letters = pl.Series([*OPTIONS, None], dtype=pl.String)
    for index, item in enumerate(item for item in paper.items if item.key is not None):
        chosen = letters.gather(found.options[index])
        columns.append(_spread(chosen, at, there).alias(f"{item.code}_option"))
    return keys.with_columns(columns)


def _spread(values: pl.Series, at: pl.Series, there: pl.Series) -> pl.Series:
    """Values of those present at their rows among all; null elsewhere."""
    if values.is_empty():
        return pl.Series([None] * len(at), dtype=values.dtype)
    return values.gather(at).set(~there, None)


def _shared(total: int, count: int) -> list[int]:
    return [total // count + int(number < total % count) for number in range(count)]


def _registered(item: Item, number: int) -> Mapping[str, Any]:
    is_choice = item.key is not None
    return {
        "code": item.code,
        "kind": "choice" if is_choice else "constructed",
        "full_mark": str(item.full_mark),
        "step": "1",
        "options": list(OPTIONS) if is_choice else [],
        "key": OPTIONS[item.key] if item.key is not None else None,
        "knowledge_points": [f"知识点{number % _KNOWLEDGE + 1}"],
        "competencies": [f"素养{number % _COMPETENCIES + 1}"],
    }
