"""Rows of a result set as the reader of a report may see them: the same views as the result tables have. Blocks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from services.monitoring.results.catalog import TABLES
from services.monitoring.results.frames import ResultFrames
from services.monitoring.results.reading import view_of
from services.monitoring.results.service.read import Reading
from services.monitoring.results.views import TableView
from shared.policy.visibility import ResultVisibility
from shared.scoring.methods import Method


@dataclass(frozen=True, slots=True)
class ShownTables:
    """What one reader sees of one version.

    Args:
        frames: the version's frames.
        reading: the version and what the policy shows of it.
    """

    frames: ResultFrames
    reading: Reading

    def has(self, name: str) -> bool:
        """Whether the exam has a table."""
        return name in self.frames.files and name in TABLES

    def rows(self, name: str, *wanted: pl.Expr, columns: list[str] | None = None) -> pl.DataFrame:
        """Rows that are wanted and shown, in order, figures withheld as in the table itself."""
        view = self.view(name)
        rows = self.frames.scan(name).filter(view.rows, *wanted)
        if columns is not None:
            rows = rows.select(columns)
        return view.shown(rows.collect())

    def view(self, name: str) -> TableView:
        """The reader's view of a table."""
        return view_of(self.frames, self.reading.question(name))

    def view_as(self, name: str, visibility: ResultVisibility) -> TableView:
        """The view of a table under what was decided otherwise than for tables."""
        return view_of(self.frames, replace(self.reading.question(name), visibility=visibility))

    @property
    def definition(self) -> dict[str, Any]:
        """The definition that the version's figures follow from."""
        definition: dict[str, Any] = self.reading.result_set.manifest["definition"]
        return definition


def statistic(
    value: float | None,
    method: Method,
    *,
    n: int | None = None,
    se: float | None = None,
    ci: tuple[float | None, float | None] | None = None,
    suppressed: bool = False,
) -> dict[str, Any]:
    """One figure with its precision, as result tables write it."""
    whole = ci is not None and None not in ci
    return {
        "value": value,
        "n": n,
        "se": se,
        "ci": list(ci) if whole and ci is not None else None,
        "suppressed": value is None and suppressed,
        "method": method.id,
        "version": method.version,
    }
