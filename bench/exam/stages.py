"""Stages and their clocks."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bench.exam.platform import Memory


@dataclass(slots=True)
class Stage:
    """One stage of the work.

    Args:
        name: what was done.
        seconds: wall time.
        rows: rows of files, or ``None`` where none are sent.
        marks: marks among them.
        cpu_seconds: CPU time of the platform's processes meanwhile.
        memory: peak by process, bytes.
        note: what a reader must know.
    """

    name: str
    seconds: float = 0.0
    rows: int | None = None
    marks: int | None = None
    cpu_seconds: float = 0.0
    memory: Mapping[str, int] = field(default_factory=dict)
    note: str = ""

    def line(self) -> str:
        """For the screen."""
        peak = max(self.memory.items(), key=lambda entry: entry[1], default=("", 0))
        rate = "" if self.rows is None else f"{self.rows:>11,} rows {self.rows / self.seconds:>9,.0f}/s"
        marks = "" if self.marks is None else f" {self.marks:>11,} marks {self.marks / self.seconds:>9,.0f}/s"
        return (
            f"{self.name:<46} {self.seconds:8.2f} s  cpu {self.cpu_seconds:7.1f} s {rate}{marks}"
            f"  {peak[1] / 2**20:6.0f} MiB {peak[0]}  {self.note}"
        )


class Clock:
    """Times stages one after the other and prints each as it ends."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.stages: list[Stage] = []

    @contextlib.contextmanager
    def stage(self, name: str, *, rows: int | None = None, marks: int | None = None) -> Iterator[Stage]:
        """Times the block as a stage."""
        stage = Stage(name, rows=rows, marks=marks)
        self._memory.stage()
        cpu, began = self._memory.cpu_seconds(), time.perf_counter()
        yield stage
        stage.seconds = time.perf_counter() - began
        stage.cpu_seconds = self._memory.cpu_seconds() - cpu
        stage.memory = self._memory.stage()
        self.stages.append(stage)
        print(stage.line(), flush=True)
