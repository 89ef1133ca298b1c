"""A small city divided into schools, and functions that other processes can find by name."""

from __future__ import annotations

import os

import polars as pl

from shared.terms.errors import DomainError, Fault
from tests.scoring.properties.strategies import PLAN as PLAN
from tests.scoring.properties.strategies import frame_of


def schools() -> list[pl.DataFrame]:
    """Seven mark sheets of one school each, with every kind of cell."""
    marks = (0.0, 3.5, 10.0, "absent", 7.0, 7.0, "exempt", 0.5)
    sheets = []
    for school in range(7):
        rows = [
            {
                "id": f"p{school}-{n}",
                "county": f"k{school % 2}",
                "school": f"s{school}",
                "class": str(n % 2),
                "wealth": 0.25 * school,
                "math": marks[(n + school) % 8],
                "art": [0.1 * (n % 60), "void"][n % 11 == 10],
                "entry": 0.5 * ((3 * n + school) % 16),
            }
            for n in range(9 + school)
        ]
        sheets.append(frame_of([row | {"art": _tenth(row["art"])} for row in rows]))
    return sheets


def _tenth(cell):
    return cell if isinstance(cell, str) else round(cell, 1)


def square_and_process(number: int) -> tuple[int, int]:
    """The square, and where it was computed."""
    return number**2, os.getpid()


def refuse_seven(number: int) -> int:
    """Refuses one partition of many."""
    if number == 7:
        raise DomainError("scoring.sheet_invalid", params={"count": 1}, faults=[Fault("scoring.mark_missing", row=7)])
    return number
