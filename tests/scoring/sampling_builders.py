"""Tiny frames and samples for the tests of §8b."""

from __future__ import annotations

import polars as pl


def schools(*sizes: int, stratum: str = "a", **columns: list) -> pl.DataFrame:
    """A school frame: s00, s01 … with these sizes."""
    count = len(sizes)
    return pl.DataFrame(
        {
            "school_code": [f"{stratum}{number:02d}" for number in range(count)],
            "stratum": [stratum] * count,
            "size": list(sizes),
            **columns,
        }
    )


def roster(**classes: dict[str, int]) -> pl.DataFrame:
    """A roster: ``roster(s1={"c1": 3})`` is one school with one class of three."""
    rows = [
        (school, name, f"{school}-{name}-{number:03d}")
        for school, sizes in classes.items()
        for name, size in sizes.items()
        for number in range(size)
    ]
    return pl.DataFrame(rows, schema=["school_code", "class_code", "student_id"], orient="row")


def sample(*rows: tuple, **columns: list) -> pl.DataFrame:
    """A sample ready for estimates from rows (zone, unit, weight, outcome)."""
    return pl.DataFrame(
        {
            "zone": [row[0] for row in rows],
            "unit": [row[1] for row in rows],
            "weight": [float(row[2]) for row in rows],
            "y": [row[3] for row in rows],
            "school_code": [f"{row[0]}-{row[1]}" for row in rows],
            "student_id": [f"p{number:03d}" for number in range(len(rows))],
            **columns,
        }
    )
