"""A group's figures over several exams on a scale that papers of different difficulty share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

#: Figures of the summary that a trend shows as they are.
FIGURES = ("n_sat", "mean", "se_mean", "sd", "score_rate", "participation_rate", "composite_index")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The group a trend is of: a school, a class of it, a county, or (all ``None``) the city."""

    county_code: str | None = None
    school_code: str | None = None
    class_code: str | None = None

    @property
    def level(self) -> str:
        """Its level."""
        if self.class_code is not None:
            return "class"
        if self.school_code is not None:
            return "school"
        return "county" if self.county_code is not None else "city"


def trend_point(summary: pl.DataFrame, place: Place, *, subject: str) -> dict[str, Any] | None:
    """One exam's point of a trend.

    ``standardized_difference`` = (mean − city mean) / city sd, with se = se of the mean / city sd (the city's own are taken
    as known): papers differ in difficulty, so marks of two exams are not compared, places relative to the city are.

    Args:
        summary: rows of the result frame as the caller sees them.
        place: the group.
        subject: the subject or ``total``.

    Returns:
        The figures, null where withheld; ``None`` where the exam has no such group or subject.
    """
    rows = summary.filter(pl.col("subject") == subject)
    own = rows.filter(
        pl.col("level") == place.level,
        *(
            pl.col(name) == value
            for name in ("county_code", "school_code", "class_code")
            if (value := getattr(place, name)) is not None
        ),
    )
    if own.height != 1:
        return None
    row = own.row(0, named=True)
    city = next(iter(rows.filter(pl.col("level") == "city").iter_rows(named=True)), None)
    point: dict[str, Any] = {name: row[name] for name in FIGURES} | {"suppressed": bool(row["suppressed"])}
    point |= {"city_mean": city["mean"] if city else None, "city_sd": city["sd"] if city else None}
    known = city is not None and row["mean"] is not None and city["sd"]
    difference = (row["mean"] - city["mean"]) / city["sd"] if known and city else None
    se = row["se_mean"] / city["sd"] if known and city and row["se_mean"] is not None else None
    return point | {"standardized_difference": difference, "standardized_difference_se": se}


def change(points: Sequence[dict[str, Any]]) -> dict[str, float] | None:
    """Change of the standardized difference from the first to the last exam that has one, with its 95 % interval.

    se = √(se₁² + se₂²): pupils of the two exams count as independent, which is cautious where they are the same.
    """
    known = [point for point in points if point["standardized_difference_se"] is not None]
    if len(known) < 2:
        return None
    value = known[-1]["standardized_difference"] - known[0]["standardized_difference"]
    se = (known[-1]["standardized_difference_se"] ** 2 + known[0]["standardized_difference_se"] ** 2) ** 0.5
    return {"value": value, "se": se, "ci_low": value - 1.959964 * se, "ci_high": value + 1.959964 * se}
