"""The tasks of an analysis carried out, or taken over from an earlier run that was given the same. Everything blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import polars as pl

from services.monitoring.analyses import rules
from services.monitoring.analyses.parts import PARTS
from services.monitoring.analyses.parts.base import Inputs, Part, Source, Task
from services.monitoring.results.catalog import TABLES
from shared.kernel.store.columnar import ColumnarStore

_STEPS = 100

File = dict[str, Any]
"""``{"sha256", "rows", "size", "columns": {name: type}}``"""
Done = Mapping[str, Any]
"""A task done: ``{"key", "close_key", "frames": {frame name: File}}``; the second key only where a task looks closely."""


class Progress(Protocol):
    """Takes note of how far a computation has come."""

    def report(self, done: int, total: int, step: str) -> None:
        """Takes note of a step; raises when the computation must stop."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run leaves.

    Args:
        frames: file of every frame by name.
        counts: for the manifest.
        tasks: what was done, by task code.
        computed: codes of the tasks that were computed and not taken over.
    """

    frames: dict[str, File]
    counts: dict[str, Any]
    tasks: dict[str, Done]
    computed: tuple[str, ...]


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
    todo = tasks_of(inputs)
    total = _STEPS * (len(todo) + 1)
    tasks: dict[str, Done] = {}
    computed = []
    files: dict[str, str] = {}
    held: dict[str, Any] = {}
    for number, (part, task) in enumerate(todo):

        def report(share: float, step: str, start: int = _STEPS * number) -> None:
            progress.report(start + min(int(_STEPS * share), _STEPS - 1), total, step)

        report(0, task.code)
        source = Source(store, inputs, report, files, held)
        tasks[task.code], is_new = _done(part, task, source, earlier)
        if is_new:
            computed.append(task.code)
        files |= {name: file["sha256"] for name, file in tasks[task.code]["frames"].items()}
    progress.report(total - _STEPS, total, "joining")
    joined = _joined(store, todo, tasks)
    summary = store.get(joined["summary"]["sha256"])
    progress.report(total, total, "storing")
    return Outcome(joined, rules.counts_of(summary), tasks, tuple(computed))


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
    return {**keys, "frames": {name: _stored(source.store, frame) for name, frame in frames.items()}}, True


def _sound(store: ColumnarStore, done: Done | None) -> Done | None:
    """What was done, if its files are still what their names say."""
    if done is None or not all(store.is_sound(file["sha256"]) for file in done["frames"].values()):
        return None
    return done


def _joined(
    store: ColumnarStore, todo: Sequence[tuple[Part, Task]], tasks: Mapping[str, Done]
) -> dict[str, dict[str, Any]]:
    """One file per frame: the only task's own, or the rows of several in the order of the table."""
    files: dict[str, list[File]] = {}
    for _, task in todo:
        for name, file in tasks[task.code]["frames"].items():
            files.setdefault(name, []).append(file)
    return {name: parts[0] if len(parts) == 1 else _merged(store, name, parts) for name, parts in files.items()}


def _merged(store: ColumnarStore, name: str, parts: Sequence[File]) -> File:
    table = TABLES[name]
    frames = [store.get(part["sha256"]) for part in parts]
    rows = pl.concat(frames)
    if table.top_down != table.keys[0] and _in_order(frames, table.keys[0]):
        return _stored(store, rows)
    descending = [key == table.top_down for key in table.keys]
    nulls_last = [key in table.nulls_last for key in table.keys]
    return _stored(store, rows.sort(list(table.keys), descending=descending, nulls_last=nulls_last))


def _in_order(frames: Sequence[pl.DataFrame], first_key: str) -> bool:
    """Whether frames that are sorted are so together: each of one value of the first key, and these ascending."""
    values = [frame[first_key].unique().to_list() for frame in frames if frame.height]
    firsts = [value[0] for value in values if len(value) == 1 and value[0] is not None]
    return len(firsts) == len(values) and all(one < next_one for one, next_one in pairwise(firsts))


def _stored(store: ColumnarStore, frame: pl.DataFrame) -> File:
    stored = store.put(frame)
    columns = {column: str(dtype) for column, dtype in frame.schema.items()}
    return {"sha256": stored.sha256, "rows": stored.rows, "size": stored.size, "columns": columns}
