"""What an analysis is made of: tasks, each with what its figures follow from and whose frames it reads."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import polars as pl

from services.monitoring.analyses import rules
from services.monitoring.analyses.checked_sheet import CheckedSheet, Kept, checked_sheet
from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.exam_parts import Candidates
from shared.scoring.frame import MarkSheet
from shared.scoring.plan import AnalysisPlan
from shared.terms.errors import DomainError

Inputs = Mapping[str, Any]
"""The frozen inputs of an analysis (:func:`services.monitoring.analyses.rules.frozen_inputs`)."""
Frames = Mapping[str, pl.DataFrame]
T = TypeVar("T")


def sheets_sha256(inputs: Inputs) -> str:
    """All mark sheets in one hash, for what a task needs: hundreds of schools written out for every task take their time."""
    return rules.canonical_sha256({"sheets": inputs["sheets"]})


class Shared:
    """What the tasks of one run work out once, whichever of them comes first; they run in several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._making: dict[str, threading.Lock] = {}
        self._made: dict[str, Any] = {}

    def once(self, key: str, make: Callable[[], T]) -> T:
        """What was made under a key, or is now; who asks meanwhile waits."""
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            if key not in self._made:
                self._made[key] = make()
            made: T = self._made[key]
            return made

    def made(self, key: str) -> Any:
        """What was made under a key, or ``None``."""
        return self._made.get(key)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a task reads from. Everything blocks: tasks run in threads.

    Args:
        store: the columnar store.
        inputs: the frozen inputs.
        report: told how much of the task is done, from 0 to 1, and what it is doing; raises when the job must stop.
        files: SHA-256 of the frames of the tasks that this one reads, by name.
        shared: what the tasks of one run share.
        kept: the sheet that an earlier run kept, if there is one.
    """

    store: ColumnarStore
    inputs: Inputs
    report: Callable[[float, str], None] = field(default=lambda _share, _step: None)
    files: Mapping[str, Sequence[str]] = field(default_factory=dict)
    shared: Shared = field(default_factory=Shared)
    kept: Kept | None = None

    def read(self, *sha256s: str, columns: list[str] | None = None) -> pl.DataFrame:
        """Stored files of the same columns, one after another, whose content is what their names say.

        Raises:
            DomainError: ``analysis.sheet_damaged`` when one is missing or damaged.
        """
        frame = self.store.get_sound(*sha256s, columns=columns)
        if frame is None:
            damaged = next(sha256 for sha256 in sha256s if not self.store.is_sound(sha256))
            raise DomainError("analysis.sheet_damaged", params={"sha256": damaged})
        return frame

    def frame(self, name: str, columns: list[str] | None = None) -> pl.DataFrame:
        """The rows of a frame that the tasks this one reads gave."""
        return self.read(*self.files[name], columns=columns)

    def rows(self, sha256s: Sequence[str]) -> pl.DataFrame:
        """The rows of schools' sheets, one after another."""
        parts = []
        for first in range(0, len(sha256s), AT_ONCE):
            parts.append(self.read(*sha256s[first : first + AT_ONCE]))
            self.report(READING * first / len(sha256s), "reading")
        return pl.concat(parts)

    def sheet(self) -> CheckedSheet:
        """All schools' mark sheets, checked; read once a run."""
        return self.shared.once("sheet", lambda: checked_sheet(self.store, self.inputs, self.kept, self.rows))

    def candidates(self, plan: AnalysisPlan) -> Candidates:
        """All candidates with their groups, by county, school and number; found once a run."""
        return self.shared.once("candidates", lambda: Candidates.of(self.sheet().marks, plan))

    def mark_sheet(self, plan: AnalysisPlan) -> MarkSheet:
        """The sheet of :meth:`candidates`."""
        return self.candidates(plan).sheet

    def columns_sha256(self, plan: AnalysisPlan, columns: Iterable[str]) -> dict[str, str]:
        """SHA-256 of columns of the checked sheet, by name: a task that reads no others follows from these."""
        frame = self.mark_sheet(plan).frame

        def hashed(column: str) -> str:
            buffer = io.BytesIO()
            # Parquet leaves out what lies beneath a null, which is not the same from run to run.
            frame.select(column).write_parquet(buffer, compression="uncompressed", statistics=False)
            return hashlib.sha256(buffer.getbuffer()).hexdigest()

        return {name: self.shared.once(f"sha256 {name}", partial(hashed, name)) for name in columns}


READING = 0.3
"""Part of a task's progress that reading its files is worth."""
AT_ONCE = 128
"""Sheets read between two reports of progress."""


@dataclass(frozen=True, slots=True)
class Task:
    """One computation.

    Args:
        code: unique in an analysis and stable from run to run, e.g. ``marks:math``.
        needs: everything its frames follow from, as JSON: slices of the definition, files by SHA-256. While it stays
            the same, the frames of an earlier run are taken over.
        compute: the frames by name; the same ``needs`` give the same bytes.
        methods: ids of the methods used beside those the catalog names for the frames.
        closely: where ``needs`` names more than the frames follow from (whole sheets, of which a task reads a few
            columns): what they do follow from, found by reading. While it stays the same, other ``needs`` change nothing.
        reads: codes of the tasks whose frames it reads, earlier in the order of all; others may run beside it.
        holds_interpreter: whether it works in many small steps of Python: two such tasks side by side take longer than one
            after the other.
    """

    code: str
    needs: Mapping[str, Any]
    compute: Callable[[Source], Frames]
    methods: tuple[str, ...] = ()
    closely: Callable[[Source], Mapping[str, Any]] | None = None
    reads: tuple[str, ...] = ()
    holds_interpreter: bool = False


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
