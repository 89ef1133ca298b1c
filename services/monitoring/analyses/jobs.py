"""The analysis as a job: sheets from the store one by one, figures to the store, one transaction at the end."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from services.monitoring.analyses import repository, rules
from services.monitoring.analyses.service import ANALYZE_JOB, is_current
from services.monitoring.exams.repository import exam_by_id
from services.monitoring.exams.rules import analysis_plan
from services.monitoring.exams.service import move_exam
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.exam import analyze
from shared.scoring.frame import MarkUnit
from shared.scoring.result import AnalysisResult
from shared.terms.errors import DomainError

REPORT_SECONDS = 0.25
_STORED = len(AnalysisResult.__dataclass_fields__)
#: A school's own candidates are read far more often than all: rows of one school lie together in the file.
_STANDINGS_ORDER = ("county_code", "school_code", "candidate_id", "subject")


class StoppedError(Exception):
    """The worker is shutting down; another one will run the job from its frozen inputs."""


class ThreadProgress:
    """Carries progress from the computing thread to the job, and a stop of the job into the thread.

    Reports at most four times a second (and the last step always). A report that is refused, because the job was
    cancelled or another worker has taken it over, raises in the thread and so ends the computation.
    """

    def __init__(self, context: JobContext, loop: asyncio.AbstractEventLoop) -> None:
        self._context = context
        self._loop = loop
        self._stopped = threading.Event()
        self._reported_at = float("-inf")

    def stop(self) -> None:
        """Ends the computation at its next step."""
        self._stopped.set()

    def report(self, done: int, total: int, step: str) -> None:
        """Reports a step; blocks until the job has taken note."""
        if self._stopped.is_set():
            raise StoppedError
        moment = time.monotonic()
        if done < total and moment - self._reported_at < REPORT_SECONDS:
            return
        self._reported_at = moment
        asyncio.run_coroutine_threadsafe(self._context.progress(done, total, step), self._loop).result()


async def run(context: JobContext) -> None:
    """Analyzes the frozen inputs of one analysis; running it again gives the same files."""
    analysis_id = uuid.UUID(context.args["analysis_id"])
    async with context.kernel.database.transaction("") as session:
        inputs = (await repository.analysis_by_id(session, analysis_id)).inputs
    progress = ThreadProgress(context, asyncio.get_running_loop())
    try:
        outcome = await asyncio.to_thread(compute, context.kernel.columns, inputs, progress)
    finally:
        progress.stop()
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        analysis = await repository.analysis_by_id(session, analysis_id)
        exam = await exam_by_id(session, analysis.exam_id)
        if not await is_current(session, exam=exam, analysis=analysis, actor=context.actor):
            raise DomainError("analysis.inputs_changed", params={"exam": exam.code})
        analysis.frames, analysis.counts = outcome.frames, outcome.counts
        analysis.methods, analysis.software = rules.methods(), rules.software()
        analysis.state, analysis.finished_at = "finished", clock.now()
        await move_exam(session, exam, "analyze", actor=context.actor)
        detail = {"number": analysis.number, "inputs_sha256": analysis.inputs_sha256}
        note(session, context.actor, "analysis.finished", exam.code, detail)
        result |= {"exam": exam.code, "analysis": analysis.number, "counts": outcome.counts}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run leaves: ``{name: {"sha256", "rows", "size", "columns"}}`` of its files, and counts for the manifest."""

    frames: dict[str, Any]
    counts: dict[str, Any]


def compute(store: ColumnarStore, inputs: Mapping[str, Any], progress: ThreadProgress) -> Outcome:
    """Computes and stores every frame; blocks.

    Raises:
        DomainError: ``analysis.sheet_damaged`` when a stored sheet is missing or not what its hash says.
    """
    sheets: Sequence[Mapping[str, Any]] = inputs["sheets"]
    computed = 0

    def step(done: int, total: int) -> None:
        nonlocal computed
        computed = total
        progress.report(done, total + _STORED, "gathering" if done <= len(sheets) else "finishing")

    result = analyze(
        _frames(store, sheets),
        analysis_plan(inputs["definition"]),
        step,
        unit=MarkUnit.GRID_UNIT,
        partition_count=len(sheets),
    )
    frames = {}
    for number, (name, frame) in enumerate(result.frames().items(), start=1):
        frames[name] = _store(store, name, frame)
        progress.report(computed + number, computed + _STORED, "storing")
    return Outcome(frames, rules.counts_of(result.summary))


def _frames(store: ColumnarStore, sheets: Sequence[Mapping[str, Any]]) -> Iterator[pl.DataFrame]:
    for sheet in sheets:
        if not store.is_sound(sheet["sha256"]):
            raise DomainError("analysis.sheet_damaged", params={"sha256": sheet["sha256"]})
        yield store.get(sheet["sha256"])


def _store(store: ColumnarStore, name: str, frame: pl.DataFrame) -> dict[str, Any]:
    if name == "standings":
        frame = frame.sort(_STANDINGS_ORDER)
    stored = store.put(frame)
    columns = {column: str(dtype) for column, dtype in frame.schema.items()}
    return {"sha256": stored.sha256, "rows": stored.rows, "size": stored.size, "columns": columns}


ANALYZE = JobKind(ANALYZE_JOB, run)
