"""The tasks of an analysis carried out, or taken over from an earlier run that was given the same. Everything blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from services.monitoring.analyses import rules
from services.monitoring.analyses.checked_sheet import CODE, CheckedSheet, kept_sheet
from services.monitoring.analyses.parts import PARTS
from services.monitoring.analyses.parts.base import Inputs, Part, Shared, Source, Task
from services.monitoring.analyses.running import THREADS, Progress, Steps, run_tasks
from services.monitoring.results.catalog import TABLES
from services.monitoring.results.table_files import Entry, StoredPart, TableFiles
from shared.kernel.store.columnar import ColumnarStore

Done = Mapping[str, Any]
"""A task done: ``{"key", "close_key", "frames": {frame name: file}}``; the second key only where a task looks closely."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run leaves.

    Args:
        frames: files of every frame by name, as a manifest holds them.
        counts: for the manifest.
        tasks: what was done, by task code, and the sheet that is kept: known to later runs.
        computed: codes of the tasks that were computed and not taken over.
    """

    frames: dict[str, Entry]
    counts: dict[str, Any]
    tasks: dict[str, Done]
    computed: tuple[str, ...]

    @property
    def taken_over(self) -> tuple[str, ...]:
        """Codes of the tasks that were not computed again."""
        return tuple(sorted(self.tasks.keys() - {CODE, *self.computed}))


def tasks_of(inputs: Inputs) -> list[tuple[Part, Task]]:
    """Every task of an exam, in the order of the parts."""
    return [(part, task) for part in PARTS for task in part.tasks(inputs)]


def task_key(part: Part, task: Task, needs: Mapping[str, Any] | None = None) -> str:
    """What a task's frames follow from, in one hash: what it is given, its methods, and the libraries.

    Args:
        part: the task's part.
        task: the task.
        needs: what it closely follows from, instead of what it is given.
    """
    content = {
        "code": task.code,
        "needs": task.needs if needs is None else {"closely": needs},
        "methods": rules.method_list(methods_of(part, task)),
        "software": rules.software(),
    }
    return rules.canonical_sha256(content)


def methods_of(part: Part, task: Task) -> Iterator[str]:
    """Ids of the methods of a task's frames, and of its own."""
    for frame in part.frames:
        yield from (method.id for method in TABLES[frame].methods)
    yield from task.methods


def methods(inputs: Inputs) -> list[dict[str, str]]:
    """The methods an exam's analysis uses, as a run stores them; others of the core have no part in its figures."""
    return rules.method_list(name for part, task in tasks_of(inputs) for name in methods_of(part, task))


def compute(store: ColumnarStore, inputs: Inputs, progress: Progress, *, known: Sequence[Done] = ()) -> Outcome:
    """Computes and stores every frame.

    Args:
        store: the columnar store.
        inputs: the frozen inputs.
        progress: told how far it is; its refusal ends the computation.
        known: tasks done by earlier runs of the exam.

    Raises:
        DomainError: ``analysis.sheet_damaged`` when a stored sheet is missing or not what its hash says.
    """
    earlier = {key: done for done in known for key in (done["key"], done.get("close_key")) if key is not None}
    parts = {task.code: (part, task) for part, task in tasks_of(inputs)}
    steps = Steps(progress, list(parts))
    shared, kept = Shared(), kept_sheet(inputs, known)

    def work(task: Task, read: Mapping[str, tuple[Done, bool]]) -> tuple[Done, bool]:
        def report(share: float, step: str) -> None:
            steps.report(task.code, share, step)

        report(0, task.code)
        files: dict[str, list[str]] = {}
        for done, _ in read.values():
            for name, file in done["frames"].items():
                files.setdefault(name, []).append(file["sha256"])
        return _done(*parts[task.code], Source(store, inputs, report, files, shared, kept), earlier)

    answers = run_tasks([task for _, task in parts.values()], work, steps)
    tasks = {code: done for code, (done, _) in answers.items()}
    progress.report(steps.total - 1, steps.total, "joining")
    # Not read where every task was taken over: then what an earlier run kept stays.
    sheet: CheckedSheet | None = shared.made("sheet")
    with ThreadPoolExecutor(THREADS) as pool:
        keeping = None if sheet is None else pool.submit(sheet.keep, store)
        joined = _joined(pool, store, tasks.values())
        kept = kept if keeping is None else keeping.result()
    counts = rules.counts_of(joined["summary"].scan(store))
    progress.report(steps.total, steps.total, "storing")
    frames = {name: table.entry() for name, table in joined.items()}
    to_know = tasks if kept is None else {**tasks, CODE: kept}
    return Outcome(frames, counts, to_know, tuple(code for code, (_, is_new) in answers.items() if is_new))


def _done(part: Part, task: Task, source: Source, earlier: Mapping[str, Done]) -> tuple[Done, bool]:
    """A task's frames: those of an earlier run where what they follow from is the same, or new ones."""
    keys = {"key": task_key(part, task)}
    done = _sound(source.store, earlier.get(keys["key"]))
    if done is not None:
        return done, False
    if task.closely is not None:
        keys["close_key"] = task_key(part, task, task.closely(source))
        done = _sound(source.store, earlier.get(keys["close_key"]))
        if done is not None:
            return {**done, **keys}, False
    frames = task.compute(source)
    return {**keys, "frames": {name: _stored(source.store, name, frame) for name, frame in frames.items()}}, True


def _sound(store: ColumnarStore, done: Done | None) -> Done | None:
    """What was done, if its files are still what their names say."""
    if done is None or not all(store.is_sound(file["sha256"]) for file in done["frames"].values()):
        return None
    return done


def _stored(store: ColumnarStore, name: str, frame: pl.DataFrame) -> dict[str, Any]:
    return asdict(StoredPart.put(store, name, frame))


def _joined(pool: Executor, store: ColumnarStore, tasks: Iterable[Done]) -> dict[str, TableFiles]:
    """The table of every frame: what one task gave, or several."""
    parts: dict[str, list[StoredPart]] = {}
    for done in tasks:
        for name, file in done["frames"].items():
            parts.setdefault(name, []).append(StoredPart(**file))
    tables = pool.map(lambda name: TableFiles.joined(store, name, parts[name]), parts)
    return dict(zip(parts, tables, strict=True))
