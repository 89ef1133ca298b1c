"""Rows of result frames as JSON: every statistic an object with its precision, its base and its method."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from services.monitoring.results.catalog import TABLES
from shared.scoring.methods import Method

#: The figure that plain ``se``, ``ci_low``, ``ci_high`` belong to.
_PRINCIPAL = ("effect", "value", "estimate", "mean", "attainment")


@dataclass(frozen=True, slots=True)
class Statistic:
    """Columns that together are one statistic; ``None`` where the frame has no such column."""

    value: str
    n: str | None
    se: str | None
    ci: tuple[str, str] | None

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that belong to this statistic alone."""
        return tuple(column for column in (self.value, self.se, *(self.ci or ())) if column)


def statistics(name: str, columns: Mapping[str, pl.DataType]) -> Sequence[Statistic]:
    """The statistics of a frame, read off its columns.

    Every float column is a statistic, unless it is a key or the precision of another: ``<stem>_se`` or ``se_<stem>``,
    ``<stem>_ci_low`` and ``<stem>_ci_high``, or plainly ``se``, ``ci_low``, ``ci_high`` of the principal figure. Whole
    numbers are counts and stand as they are.
    """
    if TABLES[name].is_plain:
        return ()
    plain = {*TABLES[name].keys, *TABLES[name].describing}
    floats = [column for column, dtype in columns.items() if dtype == pl.Float64 and column not in plain]
    principal = next((column for column in _PRINCIPAL if column in floats), None)
    found: list[Statistic] = []
    parts: set[str] = set()
    for column in floats:
        stems = [(f"{column}_se", column), (f"se_{column}", column)] + ([("se", "")] if column == principal else [])
        se = next((candidate for candidate, _ in stems if candidate in floats), None)
        prefix = "" if column == principal and "ci_low" in floats else f"{column}_"
        ci = (f"{prefix}ci_low", f"{prefix}ci_high") if f"{prefix}ci_low" in floats else None
        found.append(Statistic(column, _base(column, columns), se, ci))
        parts |= {part for part in (se, *(ci or ())) if part}
    return [statistic for statistic in found if statistic.value not in parts]


def _base(column: str, columns: Iterable[str]) -> str | None:
    registered = "participation" in column or column.endswith("_registered")
    wanted = ("n_registered",) if registered else ("n", "n_sat")
    return next((base for base in wanted if base in columns), None)


def rows_as_json(name: str, frame: pl.DataFrame) -> list[dict[str, Any]]:
    """The rows of a view, in order; put together column by column, for a page may hold a hundred thousand values."""
    found = statistics(name, frame.schema)
    inside = {column for statistic in found for column in statistic.columns}
    values = frame.to_dict(as_series=False)
    columns = {column: values[column] for column in frame.columns if column not in inside}
    columns |= {statistic.value: _objects(values, statistic, TABLES[name].method, frame.height) for statistic in found}
    names = tuple(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _objects(
    values: Mapping[str, list[Any]], statistic: Statistic, method: Method, height: int
) -> list[dict[str, Any]]:
    nothing: list[Any] = [None] * height
    lows, highs = (values[bound] for bound in statistic.ci) if statistic.ci else (nothing, nothing)
    return [
        {
            "value": value,
            "n": n,
            "se": se,
            "ci": None if low is None or high is None else [low, high],
            # A figure may also be missing because it does not exist; the row says whether its group is withheld.
            "suppressed": value is None and bool(hidden),
            # Where a table holds figures of several methods, each row names its own.
            "method": used,
            "version": version,
        }
        for value, n, se, low, high, hidden, used, version in zip(
            values[statistic.value],
            values[statistic.n] if statistic.n else nothing,
            values[statistic.se] if statistic.se else nothing,
            lows,
            highs,
            values.get("suppressed", nothing),
            values.get("method", [method.id] * height),
            values.get("method_version", [method.version] * height),
            strict=True,
        )
    ]
