"""One figure of a table, explained from what its reader sees of the tables. Blocks: call it in a thread."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from services.monitoring.exams.rules import analysis_plan
from services.monitoring.results.catalog import ResultTable
from services.monitoring.results.explaining import SummaryFigures
from services.monitoring.results.explaining_effects import EffectFigures
from services.monitoring.results.explaining_steps import Step
from services.monitoring.results.frames import ResultFrames
from services.monitoring.results.reading import read_rows
from services.monitoring.results.service.read import Reading
from shared.terms.errors import DomainError

#: The printed figure of a model comes out of an iteration; its parts give it back but for the last digits.
_CLOSE = 1e-12
_EXPLAINED = "summary, value-added-schools"


@dataclass(frozen=True, slots=True)
class Explained:
    """A figure's row, and the tree that ends in the figure."""

    row: Mapping[str, Any]
    tree: dict[str, Any]
    agrees: bool


def explain(
    frames: ResultFrames, reading: Reading, table: ResultTable, *, filters: Mapping[str, str], figure: str
) -> Explained:
    """Explains one figure.

    Raises:
        DomainError: ``resource.not_found`` unless the keys name one row that the reader sees;
            ``explanation.withheld``; ``explanation.not_available`` with the figures that can be explained.
    """
    row = _row(frames, reading, table, filters)
    available = _available(frames, reading, table, row)
    if figure not in available:
        params = {"figure": figure[:60], "figures": ", ".join(available) or _EXPLAINED}
        raise DomainError("explanation.not_available", params=params)
    if row[figure] is None:
        raise DomainError("explanation.withheld" if row.get("suppressed") else "explanation.no_value")
    step: Step = available[figure]()
    agrees = step.value is not None and math.isclose(step.value, row[figure], rel_tol=_CLOSE, abs_tol=_CLOSE)
    return Explained(row, asdict(step), agrees)


def _row(frames: ResultFrames, reading: Reading, table: ResultTable, filters: Mapping[str, str]) -> Mapping[str, Any]:
    rows, _ = read_rows(frames, reading.question(table.name, filters))
    empty = [key for key in table.keys if key not in filters and key not in table.positions]
    one = rows.filter(pl.col(key).is_null() for key in empty) if empty else rows
    if one.height != 1:
        raise DomainError("resource.not_found", params={"what": f"row of {table.address}"})
    return one.row(0, named=True)


def _available(
    frames: ResultFrames, reading: Reading, table: ResultTable, row: Mapping[str, Any]
) -> Mapping[str, Callable[[], Step]]:
    if table.name == "summary":
        plan = analysis_plan(reading.result_set.manifest["definition"])
        known = SummaryFigures(row, plan, _cells(frames, reading, row)).available
        return {name: make for name, make in known.items() if name in row}
    if table.name == "value_added_schools":
        of_model = {"model": row["model"]}
        models, _ = read_rows(frames, reading.question("value_added_models", of_model))
        coefficients, _ = read_rows(frames, reading.question("value_added_coefficients", of_model))
        if models.is_empty() or models.item(0, "tau2") is None:
            raise DomainError("explanation.withheld" if row.get("suppressed") else "explanation.no_value")
        return EffectFigures(row, models.row(0, named=True), coefficients.to_dicts()).available
    return {}


def _cells(frames: ResultFrames, reading: Reading, row: Mapping[str, Any]) -> list[tuple[float, int]]:
    keys = {key: row[key] for key in ("level", "county_code", "school_code", "class_code", "subject")}
    given = {key: value for key, value in keys.items() if value is not None}
    rows, _ = read_rows(frames, reading.question("cumulative", given))
    rows = rows.filter(pl.col(key).is_null() for key, value in keys.items() if value is None)
    return list(rows.sort("mark").select("mark", "count").iter_rows())
