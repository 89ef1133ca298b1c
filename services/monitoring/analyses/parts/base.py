"""What an analysis is made of: independent tasks, each with what its figures follow from."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.frame import MarkSheet, MarkUnit, check_sheet
from shared.scoring.plan import AnalysisPlan
from shared.terms.errors import DomainError

Inputs = Mapping[str, Any]
"""The frozen inputs of an analysis (:func:`services.monitoring.analyses.rules.frozen_inputs`)."""
Frames = Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a task reads from. Everything blocks: tasks run in a thread.

    Args:
        store: the columnar store.
        inputs: the frozen inputs.
        report: told how much of the task is done, from 0 to 1, and what it is doing; raises when the job must stop.
        files: SHA-256 of the frames of earlier tasks, by name.
        held: what tasks of one run share.
    """

    store: ColumnarStore
    inputs: Inputs
    report: Callable[[float, str], None] = field(default=lambda _share, _step: None)
    files: Mapping[str, str] = field(default_factory=dict)
    held: dict[str, Any] = field(default_factory=dict)

    def read(self, sha256: str, columns: list[str] | None = None) -> pl.DataFrame:
        """A stored file whose content is what its name says.

        Raises:
            DomainError: ``analysis.sheet_damaged`` when it is missing or damaged.
        """
        frame = self.store.get_sound(sha256, columns)
        if frame is None:
            raise DomainError("analysis.sheet_damaged", params={"sha256": sha256})
        return frame

    def frame(self, name: str) -> pl.DataFrame:
        """A frame that an earlier task of this run gave."""
        return self.read(self.files[name])

    def mark_rows(self) -> pl.DataFrame:
        """The rows of all schools' mark sheets in grid units, by school code; read once a run."""
        if "mark_rows" not in self.held:
            sheets = self.inputs["sheets"]
            rows = []
            for number, sheet in enumerate(sheets):
                rows.append(self.read(sheet["sha256"]))
                self.report(READING * number / len(sheets), "reading")
            self.held["mark_rows"] = pl.concat(rows)
        rows_held: pl.DataFrame = self.held["mark_rows"]
        return rows_held

    def mark_sheet(self, plan: AnalysisPlan) -> MarkSheet:
        """All candidates as one checked sheet of codes; checked once a run."""
        if "mark_sheet" not in self.held:
            self.held["mark_sheet"] = check_sheet(self.mark_rows(), plan, unit=MarkUnit.GRID_UNIT)
        sheet: MarkSheet = self.held["mark_sheet"]
        return sheet

    def columns_sha256(self, plan: AnalysisPlan, columns: Sequence[str]) -> dict[str, str]:
        """SHA-256 of columns of the checked sheet, by name: a task that reads no others follows from these."""
        frame = self.mark_sheet(plan).frame
        known: dict[str, str] = self.held.setdefault("columns_sha256", {})
        for column in columns:
            if column not in known:
                buffer = io.BytesIO()
                # Parquet leaves out what lies beneath a null, which is not the same from run to run.
                frame.select(column).write_parquet(buffer, compression="uncompressed", statistics=False)
                known[column] = hashlib.sha256(buffer.getbuffer()).hexdigest()
        return {column: known[column] for column in columns}


READING = 0.3
"""Part of a task's progress that reading its files is worth."""


@dataclass(frozen=True, slots=True)
class Task:
    """One computation.

    Args:
        code: unique in an analysis and stable from run to run, e.g. ``marks`` or ``items:math``.
        needs: everything its frames follow from, as JSON: slices of the definition, files by SHA-256. While it stays
            the same, the frames of an earlier run are taken over.
        compute: the frames by name; the same ``needs`` give the same bytes.
        methods: ids of the methods used beside those the catalog names for the frames.
        closely: where ``needs`` names more than the frames follow from (whole sheets, of which a task reads a few
            columns): what they do follow from, found by reading. While it stays the same, other ``needs`` change nothing.
    """

    code: str
    needs: Mapping[str, Any]
    compute: Callable[[Source], Frames]
    methods: tuple[str, ...] = ()
    closely: Callable[[Source], Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A family of tasks that fill the same frames.

    Args:
        name: the file's name.
        frames: the frames it may give; where several tasks give one, their rows are put together.
        tasks: the tasks an exam has, in order; none where it has nothing for this part.
    """

    name: str
    frames: tuple[str, ...]
    tasks: Callable[[Inputs], Iterable[Task]]
